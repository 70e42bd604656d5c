# Deliver 3: what the user tolerates and how questions are asked: quorum, severities, --top, -v,
# retries, transports, sources.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $refuses = { rcode => 'REFUSED', zones => {} };

subtest '--quorum: CRITICAL only below N good servers' => sub {
	my @asking = cluster([10, 10, 10, 10], 4 => $refuses)->arguments;
	is(state_of(check(@asking)), 'CRITICAL', 'without');
	is_plugin_output(check(@asking, '--quorum=3'), 'WARNING', '3 good, quorum 3');
	is(state_of(check(@asking, '--quorum=4')), 'CRITICAL', '3 good, quorum 4');
};

subtest '--severity' => sub {
	my @asking = cluster([10, 10, 10], 3 => $refuses)->arguments;
	my %story = ('zone_refused=warning' => 'WARNING', 'secondary:zone_refused=ok' => 'OK',
		'primary:zone_refused=ok' => 'CRITICAL', 'zone_refused=UNKNOWN' => 'UNKNOWN');
	is(state_of(check(@asking, "--severity=$_")), $story{$_}, $_) for sort keys %story;
	is(state_of(check(@asking, '--severity=zone_refused=ok',
		'--severity=zone_refused=warning')), 'WARNING', 'the last one wins');
	my $seen = check_json(@asking, '--severity=zone_refused=ok');
	my ($finding) = findings($seen->{json}, ok => 1);
	is($finding->{severity}, 'OK', 'JSON lists findings of severity ok');
	$seen = check(@asking, '--severity=zone_refused=ok');
	unlike($seen->{text}, qr/^\[/m, 'text does not');
	like(check(@asking, '--severity=zone_refused=ok', '-v')->{text},
		qr/^\[OK\] example\.com ns3.*REFUSED/m, 'but with -v');
	is(state_of(check(cluster([10, 10], 1 => $refuses)->arguments, '-a',
		'ns2.example.com=127.0.0.2', '--severity=primary:zone_refused=ok',
		'--severity=orphan_zone=ok')), 'OK', 'of the primary');
};

subtest 'OK < UNKNOWN < WARNING < CRITICAL' => sub {
	my @asking = cluster([10, 10, 10, 10], 3 => $refuses,
		4 => { zone => { no_aa => 1 } })->arguments;
	is(state_of(check(@asking, '--severity=zone_refused=unknown',
		'--severity=not_authoritative=ok')), 'UNKNOWN', 'UNKNOWN over OK');
	is(state_of(check(@asking, '--severity=zone_refused=unknown',
		'--severity=not_authoritative=warning')), 'WARNING', 'WARNING over UNKNOWN');
	is(state_of(check(@asking, '--severity=zone_refused=warning')), 'CRITICAL',
		'CRITICAL over WARNING');
};

subtest '--top' => sub {
	my @asking = cluster([10, map { 10 } 1 .. 5], map { ($_ => $refuses) } 2 .. 6)->arguments;
	my $seen = check(@asking, '--top=2');
	is_plugin_output($seen, 'CRITICAL');
	is(scalar(grep { /^\[CRITICAL\]/ } @{ $seen->{lines} }), 2, 'the worst two');
	like($seen->{text}, qr/\b3 more\b/, 'and how many more') or tell_run($seen);
	is(scalar(my @all = findings(check_json(@asking, '--top=2')->{json})), 5,
		'JSON is complete');
};

subtest 'orphan_zone: the primary no longer has it' => sub {
	my $json = check_json(cluster([10, 10, 10], 1 => $refuses)->arguments,
		map { ('-a', "ns$_.example.com=127.0.0.$_") } 2, 3)->{json};
	is_deeply(findings_of($json, 'ns1.example.com'), ['zone_refused'], 'the primary refuses');
	is(scalar(grep { $_->{code} eq 'orphan_zone'
		&& $_->{severity} eq 'WARNING' } findings($json)), 2,
		'and its secondaries serve it');
};

subtest '-r/--retries' => sub {
	my $fake = cluster([10, 10], 2 => { lose => 2 });
	my $server = server_of(check_json($fake->arguments, '-r', '2', '-t', '9s')->{json},
		'ns2.example.com');
	is($server->{transport}, 'udp', 'two lost, two retries: UDP');
	$fake->again('127.0.0.2' => { udp => 'silent' });
	check('-t', '5s', '-r', '0', $fake->arguments);
	is(scalar(my @one = $fake->asked(address => '127.0.0.2', by => 'udp', type => 'SOA')), 1,
		'-r 0 asks once by UDP');
};

subtest '--tcp and --no-tcp-probe' => sub {
	my $fake = cluster([10, 10]);
	my $seen = check_json('--tcp', $fake->arguments);
	is($seen->{json}{state}, 'OK', '--tcp') or tell_run($seen);
	is(scalar(my @udp = $fake->asked(by => 'udp')), 0, 'nothing by UDP');
	is(server_of($seen->{json}, 'ns2.example.com')->{transport}, 'tcp', 'transport');
	$fake = cluster([10, 10], 2 => { tcp => 'closed' });
	is(state_of(check('--no-tcp-probe', $fake->arguments)), 'OK',
		'--no-tcp-probe does not mind');
	is(scalar(my @connects = $fake->asked(by => 'connect')), 0, 'no connection');
};

subtest '--source' => sub {
	my $fake = cluster([10, 10]);
	is(state_of(check('--source=127.0.0.9', $fake->arguments)), 'OK', '--source');
	is_deeply([grep { $_->{from} ne '127.0.0.9' } grep { $_->{from} } $fake->asked], [],
		'everything from there');
	my $seen = check('--source=192.0.2.77', $fake->arguments);
	is($seen->{exit}, 3, 'an address that is not here is our own trouble') or tell_run($seen);
	like($seen->{out}, qr/192\.0\.2\.77/, 'and named');
};

subtest 'thresholds of EXPIRE and signatures' => sub {
	my $now = time;
	my %zone = (signed => [$now - 86400, $now + 5 * 86400], soa => { refresh => 500_000 });
	my @asking = cluster([10, 10], 2 => { expire => 300_000 }, zone => \%zone)->arguments;
	is_deeply([map { $_->{code} } findings(check_json(@asking)->{json})], ['expire_near'],
		'300000 of 604800 s is below 50 %');
	is(state_of(check(@asking, '--expire-warning=40%', '--expire-critical=20%')), 'OK',
		'per cent');
	is(state_of(check(@asking, '--expire-warning=4d', '--expire-critical=80h')), 'WARNING',
		'durations');
	is(state_of(check(@asking, '--expire-warning=5d', '--expire-critical=4d')), 'CRITICAL',
		'critical');
	my @quiet = (@asking, '--expire-warning=1h', '--expire-critical=1h');
	is(state_of(check(@quiet, '--signature-warning=6d', '--signature-critical=1d')), 'WARNING',
		'--signature-warning');
	is(state_of(check(@quiet, '--signature-warning=6d', '--signature-critical=6d')), 'CRITICAL',
		'--signature-critical');
	like(perfdata_of(check(@asking), 'expire_ns2_example_com'),
		qr/^expire_ns2_example_com=300000s/, 'perfdata: expire');
};

subtest 'refresh_overdue and signature_stale' => sub {
	my $now = time;
	my $json = check_json(cluster([10, 10],
		2 => { expire => 604800 - 3600 - 1200 - 60 })->arguments)->{json};
	is_deeply(findings_of($json, 'ns2.example.com'), ['refresh_overdue'],
		'refresh + 2 retries have passed');
	$json = check_json(cluster([10, 10], 2 => { expire => 604800 - 3600 })->arguments)->{json};
	is_deeply(findings_of($json, 'ns2.example.com'), [], 'within');
	$json = check_json(cluster([10, 10], zone => { signed => [$now - 7 * 86400,
		$now + 14 * 86400] },
		2 => { zone => { signed => [$now - 19 * 86400,
			$now + 2 * 86400] } })->arguments)->{json};
	ok(scalar(grep { $_ eq 'signature_stale' } @{ findings_of($json, 'ns2.example.com') }),
		'signature_stale');
};

done_testing;
