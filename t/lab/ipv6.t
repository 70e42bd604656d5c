# Deliver 3: IPv6: everywhere, not here, broken here.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
sub text { my (@more) = @_; return \zone_text($zone, 10, 2, @more) }

subtest 'IPv6 only' => sub {
	my $text = join "\n", "\$ORIGIN $zone.", '$TTL 300', '@ SOA ns1 hostmaster 10 600 60 3600 60', (map { ("@ NS ns$_", "ns$_ AAAA 2001:db8::$_") } 1, 2), '';
	my @servers = map { named("2001:db8::$_", zones => { $zone => \$text }) } 1, 2;
	my $seen = check('-z', $zone, '-H', '2001:db8::1');
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/2 of 2 servers/, 'both');
	$_->stop for @servers;
};

subtest 'no route for IPv6 from here' => sub {
	my @servers = map { named("192.0.2.$_", zones => { $zone => text("ns2 AAAA 2001:db8:ffff::2") }) } 1, 2;
	my $seen = check('-z', $zone, '-H', '192.0.2.1');
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/2 of 2 servers/, 'what was not asked does not count') or tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 1, 'and costs no time');
	my @said = findings(check_json('-z', $zone, '-H', '192.0.2.1')->{json}, ok => 1);
	is_deeply([map { "$_->{code} $_->{severity}" } @said], ['ipv6_skipped OK'], 'it is listed with severity ok');
	$_->stop for @servers;
};

subtest 'a route, but nothing comes back' => sub {
	my @servers = map { named("192.0.2.$_", zones => { $zone => text(map { "ns$_ AAAA 2001:db8::$_" } 1, 2) }) } 1, 2;
	firewall('ip6 daddr 2001:db8::/32 drop');
	my $seen = check_json('-t', '4s', '-z', $zone, '-H', '192.0.2.1');
	is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})], ['ipv6_broken_here WARNING'], 'one finding') or tell_run($seen);
	firewall();
	$_->stop for @servers;
};

done_testing;
