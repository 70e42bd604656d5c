#!/usr/bin/perl
# Where something is wrong, servers are asked who they are, and advice comes in their words: PowerDNS, BIND, NSD and Knot as
# secondaries of PowerDNS, with their versions told and hidden. What is advised is pasted, and must help.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
my $monitor = '192.0.2.100';
my $open = '192.0.2.0/24';
my ($ns1, $ns2, $ns3, $ns4, $ns5) = together {
	(pdns('192.0.2.1', zones => { $zone => \zone_text($zone, 2026112201, 5) }, 'allow-axfr-ips' => $open),
		pdns('192.0.2.2', secondary => 'yes', 'allow-axfr-ips' => $open), named('192.0.2.3'), nsd('192.0.2.4'), knotd('192.0.2.5'));
};

my @asked = ('-z', $zone, '-H', '192.0.2.1', "--source=$monitor");
my %is = (ns1 => qr/^PowerDNS Authoritative Server 4\.\d+\.\d+$/, ns2 => qr/^PowerDNS Authoritative Server 4\.\d+\.\d+$/,
	ns3 => qr/^BIND 9\.\d+\.\d+/, ns4 => qr/^NSD 4\.\d+\.\d+$/, ns5 => qr/^Knot DNS 3\.\d+\.\d+$/);
my %word = (ns2 => qr/pdnsutil|pdns_control/, ns3 => qr/rndc/, ns4 => qr/nsd-control/, ns5 => qr/knotc/);

sub about { my ($json, $server) = @_; return grep { ($_->{server} // '') eq "$server.$zone." } findings($json) }
sub advice_of { my ($json, $server) = @_; return join "\n", map { $_->{advice} } about($json, $server) }

# As an operator would paste it, on that PowerDNS.
sub paste {
	my ($server, $line) = @_;
	return shell('sh', '-ec', $line =~ s/\b(pdnsutil|pdns_control)\b/$1 --config-dir=$server->{directory}/gr);
}

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
	like($_, qr/its AXFR is NOTAUTH: the zone is not configured there/, 'BIND and NSD say that it is not there') for map { (about($seen->{json}, $_))[0]{evidence} // 'null' } 'ns3', 'ns4';
	like((about($seen->{json}, 'ns2'))[0]{evidence}, qr/PowerDNS says so both/, 'PowerDNS does not');
};

subtest 'absent: pasted' => sub {
	my ($line) = advice_of(check_json(@asked)->{json}, 'ns2') =~ /then on ns2\.example\.com: (pdnsutil create-secondary-zone example\.com 192\.0\.2\.1; pdns_control retrieve example\.com);/;
	ok($line, 'a line to paste') or return;
	paste($ns2, $line);
	ok(serves(2026112201, $zone, '192.0.2.2'), 'ns2 serves the zone');
	my $json = check_json(@asked)->{json};
	is_deeply([about($json, 'ns2')], [], 'and is well');
	is(server_of($json, "ns2.$zone")->{software}, undef, 'so it is not asked who it is');
};

# From here on about ns2 alone.
my @two = (@asked, map { "--exclude-server=ns$_.$zone" } 3 .. 5);

subtest 'ahead: pasted' => sub {
	$ns2->sql("UPDATE records SET content = replace(content, '2026112201', '2026112209') WHERE type = 'SOA'");
	my $seen = check_json(@two);
	my ($finding) = about($seen->{json}, 'ns2');
	is($finding->{code}, 'secondary_ahead', 'secondary_ahead') or tell_run($seen);
	is($finding->{severity}, 'CRITICAL', 'CRITICAL');
	like($finding->{evidence}, qr/AXFR of ns1\.example\.com begins with 2026112201, too/, 'no cache');
	my ($line) = $finding->{advice} =~ /^on ns1\.example\.com: (.*), or on ns2\.example\.com: pdns_control retrieve example\.com$/;
	like($line // '', qr/ SOA '\S+ \S+ 2026112210 600 60 3600 60' && /, 'one more than the secondary has') or diag($finding->{advice});
	paste($ns1, $line);
	ok(serves(2026112210, $zone, '192.0.2.1', '192.0.2.2'), 'both serve it');
	is(state_of(check(@two)), 'OK', 'and all is well');
};

subtest 'transfers refused to the secondary only: not visible, but said; pasted' => sub {
	$ns1->configure('allow-axfr-ips' => $monitor);
	$ns1->restart;
	$ns1->util('increase-serial', $zone);
	$ns1->control('notify', $zone);
	my $seen = check_json(@two);
	my ($finding) = about($seen->{json}, 'ns2');
	is($finding->{code}, 'secondary_behind', 'secondary_behind') or tell_run($seen);
	is($finding->{cause}, undef, 'no cause is claimed');
	like($finding->{evidence}, qr/ns1\.example\.com does transfer the zone to this host; whether to ns2\.example\.com, too, and whether NOTIFY reaches it, is not visible from here/, 'what can be seen');
	my ($allow, $retrieve) = $finding->{advice} =~ /if that is refused, on ns1\.example\.com: ([^;]+); if it works, on ns2\.example\.com: ([^,]+), /;
	paste($ns1, $allow // 'false');
	paste($ns2, $retrieve // 'false');
	ok(serves(2026112211, $zone, '192.0.2.2'), 'it may transfer, and does');
	is(state_of(check(@two)), 'OK', 'and all is well');
};

subtest 'no NS record: pasted' => sub {
	my $other = 'other.example';
	spew("$ns1->{directory}/other", zone_text($other, 1, 1));
	$ns1->util('load-zone', $other, "$ns1->{directory}/other");
	$ns1->util('set-kind', $other, 'primary');
	$ns1->util('add-meta', $other, 'ALLOW-AXFR-FROM', '192.0.2.2');
	$ns2->util('create-secondary-zone', $other, '192.0.2.1');
	$ns2->control('retrieve', $other);
	ok(serves(1, $other, '192.0.2.2'), 'both serve it');
	$ns1->util('increase-serial', $other);
	$ns1->control('notify', $other);
	my $seen = check_json('-z', $other, '-H', '192.0.2.1', "--source=$monitor", '-a', 'ns2.elsewhere.example=192.0.2.2');
	my ($finding) = findings($seen->{json});
	like($finding->{evidence}, qr/^no NS record names it, so NOTIFY goes there only where the primary is told to/, 'why') or tell_run($seen);
	my ($line) = $finding->{advice} =~ /so that NOTIFY is sent to it, on ns1\.other\.example: (pdnsutil \S+ .*)$/;
	paste($ns1, $line // 'false');
	my $serial = serial_at('192.0.2.1', $other);
	$ns1->control('notify', $other);
	ok(serves($serial, $other, '192.0.2.2'), 'it is told, and transfers');
};

# A question for the NSID bypasses the packet cache, and an AXFR refreshes the query cache: what the latter hides comes out by asking.
subtest 'caches of the primary: no alarm for what is there' => sub {
	$ns1->configure('allow-axfr-ips' => $open, 'cache-ttl' => 600, 'query-cache-ttl' => 600);
	$ns1->restart;
	is(state_of(check(@two)), 'OK', 'well, and now in the cache');
	my $serial = serial_at('192.0.2.1', $zone);
	$ns1->util('increase-serial', $zone);
	is(serial_at('192.0.2.1', $zone), $serial, 'the change is hidden');
	is(state_of(check(@two)), 'OK', 'nobody lacks what nobody shows');
	$ns2->control('retrieve', $zone);
	ok(serves($serial + 1, $zone, '192.0.2.2'), 'a secondary has it');
	is(serial_at('192.0.2.1', $zone), $serial, 'and the primary still hides it');
	is(state_of(check(@two)), 'OK', 'but not from us');
	paste($ns1, "pdns_control purge '$zone\$'");
	is(serial_at('192.0.2.1', $zone), $serial + 1, 'nor, after that, from anybody');
};

subtest 'caches of a secondary: a new zone that it hides' => sub {
	my $new = 'new.example';
	$ns2->configure('zone-cache-refresh-interval' => 600);
	$ns2->restart;
	spew("$ns1->{directory}/new", zone_text($new, 7, 2));
	$ns1->util('load-zone', $new, "$ns1->{directory}/new");
	$ns2->util('create-secondary-zone', $new, '192.0.2.1');
	$ns2->control('retrieve', $new);
	ok(wait_until(20, sub { $ns2->sql("SELECT count(*) FROM records JOIN domains ON domains.id = domain_id WHERE domains.name = '$new' AND records.type = 'SOA'") > 0 }), 'it has the zone');
	my $seen = check_json('-z', $new, '-H', '192.0.2.1', "--source=$monitor");
	my ($finding) = grep { ($_->{server} // '') eq "ns2.$new." } findings($seen->{json});
	is("$finding->{code} " . ($finding->{cause} // 'null'), 'zone_refused cache_stale', 'hidden by the zone cache') or tell_run($seen);
	like($finding->{evidence}, qr/it has the zone already \(its AXFR begins with serial 7\)/, 'and it says so');
};

subtest 'hidden' => sub {
	$ns2->util('delete-zone', $zone);
	$ns2->configure('version-string' => 'anonymous', 'zone-cache-refresh-interval' => 0);
	$ns2->restart;
	$_->stop for $ns4, $ns5;
	$ns3 = named('192.0.2.3', options => 'version none;');
	my $json = check_json(@asked)->{json};
	for my $server ('ns2', 'ns3') {
		is(server_of($json, "$server.$zone")->{software}, undef, "$server does not say what it is");
		like(advice_of($json, $server), qr/192\.0\.2\.\d .*configure example\.com on \Q$server\E/, "$server: advice for all of them");
	}
	like(server_of($json, "ns1.$zone")->{software}, $is{ns1}, 'ns1 does');
};

done_testing;
