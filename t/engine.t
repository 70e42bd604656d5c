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
	unlike($scene->{$_}->errors, qr/\berror|fail|refus|cannot/i, "ns$_ complains of nothing") for 1 .. 3;
};

subtest 'what faulty secondaries answer, all in one run' => sub {
	my @stories = (
		# fault, findings, outcome
		['lame', ['zone_refused'], 'refused'],
		['no-aa', ['not_authoritative'], 'not_authoritative'],
		['nodata', ['no_soa'], 'no_soa'],
		['servfail', ['zone_servfail'], 'servfail'],
		['nxdomain', ['zone_nxdomain'], 'nxdomain'],
		['notauth', ['zone_notauth'], 'notauth'],
		['expired', ['zone_expired'], 'servfail'],
		['not-loaded', ['zone_not_loaded'], 'servfail'],
		['no-tcp', ['tcp_unreachable'], 'answered'],
		['no-udp', ['udp_unreachable'], 'answered'],
		['drop', ['server_timeout'], 'timeout'],
		['drop-udp', ['udp_unreachable'], 'answered'],
		['drop-tcp', ['tcp_unreachable'], 'answered'],
		['garbage', ['malformed_answer'], 'malformed'],
		['wrong-id', ['malformed_answer'], 'malformed'],
		['wrong-question', ['malformed_answer'], 'malformed'],
		['tc-always', [], 'answered'],
		['formerr-edns', [], 'answered'],
		['slow=300', [], 'answered'],
		["servfail:$zone", ['zone_servfail'], 'servfail'],
		['servfail:other.test', [], 'answered'],
	);
	my $port = free_port(map { "127.0.0.$_" } 1 .. 1 + @stories);
	my @running = (primary($port, $zone => zone_file($zone, 10, 1 + @stories)));
	push @running, secondary($port, 2 + $_, $zone, options => ["--fault=$stories[$_][0]"])
		for 0 .. $#stories;
	my %good = map { $stories[$_][0] => $_ + 2 } 0 .. $#stories;
	ok(wait_serial($port, $good{$_}, $zone, 10), "$_ has the zone")
		for 'tc-always', 'no-tcp', 'slow=300', 'servfail:other.test', 'drop-tcp';
	my ($seen, $json);
	wait_until(5, sub {
		$seen = check_json('-t', '4s', '-z', $zone, '-H', "127.0.0.1\@$port", '-p', $port);
		$json = $seen->{json};
		return !grep { server_of($json, "ns$good{$_}.$zone")->{outcome} eq 'servfail' }
			'no-aa', 'nodata', 'no-udp', 'formerr-edns';
	});
	for my $number (0 .. $#stories) {
		my ($fault, $findings, $outcome) = @{ $stories[$number] };
		my $name = 'ns' . ($number + 2) . ".$zone";
		is_deeply(findings_of($json, $name), $findings, "$fault: what is said");
		is(server_of($json, $name)->{outcome}, $outcome, "$fault: outcome");
	}
	is($json->{state}, 'CRITICAL', 'CRITICAL');
};

# The primary refuses or breaks transfers to all from now on, and the zone changes.
sub spoiled {
	my ($fault) = @_;
	my $scene = scene();
	wait_serial($scene->{port}, 3, $zone, 10);
	$scene->{state} = File::Temp->newdir;
	push @{ $scene->{asking} }, '--state-dir', "$scene->{state}", '-w', '1s', '-c', '2s';
	is(state_of(check(@{ $scene->{asking} })), 'OK', "$fault: at first OK");
	$scene->{1}{zones}{$zone} = zone_file($zone, 11, 3);
	$scene->{1}->again("--fault=$fault");
	check(@{ $scene->{asking} });
	return $scene;
}

subtest 'a primary that refuses or breaks transfers' => sub {
	my @faults = qw(refuse-axfr truncate-transfer reset-transfer);
	my %scene = map { ($_ => spoiled($_)) } @faults;
	for my $fault (@faults) {
		my ($seen, @asking) = (undef, @{ $scene{$fault}{asking} });
		wait_until(12, sub { state_of($seen = check(@asking)) eq 'CRITICAL' });
		is_plugin_output($seen, 'CRITICAL', "$fault: CRITICAL after the threshold");
		is_deeply([map { $_->{code} } findings(check_json(@asking)->{json})],
			['secondary_behind', 'secondary_behind'], "$fault: both are behind");
		next if $fault ne 'refuse-axfr';
		like($seen->{text}, qr/transfer.*refus|refus.*transfer/i, 'the cause is visible')
			or tell_run($seen);
		like($seen->{text}, qr/ → .*\bdig .*AXFR/, 'and what to type');
	}
};

subtest 'a secondary that ignores NOTIFY' => sub {
	my $scene = scene([], ['--fault=drop-notify']);
	wait_serial($scene->{port}, 3, $zone, 10);
	$scene->{1}->change($zone => zone_file($zone, 11, 3));
	ok(wait_serial($scene->{port}, 2, $zone, 11), 'the other one follows');
	my $seen = check_json(@{ $scene->{asking} });
	is_deeply(findings_of($seen->{json}, "ns3.$zone"), ['secondary_behind'],
		'this one is behind until its refresh') or tell_run($seen);
};

subtest 'a secondary that keeps the first version it got' => sub {
	my $scene = scene([], ['--fault=stale-serial']);
	wait_serial($scene->{port}, 3, $zone, 10);
	$scene->{1}->change($zone => zone_file($zone, 11, 3));
	ok(wait_serial($scene->{port}, 2, $zone, 11), 'the other one follows');
	my $seen = check_json(@{ $scene->{asking} });
	is_deeply(findings_of($seen->{json}, "ns3.$zone"), ['secondary_behind'], 'stale-serial')
		or tell_run($seen);
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
