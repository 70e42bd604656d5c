# Zones by the list: files and standard input, broken lines, primaries of their own, --exclude,
# --shard.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Copy 'copy';
use File::Temp 'tempdir';
use POSIX 'mkfifo';
use Test::More;
needs('check_dns_replication');

my $directory = tempdir('dns-replication-lists-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $number = 0;
sub list { return spew("$directory/" . ++$number, join "\n", @_, '') }
sub zones { my ($json) = @_; return join ' ', map { $_->{zone} =~ s/\.$//r } @{ $json->{zones} // [] } }

my @zones = map { "z$_.test" } 1 .. 6;
my $fake = fake(map { ("127.0.0.$_" => { zones => { map { ($_ => zone_of($_, 5, 2)) } @zones } }) } 1, 2);
my @primary = ('-H', $fake->at('127.0.0.1'), '-p', $fake->port);

subtest 'a file' => sub {
	my $file = list('# all zones', 'z1.test', '', "Z2.Test.\r", "\tz3.test  # the third", 'z1.test');
	my $seen = check_json(@primary, '-f', $file);
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	is(zones($seen->{json}), 'z1.test z2.test z3.test', 'comments, CRLF, blanks; each once');
	is(zones(check_json(@primary, '-z', 'z6.test', "--zones-file=$file")->{json}),
		'z6.test z1.test z2.test z3.test', 'besides -z');
};

subtest 'standard input' => sub {
	my $input = list('z4.test', 'z5.test');
	my $program = program('check_dns_replication');
	my $seen = run(['sh', '-c', 'exec "$0" "$@" < ' . $input, $program, '--no-state', @primary, '-f', '-', '-o', 'json']);
	is(zones(decode($seen->{out})), 'z4.test z5.test', 'is read') or tell_run($seen);
	mkfifo("$directory/pipe", 0600) or die "mkfifo: $!";
	open my $writer, '+<', "$directory/pipe" or die "pipe: $!";
	syswrite $writer, "z4.test\n";
	$seen = run(['sh', '-c', 'exec "$0" "$@" < ' . "$directory/pipe", $program, '--no-state', '-t', '1s', @primary, '-f', '-'],
		timeout => 10);
	like($seen->{out}, qr/UNKNOWN - --zones-file: standard input: nothing more came before the deadline/,
		'a pipe into which nobody writes ends at the deadline') or tell_run($seen);
};

subtest 'broken lines are said, and the others are checked' => sub {
	my $file = list('z1.test', 'z2..test', 'z3.test 127.0.0.1 x', 'z4.test 127.0.0.1@99999', 'z5.test');
	my $seen = check(@primary, '-f', $file);
	is_plugin_output($seen, 'WARNING');
	like($seen->{out}, qr/^\[WARNING\] 3 lines of \Q$file\E say no zone; the first is line 2: "z2\.\.test" is no domain name: empty label → /m, 'which')
		or tell_run($seen);
	is($seen->{perfdata}{of}{zones_ok}{value}, 2, 'the other two are good');
	my $json = check_json(@primary, '-f', $file)->{json};
	is_deeply([map { "$_->{code} $_->{amount} $_->{unit}" } findings($json)], ['zone_list_broken 3 lines'], 'in JSON');
	my $one = check(@primary, '-f', list('z1.test', "a\0b.test", '|..'));
	like($one->{out}, qr/2 lines .*line 2: it has a byte 0/, 'a zero byte') or tell_run($one);
	is_plugin_output($one, 'WARNING');
	my $scenario = "$directory/scenario";
	check(@primary, '-f', $file, "--write=scenario:$scenario");
	my $again = check("--replay=$scenario");
	like($again->{first}, qr/^DNS REPLICATION WARNING/, 'a scenario says it again') or tell_run($again);
	like($again->{out}, qr/3 lines of/, 'in the same words');
};

subtest 'lines of every kind' => sub {
	my @kinds = (
		['a line of a megabyte', 'a' x 1_000_000, qr/longer than 4096 bytes/], ['other bytes than UTF-8', "b\xfccher.test", qr/"b\\xfccher\.test" is no domain name/],
		['a port of 0', 'z2.test 127.0.0.1@0', qr/"0" is no port/], ['a port too large', 'z2.test 127.0.0.1@65536', qr/"65536" is no port/], ['no port', 'z2.test 127.0.0.1@', qr/"" is no port/],
		['two ports', 'z2.test 127.0.0.1@53@54', qr/neither an IP address nor a host name/], ['no host', 'z2.test @53', qr/names no host/],
		['no address', 'z2.test 300.1.1.1', qr/"300\.1\.1\.1" is neither/], ['half an address', 'z2.test 2001:db8::x', qr/"2001:db8::x" is neither/],
		['no name', 'z2.test a..b', qr/"a\.\.b" is no domain name/], ['a label of 64 bytes', 'a' x 64 . '.test', qr/label over 63 bytes/], ['a name of 256', join('.', ('abcdefg') x 32), qr/is no domain name/],
		['three words', 'z2.test 127.0.0.1 now', qr/more than ZONE and PRIMARY/], ['control bytes', "z2\x01.test", qr/it has a byte 1/], ['a NUL byte', "z2.test\0", qr/it has a byte 0/],
	);
	for my $kind (@kinds) {
		my ($name, $line, $why) = @$kind;
		my $seen = check(@primary, '-f', list('z1.test', $line));
		is_plugin_output($seen, 'WARNING', $name);
		like($seen->{out}, qr/^\[WARNING\] 1 line of \S+ says no zone; the first is line 2: .*$why/m, "$name: which line, and why") or tell_run($seen);
	}
	my @fine = (["\xef\xbb\xbfz1.test", 'z1.test'], ["z1.test\r\nz2.test\r", 'z1.test z2.test'], ['z1.test', 'Z1.TEST.', 'z1.test'], ["\tz1.test \t # z2.test"], ["b\xc3\xbccher.test", 'xn--bcher-kva.test']);
	is(zones(check_json(@primary, '-f', list($_->[0]))->{json}), $_->[1] // 'z1.test', 'is read') for @fine[0, 1, 3, 4];
};

# What it answers, and the CPU time of its children: on a busy machine the clock says little.
sub with_cpu {
	my ($code) = @_;
	my $before = (times)[2];
	my $answer = $code->();
	return ($answer, (times)[2] - $before);
}

subtest 'a million lines' => sub {
	my $file = spew("$directory/million", join '', map { "zone$_.example\n" } 1 .. 1_000_000);
	my ($seen, $cpu_s) = with_cpu(sub { check({ timeout => 330 }, '-t', '5m', '--plan', '-H', '127.0.0.1', '-f', $file) });
	like($seen->{out}, qr/for 999980 zones more, of 1000000$/m, 'are read') or tell_run($seen);
	cmp_ok($cpu_s, '<', 30, 'quickly');
	unlink $file;
};

subtest 'a file that is no list' => sub {
	my $closed = run(['sh', '-c', 'exec "$0" "$@" <&-', program('check_dns_replication'), '--no-state', @primary, '-f', '-']);
	is_usage_error($closed, qr/--zones-file: cannot read standard input: Bad file descriptor/, 'standard input is closed');
	is_usage_error(check({ stdin => '' }, @primary, '-f', '-'), qr/--zones-file: standard input is empty/);
	is_usage_error(check(@primary, '-f', spew("$directory/bom", "\xef\xbb\xbf")), qr/names no zone/);
	# Nobody may read it; root, who may read everything, becomes nobody (the program, too, must be where that one may go).
	my $secret = list('z1.test');
	chmod 0, $secret;
	chmod 0755, $directory;
	mkdir(my $counts = "$directory/counts");
	chmod 0777, $counts;
	copy(program('check_dns_replication'), "$directory/check") or die "copy: $!";
	chmod 0755, "$directory/check";
	is_usage_error(run([($> ? () : qw(setpriv --reuid=65534 --regid=65534 --clear-groups)), "$directory/check", '--no-state', @primary, '-f', $secret],
		env => { GCOV_PREFIX => $counts }), # where a build that counts lines may write
		qr/--zones-file: cannot read \Q$secret\E: Permission denied/, 'a file that may not be read');
	is_usage_error(check(@primary, '-f', '/proc/self/mem'), qr{--zones-file: cannot read /proc/self/mem: Input/output error});
	is_usage_error(check(@primary, '-f', "$directory/absent"), qr/--zones-file: cannot read .*absent: No such file/);
	is_usage_error(check(@primary, '-f', $directory), qr/--zones-file: cannot read .*: Is a directory/);
	is_usage_error(check(@primary, '-f', spew("$directory/empty", '')), qr/--zones-file: .*empty is empty/);
	is_usage_error(check(@primary, '-f', list('# nothing')), qr/names no zone/);
	is_usage_error(check(@primary, '-f', list('..', '...')), qr/names no zone: 2 lines of .* say no zone; the first is line 1/);
};

subtest 'primaries of their own' => sub {
	my $two = fake(map { my $n = $_; ("127.0.0.$n" => { zones => { map { ($_ => zone_of($_, 5, 3)) } @zones } }) } 1 .. 3);
	$two->again('127.0.0.2' => { zones => { map { ($_ => zone_of($_, 6, 3)) } @zones } });
	my $other = $two->at('127.0.0.2');
	my $json = check_json('-H', $two->at('127.0.0.1'), '-p', $two->port, '-f', list('z1.test', "z2.test $other", "z3.test 127.0.0.2", 'z4.test'))->{json};
	is_deeply([map { my $z = $_; join ' ', map { "$z->{zone}$_->{address}" } grep { $_->{role} eq 'primary' } @{ $z->{servers} } } @{ $json->{zones} // [] }],
		['z1.test.127.0.0.1', 'z2.test.127.0.0.2', 'z3.test.127.0.0.2', 'z4.test.127.0.0.1'], 'each has its own');
	is_deeply([map { $_->{reference}{serial} } @{ $json->{zones} // [] }], [5, 6, 6, 5], 'which is the reference');
	my %asked;
	$asked{"$_->{address} $_->{name}"}++ for $two->asked(type => 'NS');
	is_deeply(\%asked, { '127.0.0.1 z1.test' => 1, '127.0.0.2 z2.test' => 1, '127.0.0.2 z3.test' => 1, '127.0.0.1 z4.test' => 1 },
		'NS sets are asked of the zone\'s own primary, once');
	my $seen = check('-p', $two->port, '-n', '-f', list("z1.test 127.0.0.1", "z2.test 127.0.0.3"));
	is_plugin_output($seen, 'WARNING', 'without -H, and without NS: nobody to replicate to');
	is_usage_error(check('-n', '-f', list('z1.test 127.0.0.1', 'z2.test')), qr/nobody to ask about z2\.test/);
	my $wrong = list('z1.test 127.0.0.1', '# x', 'z2.test', 'Z1.test 127.0.0.2');
	is_usage_error(check('-f', $wrong), qr/\Q$wrong\E: z1\.test has two primaries: 127\.0\.0\.1 in line 1, 127\.0\.0\.2 in line 4/);
	my $same = check_json('-p', $two->port, '-f', list('z1.test 127.0.0.1', 'z1.test', 'z1.test ' . $two->at('127.0.0.1')));
	is(zones($same->{json}), 'z1.test', 'the same one in other words is no contradiction') or tell_run($same);
	is_plugin_output(check('-6', '-H', '::1', '-t', '1s', '-f', list('z1.test 127.0.0.1', 'z2.test')), undef, 'a primary of the wrong family is a broken line');
};

subtest 'one silent primary of many delays nobody else' => sub {
	my $mixed = fake('127.0.0.1' => { zones => { map { ($_ => zone_of($_, 5, 2)) } @zones } }, '127.0.0.2' => { zones => { map { ($_ => zone_of($_, 5, 2)) } @zones } },
		'127.0.0.3' => { udp => 'silent', tcp => 'silent' }, '127.0.0.4' => { udp => 'silent', tcp => 'silent' });
	my $seen = check_json('-t', '6s', '-p', $mixed->port, '-f', list('z1.test 127.0.0.1', 'z2.test 127.0.0.3', 'z3.test 127.0.0.4', 'z4.test 127.0.0.1'));
	is_deeply([map { $_->{state} } @{ $seen->{json}{zones} // [] }], [qw(OK CRITICAL CRITICAL OK)], 'the others are judged') or tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 6, 'in time');
};

subtest 'primaries by name are resolved once' => sub {
	my $named = fake('127.0.0.1' => { zones => { map { ($_ => zone_of($_, 5, 2)) } @zones } }, '127.0.0.2' => { zones => { map { ($_ => zone_of($_, 5, 2)) } @zones } },
		'127.0.0.53' => { resolver => ['primary.example.net. 300 A 127.0.0.1'] });
	my @asking = ('-s', $named->at('127.0.0.53'), '-p', $named->port);
	my $seen = check_json(@asking, '-f', list(map { "$_ primary.example.net" } @zones));
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	is(scalar(my @asked = $named->asked(type => 'A', name => 'primary.example.net')), 1, 'one question');
	$seen = check(@asking, '-f', list('z1.test gone.example.net', 'z2.test primary.example.net'));
	is_plugin_output($seen, 'CRITICAL', 'one that does not resolve');
	like($seen->{out}, qr/^\[CRITICAL\] z1\.test: --zones-file gone\.example\.net does not exist/m, 'is said of its zones')
		or tell_run($seen);
	unlike($seen->{out}, qr/z2\.test.*gone/, 'and of no other');
};

subtest '--exclude' => sub {
	my $file = list(@zones);
	is(zones(check_json(@primary, '-f', $file, '--exclude=Z[1-3].test.', '--exclude=*5*')->{json}), 'z4.test z6.test', 'globs, any case');
	is(zones(check_json(@primary, '-z', 'z1.test', '-z', 'z2.test', '--exclude=z2.test')->{json}), 'z1.test', 'of -z, too');
	is_usage_error(check(@primary, '-f', $file, '--exclude=*'), qr/--exclude leaves no zone of the 6/);
	is_usage_error(check(@primary, '-f', $file, '--exclude='), qr/--exclude: the argument is empty/);
	my $idn = check_json(@primary, '-f', list("b\xc3\xbccher.example", 'z1.test'), "--exclude=b\xc3\xbccher.*");
	is(zones($idn->{json}), 'z1.test', 'an international label') or tell_run($idn);
	is_usage_error(check(@primary, '-f', $file, "--exclude=b\xc3\xbc*.test"), qr/xn--/);
};

subtest '--shard' => sub {
	my @many = map { "zone$_.example" } 1 .. 300;
	my $all = list(@many);
	my $fewer = list(grep { !/7/ } reverse @many);
	my %where;
	for my $shard (1 .. 4) {
		my $plan = check_json('-H', '127.0.0.1@1', '-t', '0.2s', '-n', '-f', $all, "--shard=$shard/4")->{json};
		$where{$_} .= $shard for map { $_->{zone} } @{ $plan->{zones} // [] };
	}
	is(scalar(keys %where), 300, 'together they are all');
	is(scalar(grep { length != 1 } values %where), 0, 'and no zone is in two');
	my %count; $count{$_}++ for values %where;
	cmp_ok($count{$_}, '>', 50, "shard $_ has its part") for 1 .. 4;
	my $again = check_json('-H', '127.0.0.1@1', '-t', '0.2s', '-n', '-f', $fewer, '--shard=2/4')->{json};
	is_deeply([sort map { $_->{zone} } @{ $again->{zones} // [] }], [sort grep { !/7/ && $where{$_} eq 2 } keys %where],
		'a zone stays where it is when others go');
	my $empty = check(@primary, '-z', 'z1.test', '--shard=' . ($where{none} // 1) . '/90000');
	is_plugin_output($empty, 'OK', 'a slice without zones is OK');
	like($empty->{first}, qr/OK - none of the 1 zones is in this shard/, 'and says so') or tell_run($empty);
	is($empty->{perfdata}{of}{zones}{value}, 0, 'perfdata');
	is(check_json(@primary, '-z', 'z1.test', '--shard=1/90000')->{json}{zones} ? 1 : 0, 1, 'JSON');
	is_usage_error(check(@primary, '-z', 'z1.test', "--shard=$_"), qr/--shard: "\Q$_\E" is not I\/N/) for '0/4', '5/4', '1', '1/', '/4', '1/0', 'a/b', '1/4x', '-1/4', '1/999999999999';
};

subtest 'a hundred thousand lines' => sub {
	my $file = spew("$directory/many", join '', map { "zone$_.example 192.0.2.1\@5300\n" } 1 .. 100_000);
	my ($seen, $cpu_s) = with_cpu(sub { check({ timeout => 90 }, '-t', '1m', '--plan', '-f', $file) });
	is($seen->{exit}, 0, 'are read') or tell_run($seen);
	like($seen->{out}, qr/for 99980 zones more, of 100000$/m, 'all of them');
	cmp_ok($cpu_s, '<', 5, 'quickly');
};

done_testing;
