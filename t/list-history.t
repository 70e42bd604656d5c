# What a list named in earlier runs: new zones have time to arrive, vanished ones are looked for.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp 'tempdir';
use Test::More;
needs('check_dns_replication');

my @zones = map { "z$_.test" } 1 .. 4;
sub serving { my (@which) = @_; return { map { ($_ => zone_of($_, 5, 2)) } @which } }
sub states { my ($json) = @_; return join ' ', map { ($_->{zone} =~ s/\.$//r) . "=$_->{state}" } @{ $json->{zones} // [] } }

# A list, a state directory, a primary and a secondary.
sub world {
	my $directory = tempdir('dns-replication-history-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $fake = fake(map { ("127.0.0.$_" => { zones => serving(@zones) }) } 1, 2);
	my $file = "$directory/zones";
	return ($fake, sub { spew($file, join "\n", @_, '') },
		sub { check_json('-H', $fake->at('127.0.0.1'), '-p', $fake->port, '-f', $file, '--state-dir', "$directory/state", '-t', '4s', @_) });
}

subtest 'a new zone has time to arrive' => sub {
	my ($fake, $list, $run) = world();
	$fake->again('127.0.0.2' => { zones => serving('z1.test') });
	$list->('z1.test', 'z2.test');
	is(states($run->()->{json}), 'z1.test=OK z2.test=CRITICAL', 'in the list\'s first run nothing is new');
	$list->('z1.test', 'z2.test', 'z3.test');
	my $seen = $run->();
	is(states($seen->{json}), 'z1.test=OK z2.test=CRITICAL z3.test=WARNING', 'later it is') or tell_run($seen);
	my ($finding) = grep { $_->{code} eq 'zone_refused' } @{ $seen->{json}{zones}[2]{findings} };
	like($finding->{text}, qr/new in its list for/, 'and that is said') or tell_run($seen);
	is_deeply([map { defined $_->{new_since} ? 'new' : 'known' } @{ $seen->{json}{zones} }], [qw(known known new)], 'and marked');
	like($seen->{json}{zones}[2]{new_since}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'with the date');
	is(states($run->()->{json}), 'z1.test=OK z2.test=CRITICAL z3.test=WARNING', 'in the next run, too');
	is(states($run->('--new-zone-grace=0s')->{json}), 'z1.test=OK z2.test=CRITICAL z3.test=CRITICAL', 'unless nobody gives it time');
	ok(wait_until(10, sub { states($run->('--new-zone-grace=1s')->{json}) eq 'z1.test=OK z2.test=CRITICAL z3.test=CRITICAL' }), 'the time ends');
	is(states($run->('--no-state')->{json}), 'z1.test=OK z2.test=CRITICAL z3.test=CRITICAL', 'without state nothing is new');
	$fake->again('127.0.0.1' => { zones => serving(@zones[0 .. 2]) });
	$list->('z1.test', 'z4.test');
	is(states($run->()->{json}), 'z1.test=OK z4.test=CRITICAL z2.test=OK z3.test=OK', 'the primary itself has to have it; nobody has to have what is gone');
};

subtest 'a vanished zone that is still served' => sub {
	my ($fake, $list, $run) = world();
	$list->(@zones);
	is($run->()->{json}{state}, 'OK', 'all is well');
	$list->(@zones[0 .. 2]);
	$fake->again('127.0.0.1' => { zones => serving(@zones[0 .. 2]) });
	my $seen = $run->();
	is_deeply([map { "$_->{code} $_->{severity} $_->{address}" } findings($seen->{json})], ['orphan_zone WARNING 127.0.0.2'],
		'is an orphan there; that the primary refuses it is as it should be') or tell_run($seen);
	is(states($seen->{json}), 'z1.test=OK z2.test=OK z3.test=OK z4.test=WARNING', 'the others are well');
	is_deeply([map { ($_->{gone_since} // '') =~ /^20/ ? 'gone' : 'there' } @{ $seen->{json}{zones} }], [qw(there there there gone)], 'and marked');
	is_deeply([map { $_->{code} } findings($run->()->{json})], ['orphan_zone'], 'in the next run, too');
	is_deeply([map { $_->{code} } findings($run->('--no-state')->{json})], [], 'without state nobody knows');
	is_deeply([map { $_->{code} } findings($run->('--exclude=z4.*')->{json})], [], 'another slice of the list is another list');
	$fake->again('127.0.0.2' => { zones => serving(@zones[0 .. 2]) });
	is($run->()->{json}{state}, 'OK', 'nobody serves it any more');
	$fake->again(map { ("127.0.0.$_" => { zones => serving(@zones) }) } 1, 2);
	$list->(@zones);
	is($run->()->{json}{state}, 'OK', 'it comes back');
	$list->(@zones[0 .. 2]);
	$seen = $run->();
	like((map { $_->{text} } findings($seen->{json}))[0] // '', qr/gone from its list .*; the primary serves it, too/, 'gone from the list alone') or tell_run($seen);
	is(states($run->('--forget=0s')->{json}), 'z1.test=OK z2.test=OK z3.test=OK', 'and forgotten');
	is(states($run->()->{json}), 'z1.test=OK z2.test=OK z3.test=OK', 'for good');
};

subtest 'what was forgotten leaves the state' => sub {
	my ($fake, $list, $run) = world();
	my $directory = tempdir('dns-replication-history-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	# Does the state know it? Asking about it makes it known again.
	my $known = sub { $run->('-z', "$_[0].test", "--write=scenario:$directory/scenario"); return slurp("$directory/scenario") =~ /^zone $_[0]\.test\. .*known=1/m ? 1 : 0 };
	my $other = spew("$directory/other", "z3.test\nz1.test\n");
	$list->(@zones);
	$run->();
	is($known->('z4'), 1, 'what was asked is known');
	$run->('-f', $other);
	$list->('z1.test', 'z2.test');
	$run->();
	is($known->('z4'), 1, 'what is gone from its list, too');
	$run->('--forget=0s');
	is($known->('z4'), 0, 'until it is forgotten');
	is($known->('z3'), 1, 'unless another list names it');
	is($known->('z2'), 1, 'the others stay');
};

subtest 'standard input is no list with a memory' => sub {
	my $state = tempdir('dns-replication-history-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $fake = fake(map { ("127.0.0.$_" => { zones => serving(@zones) }) } 1, 2);
	for my $words ('z1.test\nz2.test', 'z1.test') {
		my $seen = run(['sh', '-c', "printf '$words\\n' | \"\$0\" \"\$@\"", program('check_dns_replication'), '--state-dir', $state,
			'-H', $fake->at('127.0.0.1'), '-p', $fake->port, '-f', '-', '-o', 'json']);
		is(decode($seen->{out})->{state}, 'OK', 'nothing is gone') or tell_run($seen);
	}
};

subtest 'an unusable state directory is said once' => sub {
	my ($fake, $list) = world();
	$list->(@zones);
	my $file = spew(tempdir('dns-replication-history-XXXXXX', TMPDIR => 1, CLEANUP => 1) . '/file', 'x');
	my $seen = check_json('-H', $fake->at('127.0.0.1'), '-p', $fake->port, '-z', 'z1.test', '-f', spew("$file.list", "z2.test\n"), '--state-dir', $file);
	is_deeply([map { $_->{code} } findings($seen->{json})], ['state_unusable'], 'state_unusable') or tell_run($seen);
};

done_testing;
