# What axfrd does as root only: it gives its privileges up once port 53 is open, and goes on serving.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd zone_file);
use DNSReplication::Lab qw(serial_at shell);
use DNSReplication::Run;
use Test::More;
needs('axfrd');

my $zone = 'example.com';
my $text = sub { my ($serial) = @_; return zone_file($zone, $serial, 1) };
my $at = '192.0.2.1';
my %id = map { $_ => [(getpwnam $_)[2, 3]] } qw(nobody daemon);
my $reading = '0000000000000004'; # CAP_DAC_READ_SEARCH, capability(7)

sub becomes { my ($serial) = @_; return wait_until(10, sub { (serial_at($at, $zone) // 0) == $serial }) }

# The ids and capabilities of a process, as the kernel sees them.
sub is_now {
	my ($axfrd, $user, $capabilities, $name) = @_;
	my $status = slurp("/proc/$axfrd->{pid}/status");
	my ($uid, $gid) = @{ $id{$user} };
	my @wanted = (qr/^Uid:(?:\t$uid){4}$/m, qr/^Gid:(?:\t$gid){4}$/m, qr/^Groups:\t(?:$gid)? ?$/m, qr/^CapPrm:\t$capabilities$/m, qr/^CapEff:\t$capabilities$/m,
		qr/^CapInh:\t0+$/m, qr/^NoNewPrivs:\t1$/m);
	my @missing = grep { $status !~ $_ } @wanted;
	ok(!@missing, $name) or diag("no @missing in\n$status");
}

subtest 'by default: nobody, who may read' => sub {
	# The groups of who starts it must not stay.
	my $axfrd = axfrd(zones => { $zone => $text->(10) }, options => ['--listen=192.0.2.1@53'], user => 'default');
	is(serial_at($at, $zone), 10, 'it serves on port 53');
	is_now($axfrd, 'nobody', $reading, 'as nobody, with its group alone, no way back, and one capability');
	like($axfrd->errors, qr/root became nobody, which may read what root may \(--user=NAME/, 'which is said');
	is((stat $axfrd->{directory})[2] & 077, 0, 'in a directory that is root\'s');
	$axfrd->change($zone => $text->(11));
	ok(becomes(11), 'files are read again') or diag($axfrd->errors);
};

subtest 'another user, who may nothing else' => sub {
	my $axfrd = axfrd(zones => { $zone => $text->(10) }, options => ['--listen=192.0.2.1@53', '--user=daemon']);
	is(serial_at($at, $zone), 10, 'it serves on port 53');
	is_now($axfrd, 'daemon', '0+', 'as daemon, without capabilities');
	like($axfrd->errors, qr{\Q$axfrd->{directory}\E/example\.com: Permission denied for this user: it can't be read again upon SIGHUP; .*--user=NAME}, 'a file that it can\'t read again is said at once');
	$axfrd->change($zone => $text->(11));
	ok(wait_until(5, sub { $axfrd->errors =~ m{cannot read \S+/example\.com: Permission denied; serial 10 stays} }), 'and the old version stays') or diag($axfrd->errors);
	chmod 0755, $axfrd->{directory};
	$axfrd->change($zone => $text->(12));
	ok(becomes(12), 'one that it may is read again');
};

subtest 'root stays where that is wanted, or where there is no other way' => sub {
	my $axfrd = axfrd(zones => { $zone => $text->(10) }, options => ['--listen=192.0.2.1@53', '--user=root']);
	like(slurp("/proc/$axfrd->{pid}/status"), qr/^Uid:(?:\t0){4}$/m, '--user=root');
	$axfrd->stop;
	my $file = spew("$axfrd->{directory}/z", $text->(10));
	my @arguments = (program('axfrd'), '--listen=192.0.2.1@5300', "--zone=$zone=$file");
	my @bound = ('timeout', '2', 'setpriv', '--bounding-set=-setuid,-setgid');
	my $seen = run([@bound, @arguments], timeout => 20);
	like($seen->{out}, qr/^axfrd ready/, 'where root may become nobody else, it serves nevertheless');
	like($seen->{err}, qr/root stays: it can't become nobody: /, 'and says so');
	$seen = run([@bound, @arguments, '--user=daemon'], timeout => 20);
	is($seen->{exit}, 1, 'a user that was asked for must be had');
	like($seen->{err}, qr/--user=daemon: .*; only root may become another user/, 'which is said');
};

subtest 'who is not root' => sub {
	my $directory = shell('mktemp', '-d', '/tmp/dns-replication-lab-XXXXXX') =~ s/\n//r;
	chmod 0755, $directory;
	my $file = spew("$directory/z", $text->(10));
	my @as = ('setpriv', '--reuid=daemon', '--regid=daemon', '--clear-groups');
	my @arguments = (program('axfrd'), '--listen=192.0.2.1@53', "--zone=$zone=$file");
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDOUT, '>', "$directory/said";
		open STDERR, '>&', \*STDOUT;
		exec @as, '--inh-caps=+net_bind_service,+sys_time', '--ambient-caps=+net_bind_service,+sys_time', @arguments or POSIX::_exit(127);
	}
	ok(becomes(10), 'serves on port 53 with the capability for it') or diag(slurp("$directory/said"));
	is_now({ pid => $pid }, 'daemon', '0+', 'and gives that up, and others');
	kill TERM => $pid;
	waitpid $pid, 0;
	my $seen = run([@as, @arguments], timeout => 20);
	SKIP: {
		skip 'ports below 1024 are for all here', 1 if slurp('/proc/sys/net/ipv4/ip_unprivileged_port_start') < 54;
		like($seen->{err}, qr/cannot listen on 192\.0\.2\.1\@53 .*ports below 1024 want root or CAP_NET_BIND_SERVICE/, 'without it, it says what is missing');
	}
	$seen = run([@as, program('axfrd'), '--listen=192.0.2.1@5300', "--zone=$zone=$file", '--user=nobody'], timeout => 20);
	is($seen->{exit}, 1, 'it can\'t become another');
	unlink glob "$directory/*";
	rmdir $directory;
};
done_testing;
