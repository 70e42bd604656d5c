# Thousands of connections that want something else than answers: silent ones, half questions, transfers that nobody reads, half a TLS handshake.
# Who is honest is served in the meantime, a transfer on its way goes on, and axfrd stays within its bounds of number and memory.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Run;
use DNSReplication::Stream ();
use IO::Select;
use Socket qw(:DEFAULT SO_RCVBUF SOL_SOCKET);
use Test::More;
use Time::HiRes 'time';
needs('axfrd', 'check_zone_transfer');

# This program's own connections.
if (!$ENV{DNS_REPLICATION_CROWD} && qx{sh -c "ulimit -n"} < 6000) {
	$ENV{DNS_REPLICATION_CROWD} = 1;
	exec 'sh', '-c', 'ulimit -n 6000 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"', 'sh', $^X, (map { "-I$_" } @INC), $0;
}

my $zone = 'example.com';
my ($most, $of_one) = (1000, 250);
my $ca = DNSReplication::Stream::authority('The Test');
my $certificate = DNSReplication::Stream::certificate(names => 'IP:127.0.0.1', ca => $ca);
my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 1, map { "host$_ TXT \"" . 'x' x 200 . '"' } 1 .. 15000) }, files => $most + 128,
	options => ['--listen=127.0.0.1@0', '--tls-listen=127.0.0.1@0', '--allow-transfer=any', "--tls-certificate=$certificate->{certificate}", "--tls-key=$certificate->{key}"]);
my ($plain, $tls) = ($axfrd->{ready} // '') =~ /\@(\d+) tls:\S+\@(\d+)/ or BAIL_OUT('axfrd does not start: ' . $axfrd->errors);

sub question { my ($type) = @_; return pack('n/a*', pack('n6', 7, 0, 1, 0, 0, 0) . "\7example\3com\0" . pack 'n2', $type, 1) }

# From this address of ours.
sub connected {
	my ($from, $port) = @_;
	socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
	setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4096;
	bind $socket, pack_sockaddr_in(0, inet_aton($from)) or die "$from: $!";
	connect $socket, pack_sockaddr_in($port, inet_aton('127.0.0.1')) or die "$from: connect: $!";
	return $socket;
}

# The honest one's transfer, from before the crowd: it reads on, now and then.
my ($slow, $taken) = (connected('127.0.0.1', $plain), '');
sub take { my ($most) = @_; my $until = length($taken) + $most; while (length $taken < $until) { IO::Select->new($slow)->can_read(10) && sysread($slow, $taken, 65536, length $taken) or return 0 } return 1 }
syswrite $slow, question(252);
ok(take(100_000), 'an honest transfer begins');

# The sanitizers keep what is freed, and have a memory of their own.
my $is_plain = slurp(program('axfrd')) !~ /__asan_init/;
sub holds_at_most {
	my ($base, $most, $name) = @_;
	SKIP: {
		skip 'sanitized', 1 unless $is_plain;
		cmp_ok(pss_mb() - $base, '<', $most, $name);
	}
}

sub pss_mb { return slurp("/proc/$axfrd->{pid}/smaps_rollup") =~ /^Pss:\s+(\d+)/m ? $1 / 1024 : 0 }
sub connections { opendir my $directory, "/proc/$axfrd->{pid}/fd" or return 0; return scalar grep { /^\d/ } readdir $directory }
my ($pss, $files) = (pss_mb(), connections());

my (@crowd, %closed);
sub come {
	my ($count, $from, $port, $bytes) = @_;
	for my $number (1 .. $count) {
		push @crowd, connected($from, $port);
		syswrite $crowd[-1], $bytes if length $bytes;
		take(70_000) unless $number % 200;
	}
}

# How long an honest question takes, or undef.
sub asked {
	my $began = time;
	my $socket = connected('127.0.0.1', $plain);
	syswrite $socket, question(6);
	IO::Select->new($socket)->can_read(20) && sysread($socket, my $answer, 4096) or return undef;
	return time - $began;
}

for my $story (
	['silent ones', 600, '127.0.0.11', $plain, ''],
	['silent ones of another address', 600, '127.0.0.12', $plain, ''],
	['half questions', 600, '127.0.0.13', $plain, pack('n', 60000) . 'x' x 2000],
	['transfers that nobody reads', 600, '127.0.0.14', $plain, question(252)],
	['the beginnings of a TLS handshake', 600, '127.0.0.15', $tls, "\x16\x03\x01\x02\x00\x01"],
) {
	my ($name, @who) = @$story;
	come(@who);
	my $seconds = asked();
	ok(defined $seconds && $seconds < 5, "$name: who asks is answered") or diag($seconds // 'not at all');
	cmp_ok(connections() - $files, '<=', $most + 1, "$name: at most $most connections");
	holds_at_most($pss, 70, "$name: bounded memory");
}
diag(sprintf 'PSS %.1f MB, before %.1f', pss_mb(), $pss) if $ENV{TEST_VERBOSE};
for my $story (['', $plain], ['over TLS', $tls, '--tls', "--tls-ca=$ca->{certificate}"]) {
	my ($how, $port, @more) = @$story;
	my $seen = run([program('check_zone_transfer'), '-t', '40s', '-z', $zone, '-H', "127.0.0.1\@$port", '--min-records=15000', @more], timeout => 50);
	is_plugin_output($seen, 'OK', "a whole transfer in the midst of all that $how");
}
my $soa = qr/\x00\x06\x00\x01\x00\x00\x01\x2c/;
take(1) while substr($taken, -200) !~ $soa && IO::Select->new($slow)->can_read(5);
is(scalar(() = $taken =~ /$soa/g), 2, 'the honest one from before has its whole transfer');
like($axfrd->errors, qr/too many connections: \d+ closed to make room, the last one of 127\.0\.0\.\d+, which had $of_one \(at most $most, $of_one of one client, and 64 MB\); `ss -tn`/, 'the log says who crowds');
cmp_ok(scalar(() = $axfrd->errors =~ /too many connections/g), '<', 10, 'and does not overflow');

# Who stays without doing anything is closed after ten seconds, each of them.
ok(wait_until(60, sub { connections() <= $files }), 'in the end all of them are closed') or diag(connections() . " of $files");
holds_at_most($pss, 20, 'and their memory is given back');

my $few = axfrd(zones => { $zone => zone_file($zone, 10, 1) }, files => 300, options => ['--listen=127.0.0.1@0']);
like($few->errors, qr/at most 172 connections by TCP, since the limit of open files is 300: `ulimit -Hn 10128`, or LimitNOFILE=/, 'a low limit is said');
done_testing;
