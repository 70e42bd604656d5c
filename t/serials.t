# Deliver 3: serials by RFC 1982, confirmed before anybody is blamed.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

subtest 'behind: who, by how much; a first run knows no age and is WARNING' => sub {
	my $fake = cluster([10, 10, 7]);
	my $seen = check($fake->arguments);
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/^DNS REPLICATION WARNING - example\.com: ns3\.example\.com 3 serials behind/, 'the first line');
	is(perfdata_of($seen, 'in_sync'), 'in_sync=2;;;0', 'two of three');
	my $json = check_json($fake->arguments)->{json};
	is_deeply(findings_of($json, 'ns3.example.com'), ['secondary_behind'], 'secondary_behind');
	is_deeply([@{ server_of($json, 'ns3.example.com') }{qw(serial serials_behind role)}],
		[7, 3, 'secondary'], 'in JSON');
	is_deeply([@{ server_of($json, 'ns1.example.com') }{qw(serial role)}], [10, 'primary'],
		'the primary');
};

subtest 'confirmation: who is found behind is asked again, with the primary, at least 1 s later' => sub {
	my $fake = cluster([10, 10, 9]);
	my $seen = check($fake->arguments);
	cmp_ok($seen->{seconds}, '>=', 1, 'at least a second');
	my %asked;
	$asked{ $_->{address} }++ for $fake->asked(by => 'udp', type => 'SOA');
	is_deeply(\%asked, { '127.0.0.1' => 2, '127.0.0.2' => 1, '127.0.0.3' => 2 },
		'these two only');
};

subtest 'a primary that changes during the run raises no alarm' => sub {
	for my $story (
		['the secondary follows', [11, 11, sub { $_[0] <= 1 ? 10 : 11 }]],
		['the secondary was newer than the first answer',
			[sub { $_[0] <= 1 ? 10 : 11 }, 11, 11]],
		['and the next change comes at the confirmation',
			[sub { $_[0] <= 1 ? 11 : 12 }, 12, sub { $_[0] <= 1 ? 10 : 11 }]],
	) {
		my ($name, $serials) = @$story;
		my $seen = check(cluster($serials)->arguments);
		is(state_of($seen), 'OK', $name) or tell_run($seen);
	}
};

subtest 'ahead of -H is secondary_ahead; without -H the newest is the reference' => sub {
	my $fake = cluster([10, 10, 12]);
	my $json = check_json($fake->arguments)->{json};
	is_deeply(findings_of($json, 'ns3.example.com'), ['secondary_ahead'],
		'with -H ns3 is ahead');
	is_deeply(findings_of($json, 'ns2.example.com'), [], 'and ns2 is right');
	is($json->{state}, 'CRITICAL', 'CRITICAL');
	my @added = map { ('-a', "ns$_.example.com=127.0.0.$_") } 1 .. 3;
	$json = check_json('-z', 'example.com', '-n', '-p', $fake->port, @added)->{json};
	is_deeply($json->{zones}[0]{reference}, { serial => 12, source => 'newest' },
		'without -H the newest counts');
	is_deeply([map { findings_of($json, "ns$_.example.com") } 1 .. 3],
		[['secondary_behind'], ['secondary_behind'], []], 'the others are behind');
};

subtest 'RFC 1982' => sub {
	my @stories = (
		# name, serial of the primary, of the secondary, finding, behind
		['1 follows 4294967295', 1, 4294967295, 'secondary_behind', 2],
		['a serial that wrapped is not ahead', 0, 4294967290, 'secondary_behind', 6],
		['nothing is ahead by numbers alone', 4294967295, 3, 'secondary_ahead'],
		['2^31 - 1 is behind', 2147483657, 10, 'secondary_behind', 2147483647],
		['2^31 apart has no order', 10, 2147483658, 'serial_undefined'],
		['and none the other way', 2147483658, 10, 'serial_undefined'],
	);
	my ($primary, $secondary) = map {
		my $which = $_;
		({ zones => { map { ("z$_.test" => { serial => $stories[$_][$which] }) } 0 .. $#stories } })
	} 1, 2;
	my $fake = fake('127.0.0.1' => $primary, '127.0.0.2' => $secondary);
	my $json = check_json('-n', '-H', $fake->at('127.0.0.1'), '-a', $fake->at('127.0.0.2'),
		map { ('-z', "z$_.test") } 0 .. $#stories)->{json};
	for my $zone (@{ $json->{zones} // [] }) {
		my ($name, undef, undef, $code, $behind) = @{ $stories[$zone->{zone} =~ s/\D//gr] };
		is_deeply([map { $_->{code} } @{ $zone->{findings} }], [$code], $name);
		is($zone->{servers}[1]{serials_behind}, $behind, 'by so many') if defined $behind;
	}
	is(scalar @{ $json->{zones} // [] }, 6, 'all of them');
};

subtest 'equal serial, another SOA' => sub {
	my $seen = check(cluster([10, 10], 2 => { zone => { soa => { minimum => 5,
		mname => 'old.example.com' } } })->arguments);
	is_plugin_output($seen, 'WARNING');
	like($seen->{text}, qr/ns2\.example\.com .*minimum 5 .*300/, 'what differs');
};

subtest '--serial-warning and --serial-critical count serials' => sub {
	my $state = File::Temp->newdir;
	my $fake = cluster([20, 20, 20]);
	my @asking = ('--state-dir', "$state", $fake->arguments);
	check(@asking);
	$fake->serial('example.com', '127.0.0.3' => 15);
	is(state_of(check(@asking, '--serial-critical=4')), 'CRITICAL',
		'5 behind, critical above 4');
	is(state_of(check(@asking, '--serial-critical=10', '--serial-warning=10')), 'OK',
		'5 behind, both thresholds at 10')
		or tell_run(check(@asking, '--serial-critical=10', '--serial-warning=10'));
	is(state_of(check(@asking, '--serial-warning=4', '--serial-critical=10')), 'WARNING',
		'5 behind, warning above 4');
};

subtest '--serials-independent' => sub {
	my $fake = cluster([20, 7, 20]);
	my $seen = check_json($fake->arguments, '--serials-independent=ns2.example.com');
	is($seen->{json}{state}, 'OK', 'a server that signs by itself') or tell_run($seen);
	$fake->again('127.0.0.2' => { rcode => 'REFUSED', zones => {} });
	is_deeply(findings_of(check_json($fake->arguments,
		'--serials-independent=ns2.example.com')->{json}, 'ns2.example.com'),
		['zone_refused'],
		'it must serve the zone');
};

done_testing;
