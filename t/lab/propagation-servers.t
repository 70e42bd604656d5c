# What is wrong inside of a secondary: check_dns_propagation with another key, a full disk, and a cache that is not purged.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Canary;
use DNSReplication::Lab;
use DNSReplication::Run;
use IO::Select;
use IO::Socket::IP;
use POSIX ();
use Socket 'SOCK_DGRAM';
use Test::More;
needs('check_dns_propagation');

my @short = ('-t', '6s');

# Servers say it to NOTIFY, or come by themselves and are told; which of both is a matter of their timers.
sub blames_the_key {
	my ($name, $seen, $other) = @_;
	my $stopped = stopped($seen);
	is_deeply([sort keys %$stopped], [sort keys %at], "$name: nobody serves the change") or tell_run($seen);
	like($stopped->{$_}, $other, "$name: $_ stops where the key counts") or tell_run($seen) for sort keys %$stopped;
}

subtest 'another secret' => sub {
	my @servers = canaries(signed => 1, secret => 'YW5vdGhlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXQ=');
	my $seen = propagate(@short, '-k', monitor_key());
	blames_the_key('another secret', $seen, qr/^(?:notify_notauth|transfer_failed)$/);
	like($_->{advice}, qr/the key must be /, "the key of $_->{server}") for findings($seen->{json});
};

subtest 'no key here' => sub {
	my @servers = canaries(signed => 1);
	my $seen = propagate(@short);
	blames_the_key('no key', $seen, qr/^(?:notify_refused|notify_notauth|transfer_failed)$/);
	like($_->{text}, qr/its key is not known here \(BADKEY\)/, "that key of $_->{server}") for grep { $_->{code} eq 'transfer_failed' } findings($seen->{json});
};

# Each has a file system of its own, which is filled up after the first change. BIND and Knot serve what they could not write.
subtest 'a full disk' => sub {
	my @directories = map { "/mnt/$_" } qw(powerdns-192.0.2.2 named-192.0.2.3 nsd-192.0.2.4 knotd-192.0.2.5);
	for my $directory (@directories) {
		mkdir $directory;
		shell('mount', '-t', 'tmpfs', '-o', 'size=24m', 'full', $directory);
	}
	my @servers = canaries();
	is_deeply(stopped(propagate()), {}, 'there is room');
	run(['dd', 'if=/dev/zero', "of=$_/full", 'bs=4k'], timeout => 60) for @directories;
	my $seen = propagate(@short);
	stops('full', $seen, ns2 => 'not_published', ns4 => 'not_published');
	like($_->{advice}, qr/^on ns\d\.example\.com: df -h /, "$_->{server}: look at its disk") for findings($seen->{json});
};

# A cache before the server: NOTIFY goes through, with the monitor's address; questions are answered as the first time.
sub stale_cache {
	my ($here, $server) = @_;
	my %end = (Type => SOCK_DGRAM, Proto => 'udp');
	my $front = IO::Socket::IP->new(%end, LocalHost => $here, LocalPort => 53) // die "$here: $@";
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	my %known;
	while (my $from = $front->recv(my $question, 4096)) {
		my $is_notify = (ord(substr $question, 2, 1) & 0x78) == 0x20;
		my ($what) = lc(substr $question, 12) =~ /^(.*?\0....)/s; # name, type and class
		if ($is_notify || !$known{$what}) {
			my $back = IO::Socket::IP->new(%end, LocalHost => $is_notify ? $monitor : $here, PeerHost => $server, PeerPort => 53) // die "$server: $@";
			$back->send($question);
			next unless IO::Select->new($back)->can_read(1);
			$back->recv(my $answer, 4096);
			$known{$what} = $answer;
		}
		$front->send(substr($question, 0, 2) . substr($known{$what}, 2), 0, $from);
	}
	POSIX::_exit(0);
}

subtest 'a stale cache' => sub {
	my $bind = canary_at('ns3');
	is_deeply(stopped(propagate({ who => ['ns3'] })), {}, 'BIND alone');
	my $cache = stale_cache('192.0.2.6', $at{ns3});
	my $seen = propagate({ who => [], as => 'ns3.example.com=192.0.2.6,192.0.2.3' }, @short);
	kill TERM => $cache;
	waitpid $cache, 0;
	stops('stale', $seen, ns3 => 'not_published');
	my $step = $seen->{steps}{ns3};
	ok(defined $step->{transfer_finished_s}, 'it has the zone');
	cmp_ok($step->{questions}, '>', 50, 'it was asked often');
	cmp_ok($step->{questions}, '<=', 200, 'and not too often');
	like(join(' ', map { $_->{text} } findings($seen->{json})), qr/and does not serve it \d\.\d s later; it answers serial \d+$/, 'what it serves');
};

done_testing;
