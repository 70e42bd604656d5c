# Deliver 3 and 5: what servers answer, or do not, becomes one finding each; all in one run, so that
# none hides another.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $now = time;
my @stories = (
	# name, server, findings, outcome, transport
	['fine', {}, [], 'answered', 'udp'],
	['nodata', { zone => { nodata => 1 } }, ['no_soa'], 'no_soa'],
	['referral', { zone => { referral => 1 } }, ['no_soa'], 'no_soa'],
	['refused', { zone => { rcode => 'REFUSED' } }, ['zone_refused'], 'refused'],
	['servfail', { zone => { rcode => 'SERVFAIL' } }, ['zone_servfail'], 'servfail'],
	['notauth', { zone => { rcode => 'NOTAUTH' } }, ['zone_notauth'], 'notauth'],
	['nxdomain', { zone => { rcode => 'NXDOMAIN' } }, ['zone_nxdomain'], 'nxdomain'],
	['notimp', { zone => { rcode => 'NOTIMP' } }, ['unexpected_rcode'], undef],
	['yxdomain', { zone => { rcode => 'YXDOMAIN' } }, ['unexpected_rcode'], undef],
	['noaa', { zone => { no_aa => 1 } }, ['not_authoritative'], 'not_authoritative'],
	['expired', { zone => { rcode => 'SERVFAIL' }, ede => [24, 'Zone has expired'] },
		['zone_expired'], 'servfail'],
	['notloaded', { zone => { rcode => 'SERVFAIL' }, ede => [14, ''] }, ['zone_not_loaded'],
		'servfail'],
	['ede20', { zone => { rcode => 'REFUSED' }, ede => [20, 'Not Authoritative'] },
		['zone_refused'], 'refused'],
	['mute', { udp => 'silent', tcp => 'silent' }, ['server_timeout'], 'timeout'],
	['closed', { udp => 'closed', tcp => 'closed' }, ['server_port_closed'], 'port_closed'],
	['udpsilent', { udp => 'silent' }, ['udp_unreachable'], 'answered', 'tcp'],
	['udpclosed', { udp => 'closed' }, ['udp_unreachable'], 'answered', 'tcp'],
	['tcpclosed', { tcp => 'closed' }, ['tcp_unreachable'], 'answered', 'udp'],
	['tcpsilent', { tcp => 'silent' }, ['tcp_unreachable'], 'answered', 'udp'],
	['tcphangup', { tcp => 'hang_up' }, ['tcp_unreachable'], 'answered', 'udp'],
	['tcponce', { hang_ups => 1 }, [], 'answered', 'udp'],
	['tcphalf', { tcp => 'half' }, ['tcp_unreachable'], 'answered', 'udp'],
	['tcpslowly', { tcp => 'dribble' }, [], 'answered', 'udp'],
	['truncates', { tc => 1 }, [], 'answered', 'tcp'],
	['truncnotcp', { tc => 1, tcp => 'closed' }, ['tcp_unreachable'], undef],
	['formerr', { edns => 'formerr' }, [], 'answered'],
	['noedns', { edns => 'ignored' }, [], 'answered', 'udp'],
	['slow', { slow => 0.2 }, [], 'answered', 'udp'],
	['loses', { lose => 1 }, [], 'answered', 'udp'],
	['twice', { copies => 3 }, [], 'answered', 'udp'],
	['nsid', { nsid => "fra1.example" }, [], 'answered', 'udp'],
	['nsidbytes', { nsid => "\0\1\xff" }, [], 'answered', 'udp'],
	['expires', { expire => 600_000 }, [], 'answered', 'udp'],
	['expirenear', { expire => 200_000 }, ['expire_near', 'refresh_overdue'], 'answered', 'udp'],
	['signed', { zone => { signed => [$now - 86400, $now + 20 * 86400] } }, [], 'answered',
		'udp'],
	['sigexpired', { zone => { signed => [$now - 90 * 86400, $now - 3600] } },
		['signature_expired'], 'answered', 'udp'],
	['sigexpiring', { zone => { signed => [$now - 28 * 86400, $now + 2 * 86400] } },
		['signature_expiring'], 'answered', 'udp'],
	['sigcritical', { zone => { signed => [$now - 28 * 86400, $now + 3600] } },
		['signature_expiring'], 'answered', 'udp'],
	['soadiffers', { zone => { soa => { expire => 99 } } }, ['soa_differs'], 'answered', 'udp'],
	['behind', { zone => { serial => 9 } }, ['secondary_behind'], 'answered', 'udp'],
	['ahead', { zone => { serial => 11 } }, ['secondary_ahead'], 'answered', 'udp'],
	['undefined', { zone => { serial => 10 + 2**31 } }, ['serial_undefined'], 'answered',
		'udp'],
);
$_->[1]{name} = $_->[0] for @stories;

my $fake = stories(map { $_->[1] } @stories);
my $seen = check_json('-t', '9s', $fake->listing);
my $json = $seen->{json};
is($json->{state}, 'CRITICAL', 'CRITICAL as a whole');
is($json->{complete} ? 1 : 0, 1, 'complete');
cmp_ok($seen->{seconds}, '<', 5, 'in time');
for my $story (@stories) {
	my ($name, undef, $findings, $outcome, $transport) = @$story;
	is_deeply(findings_of($json, "$name.test"), $findings, "$name: "
		. (join(' ', @$findings) || 'nothing to say'));
	my $server = server_of($json, "$name.test");
	is($server->{outcome}, $outcome, "$name: outcome") if defined $outcome;
	is($server->{transport}, $transport, "$name: transport") if defined $transport;
}

subtest 'severities' => sub {
	my %severity = map { ($_->{server}
		// '') =~ s/\.test\.$//r => $_->{severity} } findings($json);
	is($severity{$_}, 'CRITICAL', $_)
		for qw(refused servfail notauth nxdomain notimp noaa expired notloaded mute closed udpsilent tcpclosed sigexpired
		sigcritical ahead undefined);
	is($severity{$_}, 'WARNING', $_) for qw(soadiffers sigexpiring behind expirenear);
};

subtest 'what is quoted' => sub {
	my %text = map { ($_->{server} // '') =~ s/\.test\.$//r => $_->{text} } findings($json);
	like($text{expired}, qr/expired/, 'EDE 24 in words');
	like($text{ede20}, qr/Not Authoritative/i, 'EDE of a refusal');
	like($text{notimp}, qr/NOTIMP/, 'an rcode by its name');
	is(server_of($json, 'nsid.test')->{nsid}, 'fra1.example', 'NSID');
	is(server_of($json, 'expires.test')->{expire_in_s}, 600_000, 'EXPIRE');
	cmp_ok(abs(server_of($json, 'signed.test')->{signature_expires_in_s} - 20 * 86400), '<', 60,
		'the signature expires');
	like(JSON::PP->new->encode([server_of($json, 'ede20.test')->{ede}]), qr/20/, 'EDE in JSON');
	is(server_of($json, 'servfail.test')->{rcode}, 'SERVFAIL', 'rcode in JSON');
	is(server_of($json, 'slow.test')->{rtt_ms} > 190 ? 1 : 0, 1,
		'a slow one has a long round trip');
	cmp_ok(server_of($json, 'loses.test')->{tries}, '>', 1, 'a loss costs a try');
};

subtest 'the text of the same' => sub {
	my $text = check('-t', '9s', '--top=100', $fake->listing);
	is_plugin_output($text, 'CRITICAL');
	my @lines = @{ $text->{lines} };
	for my $story (grep { @{ $_->[2] } } @stories) {
		my @of = grep { /^\[(WARNING|CRITICAL)\] example\.com \Q$story->[0]\E\.test \(127\.0\.0\.\d+/ } @lines;
		is(scalar @of, scalar @{ $story->[2] }, "a line for each finding about $story->[0]")
			or diag(grep { /\Q$story->[0]\E/ } @lines);
		my ($number) = grep { $lines[$_] eq ($of[0] // '') } 0 .. $#lines;
		ok(defined $number && ($lines[$number] . ($lines[$number + 1] // '')) =~ / → \S/,
			"$story->[0]: and advice");
	}
	my @states = map { /^\[(\w+)\]/ ? $1 : () } @lines;
	is(join(' ', @states), join(' ', sort { ($a eq 'WARNING') <=> ($b eq 'WARNING') } @states),
		'worst first');
};

done_testing;
