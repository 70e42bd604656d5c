# Operators' worlds: servers in unusual roles, and well. For each: the state, what is said, and that nothing else is.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use DNSReplication::World;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my $address = '192.0.2';

subtest 'a hidden primary' => sub {
	my $zone = 'hidden.example';
	my @public = hosts(2 .. 4);
	my $hidden = named("$address.1", zones => { $zone => zone_with($zone, 10, 'ns2', @public) }, options => 'notify explicit; also-notify { 192.0.2.2; 192.0.2.3; 192.0.2.4; };');
	my @servers = (named("$address.2", zones => { $zone => "$address.1" }), nsd("$address.3", zones => { $zone => "$address.1" }), knotd("$address.4", zones => { $zone => "$address.1" }));
	ok(serve(10, $zone, 2 .. 4), 'three public servers have it');
	my $resolver = named("$address.53", zones => { $zone => zone_with($zone, 10, 'ns2', @public) }); # what the world knows
	my $json = verdict('named with -H', ['-z', $zone, '-H', "$address.1"], 'OK');
	is($json->{zones}[0]{reference}{source}, 'primary', 'it is the reference');
	first_line(['-z', $zone, '-H', "$address.1"], 'OK', qr/serial 10 on 4 of 4 servers/);

	# The monitor does not know it, or cannot reach it; MNAME is a public server, as many do it.
	$json = verdict('not known at all', ['-z', $zone, '-a', "ns3.$zone=$address.3"], 'OK');
	is($json->{zones}[0]{reference}{source}, 'soa_mname', 'the server that the SOA names is the reference');

	# MNAME names the hidden one, and nobody may ask it.
	$hidden->stop;
	$hidden = named("$address.1", zones => { $zone => zone_with($zone, 11, 'hidden', @public, "hidden A $address.1") }, options => 'notify explicit; also-notify { 192.0.2.2; 192.0.2.3; 192.0.2.4; };');
	$resolver->stop;
	$resolver = named("$address.53", zones => { $zone => zone_with($zone, 11, 'hidden', @public, "hidden A $address.1") });
	ok(serve(11, $zone, 2 .. 4), 'MNAME is the hidden primary now');
	firewall("ip daddr $address.1 drop");
	$json = verdict('MNAME cannot be asked', ['-z', $zone, '-a', "ns3.$zone=$address.3"], 'OK');
	is($json->{zones}[0]{reference}{source}, 'newest', 'the newest serial is the reference');
	is_deeply([sort map { $_->{name} } grep { $_->{outcome} eq 'answered' } @{ $json->{zones}[0]{servers} }], [map { "ns$_.$zone." } 2 .. 4], 'the public servers are judged');
	firewall();

	# Nothing goes out: nobody public can know, the hidden primary does.
	firewall(map { "ip saddr $address.1 ip daddr $address.$_ drop" } 2 .. 4);
	spew("$hidden->{directory}/$zone.zone", ${ zone_with($zone, 12, 'hidden', @public, "hidden A $address.1") });
	kill HUP => $hidden->{pid};
	ok(serve(12, $zone, 1), 'a change on the hidden primary');
	verdict('without -H that is not visible', ['-z', $zone, '-a', "ns3.$zone=$address.3", '--exclude-server', "hidden.$zone"], 'OK');
	$json = verdict('with it, it is', ['-z', $zone, '-H', "$address.1"], 'WARNING', map { "secondary_behind ns$_" } 2 .. 4);
	first_line(['-z', $zone, '-H', "$address.1"], 'WARNING', qr/hidden\.example: ns2\.hidden\.example 1 serial behind/);
	firewall();
	$_->stop for $hidden, $resolver, @servers;
};

subtest 'a secondary that no NS record names' => sub {
	my $zone = 'unlisted.example';
	my $ns1 = named("$address.1", zones => { $zone => zone_with($zone, 10, 'ns1', hosts(1, 2)) });
	my $ns2 = nsd("$address.2", zones => { $zone => "$address.1" });
	my $unlisted = named("$address.4", zones => { $zone => zone_with($zone, 8, 'ns1', hosts(1, 2)) });
	ok(serve(10, $zone, 2), 'the listed one follows');
	verdict('nobody asks it', ['-z', $zone, '-H', "$address.1"], 'OK');
	my @asking = ('-z', $zone, '-H', "$address.1", '-a', "ns4.example.net=$address.4");
	my $json = verdict('-a asks it', \@asking, 'WARNING', 'secondary_behind ns4.example.net');
	is(server_of($json, 'ns4.example.net')->{role}, 'secondary', 'as a secondary');
	first_line(\@asking, 'WARNING', qr/unlisted\.example: ns4\.example\.net 2 serials behind.*: it refreshed just now: it asks another primary, or is one itself/);
	$_->stop for $ns1, $ns2, $unlisted;
};

subtest 'NAT and split horizon: what a name means here' => sub {
	my $zone = 'nat.example';
	# The world sees 198.51.100.2; from here that leads nowhere.
	my $text = zone_with($zone, 10, 'ns1', '@ NS ns1', '@ NS ns2', "ns1 A $address.1", 'ns2 A 198.51.100.2');
	my $ns1 = named("$address.1", zones => { $zone => $text });
	my $ns2 = nsd("$address.2", zones => { $zone => "$address.1" });
	ok(serve(10, $zone, 2), 'behind the NAT ns2 is 192.0.2.2');
	shell(qw(ip route add blackhole 198.51.100.0/24));
	my $json = verdict('by its public address', ['-z', $zone, '-H', "$address.1", '-t', '4s'], 'CRITICAL', 'server_unreachable ns2');
	is(server_of($json, "ns2.$zone")->{address}, '198.51.100.2', 'which leads nowhere');
	my @asking = ('-z', $zone, '-H', "$address.1", '--address', "ns2.$zone=$address.2");
	$json = verdict('by what --address says', \@asking, 'OK');
	is(server_of($json, "ns2.$zone")->{address}, "$address.2", 'from inside');
	first_line(\@asking, 'OK', qr/serial 10 on 2 of 2 servers/);

	# Two servers behind the one public address: all of them count, one lacks the zone.
	my $ns3 = named("$address.3", zones => { 'other.test' => $text });
	@asking = ('-z', $zone, '-H', "$address.1", '--address', "ns2.$zone=$address.2,$address.3");
	$json = verdict('two addresses', \@asking, 'CRITICAL', 'zone_refused ns2');
	is((findings($json))[0]{address}, "$address.3", 'of them the second');
	first_line(\@asking, 'CRITICAL', qr/ns2\.nat\.example \(192\.0\.2\.3\) answers REFUSED/);

	# The inside has another view, with serials of its own: the monitor is inside and asks for that.
	$_->stop for $ns1, $ns3;
	my $both = named("$address.1", options => '', zones => { 'other.test' => $text });
	spew("$both->{directory}/outside.zone", $$text);
	spew("$both->{directory}/inside.zone", ${ zone_with($zone, 77, 'ns1', '@ NS ns1', '@ NS ns2', "ns1 A $address.1", "ns2 A $address.3") });
	my $configuration = slurp("$both->{directory}/named.conf") =~ s/^zone .*\n//mgr;
	my $views = join '', map { my ($name, $clients) = @$_; qq(view "$name" { match-clients { $clients; }; zone "$zone" { type primary; file "$name.zone"; allow-transfer { any; }; }; };\n) }
		['inside', "$address.100; $address.3"], ['outside', 'any'];
	spew("$both->{directory}/named.conf", $configuration . $views);
	$both->restart;
	my $inside = nsd("$address.3", zones => { $zone => "$address.1" });
	ok(wait_until(20, sub { (serial_at("$address.3", $zone) // 0) == 77 }), 'the inside view is on 192.0.2.3');
	@asking = ('-z', $zone, '-H', "$address.1");
	verdict('inside, from where the monitor is', [@asking, "--source=$address.100"], 'OK');
	verdict('outside, with its addresses', [@asking, "--source=$address.9", '--address', "ns2.$zone=$address.2"], 'OK');
	verdict('mixed up', [@asking, "--source=$address.9", '--address', "ns2.$zone=$address.3"], 'CRITICAL', 'secondary_ahead ns2');
	$_->stop for $both, $inside, $ns2;
	shell(qw(ip route del blackhole 198.51.100.0/24));
};

subtest 'a secondary that signs by itself' => sub {
	my $zone = 'signer.example';
	my $ns1 = named("$address.1", zones => { $zone => \zone_text($zone, 10, 3) });
	my $ns2 = nsd("$address.2", zones => { $zone => "$address.1" });
	my $signer = knotd("$address.3", zones => { $zone => "$address.1" });
	spew("$signer->{directory}/knot.conf", slurp("$signer->{directory}/knot.conf") =~ s/^( - domain: .*\n)/$1   dnssec-signing: on\n   serial-policy: unixtime\n/mr);
	$signer->restart;
	ok(serve(10, $zone, 2), 'the other one serves what the primary does');
	ok(wait_until(30, sub { (serial_at("$address.3", $zone) // 0) > 1_000_000 }), 'the signer has a serial of its own') or diag $signer->log;
	my @asking = ('-z', $zone, '-H', "$address.1");
	verdict('not said', \@asking, 'CRITICAL', 'secondary_ahead ns3');
	my $seen = first_line(\@asking, 'CRITICAL', qr/ns3\.signer\.example \d+ serials ahead of the primary: it seems to sign the zone by itself/);
	like($seen->{text}, qr/--serials-independent=ns3\.signer\.example/, 'and what to type');
	push @asking, '--serials-independent', "ns3.$zone";
	my $json = verdict('--serials-independent', \@asking, 'OK');
	ok(server_of($json, "ns3.$zone")->{signature_expires_in_s} > 86400, 'its signature is looked at');
	first_line(\@asking, 'OK', qr/serial 10 on 3 of 3 servers/);
	$signer->stop;
	verdict('it must be alive', \@asking, 'CRITICAL', 'server_port_closed ns3');
	my $lame = named("$address.3", zones => { 'other.test' => \zone_text('other.test', 1, 1) });
	verdict('and authoritative', \@asking, 'CRITICAL', 'zone_refused ns3');
	$_->stop for $ns1, $ns2, $lame;
};

subtest 'a primary that signs online' => sub {
	my $zone = 'online.example';
	my $ns1 = pdns("$address.1", primary => 'yes', 'allow-axfr-ips' => "$address.0/24", 'also-notify' => "$address.2,$address.3,$address.4", 'zone-metadata-cache-ttl' => 0, 'dnssec-key-cache-ttl' => 0);
	$ns1->util('load-zone', $zone, spew(DNSReplication::Lab::directory('scratch') . "/$zone", zone_text($zone, 2026010101, 4)));
	$ns1->util('set-kind', $zone, 'primary');
	$ns1->util('secure-zone', $zone);
	$ns1->util('set-meta', $zone, 'SOA-EDIT', 'INCREMENT-WEEKS');
	my @others = (named("$address.2", zones => { $zone => "$address.1" }), nsd("$address.3", zones => { $zone => "$address.1" }), knotd("$address.4", zones => { $zone => "$address.1" }));
	my $served = serial_at("$address.1", $zone);
	isnt($served, 2026010101, 'the served serial is not the one in the database: SOA-EDIT');
	ok(serve($served, $zone, 2 .. 4), 'all secondaries serve the same') or diag join "\n", map { $_->log } $ns1, @others;
	my @asking = ('-z', $zone, '-H', "$address.1");
	my $json = verdict('signed online', \@asking, 'OK');
	ok(server_of($json, "ns$_.$zone")->{signature_expires_in_s} > 3 * 86400, "ns$_ serves signatures") for 1 .. 4;
	first_line(\@asking, 'OK', qr/serial $served on 4 of 4 servers/);
	$ns1->util('increase-serial', $zone);
	my $next = serial_at("$address.1", $zone);
	cmp_ok($next, '>', $served, 'a change');
	$ns1->control('notify', $zone);
	ok(serve($next, $zone, 2 .. 4), 'arrives');
	verdict('changed', \@asking, 'OK');
	$_->stop for $ns1, @others;
};

subtest 'two primaries on one database' => sub {
	my $zone = 'native.example';
	my $state = File::Temp->newdir;
	my $ns6 = pdns("$address.6");
	my $ns7 = pdns("$address.7");
	$ns7->stop;
	spew("$ns7->{directory}/pdns.conf", slurp("$ns7->{directory}/pdns.conf") =~ s{^gsqlite3-database=.*}{gsqlite3-database=$ns6->{directory}/zones.sqlite3}mr);
	$ns7 = $ns7->restart;
	$ns6->util('load-zone', $zone, spew(DNSReplication::Lab::directory('scratch') . "/$zone", ${ zone_with($zone, 5, 'ns6', hosts(6, 7)) }));
	$ns6->util('set-kind', $zone, 'native');
	ok(serve(5, $zone, 6, 7), 'native: both serve the one database');
	my $resolver = named("$address.53", zones => { $zone => zone_with($zone, 5, 'ns6', hosts(6, 7)) });
	my @asking = ('-z', $zone, '--state-dir', "$state", '-s', "$address.53");
	verdict('both', \@asking, 'OK');
	verdict('with either as the primary', [@asking, '-H', "$address.$_"], 'OK') for 6, 7;
	$ns6->util('increase-serial', $zone);
	verdict('a change is there for both at once', \@asking, 'OK');
	$ns6->stop;
	my $json = verdict('one of them is down', \@asking, 'CRITICAL', 'server_port_closed ns6');
	is(server_of($json, "ns7.$zone")->{serial}, 6, 'the other one is judged');
	verdict('for two of two --quorum=1 makes that a WARNING', [@asking, '--quorum=1'], 'WARNING', 'server_port_closed ns6');
	$_->stop for $ns7, $resolver;
};

done_testing;
