# Deliver 3: discovery. Which servers there are, what they are called and where.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

sub servers { my ($json) = @_; return join ' ',
	sort map { ($_->{name} =~ s/\.$//r)
	. "=$_->{address}" } map { @{ $_->{servers} } } @{ $json->{zones} // [] } }
my $all = 'ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.2 ns3.example.com=127.0.0.3';

subtest 'from -H by NS and glue' => sub {
	my $fake = cluster([10, 10, 10]);
	is(servers(check_json($fake->arguments)->{json}), $all, 'every NS name with its address');
	ok(!$fake->asked(rd => 1), 'nobody is asked to recurse');
};

subtest 'from -H without glue the primary is asked for names inside its zones' => sub {
	my $fake = cluster([10, 10, 10], zone => { no_glue => 1 });
	is(servers(check_json($fake->arguments)->{json}), $all, 'all found');
	is(scalar(grep { $_->{address} ne '127.0.0.1' } $fake->asked(type => 'A')), 0,
		'from the primary alone');
};

subtest '-a adds, with NAME, ADDRESS and port; naming the same server makes no second one' => sub {
	my $fake = cluster([10, 10], 4 => { zones => { 'example.com' => zone_of('example.com', 10,
		2) } });
	my $json = check_json($fake->arguments, '-a', 'hidden.example.net=127.0.0.4', '-a',
		$fake->at('127.0.0.2'), '-a', 'ns2.example.com')->{json};
	is(servers($json), 'hidden.example.net=127.0.0.4 ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.2', 'once each, with NS names');
	is(server_of($json, '127.0.0.4')->{port}, $fake->port, 'port by -p');
	my $other = cluster([10]);
	$json = check_json($fake->arguments, '-a', 'other=' . $other->at('127.0.0.1'))->{json};
	is(scalar @{ $json->{zones}[0]{servers} }, 3,
		'the same address on another port is another server');
};

subtest '-n asks nobody for NS' => sub {
	my $fake = cluster([10, 10, 10]);
	my $json = check_json($fake->arguments, '-n', '-a', 'ns2.example.com=127.0.0.2')->{json};
	is(scalar(my @ns = $fake->asked(type => 'NS')), 0, 'no NS question');
	is(scalar @{ $json->{zones}[0]{servers} }, 2, '-H and -a');
	$json = check_json($fake->arguments, '--no-ns')->{json};
	is_deeply([map { $_->{code} } findings($json)], ['no_secondaries'],
		'alone there is nothing to replicate to');
	is($json->{state}, 'WARNING', 'which is WARNING');
};

subtest '--exclude-server' => sub {
	my $fake = cluster([10, 10, 9]);
	my $seen = check($fake->arguments, '--exclude-server=ns3.example.com');
	is(state_of($seen), 'OK', 'what is excluded is not judged') or tell_run($seen);
	ok(!$fake->asked(address => '127.0.0.3'), 'nor asked');
	is(state_of(check($fake->arguments, '--exclude-server=127.0.0.3')), 'OK', 'by address');
};

subtest '-N/--expect-ns' => sub {
	my $fake = cluster([10, 10, 10]);
	is(state_of(check($fake->arguments, '-N',
		'ns3.example.com,NS1.example.com.,ns2.example.com')), 'OK',
		'in any order and case');
	my $seen = check_json($fake->arguments, '-N',
		'ns1.example.com,ns2.example.com,ns4.example.net');
	my ($finding) = findings($seen->{json});
	is($finding->{code}, 'ns_set_differs', 'ns_set_differs') or tell_run($seen);
	is($finding->{severity}, 'WARNING', 'WARNING');
	like($finding->{text}, qr/ns4\.example\.net/, 'what is missing');
	like($finding->{text}, qr/ns3\.example\.com/, 'what is too much');
};

subtest 'servers that disagree on the NS set; --compare-ns' => sub {
	my $fake = cluster([10, 10, 10], 3 => { zone => { ns => ['ns1.example.com',
		'ns2.example.com'] } });
	my $json = check_json($fake->arguments)->{json};
	is_deeply(findings_of($json, 'ns3.example.com'), ['ns_set_differs'],
		'with one zone it is seen');
	my $two = fake(map { my $number = $_; "127.0.0.$number" => { zones => { map { my $zone = $_;
		$zone => zone_of($zone, 5, 2, $number == 2 ? (ns => ["ns1.$zone"])
			: ()) } qw(one.test two.test) } } } 1, 2);
	my @asking = ('-z', 'one.test', '-z', 'two.test', '-H', $two->at('127.0.0.1'), '-p',
		$two->port);
	is(scalar(grep { $_->{code} eq 'ns_set_differs' } findings(check_json(@asking,
		'--compare-ns')->{json})), 2, '--compare-ns asks all');
};

subtest '--address says what a name means here' => sub {
	my $fake = cluster([10, 10], 2 => { zone => {} },
		5 => { zones => { 'example.com' => zone_of('example.com', 10, 2) } });
	my $json = check_json($fake->arguments, '--address=ns2.example.com=127.0.0.5')->{json};
	is(servers($json), 'ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.5',
		'another address');
	$json = check_json($fake->arguments,
		'--address=ns2.example.com=127.0.0.2,127.0.0.5')->{json};
	is(servers($json), 'ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.2 ns2.example.com=127.0.0.5', 'two addresses');
	my @asking = $fake->arguments;
	$json = check_json(@asking[0 .. 3], '--address=ns1.example.com=' . $fake->at('127.0.0.1'),
		'--address=ns2.example.com=' . $fake->at('127.0.0.5'))->{json};
	is(servers($json), 'ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.5', 'with a port');
};

subtest 'one NS name with two addresses of which one is stale: always seen, and which' => sub {
	my $fake = cluster([10, 10, 8], zone => { ns => ['ns1.example.com', 'ns2.example.com'],
		records => ['ns1.example.com. 300 A 127.0.0.1', 'ns2.example.com. 300 A 127.0.0.2',
			'ns2.example.com. 300 A 127.0.0.3'] });
	for my $run (1 .. 3) {
		my $json = check_json($fake->arguments)->{json};
		my @stale = findings($json);
		is_deeply([map { "$_->{code} $_->{server} $_->{address}" } @stale],
			['secondary_behind ns2.example.com. 127.0.0.3'], "run $run");
	}
	my $seen = check($fake->arguments);
	is_plugin_output($seen, 'WARNING');
	is(scalar(grep { /^rtt_ns2_example_com_127_0_0_[23]$/ } @{ $seen->{perfdata}{order} }), 2,
		'perfdata: one label per address');
};

subtest '--resolver: NS names outside of the zone' => sub {
	my %zone = (ns => ['ns1.example.com', 'ns9.provider.test'],
		records => ['ns1.example.com. 300 A 127.0.0.1']);
	my $fake = fake('127.0.0.1' => { zones => { 'example.com' => { serial => 10, %zone } } },
		'127.0.0.2' => { zones => { 'example.com' => { serial => 10, %zone } } },
		'127.0.0.53' => { resolver => ['ns9.provider.test. 300 A 127.0.0.2'] });
	my @asking = ($fake->arguments, '-s', $fake->at('127.0.0.53'));
	my $seen = check_json(@asking);
	is(servers($seen->{json}), 'ns1.example.com=127.0.0.1 ns9.provider.test=127.0.0.2', 'found')
		or tell_run($seen);
	ok(scalar(my @recursive = $fake->asked(address => '127.0.0.53', rd => 1)),
		'a resolver is asked to recurse');

	for my $story (['NXDOMAIN', []], ['NODATA', ['ns9.provider.test. 300 TXT x']]) {
		$fake->again('127.0.0.53' => { resolver => $story->[1] });
		$seen = check_json(@asking);
		is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})],
			['ns_unresolvable WARNING', 'no_secondaries WARNING'], $story->[0])
			or tell_run($seen);
	}
	for my $story (['a silent resolver', { udp => 'silent', tcp => 'silent' }],
		['SERVFAIL', { rcode => 'SERVFAIL' }], ['REFUSED', { rcode => 'REFUSED' }]) {
		$fake->again('127.0.0.53' => { resolver => [], rcode => undef, %{ $story->[1] } });
		$seen = check_json('-t', '4s', @asking);
		is(scalar(grep { $_->{code} eq 'resolver_failed'
			&& $_->{severity} eq 'WARNING' } findings($seen->{json})), 1,
			"$story->[0]: resolver_failed")
			or tell_run($seen);
		is(scalar(grep { $_->{code} eq 'ns_unresolvable' } findings($seen->{json})), 0,
			"$story->[0]: says nothing about the name");
		is(server_of($seen->{json}, 'ns1.example.com')->{serial}, 10,
			"$story->[0]: the others are judged");
	}
	my $state = File::Temp->newdir;
	$fake->again('127.0.0.53' => { resolver => ['ns9.provider.test. 300 A 127.0.0.2'],
		rcode => undef, udp => 'answer', tcp => 'answer' });
	check_json('--state-dir', "$state", @asking);
	$fake->again('127.0.0.53' => { udp => 'silent', tcp => 'silent' });
	$seen = check_json('-t', '4s', '--state-dir', "$state", @asking);
	is(servers($seen->{json}), 'ns1.example.com=127.0.0.1 ns9.provider.test=127.0.0.2',
		'the last known addresses serve') or tell_run($seen);
	is_deeply([map { $_->{code} } findings($seen->{json})], ['resolver_failed'],
		'and that is said once');
};

subtest 'without -H: the resolver tells the NS set' => sub {
	my $fake = cluster([10, 10], 53 => { zones => {},
		resolver => ['example.com. 300 NS ns1.example.com.',
		'example.com. 300 NS ns2.example.com.',
		'ns1.example.com. 300 A 127.0.0.1', 'ns2.example.com. 300 A 127.0.0.2',
		'example.com. 300 SOA ns1.example.com. hostmaster.example.com. 10 3600 600 604800 300'] });
	my $seen = check_json('-z', 'example.com', '-s', $fake->at('127.0.0.53'), '-p',
		$fake->port);
	is(servers($seen->{json}), 'ns1.example.com=127.0.0.1 ns2.example.com=127.0.0.2',
		'both found') or tell_run($seen);
	is($seen->{json}{zones}[0]{reference}{source}, 'soa_mname', 'the MNAME is the reference');
	is($seen->{json}{state}, 'OK', 'OK');
};

subtest '-H by name' => sub {
	my $fake = cluster([10, 10], 53 => { zones => {},
		resolver => ['primary.example.net. 300 A 127.0.0.1'] });
	my $seen = check_json('-z', 'example.com', '-H', 'primary.example.net', '-s',
		$fake->at('127.0.0.53'), '-p', $fake->port);
	is($seen->{json}{state}, 'OK', 'resolved') or tell_run($seen);
	is(server_of($seen->{json}, '127.0.0.1')->{name}, 'ns1.example.com.',
		'and called by its NS name');
	$seen = check('-z', 'example.com', '-H', 'gone.example.net', '-s', $fake->at('127.0.0.53'),
		'-p', $fake->port);
	is_plugin_output($seen, 'CRITICAL', 'a name that does not resolve is no UNKNOWN');
	like($seen->{text}, qr/gone\.example\.net/, 'and named');
};

subtest 'a hidden primary, in no NS set' => sub {
	my $fake = cluster([10, 10, 10], zone => { ns => ['ns2.example.com', 'ns3.example.com'],
		soa => { mname => 'hidden.example.com' } });
	my $seen = check($fake->arguments);
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/on 3 of 3 servers/, 'it counts') or tell_run($seen);
};

subtest 'the primary is silent: CRITICAL, never UNKNOWN, and the secondaries are judged among themselves' => sub {
	my $fake = cluster([10, 10, 9]);
	my $state = File::Temp->newdir;
	check('--state-dir', "$state", $fake->arguments);
	$fake->again('127.0.0.1' => { udp => 'silent', tcp => 'silent' });
	my $seen = check_json('-t', '4s', '--state-dir', "$state", $fake->arguments);
	is($seen->{json}{state}, 'CRITICAL', 'CRITICAL') or tell_run($seen);
	is_deeply(findings_of($seen->{json}, 'ns1.example.com'), ['server_timeout'], 'the primary');
	is_deeply(findings_of($seen->{json}, 'ns3.example.com', ok => 1), ['secondary_behind'],
		'NS set from history; ns3 is behind ns2');
	is($seen->{json}{zones}[0]{reference}{source}, 'newest', 'the newest is the reference');
	my $fresh = check_json('-t', '4s', $fake->arguments, '-a', 'ns2.example.com=127.0.0.2');
	is(server_of($fresh->{json}, 'ns3.example.com')->{serial}, 9,
		'without history the NS set comes from another server') or tell_run($fresh);
};

done_testing;
