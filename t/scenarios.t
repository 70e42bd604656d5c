#!/usr/bin/perl
# Text scenarios: what a run saw (t/scenarios/NAME.scenario; --write=scenario:FILE makes one, --replay=FILE judges it) and the whole text
# that is said about it (NAME.expected, the duration apart). One for each finding, named as its code, and one for each fault of other checks,
# named peer-...; the others tell what belongs together. After a change that is meant, read `git diff` of
#	SCENARIOS_WRITE=1 prove t/scenarios.t
# with a stranger's eyes: every line names zone, server, address and number, and what to type next.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use File::Basename 'basename';
use File::Temp;
use Test::More;
needs('check_dns_replication');

my $there = source_dir() . '/t/scenarios';
my $directory = File::Temp->newdir;
my @names = map { basename($_, '.scenario') } glob "$there/*.scenario";
cmp_ok(scalar @names, '>', 50, 'scenarios are there');

# The duration of a replay is that of the machine.
sub steady { return $_[0] =~ s/\btime=[\d.]+s/time=0.000s/r =~ s/(sent again), [\d.]+ s/$1, 0.000 s/r }

# A scenario says whose it is, if not check_dns_replication's.
sub program_of { my ($file) = @_; return slurp($file) =~ /^scenario 1\nprogram (\w+)/ ? (program => $1) : () }

for my $name (@names) {
	my $file = "$there/$name.scenario";
	my $seen = check({ program_of($file) }, '--replay', $file);
	is_plugin_output($seen, undef, "$name: as monitoring wants it");
	spew("$there/$name.expected", steady($seen->{out})) if $ENV{SCENARIOS_WRITE};
	is(steady($seen->{out}), slurp("$there/$name.expected"), "$name: what is said");
	my @advised = grep { /^\[(?!OK)/ } @{ $seen->{lines} };
	is_deeply([grep { !/ → \S/ } @advised], [], "$name: every line says what to do") if @advised;
}

subtest 'a replay writes what it read' => sub {
	for my $name (@names) {
		my @files = map { "$directory/$name.$_" } 1 .. 3;
		my @with = (as_is => 1, program_of("$there/$name.scenario"));
		check({ @with }, '--replay', "$there/$name.scenario", "--write=scenario:$files[0]", "--write=json:$files[2]");
		check({ @with }, '--replay', $files[0], "--write=scenario:$files[1]");
		my ($first, $second) = map { slurp($_) } @files[0, 1];
		like($first, qr/^scenario 1\n(?:program \w+\n)?option /, "$name: with its options");
		is($second, $first, "$name: a fixed point");
		my $again = check({ @with }, '--replay', $files[1]);
		is(steady($again->{out}), slurp("$there/$name.expected"), "$name: and the same is said");
	}
};

subtest 'one for each finding' => sub {
	my @codes = map { /^(\w+)\t/ } split /\n/, run([program('check_dns_replication'), '--finding-table'])->{out};
	cmp_ok(scalar @codes, '>', 30, 'codes are there');
	# What is about the writing of reports can't be read from a file: t/formats.t.
	for my $code (grep { $_ ne 'report_unwritten' } @codes) {
		my $seen = check_json({ program_of("$there/$code.scenario") }, '--replay', "$there/$code.scenario");
		ok((grep { $_->{code} eq $code } findings($seen->{json}, ok => 1)), $code) or tell_run($seen);
	}
};

subtest 'what is no scenario' => sub {
	my $good = slurp("$there/secondary_behind.scenario");
	my @stories = (
		['an empty file', sub { '' }, qr/is no scenario/],
		['another file', sub { "root:x:0:0\n" }, qr/is no scenario/],
		['a later version', sub { s/^scenario 1/scenario 2/r }, qr/is no scenario/],
		['a NUL byte', sub { "$_\0" }, qr/NUL/],
		['of another program', sub { s/^scenario 1\n/scenario 1\nprogram check_zone_transfer\n/r }, qr/another program/],
		['a transfer of an unknown end', sub { "${_}zone_transfer zone=0 server=0 end=fine phase=asked form=full\n" }, qr/:\d+: end= is missing/],
		['a transfer of too many records', sub { "${_}zone_transfer zone=0 server=0 end=complete phase=asked form=full rcode=99999\n" }, qr/:\d+: rcode=/],
		['a transfer from nobody', sub { "${_}zone_transfer zone=0 server=99 end=complete phase=asked form=full\n" }, qr/:\d+: server=/],
		['an informant that is none', sub { "${_}informant --bind ns1\n" }, qr/:\d+: neither --pdns-api nor --mysql/],
		['an informant without a name', sub { "${_}informant --mysql\n" }, qr/:\d+: a name is missing/],
		['an informant at no address', sub { "${_}informant --mysql ns1 addresses=192.0.2.1,ns2\n" }, qr/:\d+: addresses=: "ns2" is no address/],
		['an unknown line', sub { "${_}x y=1\n" }, qr/:\d+: there is no line that begins with "x"/],
		['a line of KEY=VALUE only', sub { "${_}zone=1\n" }, qr/:\d+: a line begins with a keyword/],
		['no run', sub { s/^run .*//mr }, qr/a run line and a zone line/],
		['no zone', sub { join '', grep { !/^(zone|pair|serial|transfer)/ } /^.*\n/mg }, qr/a run line and a zone line/],
		['a zone twice', sub { s/^(zone .*\n)/$1$1/mr }, qr/:\d+: the same was said before/],
		['a server twice', sub { s/^(server .*\n)/$1$1/mr }, qr/:\d+: the same was said before/],
		['a name twice', sub { s/^(name .*\n)/$1$1/mr }, qr/:\d+: the same was said before/],
		['fields twice', sub { s/^(fields .*\n)/$1$1/mr }, qr/:\d+: the same was said before/],
		['a pair twice', sub { s/^(pair .*\n)/$1$1/mr }, qr/two pair lines/],
		['an empty text', sub { s/^(pair)/text\n$1/mr }, qr/nothing is said/],
		['an address of no NS name', sub { "${_}pdns ns1.example.com. server=0\npdns_detail index=0 zone=0 ns=ns1. ns_addresses=1/192.0.2.1\n" }, qr/:\d+: ns_addresses= are INDEX.ADDRESS/],
		['an empty NS set', sub { s/^(pair)/ns_set\n$1/mr }, qr/nothing is said/],
		['a zone that is not there', sub { s/^pair zone=0/pair zone=1/mr }, qr/:\d+: zone= is missing or no number/],
		['a server that is not there', sub { s/server=2/server=3/r }, qr/:\d+: server= is missing or no number/],
		['fields that are not there', sub { s/fields=1/fields=9/r }, qr/:\d+: fields=/],
		['a name that is not there', sub { s/names=0/names=7/r }, qr/:\d+: names=/],
		['a number with rubbish', sub { s/serial=(\d+)/serial=${1}x/r }, qr/:\d+: serial=\d+x: that can't be/],
		['a negative number', sub { s/tries=1/tries=-1/r }, qr/:\d+: tries=/],
		['a number that is too large', sub { s/tries=1/tries=256/r }, qr/:\d+: tries=/],
		['an unknown outcome', sub { s/outcome=answered/outcome=fine/r }, qr/:\d+: \w+=fine: there is no such outcome/],
		['an unknown flag', sub { s/flags=listed/flags=lost/r }, qr/:\d+: flags=: there is no flag "lost"/],
		['an unknown fate', sub { s/fate=resolved/fate=sealed/r }, qr/:\d+: fate= is missing or unknown/],
		['an unknown source', sub { s/ns_source=primary/ns_source=rumour/r }, qr/:\d+: ns_source= is missing/],
		['no address', sub { s/192\.0\.2\.3\@53/192.0.2.3/r }, qr/:\d+: an address is missing/],
		['a half escape', sub { s/^(pair)/text x%4\n$1/mr }, qr/:\d+: % must be followed/],
		['an escaped NUL', sub { s/^(pair)/text x%00\n$1/mr }, qr/:\d+: % must be followed/],
		['no name', sub { s/^zone \S+ /zone /mr }, qr/:\d+: a name is missing/],
		['a name that can not be', sub { s/^zone example\.com\./zone a..b./mr }, qr/:\d+: .*empty/],
		['serials out of order', sub { s/^(serial zone=0 )2026112194/${1}2026112193/mr }, qr/:\d+: one serial too many/],
		['a date after 9999', sub { s/now=\d+/now=999999999999/r }, qr/:\d+: now=/],
		['a serial with rubbish', sub { s/^(serial zone=0 \d+) \d+/$1 soon/mr }, qr/:\d+: word 2 is missing/],
		['history of a zone that is not there', sub { s/^serial zone=0/serial zone=3/mr }, qr/:\d+: zone=/],
		['fields with a word', sub { s/^(fields .*) \d+$/$1 long/mr }, qr/:\d+: word 6 is missing/],
		['fields without names', sub { s/^fields .*/fields/mr }, qr/:\d+: a name is missing/],
		['a transfer from nobody', sub { s/^(transfer) zone=0/$1 zone=7/mr }, qr/:\d+: zone=, server= or ede_text=/],
		['a transfer that came to nothing known', sub { s/^(transfer .*outcome=)\w+/${1}odd/mr }, qr/:\d+: outcome=odd/],
		['a past server after 9999', sub { "${_}past zone=0 ns1. 192.0.2.1\@53 outcome=answered since=999999999999\n" }, qr/:\d+: since=/],
		['a past server without address', sub { "${_}past zone=0 ns1. outcome=answered since=1\n" }, qr/:\d+: an address/],
		['too many options', sub { s/^(option .*\n)/$1 x 1100/mer }, qr/more than \d+ options/],
		['too many words', sub { s/^(pair)/"ns_set" . " a" x 5000 . "\n$1"/mer }, qr/:\d+: more than \d+ words/],
		['two words in an option', sub { s/^option .*/option a b/mr }, qr/option WORD/],
		['an option that is none', sub { s/^option .*/option --nonsense/mr }, qr/nonsense/],
	);
	for my $story (@stories) {
		my ($name, $change, $expected) = @$story;
		local $_ = $good;
		my $file = spew("$directory/wrong.scenario", $change->());
		my $seen = check('--replay', $file);
		is($seen->{exit}, 3, "$name: exit 3");
		like($seen->{out}, qr/^DNS REPLICATION UNKNOWN - .*$expected/, "$name: why") or tell_run($seen);
	}
	is(check('--replay', "$directory/none")->{exit}, 3, 'no file: exit 3');
};

subtest 'what is read generously' => sub {
	local $_ = slurp("$there/secondary_behind.scenario");
	my $file = spew("$directory/generous.scenario", s/^(?!scenario)(.*) /$1\t  /gmr =~ s/\n/\r\n/gr . "  # a comment\n\n");
	is(steady(check('--replay', $file)->{out}), slurp("$there/secondary_behind.expected"), 'line ends of Windows, blanks, comments');
	my $from = check({ stdin => $_ }, '--replay=-');
	is(steady($from->{out}), slurp("$there/secondary_behind.expected"), 'standard input');
};

subtest 'names and words with odd bytes' => sub {
	local $_ = slurp("$there/zone_expired.scenario");
	s/example\.com\b/ex\\061%3Dm%25.com/g;
	s/text \S+/text a%3Db%20%C3%A9%25/;
	my $file = spew("$directory/odd.scenario", $_);
	my @files = map { "$directory/odd.$_" } 1, 2;
	my $seen = check_json({ as_is => 1 }, '--replay', $file, "--write=scenario:$files[0]");
	is($seen->{json}{zones}[0]{zone}, 'ex==m%.com.', 'names');
	is($seen->{json}{zones}[0]{servers}[2]{ede}{text}, "a=b \x{e9}%", 'texts');
	check({ as_is => 1 }, '--replay', $files[0], "--write=scenario:$files[1]");
	isnt(slurp($files[0]), '', 'written');
	is(slurp($files[1]), slurp($files[0]), 'a fixed point');
};

subtest 'the command line adds to the options of the file' => sub {
	my $file = "$there/secondary_behind.scenario";
	is(state_of(check('--replay', $file, '-c', '3h')), 'WARNING', '-c');
	is(state_of(check('--replay', $file, '--severity=secondary_behind=ok')), 'OK', '--severity');
	my $written = "$directory/more.scenario";
	check('--replay', $file, '-k', '/no/such/key', "--write=scenario:$written", '--state-dir=/secret', '-c', '3h');
	unlike(slurp($written), qr{/no/such|/secret|\Q$directory}, 'no places of this machine');
	is(state_of(check('--replay', $written)), 'WARNING', 'and are kept');
};

subtest 'what is no scenario of check_mysql_replication' => sub {
	my $good = slurp("$there/replica-two-channels.scenario");
	for my $story (['no database', sub { s/^(?:database|channel) .*\n//mgr }, qr/a run line and a database line must be there/],
		['a database without a name', sub { s/^database \S+ \S+/database/mr }, qr/:\d+: the database has no name/],
		['a database without a version', sub { s/ version=\S+//r }, qr/:\d+: version= is missing/],
		['an unknown end', sub { s/outcome=answered/outcome=fine/r }, qr/:\d+: outcome=fine: that can't be/],
		['an unknown thread', sub { s/io=connecting/io=running/r }, qr/:\d+: io=running: that can't be/],
		['a number with rubbish', sub { s/server_id=3/server_id=3x/r }, qr/:\d+: server_id=3x: that can't be/],
		['a lag that can not be', sub { s/has_behind=1/has_behind=1 behind_s=-1/r }, qr/:\d+: behind_s=-1: that can't be/],
		['a period that can not be', sub { s/period_s=1\.5/period_s=nan/r }, qr/:\d+: heartbeat_period_s=nan: that can't be/],
		['a part of Galera', sub { s/ flavour=/ has_galera=1 flavour=/r }, qr/:\d+: of Galera only a part is said/],
		['a channel of nobody', sub { s/^channel database=0 name/channel database=1 name/mr }, qr/:\d+: database= is missing/],
		['a zone line behind', sub { "${_}server ns1. 192.0.2.1\@53\ndatabase db4 192.0.2.4\@3306 outcome=timeout\n" }, qr/:\d+: a database has no place here/],
		['too many channels', sub { "$_" . "channel database=0\n" x 300 }, qr/:\d+: more than 256 channels/],
		['too many databases', sub { "$_" . join '', map { "database db$_ 192.0.2.4\@$_ outcome=timeout\n" } 1 .. 70 }, qr/:\d+: more than 64 databases/],
		['of another program', sub { s/^program .*\n//mr }, qr/another program/]) {
		my ($name, $change, $expected) = @$story;
		local $_ = $good;
		my $seen = check({ program => 'check_mysql_replication' }, '--replay', spew("$directory/wrong.scenario", $change->()));
		is($seen->{exit}, 3, "$name: exit 3");
		like($seen->{out}, qr/^MYSQL REPLICATION UNKNOWN - .*$expected/, "$name: why") or tell_run($seen);
	}
	for my $story (['a second database_zones line', sub { s/^(database_zones database=0.*\n)/$1$1/mr }, qr/:\d+: its zones were said before/],
		['a row without database_zones', sub { s/^database_zones .*\n//mgr }, qr/:\d+: a database_zones line must come first/],
		['a row of no database', sub { s/^database_zone database=0/database_zone database=9/mr }, qr/:\d+: database= is missing/],
		['a row with a serial that can not be', sub { s/^(database_zone .*serial=)\d+/${1}x/mr }, qr/:\d+: serial= is missing/],
		['a gap of nobody', sub { "${_}gap zone=0 server=9 7 1795324000\n" }, qr/:\d+: server=/],
		['too many gaps', sub { $_ . "gap zone=0 server=1 7 1795324000\n" x 300 }, qr/:\d+: one gap too many/]) {
		my ($name, $change, $expected) = @$story;
		local $_ = slurp("$there/native-well.scenario");
		my $seen = check('--replay', spew("$directory/wrong.scenario", $change->()));
		like($seen->{out}, qr/^DNS REPLICATION UNKNOWN - .*$expected/, "$name: why") or tell_run($seen);
	}
};

subtest '--observe' => sub {
	for my $name (qw(all-well transfer_refused replica_sql_error)) {
		my @with = (as_is => 1, program_of("$there/$name.scenario"));
		my $seen = check({ @with }, '--replay', "$there/$name.scenario", '--observe', "--write=scenario:$directory/observed");
		is($seen->{exit}, 0, "$name: exit 0, whatever was seen");
		is($seen->{out}, slurp("$directory/observed"), "$name: prints what --write=scenario writes");
		unlike($seen->{out}, qr/--observe/, "$name: but how it was shown");
	}
	my $wrong = check({ as_is => 1 }, '--observe', '--replay', "$directory/none");
	is($wrong->{exit}, 3, 'trouble of our own: exit 3');
	is($wrong->{out}, '', 'and nothing on standard output');
	like($wrong->{err}, qr/^[^\n]*none: No such file[^\n]*\n\z/, 'but the reason on standard error');
};

subtest 'what is no scenario of check_zone_transfer' => sub {
	my $good = slurp("$there/transfer_refused.scenario");
	for my $story (['of another program', sub { s/^program .*\n//mr }, qr/another program/],
		['a transfer without a pair', sub { s/^pair .*\n//mgr }, qr/has no pair line/],
		['an unknown phase', sub { s/phase=\w+/phase=soon/r }, qr/:\d+: phase= is missing/]) {
		my ($name, $change, $expected) = @$story;
		local $_ = $good;
		my $seen = check_transfer('--replay', spew("$directory/wrong.scenario", $change->()));
		is($seen->{exit}, 3, "$name: exit 3");
		like($seen->{out}, qr/^ZONE TRANSFER UNKNOWN - .*$expected/, "$name: why") or tell_run($seen);
	}
	local $_ = $good;
	my $none = check_transfer('--replay', spew("$directory/none.scenario", s/^zone_transfer .*\n//mgr));
	like($none->{out}, qr/deadline_reached|not asked before the deadline/, 'a scenario without transfers: nobody was asked') or tell_run($none);
};

done_testing;
