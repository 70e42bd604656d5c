# Deliver 5, the walk-through: PowerDNS as primary and autosecondary, BIND as a third, driven as an
# operator would; the check's verdict after each step.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my $zone = 'example.com';
my $state = File::Temp->newdir;
my @asking = ('-z', $zone, '-H', '192.0.2.1', '--state-dir', "$state", '-w', '2s', '-c', '4s', '-t', '5s');
my %address = map { ("ns$_" => "192.0.2.$_") } 1 .. 3;

# The verdict: state and findings, each as "code server".
sub verdict {
	my ($step, $expected_state, @expected) = @_;
	my $seen = check_json(@asking);
	my @said = sort map { "$_->{code} " . (($_->{server} // '-') =~ s/\.example\.com\.$//r) } findings($seen->{json});
	is_deeply([$seen->{json}{state}, @said], [$expected_state, sort @expected], "$step: $expected_state @expected") or tell_run(check(@asking));
	return $seen->{json};
}
sub arrives { my ($server) = @_; return wait_until(10, sub { (serial_at($address{$server}, $zone) // -1) == serial_at($address{ns1}, $zone) }) }

# The rest of the world, for the resolver: there is none.
my $resolver = named('192.0.2.53',
	zones => { '.' => \". 60 SOA ns. root. 1 60 60 60 60\n. 60 NS ns.\nns. 60 A 192.0.2.53\n" });
my $ns1 = pdns($address{ns1}, primary => 'yes', 'allow-axfr-ips' => '192.0.2.2,192.0.2.3');
my $ns2 = pdns($address{ns2}, secondary => 'yes',
	autosecondary => 'yes', 'xfr-cycle-interval' => 60);
my $ns3;

verdict('nobody has the zone', 'CRITICAL', 'zone_refused 192.0.2.1', 'no_secondaries -');

$ns1->util('create-zone', $zone, "ns1.$zone");
$ns1->util('add-record', $zone, 'ns1', 'A', $address{ns1});
verdict('created, with one NS record', 'WARNING', 'no_secondaries -');

$ns1->util('add-record', $zone, '@', 'NS', "ns$_.$zone") for 2, 3;
verdict('NS names without addresses', 'WARNING', 'ns_unresolvable ns2', 'ns_unresolvable ns3', 'no_secondaries -');

$ns1->util('add-record', $zone, "ns$_", 'A', $address{"ns$_"}) for 2, 3;
verdict('the secondaries do not know it, ns3 is not there yet', 'CRITICAL', 'zone_refused ns2', 'server_port_closed ns3');

$ns3 = named($address{ns3}, zones => { 'other.test' => \zone_text('other.test', 1, 3) });
verdict('BIND is up, and not configured', 'CRITICAL', 'zone_refused ns2', 'zone_refused ns3');
$ns3->stop;
$ns3 = named($address{ns3}, zones => { $zone => $address{ns1} });

$ns1->util('set-kind', $zone, 'primary');
$ns1->util('increase-serial', $zone);
$ns1->control('notify', $zone);
ok(arrives('ns3'), 'NOTIFY reaches BIND');
verdict('no autoprimary row on ns2', 'CRITICAL', 'zone_refused ns2');

$ns2->util('add-autoprimary', $address{ns1}, "ns9.$zone", 'lab');
$ns1->control('notify', $zone);
verdict('an autoprimary row with another name', 'CRITICAL', 'zone_refused ns2');

$ns2->util('add-autoprimary', $address{ns1}, "ns2.$zone", 'lab');
$ns1->control('notify', $zone);
ok(arrives('ns2'), 'ns2 creates the zone and transfers it');
verdict('provisioned', 'OK');
my $seen = check(@asking);
is_plugin_output($seen, 'OK');
like($seen->{first}, qr/^DNS REPLICATION OK - example\.com serial 1 on 3 of 3 servers \| /, 'in one line');

$ns1->util('add-record', $zone, 'www', 'A', '192.0.2.80');
$ns1->util('increase-serial', $zone);
is(serial_at($address{ns1}, $zone), 2, 'a change');
is(state_of(check(@asking)), 'OK', 'the secondaries may be behind for a while');
$ns1->control('notify', $zone);
ok(arrives($_), "$_ transfers it") for 'ns2', 'ns3';
verdict('changed and notified', 'OK');

subtest 'stale: the primary refuses transfers to ns2' => sub {
	$ns1->configure('allow-axfr-ips' => $address{ns3});
	$ns1->restart;
	$ns1->util('increase-serial', $zone);
	$ns1->control('notify', $zone);
	ok(arrives('ns3'), 'ns3 follows');
	my $run;
	ok(wait_until(15, sub { state_of($run = check(@asking)) eq 'CRITICAL' }), 'CRITICAL after the threshold');
	is_plugin_output($run, 'CRITICAL');
	like($run->{first}, qr/^DNS REPLICATION CRITICAL - example\.com: ns2\.example\.com 1 serial behind for \d+s \(since \d\d:\d\d/, 'who and since when') or tell_run($run);
	my $json = verdict('stale', 'CRITICAL', 'secondary_behind ns2');
	is(server_of($json, "ns2.$zone")->{serials_behind}, 1, 'by one');
	my ($finding) = findings($json);
	like($finding->{advice}, qr/AXFR|retrieve/, 'what to type');
	$ns1->configure('allow-axfr-ips' => "$address{ns2},$address{ns3}");
	$ns1->restart;
	$ns2->control('retrieve', $zone);
	ok(arrives('ns2'), 'allowed again, retrieved');
	verdict('stale no longer', 'OK');
};

subtest 'ahead: somebody raised the serial on ns2' => sub {
	$ns2->util('increase-serial', $zone) for 1 .. 3;
	my $json = verdict('ahead', 'CRITICAL', 'secondary_ahead ns2');
	$ns1->control('notify', $zone);
	verdict('a NOTIFY does not help', 'CRITICAL', 'secondary_ahead ns2');
	$ns1->util('increase-serial', $zone) for 1 .. 4;
	$ns1->control('notify', $zone);
	ok(arrives($_), "$_ follows") for 'ns2', 'ns3';
	verdict('the serial raised on the primary', 'OK');
};

subtest 'down' => sub {
	$ns3->stop;
	verdict('ns3 is stopped', 'CRITICAL', 'server_port_closed ns3');
	firewall("ip daddr $address{ns2} drop");
	my $json = verdict('and ns2 is cut off', 'CRITICAL', 'server_port_closed ns3', 'server_timeout ns2');
	is(server_of($json, "ns1.$zone")->{outcome}, 'answered', 'the primary is judged');
	firewall();
	$ns3->restart;
	ok(arrives('ns3'), 'BIND again');
	verdict('up', 'OK');
	$ns1->stop;
	$json = verdict('the primary is stopped', 'CRITICAL', 'server_port_closed ns1');
	is(server_of($json, "$_.$zone")->{serial}, serial_at($address{$_}, $zone), "$_ is known from history, and judged") for 'ns2', 'ns3';
	$ns1->restart;
	verdict('up again', 'OK');
};

subtest 'deleted on the primary: orphans' => sub {
	$ns1->util('delete-zone', $zone);
	verdict('deleted', 'CRITICAL', 'zone_refused ns1', 'orphan_zone ns2', 'orphan_zone ns3');
};

done_testing;
