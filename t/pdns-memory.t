# What check_pdns_replication remembers between runs: since when a change waits for its NOTIFY or its transfer.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use DNSReplication::Web;
use File::Temp 'tempdir';
use Test::More;
use Time::HiRes qw(time stat);
needs('check_dns_replication', 'check_pdns_replication');

my $folder = tempdir('dns-replication-memory-XXXXXX', TMPDIR => 1, CLEANUP => 1);
sub directory { return tempdir('dns-replication-memory-XXXXXX', TMPDIR => 1, CLEANUP => 1) }
sub files { my ($directory) = @_; return map { s{.*/}{}r } sort glob "$directory/*" }
sub fingerprint { my ($directory) = @_; return join ' ', map { my @stat = stat; "$_ $stat[7] $stat[9]" } sort glob "$directory/*" }

# ns1 and ns2, as PowerDNS 4.9 tells of them, with the serials of example.com that `set` says.
sub site {
	state $count = 0;
	my $own = "$folder/site" . $count++;
	my $set = sub { my (%serial) = @_; spew("$own.$_", $serial{$_}) for keys %serial };
	my $change = sub {
		my ($who) = @_;
		return sub {
			my ($path, $json) = @_;
			my ($serial, $notified) = map { slurp("$own.$_") } $who, 'notified';
			return $json =~ s/("notified_serial": )2026112201/$1$notified/gr =~ s/"serial": 2026112201/"serial": $serial, "edited_serial": $serial/gr;
		};
	};
	$set->(p1 => 2026112201, s2 => 2026112201, notified => 2026112201);
	my @webs = map { web(recorded('4.9.0', $_, edit => $change->($_))) } qw(p1 s2);
	return ($set, [map { '--url=ns' . ($_ + 1) . '.example.com=' . $webs[$_]->url } 0, 1], @webs);
}
sub asked { return check({ program => 'check_pdns_replication' }, @_) }
sub asked_json { my $seen = asked(@_, '--output-format=json'); $seen->{json} = decode($seen->{out}); return $seen }
sub until_state { my ($state, @arguments) = @_; my $seen; wait_until(60, sub { state_of($seen = asked(@arguments)) eq $state }); return $seen }
sub codes { my ($seen) = @_; return [sort map { "$_->{code} $_->{severity}" } findings($seen->{json}, ok => 1)] }

subtest 'a change on its way is OK, and no longer' => sub {
	my ($set, $urls) = site();
	my @asking = ('--state-dir', directory(), @$urls, '-z', 'example.com');
	my @soon = (@asking, '-w', '2s', '-c', '4s');
	my $first = asked(@asking);
	is_plugin_output($first, 'OK', 'all the same') or tell_run($first);
	like(perfdata_of($first, 'lag'), qr/^lag=0s;300;3600;0$/, 'no lag');
	like(perfdata_of($first, 'lag_ns2_example_com'), qr/^lag_ns2_example_com=0s;300;3600;0$/, 'of the secondary');
	my $began = time;
	$set->(p1 => 2026112202);
	my $seen = asked(@asking, '-v');
	is_plugin_output($seen, 'OK', 'changed a moment ago') or tell_run($seen);
	like($seen->{out}, qr/^\[OK\] example\.com ns2\.example\.com .* has serial 2026112201 for \d+s \(since \d\d:\d\d:\d\dZ\), ns1\.example\.com has 2026112202/m, 'which is told with -v') or tell_run($seen);
	like($seen->{out}, qr/^\[OK\] example\.com ns1\.example\.com .* has not sent NOTIFY of serial 2026112202 for \d+s \(since .*\), only of 2026112201/m, 'NOTIFY, too');
	like($seen->{out}, qr{state: \S+/check_pdns_replication-ns1\.example\.com-[0-9a-f]{8}\.tdb$}m, 'and where the state lies');
	like(until_state('WARNING', @soon)->{first}, qr/^PDNS REPLICATION WARNING - example\.com: ns2\.example\.com has serial 2026112201 for \d+s \(since /, 'later it is a WARNING');
	is_plugin_output(until_state('CRITICAL', @soon), 'CRITICAL', 'and CRITICAL');
	my $json = asked_json(@soon)->{json};
	is_deeply(codes({ json => $json }), ['notify_pending CRITICAL', 'secondary_behind CRITICAL'], 'both by lag');
	for my $finding (findings($json)) {
		is($finding->{unit}, 's', "$finding->{code}: in seconds");
		cmp_ok(abs($finding->{amount} - (time - $began)), '<=', 3, 'since the run that saw the change first');
	}
	is_deeply($json->{zones}[0]{reference}, { serial => 2026112202, source => 'primary' }, 'what the servers are compared with');
	my $server = $json->{zones}[0]{servers}[1];
	is($server->{serials_behind}, 1, 'one serial behind');
	cmp_ok($server->{lag_s}, '>=', 4, 'for so long');
	ok(!$server->{lag_is_minimum}, 'which is no minimum');
	$set->(s2 => 2026112202, notified => 2026112202);
	is_plugin_output(asked(@soon), 'OK', 'and over');
};

subtest 'NOTIFY alone' => sub {
	my ($set, $urls) = site();
	my @asking = ('--state-dir', directory(), $urls->[0], '-w', '1s', '-c', '1h');
	$set->(p1 => 2026112203);
	is_plugin_output(asked(@asking), 'OK', 'since when is not known: OK');
	my $seen = until_state('WARNING', @asking);
	like($seen->{first}, qr/has not sent NOTIFY of serial 2026112203 for at least \d+s \(since /, 'later it is known to be too long') or tell_run($seen);
	like(perfdata_of($seen, 'lag_max'), qr/^lag_max=\d+s;1;3600;0$/, 'lag_max of several zones');
};

subtest 'no earlier run' => sub {
	my ($set, $urls) = site();
	my @asking = ('--state-dir', directory(), @$urls);
	$set->(s2 => 2026112101);
	my $seen = asked(@asking);
	is_plugin_output($seen, 'WARNING', 'a WARNING');
	like($seen->{text}, qr/has serial 2026112101, ns1\.example\.com has 2026112201; since when is not known \(no earlier run tells\)/, 'that says why') or tell_run($seen);
	is(perfdata_of($seen, 'lag_max'), '', 'no lag is made up');
	is(perfdata_of($seen, 'behind_ns2_example_com'), 'behind_ns2_example_com=1;;;0', 'who is behind is counted');
	ok(wait_until(60, sub { ($seen = asked(@asking, '-w', '1s'))->{text} =~ /has serial 2026112101 for at least \d+s \(since / }), 'then at least since then') or tell_run($seen);
	is_plugin_output(asked('--no-state', @$urls), 'WARNING', '--no-state: as at first');
};

subtest 'a zone that a secondary was given a moment ago' => sub {
	spew("$folder/given", '');
	my $tell = sub {
		my ($who) = @_;
		return sub {
			my ($path) = @_;
			return json_answer(slurp(source_dir() . "/t/data/pdns-4.9.0-api/config_$who.json")) if $path =~ /config/;
			my %row = $who eq 'p1' ? (map { $_ => '"kind": "Master", "masters": [], "serial": 7, "notified_serial": 7' } qw(old.example new.example))
				: ('old.example' => '"kind": "Slave", "masters": ["192.0.2.1"], "serial": 7, "last_check": ' . int time,
				map { $_ => '"kind": "Slave", "masters": ["192.0.2.1"], "serial": 0, "last_check": 0' } split ' ', slurp("$folder/given"));
			return $path =~ m{/zones\?} ? json_answer('[' . join(',', map { qq({"id": "$_.", "name": "$_.", $row{$_}}) } sort keys %row) . ']') : answer('404 Not Found', 'text/plain', '');
		};
	};
	my @webs = map { web($tell->($_)) } qw(p1 s2);
	my $state = directory();
	my @urls = ((map { '--url=ns' . ($_ + 1) . '.example.com=' . $webs[$_]->url } 0, 1), map { "--address=ns$_.example.com=192.0.2.$_" } 1, 2);
	my @asking = ('--state-dir', $state, @urls);
	is_plugin_output(asked(@asking), 'OK', 'before');
	my $began = int time; # what is remembered has seconds
	wait_until(60, sub { int time > $began });
	spew("$folder/given", 'new.example');
	my $seen;
	is_plugin_output($seen = asked('--no-state', @urls), 'CRITICAL', '--no-state: nobody knows since when') or tell_run($seen);
	is_plugin_output($seen = asked('--state-dir', directory(), @urls), 'CRITICAL', 'nor does a first run') or tell_run($seen);
	is_plugin_output($seen = asked(@asking), 'WARNING', 'it is on its way') or tell_run($seen);
	like($seen->{text}, qr/^\[WARNING\] new\.example ns2\.example\.com \(192\.0\.2\.2\): has the zone configured for \d+s \(since \d\d:\d\d:\d\dZ\), and has not yet transferred it; a new zone has 10m to come \(--new-zone-grace\)/m,
		'and how long that may take') or tell_run($seen);
	my $before = fingerprint($state);
	asked(@asking);
	is(fingerprint($state), $before, 'as before: nothing is written');
	is_plugin_output($seen = asked(@asking, '--new-zone-grace=0s'), 'CRITICAL', 'who gives it no time');
	ok(wait_until(60, sub { state_of($seen = asked(@asking, '--new-zone-grace=1s')) eq 'CRITICAL' }), 'the time ends') or tell_run($seen);
	like($seen->{first}, qr/^PDNS REPLICATION CRITICAL - .*new\.example.*ns2\.example\.com/, 'whose it is');
	like($seen->{text}, qr/has the zone configured for (?!at least)\d+s \(since \d\d:\d\d:\d\dZ\), and never transferred it/, 'and since when') or tell_run($seen);
};

subtest 'a secondary that lacks more zones than a run asks about' => sub {
	my @zones = map { sprintf 'z%02d.example', $_ } 0 .. 19;
	spew("$folder/has", 'z00.example');
	my $tell = sub {
		my ($who) = @_;
		my $row = sub {
			my ($zone) = @_;
			my $kind = $who eq 'p1' ? '"kind": "Master", "masters": []' : '"kind": "Slave", "masters": ["192.0.2.1"]';
			return sprintf '{"id": "%s.", "name": "%s.", %s, "serial": 7, "notified_serial": 7, "last_check": %d}', $zone, $zone, $kind, time;
		};
		return sub {
			my ($path) = @_;
			return json_answer(slurp(source_dir() . "/t/data/pdns-4.9.0-api/config_$who.json")) if $path =~ /config/;
			return json_answer('[' . join(',', map { $row->($_) } $who eq 'p1' ? @zones : split ' ', slurp("$folder/has")) . ']') if $path =~ m{/zones\?};
			my ($zone) = $path =~ m{/zones/(z\d\d\.example)} or return answer('404 Not Found', 'text/plain', '');
			my $server = $zone eq 'z15.example' ? 2 : 3;
			return json_answer($path =~ /metadata/ ? '[]' : $path !~ /rrset_name/ ? $row->($zone)
				: qq({"rrsets": [{"name": "$zone.", "type": "NS", "ttl": 3600, "records": [{"content": "ns$server.example.com.", "disabled": false}]}]}));
		};
	};
	my @webs = map { web($tell->($_)) } qw(p1 s2);
	my @urls = ((map { '--url=ns' . ($_ + 1) . '.example.com=' . $webs[$_]->url } 0, 1), map { "--address=ns$_.example.com=192.0.2.$_" } 1, 2);
	my @asking = ('--state-dir', directory(), @urls);
	my $seen = asked(@asking, '-v');
	is_plugin_output($seen, 'OK', 'nothing tells it to have the first eight') or tell_run($seen);
	like($seen->{out}, qr/^\[OK\] ns1\.example\.com \(192\.0\.2\.1\): was asked about 8 of 19 zones of which the lists do not tell enough .* runs take turns where state is kept/m, 'of how many it was asked is told')
		or tell_run($seen);
	my $first = fingerprint($asking[1]);
	is_plugin_output($seen = asked(@asking), 'CRITICAL', 'the next eight') or tell_run($seen);
	like($seen->{text}, qr/^\[CRITICAL\] z15\.example ns2\.example\.com .* does not have the zone, and ns1\.example\.com has it/m, 'hold the one that it lacks') or tell_run($seen);
	isnt(fingerprint($asking[1]), $first, 'how far they came is kept');
	is_plugin_output($seen = asked(@asking), 'CRITICAL', "run $_: it stays in sight while others have their turn") for 3 .. 6;
	is_plugin_output(asked('--no-state', @urls), 'OK', 'without state the first ones are looked at') for 1, 2;
	spew("$folder/has", 'z00.example z15.example');
	is_plugin_output($seen = asked(@asking), 'OK', 'and it is there') or tell_run($seen);
};

subtest 'what is kept, and what is not' => sub {
	my ($set, $urls, $primary) = site();
	my $state = directory();
	my @asking = ('--state-dir', $state, @$urls);
	asked(@asking, '--observe');
	is_deeply([files($state)], [], '--observe keeps nothing');
	asked(@asking);
	is(scalar(files($state)), 1, 'a file');
	my $before = fingerprint($state);
	asked(@asking) for 1, 2;
	asked(@asking, '-z', 'example.com');
	is(fingerprint($state), $before, 'which a run in which nothing changed does not write');
	$set->(p1 => 2026112202);
	asked(@asking);
	isnt(fingerprint($state), $before, 'and one that saw a change does');
	my $home = directory();
	check({ as_is => 1, env => { MP_STATE_PATH => $home } }, '-H', '127.0.0.1@1', '-n', '-t', '4s', '--zones-from=pdns', '--pdns-api=ns1.example.com=' . $primary->url);
	is_deeply([grep { /pdns/ } map { files($_) } glob "$home/*"], [], 'check_dns_replication has a memory of its own, its sibling none');
	ok((grep { /check_dns_replication/ } map { files($_) } glob "$home/*"), 'and it is there');
};

subtest 'another site with zones of the same name' => sub {
	my ($set, $urls) = site();
	my ($elsewhere, $others) = site();
	my $state = directory();
	my @soon = ('-w', '1s', '-c', '1h', '--state-dir', $state);
	$elsewhere->(map { ($_ => 7) } qw(p1 s2 notified));
	is_plugin_output(asked(@soon, @$_), 'OK', 'two sites') for $urls, $others;
	is(scalar(files($state)), 2, 'a file for each');
	$set->(p1 => 2026112202, notified => 2026112202);
	my $seen;
	ok(wait_until(60, sub { asked(@soon, @$others); state_of($seen = asked(@soon, @$urls)) eq 'WARNING' }), 'the one does not make the other forget') or tell_run($seen);
	like($seen->{text}, qr/for (?!at least)\d+s \(since/, 'since when');
};

subtest 'many zones' => sub {
	my $list = sub {
		my ($who) = @_;
		return sub {
			my ($path) = @_;
			return json_answer(slurp(source_dir() . "/t/data/pdns-4.9.0-api/config_$who.json")) if $path =~ /config/;
			my $changed = slurp("$folder/changed");
			my @zones = map { my $serial = $who eq 'p1' && $_ <= $changed ? 11 : 10;
				sprintf '{"id": "z%d.example.", "name": "z%d.example.", "kind": "%s", "last_check": %d, "masters": [%s], "notified_serial": %d, "serial": %d}',
					$_, $_, $who eq 'p1' ? 'Master' : 'Slave', time, $who eq 'p1' ? '' : '"192.0.2.1"', $who eq 'p1' ? $serial : 0, $serial } 1 .. 1000;
			return $path =~ m{/zones\?} ? json_answer('[' . join(',', @zones) . ']') : answer('404 Not Found', 'text/plain', '');
		};
	};
	spew("$folder/changed", 0);
	my @webs = map { web($list->($_)) } qw(p1 s2);
	my $state = directory();
	my @asking = ('--state-dir', $state, (map { '--url=ns' . ($_ + 1) . '.example.com=' . $webs[$_]->url } 0, 1), (map { "--address=ns$_.example.com=192.0.2.$_" } 1, 2));
	my $seen = asked(@asking);
	is_plugin_output($seen, 'OK', 'a thousand') or tell_run($seen);
	my $before = fingerprint($state);
	asked(@asking);
	is(fingerprint($state), $before, 'nothing changed, nothing is written');
	spew("$folder/changed", 400);
	is_plugin_output($seen = asked(@asking), 'OK', '400 changes on their way') or tell_run($seen);
	is(perfdata_of($seen, 'behind_ns2_example_com'), 'behind_ns2_example_com=400;;;0', 'are counted');
	$seen = until_state('WARNING', @asking, '-w', '1s', '-c', '1h');
	like($seen->{first}, qr/400 of 1,000 zones/, 'and are late together') or tell_run($seen);
	my $json = asked_json(@asking, '-w', '1s', '-c', '1h')->{json};
	is(scalar(grep { ($_->{servers}[1]{lag_s} // -1) > 0 } @{ $json->{zones} }), 400, 'each with its lag');
	is(scalar(grep { ($_->{servers}[1]{lag_s} // -1) == 0 } @{ $json->{zones} }), 600, 'the others have none');
};

subtest 'state that cannot be kept' => sub {
	my ($set, $urls) = site();
	my $seen = asked_json('--state-dir=/proc/no/such', @$urls);
	is_deeply(codes($seen), ['state_unusable WARNING'], 'state_unusable') or tell_run($seen);
	like((findings($seen->{json}))[0]{text}, qr{/proc/no/such}, 'which directory');
	my $state = directory();
	asked('--state-dir', $state, @$urls);
	spew($_, 'no database at all ' x 1000) for glob "$state/*.tdb";
	is_plugin_output(asked('--state-dir', $state, @$urls), 'OK', 'a damaged file is begun anew');
	my $before = fingerprint($state);
	asked('--state-dir', $state, @$urls);
	is(fingerprint($state), $before, 'and kept from then on');
	like(asked('--no-state', '-v', @$urls)->{out}, qr/state: not kept$/m, '-v with --no-state');
	SKIP: {
		skip 'not root', 1 if $>;
		my $owned = directory();
		chown 65534, 65534, $owned or die "chown: $!";
		asked('--state-dir', $owned, @$urls);
		is_deeply([map { (stat)[4] } glob "$owned/*"], [65534], 'root writes as the owner of the directory');
	}
};

done_testing;
