# Signed transfers (RFC 8945 5.3.1): unsigned messages in between, and every way in which signatures are wrong, unknown or missing.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Run;
use DNSReplication::Stream;
use MIME::Base64;
use Test::More;
needs('check_zone_transfer');

my $secret = '0123456789abcdef0123456789abcdef';
my $file = key_file('transfer.key', encode_base64($secret, ''));
my %none = (questions => 0);
sub asked { my ($script, @more) = @_; my $server = stream($script); return check_transfer('-t', '5s', '-z', 'example.com', '-H', $server->at, '-k', $file, @more) }

# The messages of a zone: an SOA, `count` messages of a record, the SOA; each signed as `how` says: a sub from the number (0 is the first, -1 the last) to
# what sign() takes.
sub zone {
	my ($count, $how) = @_;
	return sub {
		my ($q) = @_;
		my $signer = signer($q, 'transfer.key', $secret);
		return (sign($signer, raw_message($q, soa(10)), $how->(0)), (map { sign($signer, raw_message($q, \%none, a("host$_")), $how->($_)) } 1 .. $count),
			sign($signer, raw_message($q, \%none, soa(10)), $how->(-1)));
	};
}
sub at { my ($which, %with) = @_; return sub { return $_[0] == $which ? %with : () } }
sub between { my (@with) = @_; return sub { return $_[0] > 0 ? @with : () } }

subtest 'what is signed well' => sub {
	for my $story (['each message', zone(3, sub { () })], ['no message between', zone(5, between(skip => 1))], ['99 messages in a row are not', zone(99, between(skip => 1))],
		['every third', zone(20, sub { my ($n) = @_; return $n > 0 && $n % 3 ? (skip => 1) : () })], ['MACs cut to 16 bytes', zone(3, sub { (mac_length => 16) })],
		['in one message', sub { my ($q) = @_; return sign(signer($q, 'transfer.key', $secret), raw_message($q, soa(10), a('www'), soa(10))) }],
		['four minutes late', zone(3, sub { (time => time - 240) })]) {
		my ($name, $script) = @$story;
		my $seen = asked($script, '--output-format=json');
		is($seen->{json}{state}, 'OK', $name) or tell_run($seen);
		ok($seen->{json}{transfers}[0]{signed}, '  signed');
	}
	like(asked(zone(2, sub { () }))->{first}, qr/, signed \|/, 'the first line says so');
};

my $spoil = sub { my ($raw) = @_; substr($raw, -1) ^.= "\1"; return $raw };
for my $story (
	['nothing is signed', sub { my ($q) = @_; return message($q, soa(10), a('www'), soa(10)) }, 'transfer_unsigned', qr/does not sign the transfer, though the question was signed → dig .* -k KEYFILE /],
	['the first message is not signed', zone(2, at(0, skip => 1)), 'transfer_unsigned', qr/does not sign the transfer/],
	['the last message is not signed', zone(2, at(-1, skip => 1)), 'transfer_unsigned', qr/does not sign the transfer to its end: 4 messages came/],
	['a hundred messages in a row are not signed', zone(100, between(skip => 1)), 'transfer_unsigned', qr/does not sign the transfer to its end: 100 messages came/],
	['a message between is spoiled', zone(3, sub { my ($n) = @_; return $n > 0 ? (skip => 1, $n == 2 ? (spoil => $spoil) : ()) : () }), 'tsig_failed', qr/the answer's signature is wrong/],
	['the first message is spoiled', zone(2, at(0, spoil => $spoil)), 'tsig_failed', qr/the answer's signature is wrong/],
	['the last message is spoiled', zone(2, at(-1, spoil => $spoil)), 'tsig_failed', qr/the answer's signature is wrong/],
	['another secret', zone(2, sub { (secret => 'x' x 32) }), 'tsig_failed', qr/the answer's signature is wrong/],
	['another secret in the middle', zone(2, at(1, secret => 'x' x 32)), 'tsig_failed', qr/the answer's signature is wrong/],
	['another key', zone(2, sub { (key => 'other.key') }), 'tsig_failed', qr/signed with another key/],
	['another algorithm', zone(2, sub { (algorithm => 'hmac-sha1') }), 'tsig_failed', qr/signed with another key/],
	['MACs cut below the half', zone(2, sub { (mac_length => 15) }), 'tsig_failed', qr/the answer's signature is malformed/],
	['MACs of nothing', zone(2, sub { (mac_length => 0, no_mac => 1) }), 'tsig_failed', qr/the answer's signature is malformed/],
	['an hour late', zone(2, sub { (time => time - 3600) }), 'tsig_failed', qr/the answer's signature is of another time → compare the clocks/],
	['an hour early in the middle', zone(2, at(1, time => time + 3600)), 'tsig_failed', qr/another time/],
	['BADKEY', error('BADKEY', 17, no_mac => 1), 'tsig_failed', qr/fails TSIG: BADKEY → compare name, algorithm and secret/],
	['BADSIG', error('BADSIG', 16, no_mac => 1), 'tsig_failed', qr/fails TSIG: BADSIG/],
	['BADTIME', error('BADTIME', 18, other => pack('n N', 0, time + 7200)), 'tsig_failed', qr/fails TSIG: BADTIME → compare the clocks/],
	['BADTRUNC', error('BADTRUNC', 22), 'tsig_failed', qr/fails TSIG: BADTRUNC/],
	['two signatures', sub { my ($q) = @_; my $s = signer($q, 'transfer.key', $secret); return sign($s, substr sign($s, raw_message($q, soa(10), soa(10))), 2) }, 'transfer_broken', qr/malformed message/],
	['records behind the signature', sub { my ($q) = @_; my $raw = substr sign(signer($q, 'transfer.key', $secret), raw_message($q, soa(10), soa(10))), 2;
		substr($raw, 10, 2) = pack 'n', 2; return pack 'n/a*', $raw . a('www') }, 'transfer_broken', qr/malformed message/],
	['a broken stream, well signed', sub { my ($q) = @_; return sign(signer($q, 'transfer.key', $secret), raw_message($q, soa(10), rr('example.org', 1, 'abcd'), soa(10))) },
		'transfer_broken', qr/a record outside the zone/],
	['REFUSED, signed', sub { my ($q) = @_; return sign(signer($q, 'transfer.key', $secret), raw_message($q, { flags => 0x8005 })) }, 'transfer_refused', qr/refuses the transfer: REFUSED/],
	['REFUSED, not signed', sub { my ($q) = @_; return message($q, { flags => 0x8005 }) }, 'transfer_refused', qr/refuses the transfer: REFUSED/],
) {
	my ($name, $script, $code, $said) = @$story;
	my $seen = asked($script);
	is_plugin_output($seen, 'CRITICAL', $name);
	like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.1\@\d+: .*$said/m, '  what it says') or tell_run($seen);
	my $json = asked($script, '--output-format=json')->{json};
	is_deeply([map { $_->{code} } findings($json)], [$code], "  $code");
	ok(!$json->{transfers}[0]{signed}, '  not signed') unless $code eq 'transfer_broken' || $name eq 'REFUSED, signed';
}

# NOTAUTH with an error of TSIG.
sub error {
	my ($name, $error, %with) = @_;
	return sub {
		my ($q) = @_;
		return sign(signer($q, 'transfer.key', $secret), raw_message($q, { flags => 0x8009 }), error => $error, %with);
	};
}

is_deeply([map { check_transfer('-t', '5s', '-z', 'example.com', '-H', stream(error(@$_))->at, '-k', $file, '--expect=refused')->{exit} }
	['BADKEY', 17, no_mac => 1], ['BADSIG', 16, no_mac => 1]], [0, 0], 'a key that is not accepted is refused');
is(check_transfer('-t', '5s', '-z', 'example.com', '-H', stream(error('BADTIME', 18, other => pack('n N', 0, time + 7200)))->at, '-k', $file, '--expect=refused')->{exit},
	3, 'a clock that differs is no proof');

done_testing;
