# Deliver 3, the good case: all servers serve what the primary serves, and output and perfdata are
# as the contract has them.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $fake = cluster([2026112201, 2026112201, 2026112201]);
my $seen = check($fake->arguments);
is_plugin_output($seen, 'OK');
like($seen->{first}, qr/^DNS REPLICATION OK - example\.com serial 2026112201 on 3 of 3 servers \| /,
	'the first line');
is(scalar @{ $seen->{lines} }, 1, 'and nothing else');
cmp_ok(length($seen->{first} =~ s/ \|.*//r), '<', 80, 'under 80 characters');

is(perfdata_of($seen, 'lag'), 'lag=0s;300;3600;0', 'perfdata: lag with its default thresholds');
is(perfdata_of($seen, 'serial'), 'serial=2026112201', 'perfdata: serial');
is(perfdata_of($seen, 'servers'), 'servers=3;;;0', 'perfdata: servers');
is(perfdata_of($seen, 'in_sync'), 'in_sync=3;;;0', 'perfdata: in_sync');
like(perfdata_of($seen, 'time'), qr/^time=0\.\d{1,6}s;;;0$/, 'perfdata: time');
is_deeply([@{ $seen->{perfdata}{order} }[0 .. 4]], [qw(lag serial servers in_sync time)],
	'in this order');
my %of = %{ $seen->{perfdata}{of} };
is($of{"lag_ns${_}_example_com"}{value}, 0, "perfdata: lag of ns$_") for 2, 3;
for my $server (1 .. 3) {
	my $rtt = $of{"rtt_ns${server}_example_com"} // {};
	cmp_ok($rtt->{value} // 0, '>', 0, "perfdata: round trip of ns$server");
	like($rtt->{unit} // '', qr/^m?s$/, 'with a unit');
}
ok(!grep({ /^expire_/ } keys %of), 'no expire where no server says it');
cmp_ok($seen->{seconds}, '<', 1, 'and no waiting');

subtest 'one question per server, NS of the primary, one TCP probe' => sub {
	my @soa = $fake->asked(by => 'udp', type => 'SOA');
	is_deeply([sort map { $_->{address} } @soa], ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
		'one SOA question per server by UDP');
	is(scalar(grep { $_->{edns} && $_->{do} && $_->{nsid} && $_->{expire} && !$_->{rd} } @soa),
		3, 'with EDNS: DO, NSID, EXPIRE; without RD');
	is(scalar(my @connects = $fake->asked(by => 'connect')), 3, 'one connection per server');
};

subtest 'servers rotate NS records, perfdata keeps its order' => sub {
	my @names = map { "ns$_.example.com" } 1 .. 3;
	my @orders = map {
		my $rotated = cluster([1, 1, 1], zone => { ns => $_, soa => { mname => $names[0] } });
		join ' ', @{ check($rotated->arguments)->{perfdata}{order} };
	} [@names], [reverse @names], [@names[1, 2, 0]];
	is($orders[$_], $orders[0], "order $_") for 1, 2;
};

subtest 'without -H the MNAME is the primary' => sub {
	my $run = check_json('-z', 'example.com', '-p', $fake->port, '-n', '-a',
		'ns1.example.com=127.0.0.1', '-a', 'ns2.example.com=127.0.0.2');
	is_deeply($run->{json}{zones}[0]{reference},
		{ serial => 2026112201, source => 'soa_mname' }, 'reference');
	is($run->{json}{state}, 'OK', 'OK') or tell_run($run);
};

subtest 'another case, a final dot, -D and --domain mean the same zone' => sub {
	for my $zone (['-z', 'EXAMPLE.com.'], ['-D', 'Example.Com'], ['--domain=example.com'],
		['--zone', 'example.com']) {
		my $run = check(@$zone, '-H', $fake->at('127.0.0.1'), '-p', $fake->port);
		like($run->{first}, qr/OK - example\.com serial 2026112201 on 3 of 3/, "@$zone")
			or tell_run($run);
	}
};

subtest 'several zones' => sub {
	my @zones = map { "z$_.example" } 1 .. 3;
	my $many = fake(map { ("127.0.0.$_" => { zones => { map { ($_ => zone_of($_, 7,
		2)) } @zones } }) } 1, 2);
	my $run = check('-H', $many->at('127.0.0.1'), '-p', $many->port, map { ('-z', $_) } @zones);
	is_plugin_output($run, 'OK');
	is($run->{perfdata}{of}{zones}{value}, 3, 'perfdata: zones');
	is($run->{perfdata}{of}{zones_ok}{value}, 3, 'perfdata: zones_ok');
	ok(exists $run->{perfdata}{of}{$_}, "perfdata: $_")
		for qw(zones_warning zones_critical zones_unknown lag_max servers queries retries time);
	is(scalar(grep { /^(behind|unanswered)_/ } @{ $run->{perfdata}{order} }),
		scalar(grep { /^behind_/ } @{ $run->{perfdata}{order} }) * 2,
		'perfdata: behind and unanswered for each server');
	ok(exists $run->{perfdata}{of}{serial} ? 0 : 1, 'no serial of many zones');
};

done_testing;
