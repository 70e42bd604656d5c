# check_zone_transfer trusts nothing: every way in which a stream can be broken (RFC 5936, RFC 1995, RFC 8945), by servers that do just that.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream;
use Test::More;
needs('check_zone_transfer');

sub asked { my ($server, @more) = @_; return check_transfer('-t', '9s', '-z', 'example.com', '-H', $server->at, @more) }
my %none = (questions => 0);
my $www = a('www');
my $long = join '', map { a("host$_") } 1 .. 40;

# name, script, what is said (undef: OK), code; arguments
my @stories = (
	['one message', sub { message($_[0], soa(10), $www, soa(10)) }],
	['an SOA alone', sub { message($_[0], soa(10), soa(10)) }],
	['a message a record, without questions', sub { my $q = shift; message($q, soa(10)), map { message($q, \%none, $_) } $www, a('b'), soa(10) }],
	['later messages with the question', sub { my $q = shift; message($q, soa(10)), message($q, $www), message($q, soa(10)) }],
	['closed after the end', sub { message($_[0], soa(10), $www, soa(10)), 'close' }],
	['in single bytes', sub { map { split //, $_ } message($_[0], soa(10), $www, soa(10)) }],
	['a zone in upper case', sub { message($_[0], soa(10, owner => 'EXAMPLE.com'), rr('WWW.Example.COM', 1, "\300\0\2\1"), soa(10)) }],
	['records of types that nobody knows', sub { message($_[0], soa(10), rr('x.example.com', 65400, 'anything'), soa(10)) }],
	['the AA flag is not set', sub { message($_[0], { flags => 0x8000 }, soa(10), $www, soa(10)) }],

	['another id', sub { message($_[0], { id => $_[0]{id} ^ 1 }, soa(10), soa(10)) }, qr/breaks the transfer: another id/],
	['a later message of another id', sub { message($_[0], soa(10)), message($_[0], { id => $_[0]{id} ^ 1 }, soa(10)) }, qr/another id; after 2 messages/],
	['the question back', sub { pack 'n/a*', $_[0]{bytes} }, qr/no answer/],
	['another opcode', sub { message($_[0], { flags => 0xa400 }, soa(10), soa(10)) }, qr/no answer/],
	['truncated', sub { message($_[0], { flags => 0x8600 }, soa(10), soa(10)) }, qr/truncated/],
	['no question', sub { message($_[0], \%none, soa(10), soa(10)) }, qr/the first message lacks the question/],
	['two questions', sub { message($_[0], { questions => 2 }, soa(10), soa(10)) }, qr/another question/],
	['a question of another zone', sub { message($_[0], { name => 'example.org' }, soa(10), soa(10)) }, qr/another question/],
	['a question of another type', sub { message($_[0], { type => 6 }, soa(10), soa(10)) }, qr/another question/],
	['a question of another class', sub { message($_[0], { class => 3 }, soa(10), soa(10)) }, qr/another question/],
	['answers of two questions mixed', sub { message($_[0], soa(10)), message($_[0], { name => 'example.org' }, rr('www.example.org', 1, "\300\0\2\1")), message($_[0], soa(10)) }, qr/another question/],
	['NOERROR and nothing', sub { message($_[0]) }, qr/a message without records/],
	['a message without records', sub { message($_[0], soa(10)), message($_[0], \%none), message($_[0], soa(10)) }, qr/a message without records/],
	['not an SOA first', sub { message($_[0], $www, soa(10)) }, qr/the first record is no SOA/],
	['another serial at the end', sub { message($_[0], soa(10), $www, soa(11)) }, qr/the closing SOA has another serial than the opening one/],
	['another SOA at the end', sub { message($_[0], soa(10), $www, soa(10, minimum => 1)) }, qr/the closing SOA has the opening one's serial, but differs from it/],
	['another TTL at the end', sub { message($_[0], soa(10), $www, soa(10, ttl => 1)) }, qr/but differs from it/],
	['a record outside the zone', sub { message($_[0], soa(10), rr('www.example.org', 1, "\300\0\2\1"), soa(10)) }, qr/a record outside the zone/],
	['a name that only ends like the zone', sub { message($_[0], soa(10), rr('wwwexample.com', 1, "\300\0\2\1"), soa(10)) }, qr/a record outside the zone/],
	["the parent's SOA", sub { message($_[0], soa(10, owner => 'com'), soa(10)) }, qr/a record outside the zone/],
	["a child's SOA", sub { message($_[0], soa(10), soa(10, owner => 'sub.example.com'), soa(10)) }, qr/an SOA of another name/],
	['another class', sub { message($_[0], soa(10), rr('www.example.com', 1, "\300\0\2\1", 3), soa(10)) }, qr/a record of another class/],
	['a type that only questions have', sub { message($_[0], soa(10), rr('www.example.com', 252, ''), soa(10)) }, qr/a type that can't be in a zone/],
	['an address of three bytes', sub { message($_[0], soa(10), rr('www.example.com', 1, "\300\0\2"), soa(10)) }, qr/malformed rdata/],
	['an SOA that is cut', sub { message($_[0], rr('example.com', 6, name('ns1.example.com') . name('h') . 'xx')) }, qr/malformed rdata/],
	['rdata over the end', sub { message($_[0], soa(10), substr($www, 0, -6) . pack('n', 400) . 'abcd') }, qr/malformed message/],
	['more records counted than there are', sub { message($_[0], { count => 9 }, soa(10), $www) }, qr/malformed message/],
	['bytes behind the records', sub { message($_[0], { tail => 'more' }, soa(10), $www, soa(10)) }, qr/malformed message/],
	['a pointer to itself', sub { message($_[0], soa(10), "\xc0\x1d" x 1 . pack 'n n N n', 1, 1, 300, 0) }, qr/malformed/],
	['an empty message', sub { "\0\0" }, qr/malformed message/],
	['half a header', sub { pack 'n/a*', 'abcdef' }, qr/malformed message/],
	['garbage', sub { pack 'n/a*', 'A quick brown fox jumps over the lazy dog and is no DNS' }, qr/breaks the transfer: (?:another id|malformed message)/],
	['records behind the end', sub { message($_[0], soa(10), $www, soa(10), $www) }, qr/records behind the end/],
	['SERVFAIL in the middle', sub { message($_[0], soa(10), $www), message($_[0], { flags => 0x8402 }) }, qr/the server gave up, SERVFAIL; after 2 messages/],
	['REFUSED in the middle', sub { message($_[0], soa(10), $www), message($_[0], { flags => 0x8405 }) }, qr/the server gave up, REFUSED/],

	['closed without an answer', sub { 'close' }, qr/closes the connection without an answer to the AXFR/],
	['reset without an answer', sub { 'reset' }, qr/resets the connection without an answer to the AXFR/],
	['closed in the middle', sub { message($_[0], soa(10), $www), 'close' }, qr/closes the connection in the middle of the transfer: 1 message, \d+ bytes/],
	['closed inside a message', sub { message($_[0], soa(10), $www), substr(message($_[0], $www), 0, 20), 'close' }, qr/closes the connection in the middle of the transfer, inside a message/],
	['closed inside the first message', sub { substr(message($_[0], soa(10), $www), 0, 20), 'close' }, qr/closes the connection/],

	['REFUSED', sub { message($_[0], { flags => 0x8005 }) }, qr/refuses the transfer: REFUSED/, 'transfer_refused'],
	['REFUSED without question', sub { message($_[0], { flags => 0x8005, questions => 0 }) }, qr/refuses the transfer: REFUSED/, 'transfer_refused'],
	['REFUSED with EDE', sub { my $q = shift; message($q, { flags => 0x8005, additional => 1, tail => pack 'C n n N n/a*', 0, 41, 1232, 0, pack 'n n/a*', 15, pack('n a*', 18, 'go away') }) },
		qr/refuses the transfer: REFUSED, EDE 18 Prohibited \(go away\)/, 'transfer_refused'],
	['NOTAUTH', sub { message($_[0], { flags => 0x8009 }) }, qr/refuses the transfer: NOTAUTH/, 'transfer_notauth'],
	['NOTIMP', sub { message($_[0], { flags => 0x8004 }) }, qr/answers NOTIMP to the AXFR/, 'unexpected_rcode'],
	['FORMERR', sub { message($_[0], { flags => 0x8001, questions => 0 }) }, qr/answers FORMERR to the AXFR/, 'unexpected_rcode'],
	['SERVFAIL', sub { message($_[0], { flags => 0x8002 }) }, qr/answers SERVFAIL to the AXFR/, 'zone_servfail'],
	['BADVERS, which only EDNS tells', sub { message($_[0], { additional => 1, tail => pack 'C n n N n', 0, 41, 1232, 0x01000000, 0 }) }, qr/answers BADVERS to the AXFR/, 'unexpected_rcode'],

	['silence', sub { 'stay' }, qr/does not answer the AXFR within 1\.0 s/, 'transfer_timeout'],
	['silence in the middle', sub { message($_[0], soa(10), $www), 'stay' }, qr/does not end the transfer: 1 message, \d+ bytes, 2 records in (?:0\.9|1\.)\d+ s/, 'transfer_timeout'],
	['a trickle', sub { [message($_[0], soa(10), $long, soa(10))] }, qr/does not answer the AXFR within 1\.0 s/, 'transfer_timeout'],
	['a trickle in the middle', sub { message($_[0], soa(10), $www), [message($_[0], $long)] }, qr/does not end the transfer: 1 message/, 'transfer_timeout'],
	['without end', sub { my $q = shift; my $piece = message($q, \%none, map { a("host$_") } 1 .. 1000); message($q, soa(10)), sub { $piece } },
		qr/does not end the transfer: \d{2,} messages, \d{5,} bytes, \d{4,} records in 1\.\d+ s/, 'transfer_timeout', '-t', '2.5s'],
	['an SOA over and over: the second one ends it', sub { my $q = shift; my $piece = message($q, soa(10)); sub { $piece } }],

	['IXFR: up to date', sub { message($_[0], soa(10)) }, undef, undef, '--ixfr=10'],
	['IXFR: differences', sub { message($_[0], soa(10), soa(9), $www, soa(10), a('b'), soa(10)) }, undef, undef, '--ixfr=9'],
	['IXFR: differences in two steps and many messages', sub { my $q = shift; message($q, soa(10)), map { message($q, \%none, $_) } soa(8), $www, soa(9), a('b'), soa(9), a('b'), soa(10), a('c'), soa(10) },
		undef, undef, '--ixfr=8'],
	['IXFR: PowerDNS sends the SOA alone, then the zone', sub { my $q = shift; message($q, soa(10)), message($q, \%none, $www, soa(10)) }, undef, undef, '--ixfr=9'],
	['IXFR: a newer SOA alone is not up to date', sub { message($_[0], soa(10)), 'stay' }, qr/does not end the transfer: 1 message/, 'transfer_timeout', '--ixfr=9'],
	['IXFR: a newer SOA alone, then closed', sub { message($_[0], soa(10)), 'close' }, qr/closes the connection in the middle of the transfer/, 'transfer_broken', '--ixfr=9'],
	['IXFR: from another serial', sub { message($_[0], soa(10), soa(7), $www, soa(10), soa(10)) }, qr/begin at another serial than was asked for/, 'transfer_broken', '--ixfr=9'],
	['IXFR: steps that do not join', sub { message($_[0], soa(10), soa(8), $www, soa(9), a('b'), soa(10)) }, qr/does not begin where the last one ended/, 'transfer_broken', '--ixfr=8'],
	['IXFR: another SOA at the end', sub { message($_[0], soa(10), soa(9), $www, soa(10), a('b'), soa(10, minimum => 7)) }, qr/but differs from it/, 'transfer_broken', '--ixfr=9'],
	['AXFR answered with differences', sub { message($_[0], soa(10), soa(9), $www, soa(10), soa(10)) }, qr/the closing SOA has another serial/],
);

for my $story (@stories) {
	my ($name, $script, $said, $code, @more) = @$story;
	my $server = stream($script);
	# Questions end a second earlier. The transfer begins a little after the run: who tells its length needs a margin.
	my $seen = asked($server, ($code // '') eq 'transfer_timeout' ? ('-t', '2s') : (), @more);
	is_plugin_output($seen, $said ? 'CRITICAL' : 'OK', $name);
	like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.1\@\d+: .*$said.* → \S/m, "  what it says") or tell_run($seen) if $said;
	cmp_ok($seen->{seconds}, '<', 15, '  in time');
}

subtest 'codes' => sub {
	for my $story (grep { $_->[2] && ($_->[3] // '') ne 'transfer_timeout' } @stories) {
		my ($name, $script, $said, $code, @more) = @$story;
		my $seen = asked(stream($script), @more, '--output-format=json');
		is_deeply([map { $_->{code} } findings($seen->{json})], [$code // 'transfer_broken'], $name) or tell_run($seen);
	}
};

subtest 'what IXFR brought' => sub {
	my $differences = asked(stream(sub { message($_[0], soa(10), soa(9), $www, soa(10), a('b'), soa(10)) }), '--ixfr=9', '--output-format=json')->{json};
	is($differences->{transfers}[0]{form}, 'differences', 'differences');
	is($differences->{transfers}[0]{records}, 4, 'their records, with the SOAs');
	is(scalar findings($differences, ok => 1), 0, 'and nothing to say');
	my $full = asked(stream(sub { message($_[0], soa(10)), message($_[0], \%none, $www, soa(10)) }), '--ixfr=9', '--output-format=json')->{json};
	is($full->{transfers}[0]{form}, 'full', 'PowerDNS: the whole zone');
	is_deeply([map { $_->{code} } findings($full, ok => 1)], ['ixfr_fell_back'], 'which is said');
};

subtest 'what is asked' => sub {
	my $log = File::Temp->new;
	my $note = sub { my ($q) = @_; spew("$log", unpack 'H*', $q->{bytes}); return message($q, soa(10), soa(10)) };
	asked(stream($note));
	my $axfr = pack 'H*', slurp("$log");
	is(unpack('H*', substr $axfr, 2, 10), '00000001000000000001', 'AXFR: one question, EDNS so that there may be an EDE');
	like($axfr, qr/\x07example\x03com\x00\x00\xfc\x00\x01/, '  of the zone');
	asked(stream($note), '--ixfr=9');
	my $ixfr = pack 'H*', slurp("$log");
	is(unpack('H*', substr $ixfr, 2, 10), '00000001000000010001', 'IXFR: one question, an SOA in the authority section (RFC 1995 3)');
	like($ixfr, qr/\0\0\0\x09\0{16}/, '  with the serial');
};

done_testing;
