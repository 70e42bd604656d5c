# Deliver 5, real servers behind firewalls: UDP or TCP dropped or refused, hosts unreachable, one
# dead of three.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
my @servers = map { named("192.0.2.$_", zones => { $zone => \zone_text($zone, 10, 3) }) } 1 .. 3;
my @asking = ('-t', '4s', '-z', $zone, '-H', '192.0.2.1');
is_plugin_output(check(@asking), 'OK');

for my $story (
	['TCP dropped', 'tcp dport 53 drop', 'tcp_unreachable', 'udp'],
	['TCP reset', 'tcp dport 53 reject with tcp reset', 'tcp_unreachable', 'udp'],
	['UDP dropped', 'udp dport 53 drop', 'udp_unreachable', 'tcp'],
	['UDP rejected', 'udp dport 53 reject with icmp type port-unreachable', 'udp_unreachable', 'tcp'],
	['all dropped', 'meta l4proto { tcp, udp } th dport 53 drop', 'server_timeout'],
	['all rejected', 'meta l4proto { tcp, udp } th dport 53 reject with icmp type host-unreachable', 'server_unreachable'],
	['prohibited', 'meta l4proto { tcp, udp } th dport 53 reject with icmp type admin-prohibited', 'server_unreachable'],
) {
	my ($name, $rule, $code, $transport) = @$story;
	firewall("ip daddr 192.0.2.3 $rule");
	my $seen = check_json(@asking);
	is_deeply(findings_of($seen->{json}, "ns3.$zone"), [$code], "$name: $code") or tell_run($seen);
	is($seen->{json}{state}, 'CRITICAL', "$name: CRITICAL");
	is_deeply(findings_of($seen->{json}, "ns2.$zone"), [], "$name: ns2 is judged");
	is_deeply([@{ server_of($seen->{json}, "ns3.$zone") }{qw(transport serial)}], [$transport, 10], "$name: the serial by $transport") if $transport;
	cmp_ok($seen->{seconds}, '<', 4, "$name: in time");
}
firewall();
is_plugin_output(check(@asking), 'OK');

done_testing;
