# Many zones in one run: near and far servers, dead ones, many in doubt, history.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Relay;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication', 'axfrd');

my @addresses = map { "127.0.0.$_" } 1 .. 3;
my @far = map { "127.0.0.$_" } 11 .. 13;
my $port = free_port(@addresses, @far);
my @zones = map { "z$_.test" } 1 .. 100;
my %text = map { $_ => zone_file($_, 10, 3) } @zones;
my $server = axfrd(zones => \%text, options => [map { "--listen=$_\@$port" } @addresses]);
my @asking = ((map { ('-z', $_) } @zones), '-n');

subtest '100 zones, 3 servers, 20 ms away' => sub {
	my $relay = relay(0.02, { map { $far[$_] => $addresses[$_] } 0 .. 2 }, $port);
	my @far_asking = (@asking, '--no-tcp-probe', '-H', "$far[0]\@$port", map { ('-a', "far$_.test=$far[$_]\@$port") } 1, 2);
	check(@far_asking); # what the first run alone pays
	my ($seen) = sort { $a->{seconds} <=> $b->{seconds} } map { check(@far_asking) } 1 .. 5;
	is_plugin_output($seen, 'OK');
	is(perfdata_of($seen, 'queries'), 'queries=300;;;0', 'one question each');
	is(perfdata_of($seen, 'retries'), 'retries=0;;;0', 'and none again');
	# The best of five: sanitized binaries and busy machines need their time, too.
	cmp_ok($seen->{seconds}, '<', $ENV{CI} ? 0.4 : 0.15, 'in 0.15 s') or tell_run($seen);
};

subtest 'a dead server costs no more than two seconds' => sub {
	my $dead = fake('127.0.0.5' => { udp => 'silent', tcp => 'silent' });
	my $seen = check(@asking, '-H', "127.0.0.1\@$port", '-a', "ns2.test=127.0.0.2\@$port", '-a', 'dead.test=' . $dead->at('127.0.0.5'), '-a', "shut.test=127.0.0.9\@$port");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/dead\.test \(127\.0\.0\.5\@\d+\): does not answer, neither by UDP nor by TCP/, 'it is named, once');
	like($seen->{out}, qr/shut\.test \(127\.0\.0\.9\@$port\): does not listen on port/, 'as is the one with a closed port');
	is(perfdata_of($seen, 'behind_ns2_test'), 'behind_ns2_test=0;;;0', 'the living are judged');
	unlike($seen->{first}, qr/time was over/, 'everything was asked');
	cmp_ok($seen->{seconds}, '<', 2.5, 'in time') or tell_run($seen);
};

subtest 'many in doubt, and their history' => sub {
	my $old = axfrd(zones => { map { $_ => zone_file($_, 8, 3) } @zones }, options => ["--listen=127.0.0.4\@$port"]);
	my $state = File::Temp->newdir;
	my @with = (@asking, '-H', "127.0.0.1\@$port", '-a', "old.test=127.0.0.4\@$port", "--state-dir=$state");
	my $seen = check(@with);
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/100 of 100 zones out of sync on 1 of 2 servers/, 'all of them');
	my ($queries) = perfdata_of($seen, 'queries') =~ /=(\d+)/;
	# 200 questions, 2 TCP probes, 200 confirmations; then three zones are diagnosed by 2 transfers and an SOA by TCP each, and both servers say who they are.
	is($queries, 200 + 2 + 200 + 3 * 3 + 2 * 2, 'each asked twice, and a sample diagnosed');
	$seen = check(@with, '-c', '0s');
	is_plugin_output($seen, 'CRITICAL', 'the next run knows since when');
	like($seen->{first}, qr/2 serials behind for /, 'and says so');
};

subtest '--wait' => sub {
	my %good = (zones => { 'wait.test' => { serial => 11 } });
	my $behind = fake('127.0.0.6' => \%good, '127.0.0.7' => { zones => { 'wait.test' => { serial => 10 } } });
	my @waiting = ('-z', 'wait.test', '-n');
	my $seen = check(@waiting, '-H', $behind->at('127.0.0.6'), '-a', 'late.test=' . $behind->at('127.0.0.7'), '--wait=1s');
	is_plugin_output($seen, 'WARNING', 'who stays behind is behind');
	cmp_ok($seen->{seconds}, '>', 1, 'after that time');
	cmp_ok($seen->{seconds}, '<', 4, 'and not much later');
	# The fourth question finds it in sync.
	my $late = fake('127.0.0.6' => \%good, '127.0.0.7' => { zones => { 'wait.test' => { serial => sub { $_[0] > 3 ? 11 : 10 } } } });
	push @waiting, '-H', $late->at('127.0.0.6'), '-a', 'late.test=' . $late->at('127.0.0.7');
	$seen = check(@waiting, '--no-tcp-probe', '--wait=20s');
	is_plugin_output($seen, 'OK', 'who comes in time is in sync');
	cmp_ok($seen->{seconds}, '<', 5, 'and ends the waiting');
	is_plugin_output($seen = check(@waiting, '--wait=20s'), 'OK');
	cmp_ok($seen->{seconds}, '<', 1, 'nobody waits for nothing');
	is_usage_error(check(@waiting, '--wait=soon'), qr/--wait/);
};

subtest 'NS sets of one zone in 24' => sub {
	my @mapped = map { my $z = $_; map { "--address=ns$_.$z=127.0.0.$_\@$port" } 1 .. 3 } @zones;
	my $seen = check((map { ('-z', $_) } @zones), '-H', "127.0.0.1\@$port", '-p', $port, '--no-tcp-probe', @mapped);
	is_plugin_output($seen, 'OK');
	my ($queries) = perfdata_of($seen, 'queries') =~ /=(\d+)/;
	# The primary's NS sets and 300 SOAs; then of some zones the two secondaries' NS sets.
	ok($queries >= 400 && $queries < 400 + 2 * 30, "the secondaries' of some: $queries");
};

# With many zones, each one costs little: the difference of two runs, so that what every run needs does not count. The report waits for
# its reader at the end of the run, when nothing is to be allocated any more.
subtest 'memory grows by a few hundred bytes a zone' => sub {
	plan skip_all => 'sanitizers have a memory of their own' if grep { /^__asan_/ } split /\s+/, `nm -D @{[ program('check_dns_replication') ]} 2>/dev/null`;
	my $directory = File::Temp->newdir;
	my $file = spew("$directory/zone", "\$TTL 300\n\@ SOA ns1.example.net. hostmaster.example.net. 10 3600 600 604800 60\n\@ NS ns1.example.net.\n\@ NS ns2.example.net.\n");
	my @many = map { "zone$_.example" } 1 .. 10_000;
	my $many = axfrd(zones => {}, options => [(map { "--listen=127.0.0.$_\@$port" } 21, 22), map { "--zone=$_=$file" } @many]);
	my $memory_kb = sub {
		my ($count, @more) = @_;
		my $list = spew("$directory/list", join "\n", @many[0 .. $count - 1], '');
		my $pid = open my $report, '-|', program('check_dns_replication'), '-o', 'json', '-n', '-f', $list, '-t', '60s', '-H', "127.0.0.21\@$port",
			'-a', "ns2.example.net=127.0.0.22\@$port", @more or die "fork: $!";
		read $report, my $first, 100 or die 'no report';
		my ($kb) = slurp("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m or die 'no memory';
		while (read $report, my $rest, 65536) {}
		close $report;
		like($first, qr/"state":"OK"/, "$count zones");
		return $kb;
	};
	my ($few_kb, $many_kb) = map { $memory_kb->($_, '--no-state') } 1000, 10_000;
	my $each = ($many_kb - $few_kb) * 1024 / 9000;
	cmp_ok($each, '<', 400, sprintf '%.0f bytes for a zone on two servers', $each);
	cmp_ok($many_kb, '<', 20 * 1024 + 64 * 2 * 10, "$many_kb KB for 10,000");
	$memory_kb->($_, '--state-dir', "$directory/state$_") for 1000, 10_000;
	($few_kb, $many_kb) = map { $memory_kb->($_, '--state-dir', "$directory/state$_") } 1000, 10_000;
	$each = ($many_kb - $few_kb) * 1024 / 9000;
	cmp_ok($each, '<', 700, sprintf '%.0f bytes with history (its file counts, too)', $each);
};

done_testing;
