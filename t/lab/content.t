# check_zone_transfer --compare and --zonemd on real servers: the same zone on PowerDNS, BIND, NSD and Knot is equal, though each of them
# frames, orders and compresses it in its own way; what an operator forgets (letters k and p of PowerDNS) shows; a million records.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_zone_transfer');

my $zone = 'example.com';
my @asking = ('-t', '40s', '-z', $zone);
sub compared { my ($first, @others) = @_; return check_transfer(@asking, '--top=50', '-H', $first, (map { "--compare=$_" } grep { !/^-/ } @others), (grep { /^-/ } @others), '--output-format=json') }
sub result { my ($seen, $address) = @_; return ((grep { $_->{address} eq $address } @{ $seen->{json}{transfers} })[0]{comparison} // {})->{result} // '' }
sub sample { my ($seen, $address) = @_; return [map { tr/\t/ /r } @{ (grep { $_->{address} eq $address } @{ $seen->{json}{transfers} })[0]{comparison}{sample} // [] }] }
sub codes { my ($seen) = @_; return [sort map { $_->{code} } findings($seen->{json})] }
my %name = ('192.0.2.2' => 'PowerDNS', '192.0.2.3' => 'BIND', '192.0.2.4' => 'NSD', '192.0.2.5' => 'Knot');

# One record at least of every type that ldns knows and that may stand in an unsigned zone (PowerDNS serves no DNSKEY, CDS and CDNSKEY there); and of
# types that nobody knows (RFC 3597). Names in LP and SVCB are small: NSD makes them so, although they are not among those of RFC 4034 6.2.
my @types = (
	'Upper A 192.0.2.80', 'upper AAAA 2001:db8::80', 'sub NS ns.sub', 'ns.sub A 192.0.2.90', 'alias CNAME WWW.Example.COM.', 'mb MB host.mb', 'mg MG host.mg', 'mr MR host.mr',
	'wks WKS 192.0.2.1 6 25', 'ptr PTR Host.Example.Net.', 'hinfo HINFO "PC" "Linux 5"', 'minfo MINFO r e', '@ MX 10 Mail', '@ TXT "v=spf1 -all" "second"',
	'rp RP Who What', 'afsdb AFSDB 1 Afs', 'x25 X25 "311061700956"', 'isdn ISDN "150862028003217" "004"', 'rt RT 10 Relay', 'nsap NSAP 0x47000580005a0000000001e133ffffff00016100',
	'px PX 10 map822 mapx400', 'gpos GPOS "-32.6882" "116.8652" "10.0"', 'loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m', '_sip._tcp SRV 1 2 5060 Sip',
	'naptr NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .', 'naptr2 NAPTR 100 10 "s" "SIP+D2U" "" _sip._udp.Example.COM.', 'kx KX 10 Kx', 'cert CERT 1 2 3 MTIzNA==',
	'dname DNAME Other.Example.', 'apl APL 1:192.0.2.0/24 !2:2001:db8::/32', 'child NS ns.child', 'ns.child A 192.0.2.91', 'child DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118',
	'sshfp SSHFP 1 1 2BB183AF5F22588179A53B0A98631FAD1A292118', 'ipseckey IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==',
	'dhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=', '_443._tcp TLSA 3 1 1 ' . 'ab' x 32, 'smimea SMIMEA 3 1 1 ' . 'cd' x 32,
	'hip HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D rvs.example.com.',
	'openpgp OPENPGPKEY mQENBFVHm5sBCADE', 'csync CSYNC 66 3 A NS AAAA',
	'svcb SVCB 1 svc.example.net. port=53', 'https HTTPS 1 . alpn=h2,h3', 'spf SPF "v=spf1 -all"', 'nid NID 10 0014:4fff:ff20:ee64', 'l32 L32 10 10.1.2.0', 'l64 L64 10 2001:0db8:1140:1000',
	'lp LP 10 l64-subnet', 'eui48 EUI48 00-00-5e-00-53-2a', 'eui64 EUI64 00-00-5e-ef-10-00-00-2a', 'uri URI 10 1 "ftp://ftp1.example.com/public"', 'caa CAA 0 issue "ca.example; x=y"',
	'talink TYPE58 \# 4 01610000', 'unknown TYPE65280 \# 3 414243', 'unknown TYPE65281 \# 0', 'unknown TYPE731 \# 6 c00c41424344', '*.wild TXT wild', 'a.b.c.d.e.f A 192.0.2.99',
	map { "h$_ A 192.0.2." . ($_ % 250) } 1 .. 3000);
my %from = (zones => { $zone => '192.0.2.1' });
my $any = [%from, 'allow-axfr-ips' => '192.0.2.0/24'];

subtest 'every type, six pairs' => sub {
	together {
		named('192.0.2.1', zones => { $zone => \zone_text($zone, 10, 5, @types) }), pdns('192.0.2.2', @$any), named('192.0.2.3', %from), nsd('192.0.2.4', %from), knotd('192.0.2.5', %from);
	};
	for my $address (sort keys %name) {
		ok(wait_until(60, sub { (serial_at($address, $zone) // 0) == 10 }), "$name{$address} has the zone");
	}
	my @left = sort keys %name;
	while (my $first = shift @left) {
		my $seen = @left ? compared($first, @left) : last;
		for my $other (@left) { is(result($seen, $other), 'equal', "$name{$first} and $name{$other}") or diag map { "$_\n" } @{ sample($seen, $other) } }
	}
	my $seen = compared('192.0.2.1', sort keys %name);
	is_deeply([map { result($seen, $_) } sort keys %name], [('equal') x 4], 'all of them and the primary') or tell_run($seen);
	is($seen->{json}{state}, 'OK', 'OK');
};

# Letter k: the primary is edited, and nobody raises the serial.
subtest 'no new serial' => sub {
	my $ns1;
	together {
		$ns1 = pdns('192.0.2.1', zones => { $zone => \zone_text($zone, 10, 3, 'www A 192.0.2.80', 'old A 192.0.2.81', 'txt TXT "Text"', 'ttl A 192.0.2.82') }, 'allow-axfr-ips' => '192.0.2.0/24');
		named('192.0.2.3', %from);
	};
	ok(wait_until(60, sub { (serial_at('192.0.2.3', $zone) // 0) == 10 }), 'BIND has the zone');
	is(result(compared('192.0.2.1', '192.0.2.3'), '192.0.2.3'), 'equal', 'equal before');
	$ns1->sql("UPDATE records SET content='192.0.2.180' WHERE name='www.$zone'", "DELETE FROM records WHERE name='old.$zone'",
		"UPDATE records SET content='\"text\"' WHERE name='txt.$zone'", "UPDATE records SET ttl=301 WHERE name='ttl.$zone'");
	$ns1->util('add-record', $zone, 'new', 'A', '192.0.2.83');
	my $seen = compared('192.0.2.1', '192.0.2.3');
	is_deeply(codes($seen), ['content_differs'], 'content_differs') or tell_run($seen);
	is_deeply([sort @{ sample($seen, '192.0.2.3') }], [sort "- www.$zone. 300 IN A 192.0.2.180", "+ www.$zone. 300 IN A 192.0.2.80", "+ old.$zone. 300 IN A 192.0.2.81",
		"+ txt.$zone. 300 IN TXT \"Text\"", "- txt.$zone. 300 IN TXT \"text\"", "- new.$zone. 3600 IN A 192.0.2.83"], 'changed, removed, added, a case') or tell_run($seen);
	is(scalar @{ sample(compared('192.0.2.1', '192.0.2.3', '--with-ttl'), '192.0.2.3') }, 8, 'and the TTL, where TTLs count');
	my ($finding) = findings($seen->{json});
	like($finding->{advice}, qr/pdnsutil increase-serial $zone && pdns_control notify $zone/, 'what to do');
	$ns1->util('increase-serial', $zone);
	$seen = compared('192.0.2.1', '192.0.2.3');
	like(join(' ', @{ codes($seen) }), qr/^(?:secondary_behind)?$/, 'behind, until it is notified') or tell_run($seen);
	$ns1->control('notify', $zone);
	ok(wait_until(60, sub { result(compared('192.0.2.1', '192.0.2.3'), '192.0.2.3') eq 'equal' }), 'that helps');
};

# Letter p: SOA-EDIT=INCEPTION-INCREMENT says the same serial all week, whatever the database's is.
subtest 'SOA-EDIT hides a change' => sub {
	my $ns1;
	together {
		$ns1 = pdns('192.0.2.1', zones => { $zone => \zone_text($zone, 10, 3, 'www A 192.0.2.80') }, 'allow-axfr-ips' => '192.0.2.0/24');
		$ns1->util('secure-zone', $zone);
		$ns1->util('set-meta', $zone, 'SOA-EDIT', 'INCEPTION-INCREMENT');
		named('192.0.2.3', %from);
	};
	my $served;
	ok(wait_until(60, sub { $served = serial_at('192.0.2.1', $zone); ($served // 0) > 2000000000 && (serial_at('192.0.2.3', $zone) // 0) == $served }), 'BIND has the zone');
	is(result(compared('192.0.2.1', '192.0.2.3', '--ignore=RRSIG'), '192.0.2.3'), 'equal', 'equal before');
	# As a tool does it that edits the database: pdnsutil increase-serial knows SOA-EDIT.
	$ns1->sql("UPDATE records SET content='192.0.2.180' WHERE name='www.$zone'", "UPDATE records SET content=replace(content, ' 10 ', ' 11 ') WHERE type='SOA'");
	$ns1->control('notify', $zone);
	is(serial_at('192.0.2.1', $zone), $served, 'the serial stays');
	my $seen = compared('192.0.2.1', '192.0.2.3', '--ignore=RRSIG');
	is_deeply(codes($seen), ['content_differs'], 'content_differs') or tell_run($seen);
	is_deeply([sort @{ sample($seen, '192.0.2.3') }], ["+ www.$zone. 300 IN A 192.0.2.80", "- www.$zone. 300 IN A 192.0.2.180"], 'the change');
	like((findings($seen->{json}))[0]{advice}, qr/pdnsutil get-meta $zone SOA-EDIT/, 'where to look');
};

subtest 'ZONEMD' => sub {
	my $plain = zone_text($zone, 10, 3, map { "h$_ A 192.0.2." . ($_ % 250) } 1 .. 500);
	my $directory = DNSReplication::Lab::directory('zonemd');
	spew("$directory/plain", $plain);
	run(['ldns-signzone', '-Z', '-z', '1:1', '-z', '1:2', '-o', $zone, '-f', "$directory/digested", "$directory/plain"]);
	my $digested = slurp("$directory/digested");
	like($digested, qr/\tZONEMD\t/, 'ldns-signzone has made the digests');
	together {
		named('192.0.2.3', zones => { $zone => \$digested }), nsd('192.0.2.4', zones => { $zone => \($digested =~ s/^h77\.$zone\..*\n//mr) }),
			knotd('192.0.2.5', zones => { $zone => \$plain }, options => "   dnssec-signing: on\n   zonemd-generate: zonemd-sha512\n   zonefile-load: difference\n   journal-content: all\n");
	};
	my $verified = sub { my ($address) = @_; my $seen = check_transfer(@asking, '-H', $address, '--zonemd', '--output-format=json'); return $seen->{json}{transfers}[0]{zonemd}{result} // '' };
	is($verified->('192.0.2.3'), 'good', 'those of ldns, served by BIND');
	is($verified->('192.0.2.4'), 'different', 'a record is missing at NSD');
	ok(wait_until(30, sub { $verified->('192.0.2.5') eq 'good' }), 'those of Knot, signed') or diag $verified->('192.0.2.5');
};

subtest 'a million records' => sub {
	my $zone = 'million.example';
	my $start = zone_text($zone, 10, 2) . join '', map { "h$_ A 10." . ($_ >> 16 & 255) . '.' . ($_ >> 8 & 255) . '.' . ($_ & 255) . "\n" } 1 .. 1_000_000;
	my $other = $start =~ s/^h(\d*77) A 10/h$1 A 11/gmr;
	together { nsd('192.0.2.4', zones => { $zone => \$start }), knotd('192.0.2.5', zones => { $zone => \$start }), knotd('192.0.2.6', zones => { $zone => \$other }) };
	ok(wait_until(120, sub { my @all = grep { (serial_at($_, $zone) // 0) == 10 } '192.0.2.4', '192.0.2.5', '192.0.2.6'; @all == 3 }), 'loaded');
	my $seen = check_transfer('-t', '60s', '-z', $zone, '-H', '192.0.2.4', '--compare=192.0.2.5', '--compare=192.0.2.6', '--output-format=json');
	is(result($seen, '192.0.2.5'), 'equal', 'NSD and Knot') or tell_run($seen);
	my ($comparison) = map { $_->{comparison} } grep { $_->{address} eq '192.0.2.6' } @{ $seen->{json}{transfers} };
	is_deeply([@$comparison{qw(result only_on_reference only_on_server)}, $comparison->{complete} ? 1 : 0], ['different', 10000, 10000, 1], 'a hundredth of them changed: all are found') or tell_run($seen);
	is($seen->{json}{transfers}[0]{records}, 1000005, 'records');
};

done_testing;
