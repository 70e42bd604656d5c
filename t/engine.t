# Deliver 4 and 5: check_dns_replication against axfrd as primary and secondaries, with every fault
# of the contract.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication', 'axfrd');

my $zone = 'example.com';
my @addresses = map { "127.0.0.$_" } 1 .. 3;

# A primary and two secondaries in step at serial 10; the second one with these options.
sub scene {
	my ($primary, $secondary) = @_;
	my $port = free_port(@addresses);
	my %scene = (port => $port, asking => ['-t', '5s', '-z', $zone, '-H', "127.0.0.1\@$port",
		'-p', $port]);
	$scene{1} = primary($port, $zone => zone_file($zone, 10, 3),
		notify => ['127.0.0.2', '127.0.0.3'], options => $primary // []);
	$scene{2} = secondary($port, 2, $zone);
	$scene{3} = secondary($port, 3, $zone, options => $secondary // []);
	wait_serial($port, 2, $zone, 10);
	return \%scene;
}

subtest 'in step, and every change arrives by NOTIFY and AXFR' => sub {
	my $scene = scene();
	ok(wait_serial($scene->{port}, 3, $zone, 10), 'both secondaries transfer');
	is_plugin_output(check(@{ $scene->{asking} }), 'OK');
	for my $serial (11, 12) {
		$scene->{1}->change($zone => zone_file($zone, $serial, 3, "new A 192.0.2.$serial"));
		ok(wait_serial($scene->{port}, $_, $zone, $serial), "serial $serial at ns$_") for 2,
			3;
	}
	my $seen = check(@{ $scene->{asking} });
	like($seen->{first}, qr/serial 12 on 3 of 3 servers/, 'and the check sees it')
		or tell_run($seen);
	is(length($scene->{$_}->errors), 0, "ns$_ complains of nothing") for 1 .. 3;
};

subtest 'what a faulty secondary answers' => sub {
	for my $story (
		['lame', 'CRITICAL', qr/^(zone_refused|not_authoritative|no_soa)$/],
		['no-aa', 'CRITICAL', qr/^not_authoritative$/],
		['nodata', 'CRITICAL', qr/^no_soa$/],
		['servfail', 'CRITICAL', qr/^zone_servfail$/],
		['stale-serial', 'WARNING', qr/^secondary_behind$/],
		['no-tcp', 'CRITICAL', qr/^tcp_unreachable$/],
		['no-udp', 'CRITICAL', qr/^udp_unreachable$/],
		['slow=300', 'OK', qr/^$/],
		["servfail:$zone", 'CRITICAL', qr/^zone_servfail$/],
		['servfail:other.test', 'OK', qr/^$/],
	) {
		my ($fault, $state, $codes) = @$story;
		my $scene = scene([], ["--fault=$fault"]);
		wait_serial($scene->{port}, 3, $zone, 10, 2);
		my $seen = check_json(@{ $scene->{asking} });
		like(join(' ', @{ findings_of($seen->{json}, "ns3.$zone") }), $codes,
			"$fault: what is said") or tell_run($seen);
		is($seen->{json}{state}, $state, "$fault: $state");
		is_deeply(findings_of($seen->{json}, "ns2.$zone"), [],
			"$fault: the others are not blamed");
	}
};

# The primary refuses or breaks transfers to all from now on, and the zone changes.
sub stays_behind {
	my ($name, $fault) = @_;
	my $scene = scene();
	wait_serial($scene->{port}, 3, $zone, 10);
	my $state = File::Temp->newdir;
	my @asking = (@{ $scene->{asking} }, '--state-dir', "$state", '-w', '1s', '-c', '2s');
	is(state_of(check(@asking)), 'OK', "$name: at first OK");
	$scene->{1}{zones}{$zone} = zone_file($zone, 11, 3);
	$scene->{1}->again("--fault=$fault");
	my $seen;
	wait_until(12, sub { state_of($seen = check(@asking)) eq 'CRITICAL' });
	is_plugin_output($seen, 'CRITICAL', "$name: CRITICAL after the threshold");
	is_deeply([map { $_->{code} } findings(check_json(@asking)->{json})],
		['secondary_behind', 'secondary_behind'], "$name: both are behind");
	return $seen;
}

subtest 'a primary that refuses transfers' => sub {
	my $seen = stays_behind('refuse-axfr', 'refuse-axfr');
	like($seen->{text}, qr/transfer.*refus|refus.*transfer/i, 'which is visible as the cause')
		or tell_run($seen);
	like($seen->{text}, qr/ → .*\bdig .*AXFR/, 'and what to type');
};

subtest 'a primary that breaks transfers' => sub { stays_behind($_, $_)
	for qw(truncate-transfer reset-transfer) };

subtest 'a secondary that ignores NOTIFY' => sub {
	my $scene = scene([], ['--fault=drop-notify']);
	wait_serial($scene->{port}, 3, $zone, 10);
	$scene->{1}->change($zone => zone_file($zone, 11, 3));
	ok(wait_serial($scene->{port}, 2, $zone, 11), 'the other one follows');
	my $seen = check_json(@{ $scene->{asking} });
	is_deeply(findings_of($seen->{json}, "ns3.$zone"), ['secondary_behind'],
		'this one is behind until its refresh') or tell_run($seen);
};

subtest 'a primary that is down, and back' => sub {
	my $scene = scene();
	wait_serial($scene->{port}, 3, $zone, 10);
	$scene->{1}->stop;
	my $seen = check_json(@{ $scene->{asking} }, map { ('-a', "ns$_.$zone=127.0.0.$_") } 2, 3);
	is($seen->{json}{state}, 'CRITICAL', 'CRITICAL') or tell_run($seen);
	is_deeply(findings_of($seen->{json}, '127.0.0.1'), ['server_port_closed'],
		'its port is closed');
	is_deeply([map { server_of($seen->{json}, "ns$_.$zone")->{serial} } 2, 3], [10, 10],
		'the others are judged');
	$scene->{1}->start;
	is_plugin_output(check(@{ $scene->{asking} }), 'OK');
};

done_testing;
