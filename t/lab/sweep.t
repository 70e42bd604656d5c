# 10,000 zones on NSD and Knot in one run; history of so many; a server that limits its rate.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use File::Temp;
use Test::More;
use Time::HiRes 'time';
needs('check_dns_replication');

my @zones = map { "z$_.example" } 1 .. 10_000;
my @asking = ((map { ('-z', $_) } @zones), '-n', '-t', '30s');

sub text { my ($serial) = @_; return \"\$TTL 300\n\@ SOA ns1.example.net. hostmaster.example.net. $serial 3600 600 604800 60\n\@ NS ns1.example.net.\n\@ NS ns2.example.net.\n" }
# One in $behind has an older serial.
sub zones_at { my ($serial, $behind) = @_; return { map { my $z = $zones[$_]; $z => text($behind && $_ % $behind == 0 ? $serial - 1 : $serial) } 0 .. $#zones } }

my $nsd = nsd('192.0.2.1', zones => zones_at(10));
my $knot = knotd('192.0.2.2', zones => zones_at(10));
my @servers = ('-H', '192.0.2.1', '-a', 'ns2.example.net=192.0.2.2', '--rate=1000000');

# utime and stime of proc(5); of one that has ended already, more than anybody waits for.
sub cpu_ticks {
	my ($pid) = @_;
	my @fields = split ' ', slurp("/proc/$pid/stat") =~ s/.*\)//sr;
	return @fields > 12 && $fields[0] ne 'Z' ? $fields[11] + $fields[12] : 1e9;
}

subtest '10,000 zones, NSD and Knot' => sub {
	my $seen = check(@asking, @servers);
	is_plugin_output($seen, 'OK');
	is(perfdata_of($seen, 'zones_ok'), 'zones_ok=10000;;;0', 'all zones');
	is(perfdata_of($seen, 'queries'), 'queries=20002;;;0', 'one question each, and a TCP probe');
	is(perfdata_of($seen, 'retries'), 'retries=0;;;0', 'none was lost');
	cmp_ok($seen->{seconds}, '<', 15, 'in time');
};

subtest 'history of 10,000 zones' => sub {
	my $state = File::Temp->newdir;
	my @with = (@asking, @servers, "--state-dir=$state");
	my ($file) = "$state/check_dns_replication.tdb";
	is_plugin_output(check(@with), 'OK');
	my $size = -s $file;
	cmp_ok($size, '<', 16e6, "a few hundred bytes a zone: $size");
	my @before = stat $file;
	is_plugin_output(check(@with), 'OK');
	is_deeply([(stat $file)[7, 9]], [@before[7, 9]], 'a run in which nothing changed writes nothing');

	# Two runs at once, each with half of the zones, and one that is killed while it writes.
	unlink $file;
	my @half = map { [map { ('-z', $_) } @zones[$_ * 5000 .. $_ * 5000 + 4999]] } 0, 1;
	my @common = ('-n', '-t', '30s', @servers, "--state-dir=$state");
	my @children = map { my $half = $_; my $pid = fork // die; if (!$pid) { my $seen = check(@$half, @common); POSIX::_exit($seen->{exit}) } $pid } @half;
	is_deeply([map { waitpid $_, 0; $? } @children], [0, 0], 'two runs at once');
	my $seen = check({ timeout => 60 }, @with, '-v');
	is_plugin_output($seen, 'OK', 'both halves are known');
	# Killed while it writes: when the file is there, and when so much of it is.
	for my $size (1, 2e6, 5e6) {
		unlink $file;
		my $pid = fork // die;
		if (!$pid) { open STDOUT, '>', '/dev/null'; exec program('check_dns_replication'), @with }
		ok(wait_until(20, sub { (-s $file // 0) >= $size }), "$size bytes are written");
		kill KILL => $pid;
		waitpid $pid, 0;
		is_plugin_output(check(@with), 'OK', 'killed then: the next run goes on');
	}
	is_deeply([glob "$state/*.damaged"], [], 'and nothing was damaged');
};

subtest 'one in a hundred is behind' => sub {
	my $old = nsd('192.0.2.3', zones => zones_at(10, 100));
	my $seen = check(@asking, '-H', '192.0.2.1', '-a', 'ns3.example.net=192.0.2.3', '--rate=1000000');
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/100 of 10000 zones out of sync on 1 of 2 servers/, 'they are counted');
	is(perfdata_of($seen, 'behind_ns3_example_net'), 'behind_ns3_example_net=100;;;0', 'by server');
	$old->stop;
};

subtest 'complete reports of 10,000 zones, and a disk that is too small for them' => sub {
	my $directory = File::Temp->newdir;
	my $seen = check_json(@asking, @servers, "--write=html:$directory/page.html", "--write=prometheus:$directory/metrics");
	is(scalar @{ $seen->{json}{zones} }, 10_000, 'JSON');
	is(scalar(my @samples = slurp("$directory/metrics") =~ /^dns_replication_serial\{/mg), 20_000, 'Prometheus');
	cmp_ok(-s "$directory/page.html", '<', 65536, 'a bounded page');
	$seen = run(['unshare', '-m', 'sh', '-c', 'mount -t tmpfs -o size=64k none "$1" && shift && "$@"; code=$?; ls -A "$0"; exit $code', "$directory", "$directory", program('check_dns_replication'),
		'--no-state', @asking, @servers, "--write=json:$directory/report.json"], timeout => 60);
	is($seen->{exit}, 3, 'a full disk is UNKNOWN') or tell_run($seen);
	like($seen->{out}, qr{^\[UNKNOWN\] --write: cannot write \Q$directory\E/report\.json: No space left on device → df -h.*\n\z}m, 'is said, and nothing is left there') or tell_run($seen);
};

subtest 'dead and dropped' => sub {
	firewall('ip daddr 192.0.2.2 drop');
	my $seen = check(@asking, @servers);
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{first}, qr/ns2\.example\.net does not answer, neither by UDP nor by TCP: 10,000 zones/, 'one finding');
	cmp_ok($seen->{seconds}, '<', 5, 'two seconds more than without');
	# A server that drops what comes too fast, in silence.
	firewall('ip daddr 192.0.2.2 udp dport 53 limit rate over 2000/second burst 100 packets drop');
	$seen = check((map { ('-z', $_) } @zones[0 .. 499]), '-n', '-t', '20s', @servers);
	is_plugin_output($seen, 'OK', 'slowed down for');
	firewall();
};

done_testing;
