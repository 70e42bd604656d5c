# Deliver 5: what PowerDNS, BIND, NSD and Knot say, when all is well and when they never got the
# zone; TSIG.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
my $ns1 = named('192.0.2.1', zones => { $zone => \zone_text($zone, 10, 5) });
my $ns2 = pdns('192.0.2.2', secondary => 'yes');
$ns2->util('create-secondary-zone', $zone, '192.0.2.1');
my @others = (named('192.0.2.3', zones => { $zone => '192.0.2.1' }), nsd('192.0.2.4', zones => { $zone => '192.0.2.1' }), knotd('192.0.2.5', zones => { $zone => '192.0.2.1' }));
$ns2->control('retrieve', $zone);
ok(wait_until(15, sub { (serial_at("192.0.2.$_", $zone) // 0) == 10 }), "192.0.2.$_ has it") for 2 .. 5;

subtest 'all is well' => sub {
	my $seen = check_json('-z', $zone, '-H', '192.0.2.1');
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	my %server = map { $_->{address} => $_ } @{ $seen->{json}{zones}[0]{servers} // [] };
	ok(defined $server{"192.0.2.$_"}{expire_in_s}, "192.0.2.$_ says EXPIRE") for 3, 5;
	ok(!defined $server{"192.0.2.$_"}{expire_in_s}, "192.0.2.$_ does not") for 2, 4;
	is($server{'192.0.2.5'}{nsid}, 'knot', 'NSID of Knot');
	is($server{'192.0.2.2'}{nsid}, 's192-0-2-2', 'and of PowerDNS');
	my $text = check('-z', $zone, '-H', '192.0.2.1');
	is_plugin_output($text, 'OK');
	like(perfdata_of($text, 'expire_ns3_example_com'), qr/=3[56]\d\ds/, 'perfdata: EXPIRE');
};

subtest 'configured, and never transferred' => sub {
	my $other = 'never.test';
	my @fresh = (pdns('192.0.2.6', secondary => 'yes'), named('192.0.2.7', zones => { $other => '192.0.2.1' }), nsd('192.0.2.8', zones => { $other => '192.0.2.1' }),
		knotd('192.0.2.9', zones => { $other => '192.0.2.1' }));
	$fresh[0]->util('create-secondary-zone', $other, '192.0.2.1');
	my $seen = check_json('-z', $other, '-n', map { ('-a', "192.0.2.$_") } 6 .. 9);
	is_deeply([map { findings_of($seen->{json}, "192.0.2.$_") } 6 .. 9], [['zone_refused'], ['zone_servfail'], ['zone_not_loaded'], ['zone_expired']],
		'PowerDNS refuses, BIND fails, NSD and Knot say why') or tell_run($seen);
	is($seen->{json}{state}, 'CRITICAL', 'CRITICAL');
};

subtest 'TSIG with BIND and PowerDNS' => sub {
	my ($name, $secret) = ('check.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=');
	my $bind = named('192.0.2.100', zones => { 'signed.test' => \zone_text('signed.test', 5, 1) }, keys => { $name => $secret });
	$ns2->util('create-zone', 'signed.test', 'ns1.signed.test');
	$ns2->util('import-tsig-key', $name, 'hmac-sha256', $secret);
	$ns2->util('increase-serial', 'signed.test') for 1 .. 5;
	my @asking = ('-z', 'signed.test', '-n', '-H', '192.0.2.100', '-a', '192.0.2.2', '--severity=soa_differs=ok', '-t', '4s');
	my $good = check_json(@asking, '-k', key_file($name, $secret));
	is($good->{json}{state}, 'OK', 'the right key') or tell_run($good);
	for my $wrong (key_file($name, 'd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3I='), key_file('unknown.key', $secret)) {
		my $seen = check_json(@asking, '-k', $wrong);
		is_deeply([map { findings_of($seen->{json}, $_) } '192.0.2.2', '192.0.2.100'], [['tsig_failed'], ['tsig_failed']], 'a wrong key') or tell_run($seen);
	}
};

done_testing;
