#!/usr/bin/perl
# Where something is wrong, servers are asked who they are, and advice comes in their words: PowerDNS, BIND, NSD and Knot as
# secondaries of PowerDNS, with their versions told and hidden.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
my $ns1 = pdns('192.0.2.1', primary => 'yes', 'allow-axfr-ips' => '192.0.2.0/24');
my $ns2 = pdns('192.0.2.2', secondary => 'yes');
my $ns3 = named('192.0.2.3');
my $ns4 = nsd('192.0.2.4');
my $ns5 = knotd('192.0.2.5');
spew("$ns1->{directory}/zone", zone_text($zone, 2026112201, 5));
$ns1->util('load-zone', $zone, "$ns1->{directory}/zone");

my @asked = ('-z', $zone, '-H', '192.0.2.1');
my %is = (ns1 => qr/^PowerDNS Authoritative Server 4\.\d+\.\d+$/, ns2 => qr/^PowerDNS Authoritative Server 4\.\d+\.\d+$/,
	ns3 => qr/^BIND 9\.\d+\.\d+/, ns4 => qr/^NSD 4\.\d+\.\d+$/, ns5 => qr/^Knot DNS 3\.\d+\.\d+$/);
my %word = (ns2 => qr/pdnsutil|pdns_control/, ns3 => qr/rndc/, ns4 => qr/nsd-control/, ns5 => qr/knotc/);

sub advice_of { my ($json, $server) = @_; return join "\n", map { $_->{advice} } grep { ($_->{server} // '') eq "$server.$zone." } findings($json) }

subtest 'absent on all four: who they are, and what to type there' => sub {
	my $seen = check_json(@asked);
	for my $server (sort keys %is) {
		like(server_of($seen->{json}, "$server.$zone")->{software} // 'null', $is{$server}, "$server says what it is");
	}
	for my $server (sort keys %word) {
		my $advice = advice_of($seen->{json}, $server);
		like($advice, $word{$server}, "$server: its own words");
		my @others = grep { $_ ne $server && $advice =~ $word{$_} } sort keys %word;
		is_deeply(\@others, [], "$server: and nobody else's") or diag($advice);
	}
	like(advice_of($seen->{json}, 'ns2'), qr/pdnsutil create-secondary-zone example\.com 192\.0\.2\.1\b/, 'PowerDNS: a line to paste');
};

subtest 'that line does it' => sub {
	$ns2->util('create-secondary-zone', $zone, '192.0.2.1');
	$ns2->control('retrieve', $zone);
	ok(wait_until(15, sub { (serial_at('192.0.2.2', $zone) // 0) == 2026112201 }), 'ns2 serves the zone');
	my $json = check_json(@asked)->{json};
	is_deeply([grep { ($_->{server} // '') eq "ns2.$zone." } findings($json)], [], 'and is well');
	is(server_of($json, "ns2.$zone")->{software}, undef, 'so it is not asked who it is');
};

subtest 'hidden' => sub {
	$ns2->util('delete-zone', $zone);
	$ns2->configure('version-string' => 'anonymous');
	$ns2->restart;
	$_->stop for $ns3, $ns4, $ns5;
	$ns3 = named('192.0.2.3', options => 'version none;');
	my $json = check_json(@asked)->{json};
	for my $server ('ns2', 'ns3') {
		is(server_of($json, "$server.$zone")->{software}, undef, "$server does not say what it is");
		like(advice_of($json, $server), qr/192\.0\.2\.\d .*configure example\.com on \Q$server\E/, "$server: advice for all of them");
	}
	like(server_of($json, "ns1.$zone")->{software}, $is{ns1}, 'ns1 does');
};

done_testing;
