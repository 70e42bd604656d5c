# Deliver 5: what other checks get wrong, each reproduced (the first list of what was learned from
# check_dns_sync, check_soas, checkzoneserial,
# check_dnsserials, check_zone_auth, check_soa_serials).
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $dead = { udp => 'silent', tcp => 'silent' };

sub blames {
	my ($name, $state, $expected, @arguments) = @_;
	my $seen = check_json(@arguments);
	is($seen->{json}{state}, $state, "$name: $state") or tell_run($seen);
	is_deeply([sort map { "$_->{code} " . (($_->{server} // '-') =~ s/\.example\.com\.$//r)
		. ' ' . ($_->{address} // '-') } findings($seen->{json})], $expected,
		"$name: who and why");
	return $seen;
}

blames('a secondary answers NODATA for SOA', 'CRITICAL', ['no_soa ns2 127.0.0.2'],
	cluster([10, 10, 10], 2 => { zone => { nodata => 1 } })->arguments);

blames('an answer without AA', 'CRITICAL', ['not_authoritative ns3 127.0.0.3'],
	cluster([10, 10, 10], 3 => { zone => { no_aa => 1 } })->arguments);

for my $stale (2, 3) {
	my $fake = cluster([10, map { $_ == $stale ? 9 : 10 } 2, 3],
		zone => { ns => ['ns1.example.com', 'ns2.example.com'],
		records => ['ns1.example.com. 300 A 127.0.0.1',
			map { "ns2.example.com. 300 A 127.0.0.$_" } 2, 3] });
	blames("one name, two addresses, 127.0.0.$stale is stale, run $_", 'WARNING',
		["secondary_behind ns2 127.0.0.$stale"], $fake->arguments) for 1, 2;
}

blames('a secondary ahead is blamed, not the primary', 'CRITICAL',
	['secondary_ahead ns2 127.0.0.2'], cluster([10, 11, 10])->arguments);
blames('a serial that wrapped is newer', 'WARNING', ['secondary_behind ns2 127.0.0.2'],
	cluster([3, 4294967290, 3])->arguments);
blames('ahead over the wrap', 'CRITICAL', ['secondary_ahead ns2 127.0.0.2'],
	cluster([4294967290, 3, 4294967290])->arguments);

my $seen = blames('one dead server', 'CRITICAL', ['server_timeout ns3 127.0.0.3'], '-t', '3s',
	cluster([10, 10, 10], 3 => $dead)->arguments);
cmp_ok($seen->{seconds}, '<', 3, 'one dead server: in time');

blames('a hidden primary', 'OK', [], cluster([10, 10, 10],
	zone => { ns => ['ns2.example.com', 'ns3.example.com'] })->arguments);

blames('the primary changes during the run', 'OK', [],
	cluster([11, 11, sub { $_[0] <= 1 ? 10 : 11 }])->arguments);
blames('and the other way round', 'OK', [], cluster([sub { $_[0] <= 1 ? 10 : 11 }, 11,
	11])->arguments);

done_testing;
