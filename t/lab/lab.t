# The lab itself: a primary of each kind and four secondaries, up at once, with clocks, keys and a relay; and gone when the test is.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Relay;
use DNSReplication::Run;
use Test::More;
use Time::HiRes 'time';
needs('check_dns_replication', 'axfrd');

addresses(map { ("192.0.2.1$_", "2001:db8::1$_") } 2 .. 7);
my ($zone, @all) = ('example.com', map { "192.0.2.$_" } 1 .. 5);
my $began = time;
my ($ns1, @secondaries) = together {
	pdns('192.0.2.1', 'allow-axfr-ips' => '192.0.2.0/24', zones => { $zone => \zone_text($zone, 10, 5) }),
	four_secondaries($zone => '192.0.2.1');
};
my $took = time - $began;
cmp_ok($took, '<', 15, sprintf 'a primary and four secondaries are up in %.2f s', $took);
$secondaries[0]->control('retrieve', $zone);
ok(serves(10, $zone, @all), 'all of them serve the zone');
is_plugin_output(check('-z', $zone, '-H', $all[0]), 'OK');


subtest 'a relay' => sub {
	addresses('192.0.2.101', '192.0.2.102');
	my $relay = relay(0.3, { '192.0.2.101' => $all[0] }, 53);
	for my $tcp (0, 1) {
		my $asked = time;
		my $answer = ask('192.0.2.101', $zone, 'SOA', tcp => $tcp, timeout => 10);
		ok($answer && $answer->answer, $tcp ? 'TCP' : 'UDP') and cmp_ok(time - $asked, '>', 0.3, 'arrives late');
	}
	my $lossy = relay(0, { '192.0.2.102' => $all[0] }, 53, lose => 2);
	is_deeply([map { defined ask('192.0.2.102', $zone, 'SOA', timeout => 1) ? 1 : 0 } 1 .. 4], [1, 0, 1, 0], 'each second answer is lost');
};

subtest 'a firewall' => sub {
	firewall("ip daddr $all[2] udp dport 53 drop");
	ok(!ask($all[2], $zone, 'SOA', timeout => 0.5), 'dropped');
	firewall();
	ok(ask($all[2], $zone, 'SOA'), 'lifted');
};

subtest 'other back ends, other primaries, IPv6' => sub {
	my $database = mariadb('db');
	my ($primary) = together { pdns('192.0.2.6,2001:db8::6', database => $database, 'allow-axfr-ips' => '::/0', zones => { 'db.test' => \zone_text('db.test', 5, 1) }) };
	is($primary->sql('SELECT type FROM domains'), "MASTER\n", 'PowerDNS with MariaDB');
	my %from = ('db.test' => '2001:db8::6', 'bind.test' => '192.0.2.7', 'nsd.test' => '192.0.2.8', 'knot.test' => '192.0.2.9', 'axfrd.test' => '192.0.2.100');
	my $text = sub { my ($name) = @_; return (zones => { "$name.test" => \zone_text("$name.test", 5, 1) }) };
	my ($last) = together {
		named('192.0.2.7', $text->('bind')), nsd('192.0.2.8', $text->('nsd')), knotd('192.0.2.9', $text->('knot')), axfrd('192.0.2.100', $text->('axfrd'))
	};
	my @both = together { map { my ($kind, $n) = @$_; $kind->("192.0.2.1$n,2001:db8::1$n", zones => \%from) } [\&pdns, 2], [\&named, 3], [\&nsd, 4], [\&knotd, 5] };
	$both[0]->control('retrieve', $_) for keys %from;
	for my $name (sort keys %from) { ok(serves(5, $name, map { ("192.0.2.1$_", "2001:db8::1$_") } 2 .. 5), "$name from $from{$name}, served by IPv4 and IPv6") }
	my $engine = axfrd('192.0.2.16', zones => { 'bind.test' => '192.0.2.7' });
	ok(serves(5, 'bind.test', '192.0.2.16'), 'axfrd as a secondary');
};

subtest 'keys, and clocks of their own' => sub {
	my %keys = (keys => { lab => 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' });
	my ($primary) = together { pdns('192.0.2.17', %keys, only_with => 'lab', 'allow-axfr-ips' => '192.0.2.200', zones => { 'key.test' => \zone_text('key.test', 5, 1) }) };
	my %as = (%keys, clock => '+0', zones => { 'key.test' => ['192.0.2.17', 'lab'] });
	my @four = together { pdns('192.0.2.12', %as), named('192.0.2.13', %as), nsd('192.0.2.14', %as), knotd('192.0.2.15', %as) };
	$four[0]->control('retrieve', 'key.test');
	ok(serves(5, 'key.test', map { "192.0.2.1$_" } 2 .. 5), 'only who has the key may transfer');
	$primary->stop;
	$_->clock('+2d') for @four;
	$_->again for map { $_->stop; $_ } @four;
	$_->ready for @four;
	my $rcode = sub { my $answer = ask($_[0]->{address}, 'key.test', 'SOA'); return $answer ? $answer->header->rcode : '' };
	is($rcode->($four[0]), 'NOERROR', 'two days later PowerDNS serves what others let expire');
	for my $server (@four[1 .. 3]) {
		ok(wait_until(30, sub { $rcode->($server) eq 'SERVFAIL' }), "$server->{address} does") or diag($server->log);
	}
};

# A lab within the lab, killed without a chance to clean up.
subtest 'torn down' => sub {
	my $marker = 'nsd-192.0.2.9';
	my $running = sub { grep { slurp($_) =~ /$marker/ } glob '/proc/[0-9]*/cmdline' };
	my $script = spew('/mnt/inner.pl', "use DNSReplication::Lab; nsd('192.0.2.9'); <STDIN>;\n");
	pipe(my $open, my $end) or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		delete $ENV{DNS_REPLICATION_LAB};
		open STDIN, '<&', $open;
		exec $^X, (map { "-I$_" } @INC), $script;
	}
	ok(wait_until(30, sub { $running->() > 1 }), 'an NSD and its child');
	kill KILL => $pid;
	waitpid $pid, 0;
	ok(wait_until(10, sub { !$running->() }), 'end with the test');
};

done_testing;
