# axfrd and those it talks to: keys by zone and by peer, who may notify, and transfers from primaries over TLS.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream qw(stream certificate authority message soa a);
use Net::DNS;
use Test::More;
needs('axfrd');

my @secret = ('c2VjcmV0IG9mIHRoZSB0ZXN0cw==');
my %file = map { ($_ => key_file($_, @secret)) } qw(one two three);
my $ring = key_file(map { [$_, @secret] } qw(one two three));

sub resolver { my ($server, $port, %with) = @_;
	return Net::DNS::Resolver->new(nameservers => [$server], port => $port, recurse => 0, retry => 1, udp_timeout => 5, tcp_timeout => 5, config_file => '/dev/null', %with) }

# How many records a transfer brings to this address with this key; 0: it is refused.
sub transfer { my ($port, $zone, $from, $key) = @_; my $resolver = resolver('127.0.0.1', $port, srcaddr => $from); $resolver->tsig($file{$key}) if $key; return scalar(my @all = $resolver->axfr($zone)) }

sub notify {
	my ($port, $zone, $from, $key) = @_;
	my $packet = Net::DNS::Packet->new($zone, 'SOA');
	$packet->header->opcode('NOTIFY');
	$packet->sign_tsig($file{$key}) if $key;
	return resolver('127.0.0.2', $port, srcaddr => $from)->send($packet)->header->rcode;
}

subtest 'keys of zones and of peers' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my %zones = map { ($_ => zone_file($_, 10, 2)) } map { "$_.test" } 'a' .. 'd';
	my $ns1 = axfrd(zones => \%zones, options => ["--listen=127.0.0.1\@$port", '-k', $ring, '--allow-transfer=a.test=127.0.0.2=one', '--allow-transfer=a.test=127.0.0.3=three',
		'--allow-transfer=b.test=127.0.0.0/8=two', '--allow-transfer=c.test=any=NOKEY', "--notify=a.test=127.0.0.2\@$port=one", "--notify=b.test=127.0.0.2\@$port=two",
		"--notify=127.0.0.2\@$port"]);
	my $ns2 = axfrd(options => ["--listen=127.0.0.2\@$port", '-k', $file{three}, '-k', $file{two}, '-k', $file{one}, "--secondary=a.test=127.0.0.1\@$port=one",
		"--secondary=b.test=127.0.0.1\@$port=two", "--secondary=c.test=127.0.0.1\@$port=NOKEY", "--secondary=d.test=127.0.0.1\@$port"]);
	ok(wait_serial($port, 2, $_, 10), "$_ is transferred with its key") for 'b.test', 'c.test', 'a.test';
	for my $story (
		['a.test', '127.0.0.2', 'one', 5], ['a.test', '127.0.0.2', 'two', 0, qr/a\.test\.: transfer out to 127\.0\.0\.2\@\d+ refused: signed with another key/],
		['a.test', '127.0.0.2', undef, 0, qr/a\.test\.: transfer out to 127\.0\.0\.2\@\d+ refused: not signed/], ['a.test', '127.0.0.3', 'three', 5],
		['a.test', '127.0.0.1', 'one', 0, qr/a\.test\.: transfer out to 127\.0\.0\.1\@\d+ refused: address not allowed/],
		['b.test', '127.0.0.9', 'two', 5], ['b.test', '127.0.0.9', 'one', 0, qr/b\.test\.: .* refused: signed with another key/],
		['c.test', '127.0.0.9', undef, 5], ['c.test', '127.0.0.9', 'two', 5], ['d.test', '127.0.0.9', 'two', 5], ['d.test', '127.0.0.9', undef, 0, qr/d\.test\.: .* refused: not signed/],
	) {
		my ($zone, $from, $key, $records, $said) = @$story;
		is(transfer($port, $zone, $from, $key), $records, "$zone to $from with " . ($key // 'no key') . ": $records records");
		logs($ns1, $said, '  and why') if $said;
	}
	$ns1->change(map { ($_ => zone_file($_, 11, 2)) } keys %zones);
	ok(wait_serial($port, 2, $_, 11), "$_: its NOTIFY is followed") for 'a.test', 'b.test', 'c.test', 'd.test';
	logs($ns1, qr/\Q$_\E\.: NOTIFY to 127\.0\.0\.2\@$port: serial 11: NOERROR/, "$_: and answered") for 'a.test', 'b.test', 'c.test', 'd.test';
	is(scalar(() = $ns1->errors =~ /^\S+ a\.test\.: NOTIFY to .*serial 11/mg), 1, 'a zone\'s own target takes the place of the general one');
};

subtest 'who may notify' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $ns1 = primary($port, 'a.test' => zone_file('a.test', 10, 2), options => ['--allow-transfer=any']);
	my $ns2 = axfrd(options => ["--listen=127.0.0.2\@$port", '-k', $ring, "--secondary=a.test=127.0.0.1\@$port=NOKEY", "--secondary=b.test=127.0.0.1\@$port=two",
		"--secondary=c.test=127.0.0.3\@$port,127.0.0.4\@$port", '--allow-notify=a.test=127.0.0.8/31', '--allow-notify=a.test=127.0.0.7=NOKEY', '--allow-notify=127.0.0.6=one']);
	for my $story (
		['a.test', '127.0.0.1', undef, 'NOERROR', qr/a\.test\.: NOTIFY from 127\.0\.0\.1\@\d+: asking its primary/], ['a.test', '127.0.0.1', 'two', 'NOERROR'],
		['a.test', '127.0.0.7', undef, 'NOERROR', qr/a\.test\.: NOTIFY from 127\.0\.0\.7\@\d+: asking its primary/], ['a.test', '127.0.0.9', 'three', 'NOERROR'],
		['a.test', '127.0.0.9', undef, 'REFUSED', qr/a\.test\.: NOTIFY from 127\.0\.0\.9\@\d+ refused: not signed/],
		['a.test', '127.0.0.6', 'one', 'REFUSED', qr/a\.test\.: NOTIFY from 127\.0\.0\.6\@\d+ refused: address not allowed/],
		['b.test', '127.0.0.1', 'two', 'NOERROR'], ['b.test', '127.0.0.1', 'one', 'REFUSED', qr/b\.test\.: NOTIFY from 127\.0\.0\.1\@\d+ refused: address not allowed/],
		['b.test', '127.0.0.6', 'one', 'NOERROR'], ['b.test', '127.0.0.6', 'two', 'REFUSED', qr/b\.test\.: NOTIFY from 127\.0\.0\.6\@\d+ refused: signed with another key/],
		['b.test', '127.0.0.7', 'one', 'REFUSED'], ['c.test', '127.0.0.4', 'three', 'NOERROR'], ['c.test', '127.0.0.4', undef, 'REFUSED'], ['d.test', '127.0.0.6', 'one', 'NOTAUTH'],
	) {
		my ($zone, $from, $key, $rcode, $said) = @$story;
		is(notify($port, $zone, $from, $key), $rcode, "$zone from $from with " . ($key // 'no key') . ": $rcode");
		logs($ns2, $said, '  and the log says so') if $said;
	}
};

# Unanswered, it comes again after 1, 2, 4 ... seconds (RFC 1996 3.6), and no more once it is answered.
subtest 'NOTIFY again and again' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.2', LocalPort => $port, Proto => 'udp', Type => Socket::SOCK_DGRAM) or die $!;
	my $ns1 = primary($port, 'a.test' => zone_file('a.test', 10, 2), notify => ['127.0.0.2']);
	my (@at, $from, $bytes);
	while (@at < 4 && IO::Select->new($socket)->can_read(30)) { $from = recv $socket, $bytes, 4096, 0; push @at, Time::HiRes::time() }
	is(scalar @at, 4, 'four times');
	my @waits = map { $at[$_] - $at[ $_ - 1 ] } 1 .. 3;
	cmp_ok($at[3] - $at[0], '>', 6.5, 'seven seconds go by');
	ok($waits[2] > $waits[0], 'and each time more of them') or diag("@waits");
	my $reply = Net::DNS::Packet->new(\$bytes)->reply;
	send $socket, $reply->encode, 0, $from;
	logs($ns1, qr/NOTIFY to 127\.0\.0\.2\@$port: serial 10: \w+ \(4 sent\)/, 'an answer ends it');
};

my $ca = authority('Test CA');
my $names = 'DNS:ns1.example.com,IP:127.0.0.1';
my $good = certificate(names => $names, ca => $ca);

subtest 'over TLS' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $text = sub { my ($serial, @more) = @_; zone_file('a.test', $serial, 2, @more) =~ s/ 600 60 604800 60/ 3600 1 604800 60/r };
	my $ns1 = axfrd(zones => { 'a.test' => $text->(10, map { "host$_ TXT \"" . 'x' x 200 . '"' } 1 .. 5000) }, options => ["--listen=127.0.0.1\@$port", '--tls-listen=127.0.0.1@0',
		"--tls-certificate=$good->{certificate}", "--tls-key=$good->{key}", '-k', $ring, "--notify=127.0.0.2\@$port=two"]);
	my ($tls) = $ns1->{ready} =~ /tls:127\.0\.0\.1\@(\d+)/;
	my $ns2 = axfrd(options => ["--listen=127.0.0.2\@$port", '-k', $ring, "--secondary=a.test=tls:127.0.0.1\@$tls=two", "--tls-ca=$ca->{certificate}"]);
	like($ns2->{ready}, qr/a\.test\. from tls:127\.0\.0\.1\@$tls$/, 'the ready line says so');
	ok(wait_serial($port, 2, 'a.test', 10, 20), 'the whole zone');
	logs($ns2, qr/transfer in from tls:127\.0\.0\.1\@$tls: serial 10, 5005 records/, 'as the log says');
	for my $serial (11, 12) {
		$ns1->change('a.test' => $text->($serial, map { "host$_ TXT \"" . 'x' x 200 . '"' } $serial .. 5000));
		ok(wait_serial($port, 2, 'a.test', $serial, 20), "serial $serial, upon NOTIFY");
		logs($ns2, qr/transfer in from tls:127\.0\.0\.1\@$tls: serial $serial from @{[ $serial - 1 ]} by IXFR/, 'by differences');
	}
	unlike($ns1->errors, qr/transfer out to .* failed|TLS with .* failed/, 'nothing fails');
	my $before = () = $ns1->errors =~ /transfer out/g;
	kill HUP => $ns2->{pid};
	my $third = axfrd(options => ["--listen=127.0.0.2\@0", '-k', $ring, "--secondary=a.test=127.0.0.9\@$port,tls:127.0.0.1\@$tls", '--tls-hostname=127.0.0.9=ns9.example.com', '--tls-hostname=ns1.example.com',
		"--tls-ca=$ca->{certificate}"]);
	logs($third, qr/transfer in from tls:127\.0\.0\.1\@$tls: serial 12/, 'the second of two primaries, by the name of its certificate');
	$ns1->stop;
	logs($third, qr/127\.0\.0\.9\@$port failed: .*; next primary/, 'behind one that is not there');
	kill HUP => $ns2->{pid};
	logs($ns2, qr/transfer in from tls:127\.0\.0\.1\@$tls failed: its TCP port is closed; next try in 1 s/, 'and none when it is down');
};

my $unknown = authority('Stranger');
for my $story (
	['expired', [names => $names, ca => $ca, from => -30, to => -2], qr/its certificate \(ns1\.example\.com, 127\.0\.0\.1\) has expired, on \d{4}-\d\d-\d\dT/],
	['not yet valid', [names => $names, ca => $ca, from => 2, to => 30], qr/is not yet valid, but from \d{4}-/],
	['self-signed', [names => $names], qr/is self-signed, and not in the file of --tls-ca/],
	['of another name', [names => 'DNS:ns9.example.com', ca => $ca], qr/its certificate \(ns9\.example\.com\) is not for 127\.0\.0\.1; see --tls-hostname/],
	['of another name than --tls-hostname', [names => $names, ca => $ca], qr/its certificate \(ns1\.example\.com, 127\.0\.0\.1\) is not for ns7\.example\.com; see --tls-hostname/, '--tls-hostname=ns7.example.com'],
	['of an unknown CA', [names => $names, ca => $unknown], qr{is of an unknown CA \(/CN=Stranger\), not in the file of --tls-ca}],
	['TLS 1.2', [names => $names, ca => $ca], qr/it has no TLS 1\.3, which RFC 9103 wants/, undef, '-tls1_2'],
	['another protocol', [names => $names, ca => $ca], qr/it speaks TLS, but not DNS: it refuses the ALPN "dot"/, undef, '-alpn', 'h2'],
	['no TLS', undef, qr/no answer to the TLS handshake: does it speak TLS on this port\?/],
) {
	my ($name, $with, $expected, $option, @more) = @$story;
	my $zone = sub { my ($question) = @_; return message($question, soa(10), a('www'), soa(10)) };
	my $server = stream($zone, $with ? (tls => [@{ certificate(@$with)->{arguments} }, @more]) : ());
	my $ns2 = axfrd(options => ['--listen=127.0.0.2@0', '--secondary=example.com=tls:' . $server->at, "--tls-ca=$ca->{certificate}", $option // ()]);
	logs($ns2, qr/example\.com\.: transfer in from tls:127\.0\.0\.1\@\d+ failed: .*$expected.*; next try in 1 s/, "$name: nothing is transferred, and why");
	unlike($ns2->errors, qr/transfer in from \S+: serial/, "$name: not a record");
}

done_testing;
