# Transfers over TLS (RFC 9103): what works, and each way in which a certificate or a handshake fails.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream;
use Test::More;
needs('check_zone_transfer', 'axfrd');

my $ca = authority('Test CA');
my $names = 'DNS:ns1.example.com,IP:127.0.0.1';
my $good = certificate(names => $names, ca => $ca);
my @dot = ('-alpn', 'dot');
sub zone { my ($question) = @_; return message($question, soa(10), a('www'), soa(10)) }
sub asked { my ($server, @more) = @_; return check_transfer('-t', '8s', '-z', 'example.com', '-H', $server->at, '--tls', @more) }

subtest 'a good certificate' => sub {
	my $server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot]);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}", '--output-format=json');
	is($seen->{json}{state}, 'OK', 'for the address') or tell_run($seen);
	my $tls = $seen->{json}{transfers}[0]{tls};
	is($tls->{version}, 'TLSv1.3', 'TLS 1.3');
	is($tls->{alpn}, 'dot', 'ALPN dot');
	like($tls->{cipher}, qr/^TLS_/, 'the cipher');
	like($tls->{certificate_ends}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'and until when the certificate is good');
	$server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot]);
	$seen = asked($server, "--tls-ca=$ca->{certificate}", '--tls-hostname=ns1.example.com');
	is_plugin_output($seen, 'OK', 'for a name');
	like($seen->{first}, qr/, TLSv1\.3 \|/, 'which the first line says');
	$server = stream(\&zone, tls => $good->{arguments});
	$seen = asked($server, "--tls-ca=$ca->{certificate}", '-v');
	is_plugin_output($seen, 'OK', 'a server that knows no ALPN (NSD 4.6)');
	like($seen->{out}, qr/no ALPN/, 'is told with -v') or tell_run($seen);
};

subtest 'a large zone in small pieces' => sub {
	my $server = stream(sub {
		my ($question) = @_;
		my $left = 300;
		return (message($question, soa(10)), sub { return if !$left--; message($question, { questions => 0 }, map { a("host$left-$_") } 1 .. 400) },
			message($question, { questions => 0 }, soa(10)), 'stay');
	}, tls => [@{ $good->{arguments} }, @dot]);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}", '-t', '20s', '--output-format=json');
	is($seen->{json}{transfers}[0]{records}, 1 + 300 * 400, 'all of it') or tell_run($seen);
};

subtest 'ends in the middle' => sub {
	my $server = stream(sub { my ($q) = @_; return (message($q, soa(10), a('www')), 'close') }, tls => [@{ $good->{arguments} }, @dot]);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/(?:closes|resets) the connection in the middle of the transfer: 1 message, \d+ bytes/, 'closed') or tell_run($seen);
	$server = stream(sub { my ($q) = @_; return (message($q, { id => $q->{id} ^ 1 }, soa(10), a('www'))) }, tls => [@{ $good->{arguments} }, @dot]);
	$seen = asked($server, "--tls-ca=$ca->{certificate}");
	like($seen->{out}, qr/breaks the transfer: another id/, 'what comes is checked all the same') or tell_run($seen);
	$server = stream(sub { 'stay' }, tls => [@{ $good->{arguments} }, @dot]);
	$seen = asked($server, "--tls-ca=$ca->{certificate}", '-t', '3s');
	like($seen->{out}, qr/does not answer the AXFR within 2\.0 s/, 'silence') or tell_run($seen);
};

my $unknown = authority('Stranger');
for my $story (
	['expired', { names => $names, ca => $ca, from => -30, to => -2 }, qr/its certificate \(ns1\.example\.com, 127\.0\.0\.1\) has expired, on \d{4}-\d\d-\d\dT/],
	['not yet valid', { names => $names, ca => $ca, from => 2, to => 30 }, qr/is not yet valid, but from \d{4}-/],
	['self-signed', { names => $names }, qr/is self-signed, and not in the file of --tls-ca/],
	['of another name', { names => 'DNS:ns9.example.com', ca => $ca }, qr/its certificate \(ns9\.example\.com\) is not for 127\.0\.0\.1; see --tls-hostname/],
	['of an unknown CA', { names => $names, ca => $unknown }, qr{is of an unknown CA \(/CN=Stranger\), not in the file of --tls-ca}],
	['without names', { names => 'email:hostmaster@example.com', ca => $ca, common => 'ns1.example.com' }, qr{is not for 127\.0\.0\.1}],
) {
	my ($name, $with, $expected) = @$story;
	my $server = stream(\&zone, tls => [@{ certificate(%$with)->{arguments} }, @dot]);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}");
	is_plugin_output($seen, 'CRITICAL', "$name: CRITICAL");
	like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.1\@\d+: fails TLS: .*$expected.* → openssl s_client -connect 127\.0\.0\.1:\d+ -alpn dot/m, "$name: and why") or tell_run($seen);
}

subtest 'a certificate for a name, asked by another' => sub {
	my $server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot]);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}", '--tls-hostname=ns2.example.com');
	like($seen->{out}, qr/is not for ns2\.example\.com/, 'the wrong name') or tell_run($seen);
	$server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot]);
	$seen = asked($server);
	like($seen->{out}, qr/is of an unknown CA .*not in the system's store; see --tls-ca/, 'the system does not know our CA') or tell_run($seen);
};

subtest 'handshakes' => sub {
	my $server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot, '-tls1_2']);
	my $seen = asked($server, "--tls-ca=$ca->{certificate}");
	like($seen->{out}, qr/fails TLS: it has no TLS 1\.3, which RFC 9103 wants/, 'TLS 1.2 only') or tell_run($seen);
	$server = stream(\&zone, tls => [@{ $good->{arguments} }, '-alpn', 'http/1.1']);
	$seen = asked($server, "--tls-ca=$ca->{certificate}");
	like($seen->{out}, qr/fails TLS: it speaks TLS, but not DNS: it refuses the ALPN "dot"/, 'another protocol') or tell_run($seen);
	my $port = free_port('127.0.0.1');
	my $plain = primary($port, 'example.com' => zone_file('example.com', 10, 2));
	$seen = check_transfer('-t', '2s', '-z', 'example.com', '-H', "127.0.0.1\@$port", '--tls', "--tls-ca=$ca->{certificate}", '--output-format=json');
	is($seen->{json}{state}, 'CRITICAL', 'plain TCP there') or tell_run($seen);
	like($seen->{json}{summary}, qr/does it speak TLS/, '  and why') or tell_run($seen);
	$server = stream(\&zone, tls => [@{ $good->{arguments} }, @dot, '-Verify', 1, '-verify_return_error']);
	$seen = asked($server, "--tls-ca=$ca->{certificate}");
	like($seen->{out}, qr/fails TLS: it wants a certificate of ours/, 'a certificate is wanted of us') or tell_run($seen);
	$seen = asked(once(''));
	like($seen->{out}, qr/closes the connection in the handshake: does it speak TLS on this port\?/, 'a server that hangs up') or tell_run($seen);
	$seen = asked(once("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
	like($seen->{out}, qr/does not speak TLS on this port/, 'a server that speaks something else') or tell_run($seen);
};

# A server that answers this to whatever comes first, and hangs up.
sub once {
	my ($answer) = @_;
	my $listener = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 1) or die $@;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		my $client = $listener->accept;
		sysread $client, my $bytes, 65536;
		syswrite $client, $answer if length $answer;
		POSIX::_exit(0);
	}
	return bless { pid => $pid, owner => $$, address => '127.0.0.1', port => $listener->sockport }, 'DNSReplication::Stream';
}

subtest 'wrong use' => sub {
	is_usage_error(check_transfer('-z', 'example.com', '-H', '127.0.0.1', '--tls-ca=x'), qr/--tls-ca means nothing without --tls/);
	is_usage_error(check_transfer('-z', 'example.com', '-H', '127.0.0.1', '--tls-hostname=x'), qr/--tls-hostname means nothing without --tls/);
	my $seen = check_transfer('-z', 'example.com', '-H', '127.0.0.1', '--tls', '--tls-ca=/dev/null');
	is($seen->{exit}, 3, 'no certificates: our trouble');
	like($seen->{out}, qr{--tls-ca: /dev/null is no file of certificates}, 'and why');
	like(check_transfer('-z', 'example.com', '-H', '192.0.2.1', '--tls', '--plan')->{out}, qr/AXFR by TCP and TLS, .*port 853/s, 'port 853');
};

done_testing;
