# Operators' worlds: where the monitor itself lacks something: IPv6, a resolver; servers that restart under its eyes.
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

subtest 'IPv6: none here, or broken here' => sub {
	my $zone = 'names.example';
	my @zones = map { "z$_.test" } 1 .. 5;
	my $text = sub { my ($name) = @_; return \join "\n", "\$ORIGIN $name.", '$TTL 300', '@ SOA ns1 hostmaster 10 600 60 3600 60', "\@ NS ns1.$zone.", "\@ NS ns2.$zone.", '' };
	my %served = map { $_ => $text->($_) } @zones;
	my $names = sub { my ($prefix) = @_; return zone_with($zone, 10, 'ns1', map { ("\@ NS ns$_", "ns$_ A $address.$_", "ns$_ AAAA $prefix\::$_") } 1, 2) };
	my @servers = map { named("$address.$_", zones => { %served, $zone => $names->('2001:db8:ffff') }) } 1, 2;
	my @asking = (map({ ('-z', $_) } @zones, $zone), '-H', "$address.1", '-s', "$address.1", '-t', '4s');
	my $json = verdict('no route', \@asking, 'OK', ('ipv6_skipped -'));
	like((findings($json, ok => 1))[0]{text}, qr/IPv6/, 'said once, in words') or diag explain [findings($json, ok => 1)];
	$_->stop for @servers;
	@servers = map { named("$address.$_", zones => { %served, $zone => $names->('2001:db8') }) } 1, 2;
	firewall('ip6 daddr 2001:db8::/32 drop');
	$json = verdict('a route, and nothing comes back', \@asking, 'WARNING', 'ipv6_broken_here -');
	first_line(\@asking, 'WARNING', qr/IPv6/);
	firewall();
	$_->stop for @servers;
};

subtest 'the resolver is down' => sub {
	my $zone = 'resolver.example';
	my $state = File::Temp->newdir;
	my $names = sub { my ($serial) = @_; return zone_with($zone, $serial, 'ns1', '@ NS ns1', '@ NS ns2.provider.test.', '@ NS ns3.provider.test.', "ns1 A $address.1") };
	my $ns1 = named("$address.1", zones => { $zone => $names->(10) });
	my @others = (nsd("$address.2", zones => { $zone => "$address.1" }), nsd("$address.3", zones => { $zone => $names->(9) }));
	my $resolver = named("$address.53", zones => { 'provider.test' => \"\$TTL 60\n\@ SOA ns root 1 60 60 60 60\n\@ NS ns\nns A $address.53\nns2 A $address.2\nns3 A $address.3\n" });
	ok(serve(10, $zone, 2), 'one follows, one does not');
	my @asking = ('-z', $zone, '-H', "$address.1", '--state-dir', "$state", '-s', "$address.53", '-t', '5s', '-c', '1s', '-w', '1s');
	verdict('a run with the resolver', \@asking, 'WARNING', 'secondary_behind ns3.provider.test');
	$resolver->stop;
	ok(wait_until(20, sub { check_json(@asking)->{json}{state} eq 'CRITICAL' }), 'time goes on');
	my $json = verdict('port closed', \@asking, 'CRITICAL', 'secondary_behind ns3.provider.test', 'resolver_failed -');
	is(server_of($json, "ns$_.provider.test")->{address}, "$address.$_", "ns$_.provider.test by its last known address") for 2, 3;
	firewall("ip daddr $address.53 drop");
	verdict('silent', \@asking, 'CRITICAL', 'secondary_behind ns3.provider.test', 'resolver_failed -');
	my $seen = first_line(\@asking, 'CRITICAL', qr/resolver\.example: ns3\.provider\.test 1 serial behind/);
	like($seen->{text}, qr/^\[WARNING\] the resolver can't be asked: 192\.0\.2\.53 does not answer; 2 names are asked at the addresses known from before/m, 'and which resolver');
	firewall();
	$json = verdict('and never a run before', ['-z', $zone, '-H', "$address.1", '-s', "$address.53", '-t', '5s'], 'WARNING', 'resolver_failed -', 'no_secondaries -');
	$_->stop for $ns1, @others;
};

done_testing;
