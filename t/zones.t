# Deliver 3: the names of zones: several, IDN, odd ones, the root.
use v5.30;
use warnings;
use utf8;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

subtest 'IDN' => sub {
	my $ascii = 'xn--bcher-kva.example';
	my $fake = fake(map { ("127.0.0.$_" => { zones => { $ascii => zone_of($ascii, 5,
		2) } }) } 1, 2);
	for my $zone ('bücher.example', 'BÜCHER.example', $ascii) {
		utf8::encode(my $bytes = $zone);
		my $seen = check('-z', $bytes, '-H', $fake->at('127.0.0.1'), '-p', $fake->port);
		is_plugin_output($seen, 'OK', "as the user writes it ($bytes)");
	}
	is(check_json('-z', $ascii, '-H', $fake->at('127.0.0.1'), '-p',
		$fake->port)->{json}{zones}[0]{zone}, "$ascii.", 'in JSON as in DNS');
	is_deeply([map { $_->{name} } $fake->asked(type => 'SOA', name => $ascii)]->[0], $ascii,
		'asked as in DNS');
	is_usage_error(check('-z', "b\xfccher.example", '-H', '127.0.0.1'), qr/UTF-8|zone/i,
		'Latin-1 is no zone');
};

subtest 'the same zone twice is asked once' => sub {
	my $fake = cluster([10, 10]);
	my $json = check_json($fake->arguments, '-z', 'EXAMPLE.COM.')->{json};
	is(scalar @{ $json->{zones} // [] }, 1, 'one zone');
};

subtest 'reverse zones, underscores, many labels' => sub {
	my @names = ('2.0.192.in-addr.arpa', '_tcp.example.com', join('.', map { "l$_" } 1 .. 30),
		'a' x 63 . '.example');
	my $fake = fake(map { my $n = $_; ("127.0.0.$n" => { zones => { map { ($_ => { serial => 5,
		ns => ['ns1.test'] }) } @names } }) } 1, 2);
	my $seen = check('-n', '-H', $fake->at('127.0.0.1'), '-a', 'ns2.test='
		. $fake->at('127.0.0.2'), map { ('-z', $_) } @names);
	is_plugin_output($seen, 'OK');
};

subtest 'one of several zones is out of sync' => sub {
	my @zones = map { "z$_.test" } 1 .. 5;
	my $fake = fake(map { my $number = $_; ("127.0.0.$number" => { zones => { map { ($_ => zone_of($_, $number == 2 && /^z3/ ? 4 : 5, 2)) } @zones } }) } 1, 2);
	my @asking = ('-H', $fake->at('127.0.0.1'), '-p', $fake->port, map { ('-z', $_) } @zones);
	my $seen = check(@asking);
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/^DNS REPLICATION WARNING - 1 of 5 zones out of sync on 1 of 2 servers: z3\.test /, 'which zone');
	is($seen->{perfdata}{of}{zones_ok}{value}, 4, 'perfdata: four are OK');
	my $json = check_json(@asking)->{json};
	is(join(' ', map { $_->{state} } @{ $json->{zones} // [] }), 'OK OK WARNING OK OK',
		'each zone has its own state');
};

done_testing;
