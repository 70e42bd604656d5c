# check_dns_propagation as hidden primary of PowerDNS, BIND, NSD and Knot, which know the canary zone from contrib/canary.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Canary;
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_propagation');

my @state = ('--state-dir=/mnt/state');

# Every step in its order; NSD asks for the transfer without a question for the SOA, and a zone that is not there yet is not asked for.
sub is_whole {
	my ($seen, $name, %form) = @_;
	is_deeply([$seen->{exit}, $seen->{json}{state}], [0, 'OK'], "$name: all serve the change") or tell_run($seen);
	for my $who (sort keys %{ $seen->{steps} }) {
		my $step = $seen->{steps}{$who};
		my @times = map { $_ // -1 } @{$step}{qw(transfer_asked_s transfer_finished_s published_s)};
		ok($times[0] > 0 && $times[0] <= $times[1] && $times[1] < $times[2], "$name: $who asks, has and publishes") or tell_run($seen);
		is($step->{notify_rcode}, 'NOERROR', "$name: $who takes the NOTIFY");
		is($step->{transfer_form}, $form{$who} // 'full', "$name: $who has it in this form") or tell_run($seen);
		cmp_ok($step->{questions}, '<=', 200, "$name: $who is asked seldom");
		is($seen->{json}{change}{serial}, serial_at($at{$who}, $canary), "$name: $who serves that serial");
	}
}

subtest 'unsigned' => sub {
	my @servers = canaries();
	my $first = propagate(@state);
	is_whole($first, 'the first time');
	my $second = propagate(@state, '--ixfr');
	is_whole($second, 'by differences', map { $_ => 'differences' } qw(ns3 ns4 ns5));
	is_deeply(findings_of($second->{json}, 'ns2.example.com', ok => 1), ['ixfr_fell_back'], 'PowerDNS asks for the whole zone, and that is said') or tell_run($second);
	my $third = propagate(@state, '--axfr');
	is_whole($third, 'whole');
	cmp_ok($third->{json}{change}{serial}, '>', $second->{json}{change}{serial}, 'serials rise');
	my $late = propagate('--no-state');
	is_whole($late, 'without state');
	my $text = check({ program => 'check_dns_propagation' }, '-z', $canary, "--listen=$monitor", '-S', "ns3.example.com=$at{ns3}");
	is_plugin_output($text, 'OK', 'as text');
	like($text->{first}, qr/^DNS PROPAGATION OK - \Q$canary\E serial \d+ on 1 of 1 server in 0\.\d+ s \|/, 'its first line');
};

subtest 'signed' => sub {
	my @servers = canaries(signed => 1);
	my $first = propagate(@state, '-k', monitor_key());
	is_whole($first, 'signed');
	my $second = propagate(@state, '-k', monitor_key(), '--ixfr');
	is_whole($second, 'signed differences', map { $_ => 'differences' } qw(ns3 ns4 ns5));
};

subtest 'PowerDNS makes the zone by itself' => sub {
	my $pdns = canary_at('ns2', autosecondary => 1, pdns => { autosecondary => 'yes' });
	is_whole(propagate({ who => ['ns2'] }, @state), 'autosecondary');
};

done_testing;
