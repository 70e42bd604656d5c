# Servers that limit their rate, by dropping in silence or by truncated answers: slowed down for, and never called dead or silent.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my @zones = map { "z$_.example" } 1 .. 2000;
my $text = "\$TTL 300\n\@ SOA ns1.example.net. hostmaster.example.net. 10 3600 600 604800 60\n\@ NS ns1.example.net.\n\@ NS ns2.example.net.\n";
my %zones = map { $_ => \$text } @zones;
my $primary = nsd('192.0.2.1', zones => \%zones);
my $secondary = knotd('192.0.2.2', zones => \%zones);
my $list = spew($primary->{directory} . '/list', join "\n", @zones, '');
sub asking { my ($secondary) = @_; return ('-f', $list, '-n', '--no-state', '--rate=1000000', '-H', '192.0.2.1', '-a', "ns2.example.net=$secondary") }
sub number { my ($seen, $label) = @_; return $seen->{perfdata}{of}{$label}{value} // 'none' }

# Ideal are 1 and 10 seconds; machines that are busy with other things need more.
for my $limit ([2000, 100, 25], [200, 20, 50]) {
	my ($rate, $burst, $most_s) = @$limit;
	subtest "a firewall that lets $rate a second through" => sub {
		firewall("ip daddr 192.0.2.2 udp dport 53 limit rate over $rate/second burst $burst packets counter drop");
		my $seen = check({ timeout => 90 }, asking('192.0.2.2'), '-t', "${most_s}s");
		is_plugin_output($seen, 'OK') or tell_run($seen);
		is(number($seen, 'unanswered_ns2_example_net'), 0, 'everything is answered');
		cmp_ok(number($seen, 'retries'), '>', 20, 'though much was dropped');
		my ($dropped) = `nft list table inet lab` =~ /counter packets (\d+)/;
		cmp_ok($dropped, '>', 20, "as the firewall says, too: $dropped");
		cmp_ok($dropped, '<', 1500, 'and not more than it takes to find the limit');
		firewall();
	};
}

subtest 'no time for that' => sub {
	firewall('ip daddr 192.0.2.2 udp dport 53 limit rate over 50/second burst 5 packets drop');
	my $seen = check({ timeout => 60 }, asking('192.0.2.2'), '-t', '6s');
	is_plugin_output($seen, 'UNKNOWN', 'what was not asked is not known') or tell_run($seen);
	like($seen->{out}, qr/time was over before everything was asked/, 'which is said') or tell_run($seen);
	unlike($seen->{out}, qr/does not answer|silent/, 'and nobody is blamed') or tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 9, 'in time');
	firewall();
};

# What a server limits differs: BIND all that one client gets, NSD what is of one kind, like refusals.
subtest 'BIND answers 200 a second to one client' => sub {
	my $named = named('192.0.2.3', zones => \%zones, options => 'rate-limit { all-per-second 200; window 1; };');
	my $seen = check({ timeout => 90 }, asking('192.0.2.3'), '-t', '60s');
	is_plugin_output($seen, 'OK') or tell_run($seen);
	is(number($seen, 'unanswered_ns2_example_net'), 0, 'everything is answered');
	cmp_ok(number($seen, 'retries'), '>', 20, 'it did limit');
	$named->stop;
};

subtest 'NSD refuses 200 times a second, and truncates every other refusal that is too many' => sub {
	my $limited = nsd('192.0.2.4', zones => { 'other.example' => \$text }, rate => 200);
	my $seen = check_json({ timeout => 90 }, asking('192.0.2.4'), '-t', '60s', '--no-diagnose');
	my @refused = grep { $_->{address} eq '192.0.2.4' && $_->{outcome} eq 'refused' } map { @{ $_->{servers} } } @{ $seen->{json}{zones} };
	is(scalar @refused, 2000, 'every refusal is heard') or tell_run($seen);
	my $truncated = grep { $_->{transport} eq 'tcp' } @refused;
	cmp_ok($truncated, '>', 20, "it did limit: $truncated had to be asked by TCP");
	is_deeply([grep { !/^zone_refused$/ } map { $_->{code} } findings($seen->{json})], [], 'and nothing else is said');
	$limited->stop;
};

# The datagrams about one zone are lost beside the limit: that is told from it, and TCP tells the rest.
subtest 'silence about one zone is no limit' => sub {
	firewall('ip daddr 192.0.2.2 udp dport 53 @th,160,24 0x027a39 drop', 'ip daddr 192.0.2.2 udp dport 53 limit rate over 500/second burst 50 packets drop');
	my $seen = check_json({ timeout => 90 }, asking('192.0.2.2'), '-t', '40s');
	is($seen->{json}{state}, 'OK', 'all is well') or tell_run($seen);
	is_deeply([map { $_->{zone} } grep { grep { $_->{transport} eq 'tcp' } @{ $_->{servers} } } @{ $seen->{json}{zones} }], ['z9.example.'], 'one is asked by TCP')
		or tell_run($seen);
	firewall();
};

done_testing;
