# Deliver 3: history between runs, and lag in seconds.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
use Time::HiRes qw(time stat);
needs('check_dns_replication');

# Runs until the state is as wanted; the last run.
sub until_state {
	my ($state, @arguments) = @_;
	my $seen;
	wait_until(12, sub { state_of($seen = check(@arguments)) eq $state });
	return $seen;
}
sub fingerprint { my ($directory) = @_; return join ' ',
	map { my @stat = stat; "$_ $stat[7] $stat[9]" } sort glob "$directory/* $directory/.[a-z]*" }

subtest 'lag is the age of the oldest change that a server lacks' => sub {
	my $state = File::Temp->newdir;
	my $fake = cluster([10, 10, 10]);
	my @asking = ('--state-dir', "$state", '-w', '2s', '-c', '4s', $fake->arguments);
	is(state_of(check(@asking)), 'OK', 'all the same');
	$fake->serial('example.com', '127.0.0.1' => 11, '127.0.0.2' => 11);
	my $began = time;
	my $seen = check(@asking);
	is_plugin_output($seen, 'OK', 'a fresh change is normal');
	is(perfdata_of($seen, 'in_sync'), 'in_sync=2;;;0', 'though one lacks it');
	$seen = until_state('WARNING', @asking);
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/^DNS REPLICATION WARNING - example\.com: ns3\.example\.com 1 serial behind for [2-4]s \(since \d\d:\d\d(:\d\d)?Z\)/, 'since when');
	like(perfdata_of($seen, 'lag'), qr/^lag=[2-4]s;2;4;0$/, 'perfdata');
	like(perfdata_of($seen, 'lag_ns3_example_com'), qr/^lag_ns3_example_com=[2-4]s/,
		'and of the server');
	$seen = until_state('CRITICAL', @asking);
	is_plugin_output($seen, 'CRITICAL');
	my $age = time - $began;
	my $json = check_json(@asking)->{json};
	my ($finding) = findings($json);
	is($finding->{code}, 'secondary_behind', 'secondary_behind');
	is($finding->{unit}, 's', 'in seconds');
	cmp_ok(abs($finding->{amount} - $age), '<=', 3,
		'counted from the run that first saw the change');
	is(server_of($json, 'ns3.example.com')->{lag_s}, $finding->{amount}, 'lag_s');
	ok(!server_of($json, 'ns3.example.com')->{lag_is_minimum}, 'no minimum');
	$fake->serial('example.com', '127.0.0.3' => 11);
	is_plugin_output(check(@asking), 'OK', 'and over');
};

subtest 'a lag that is only a minimum says so' => sub {
	my $state = File::Temp->newdir;
	my @asking = ('--state-dir', "$state", '-w', '1s', '-c', '1h',
		cluster([10, 10, 4])->arguments);
	is(state_of(check(@asking)), 'WARNING', 'no earlier run: WARNING');
	my $seen = until_state('WARNING', @asking);
	$seen = check(@asking) for 1 .. 2;
	like($seen->{first}, qr/at least/, 'at least') or tell_run($seen);
	ok(server_of(check_json(@asking)->{json}, 'ns3.example.com')->{lag_is_minimum},
		'lag_is_minimum');
};

subtest 'busy zones do not alarm while servers keep up' => sub {
	my $state = File::Temp->newdir;
	my $fake = cluster([10, 10]);
	my @asking = ('--state-dir', "$state", '-w', '4s', '-c', '8s', $fake->arguments);
	check(@asking);
	my ($began, @states) = time;
	for (my $serial = 10; time - $began < 6; $serial++) {
		$fake->serial('example.com', '127.0.0.1' => $serial + 1, '127.0.0.2' => $serial);
		push @states, state_of(check(@asking));
	}
	cmp_ok(scalar @states, '>=', 4, 'some runs');
	is_deeply([grep { $_ ne 'OK' } @states], [], 'each found the secondary one behind, and OK')
		or diag("@states");
};

subtest 'a run in which nothing changed writes nothing' => sub {
	my $state = File::Temp->newdir;
	my @asking = ('--state-dir', "$state", cluster([10, 10])->arguments);
	check(@asking);
	my $before = fingerprint($state);
	ok(length $before, 'something was kept');
	check(@asking);
	is(fingerprint($state), $before, 'and not written again');
};

subtest '--no-state keeps nothing' => sub {
	my $state = File::Temp->newdir;
	check({ as_is => 1, env => { MP_STATE_PATH => "$state" } }, '--no-state',
		cluster([10, 10])->arguments);
	is(fingerprint($state), '', 'nothing there');
};

subtest '$MP_STATE_PATH' => sub {
	my $state = File::Temp->newdir;
	is(state_of(check({ as_is => 1, env => { MP_STATE_PATH => "$state" } },
		cluster([10, 10])->arguments)), 'OK', 'OK');
	isnt(fingerprint($state), '', 'state is kept there');
};

subtest 'state that cannot be kept' => sub {
	my @asking = cluster([10, 10])->arguments;
	my $seen = check('--state-dir=/proc/no/such', @asking);
	is_plugin_output($seen, 'WARNING');
	like($seen->{text}, qr{/proc/no/such}, 'which directory');
	is_deeply([map { $_->{code} } findings(check_json('--state-dir=/proc/no/such',
		@asking)->{json})], ['state_unusable'], 'state_unusable');
	my $state = File::Temp->newdir;
	check('--state-dir', "$state", @asking);
	spew($_, 'no database at all ' x 1000) for grep { -f } glob "$state/*";
	$seen = check('--state-dir', "$state", @asking);
	ok(is_plugin_output($seen), 'damaged: said or begun anew, and the verdict is there')
		&& like($seen->{text}, qr/example\.com/, 'of the zone');
	isnt(state_of($seen), 'UNKNOWN', 'not UNKNOWN');
};

subtest 'several runs at once' => sub {
	my $state = File::Temp->newdir;
	my @asking = ('--state-dir', "$state", cluster([10, 10])->arguments);
	my @pids = map { my $pid = fork // die;
		if (!$pid) { my $seen = check(@asking); POSIX::_exit($seen->{exit}) } $pid } 1 .. 4;
	my @exits = map { waitpid $_, 0; $? >> 8 } @pids;
	is_deeply(\@exits, [0, 0, 0, 0], 'all OK');
};

subtest 'a primary that was set back' => sub {
	my $state = File::Temp->newdir;
	my $fake = cluster([20, 20]);
	my @asking = ('--state-dir', "$state", $fake->arguments);
	check(@asking);
	$fake->serial('example.com', '127.0.0.1' => 5);
	my $json = check_json(@asking)->{json};
	is_deeply(findings_of($json, 'ns2.example.com'), ['secondary_ahead'],
		'its secondary is ahead');
};

done_testing;
