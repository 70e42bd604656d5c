# Deliver 3 and "It must reach": a deadline with a partial verdict; one dead server of three, the
# other two are judged, within two time-outs.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $dead = { udp => 'silent', tcp => 'silent' };

subtest 'one dead of three' => sub {
	my $fake = cluster([10, 10, 10], 3 => $dead);
	my $seen = check('-t', '3s', $fake->arguments);
	is_plugin_output($seen, 'CRITICAL');
	cmp_ok($seen->{seconds}, '<', 3, 'before the deadline');
	like($seen->{first}, qr/example\.com: ns3\.example\.com .*(answer|silent)/, 'who');
	is(perfdata_of($seen, 'in_sync'), 'in_sync=2;;;0', 'the other two are judged');
	my $json = check_json('-t', '3s', $fake->arguments)->{json};
	is_deeply(findings_of($json, 'ns3.example.com'), ['server_timeout'], 'server_timeout');
	is($json->{complete} ? 1 : 0, 1, 'which is a complete verdict');
};

subtest 'a dead and a stale one: both are found' => sub {
	my $json = check_json('-t', '4s', cluster([10, 8, 10], 3 => $dead)->arguments)->{json};
	is_deeply([map { findings_of($json, "ns$_.example.com") } 2, 3],
		[['secondary_behind'], ['server_timeout']], 'each its own');
};

subtest 'the default deadline ends before check_nrpe does' => sub {
	my $seen = check(cluster([10, 10], 2 => $dead)->arguments);
	is_plugin_output($seen, 'CRITICAL');
	cmp_ok($seen->{seconds}, '<', 9, 'in 9 s');
};

subtest 'all dead' => sub {
	my $seen = check('-t', '2s', cluster([10, 10], 1 => $dead, 2 => $dead)->arguments, '-a',
		'ns2.example.com=127.0.0.2');
	is_plugin_output($seen, 'CRITICAL', 'CRITICAL, not UNKNOWN');
	cmp_ok($seen->{seconds}, '<', 2.2, 'in time');
};

subtest 'what one server does to all zones is one finding' => sub {
	my @zones = map { "z$_.test" } 1 .. 20;
	my %serve = (zones => { map { ($_ => zone_of($_, 3, 3)) } @zones });
	my $fake = fake('127.0.0.1' => {%serve}, '127.0.0.2' => {%serve},
		'127.0.0.3' => { %serve, %$dead });
	my @asking = ('-t', '3s', '-H', $fake->at('127.0.0.1'), '-p', $fake->port,
		map { ('-z', $_) } @zones);
	my $seen = check(@asking);
	is_plugin_output($seen, 'CRITICAL');
	is(scalar(grep { /^\[CRITICAL\]/ } @{ $seen->{lines} }), 1, 'one line') or tell_run($seen);
	like($seen->{text}, qr/20 zones/, 'for 20 zones');
	is(scalar(my @all = findings(check_json(@asking)->{json})), 1, 'one finding in JSON');
	$fake->again('127.0.0.3' => { udp => 'answer', tcp => 'answer' }, '127.0.0.1' => $dead);
	$seen = check(@asking, map { ('-a', "ns$_.z1.test=127.0.0.$_") } 2, 3);
	is(scalar(grep { /^\[CRITICAL\]/ } @{ $seen->{lines} }), 1, 'a dead primary too')
		or tell_run($seen);
};

subtest 'what was never asked is deadline_reached, and what is known is printed' => sub {
	my @zones = map { "z$_.test" } 1 .. 40;
	my %serve = (zones => { map { ($_ => zone_of($_, 3, 2)) } @zones });
	my $fake = fake('127.0.0.1' => {%serve}, '127.0.0.2' => {%serve});
	my @asking = ('-t', '3s', '--rate=5', '-n', '-H', $fake->at('127.0.0.1'), '-a', 'ns2.test='
		. $fake->at('127.0.0.2'), map { ('-z', $_) } @zones);
	my $seen = check_json(@asking);
	my ($finding) = grep { $_->{code} eq 'deadline_reached' } findings($seen->{json});
	is($finding->{severity}, 'UNKNOWN', 'UNKNOWN by default') or tell_run($seen);
	is($seen->{json}{state}, 'UNKNOWN', 'as a whole');
	ok(exists $seen->{json}{complete} && !$seen->{json}{complete}, 'incomplete');
	ok(scalar(grep { ($_->{serial}
		// 0) == 3 } map { @{ $_->{servers} } } @{ $seen->{json}{zones} // [] }),
		'some are known');
	is($seen->{exit}, 3, 'exit 3');
	is(state_of(check(@asking, '--timeout-result=critical')), 'CRITICAL', '--timeout-result');
};

done_testing;
