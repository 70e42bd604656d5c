#!/usr/bin/perl
# Keeps the house in order: floors, purity, lengths, the contract. Each rule is first shown to fail on a made-up input;
# the rules themselves are in t/lib/House/Rules.pm.

use v5.30;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Find;
use Test::More;
use House::Rules qw(:DEFAULT without_comments floors libraries clock_readers function_lengths file_length open_switches
	closed_enums header_guard sleeps foreign_words symbols_in symbol_list pure_symbols impure read_contract read_table
	contract_of_program contract_of_findings manual_page check_command unlisted);

my $source = $ENV{SRCDIR} // "$FindBin::Bin/..";
my $build = $ENV{BUILDDIR} // "$source/build";
chdir $source or die "$source: $!";

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or return '';
	local $/;
	return scalar readline $file;
}

sub holds {
	my ($name, @complaints) = @_;
	ok(!@complaints, $name) or diag(map { "  $_\n" } @complaints);
}

sub complains {
	my ($name, $pattern, @complaints) = @_;
	ok((grep { /$pattern/ } @complaints), "fails: $name") or diag("  said: @complaints\n");
}

# All files of the project; neither what was built nor what git keeps.
my @files;
find({ no_chdir => 1, wanted => sub {
	my $path = s{^\./}{}r;
	if (-d && $path =~ m{^(?:\.git|autom4te\.cache|build[^/]*|_build|_inst|debian/.+)$|(?:^|/)\.deps$|^dns-replication-plugins-\d}) { $File::Find::prune = 1; return }
	push @files, $path if -f $path && !-l $path;
} }, '.');
@files = sort @files;
my @generated = grep { m{^(?:aclocal\.m4|configure~?|Makefile(?:\.in)?|config\..*|stamp-h1|build-aux/.*)$|\.(?:[oa]|gc..)$|\.dirstamp$} } @files;
my %generated = map { $_ => 1 } @generated, 'configure';
delete $generated{'configure.ac'};
@files = grep { !$generated{$_} && -T } @files;
my @rooms = grep { m{^(?:common|plugins)/.*\.[ch]$} } @files;
my @c = grep { m{^(?:common|plugins|t|bench)/.*\.[ch]$} } @files;
my %text = map { $_ => slurp($_) } @files;

subtest 'floors' => sub {
	complains('a room above', qr/floor 1.*floor 3/, floors('common/dns/a.c', qq{#include "common/net/loop.h"\n}));
	complains('a room beside', qr/floor 3.*floor 3/, floors('common/net/a.c', qq{# include "common/judge/judge.h"\n}));
	complains('a plugin in a room', qr/floor 5/, floors('common/checks/a.c', qq{#include "plugins/a.h"\n}));
	complains('a short path', qr/write common/, floors('common/dns/a.c', qq{#include "wire.h"\n}));
	complains('an unknown room', qr/no room/, floors('common/attic/a.c', ''));
	holds('the own room, lower floors and config.h', floors('common/net/a.c',
		qq{#include "common/net/loop.h"\n#include "common/dns/wire.h"\n#include "common/model/plan.h"\n#include "config.h"\n}));
	holds('the house', map { floors($_, $text{$_}) } @rooms);
};

subtest 'libraries' => sub {
	complains('ldns outside of dns', qr/common.dns/, libraries('common/engine/a.c', "#include <ldns/ldns.h>\n"));
	complains('libuv outside of net', qr/common.net/, libraries('plugins/a.c', "#include <uv.h>\n"));
	holds('ldns in dns', libraries('common/dns/a.c', "#include <ldns/ldns.h>\n#include <stdio.h>\n"));
	holds('the house', map { libraries($_, $text{$_}) } @rooms);
};

subtest 'the clock' => sub {
	complains('time()', qr/time\(\)/, clock_readers('common/judge/a.c', "x = time(NULL);"));
	complains('clock_gettime()', qr/clock_gettime/, clock_readers('common/net/a.c', "clock_gettime (CLOCK_REALTIME, &t);"));
	holds('a comment, a string, another name', clock_readers('common/judge/a.c', qq{/* time(NULL) */ "time(1)"; round_time(2);}));
	holds('the house', map { clock_readers($_, $text{$_}) } @rooms);
};

subtest 'lengths' => sub {
	my $long = "static int f(int a,\n\tint b)\n{\n" . "\tg();\n" x 57 . "}\n";
	complains('a function of 61 lines', qr/f\(\) has 61/, function_lengths('a.c', $long, 60));
	holds('a function of 60', function_lengths('a.c', $long =~ s/\tg\(\);\n//r, 60));
	holds('a table of 100', function_lengths('a.c', "static const int table[] = {\n" . "\tf(1),\n" x 100 . "};\n", 60));
	complains('a file of 601 lines', qr/601/, file_length('a.c', "\n" x 601, 600));
	# Tests hold tables of stories: they may be longer.
	holds('functions', map { function_lengths($_, $text{$_}, m{^t/} ? 100 : 60) } @c);
	holds('files', map { file_length($_, $text{$_}, m{^t/} ? 1200 : 600) } @c);
};

subtest 'switches over enums' => sub {
	my $enum = closed_enums("enum colour { RED, GREEN = 4, /* BLACK, */ BLUE };\nenum dns_type { DNS_A = 1 };\n");
	is_deeply([sort keys %$enum], [qw(BLUE GREEN RED)], 'the constants are known');
	complains('default: beside a constant', qr/a\.c:4: .*colour/,
		open_switches('a.c', "switch (x) {\ncase RED:\n\tbreak;\ndefault:\n\tbreak;\n}\n", $enum));
	complains('in the inner switch', qr/a\.c:5/,
		open_switches('a.c', "switch (y) {\ncase 1:\n\tswitch (x) {\n\tcase RED: break;\n\tdefault: break;\n\t}\n}\n", $enum));
	holds('over numbers of the wire, and nested ones kept apart', open_switches('a.c',
		"switch (x) {\ncase DNS_A: break;\ndefault:\n\tswitch (z) { case RED: break; }\n}\n", $enum));
	my $house = closed_enums(join "\n", map { $text{$_} } @rooms);
	cmp_ok(scalar keys %$house, '>', 20, 'the house has enums');
	holds('the house', map { open_switches($_, $text{$_}, $house) } @rooms);
};

subtest 'headers' => sub {
	complains('another guard', qr/COMMON_DNS_A_H/, header_guard('common/dns/a.h', "#ifndef A_H\n#define A_H\n#endif\n"));
	holds('the house', map { header_guard($_, $text{$_}) } grep { /\.h$/ } @c);
};

subtest 'every source is built' => sub {
	my $makefiles = join "\n", map { $text{$_} } grep { /\.mk$/ } @files;
	complains('a forgotten file', qr/lost\.c/, unlisted("x_SOURCES = \\\n\t%D%/found.c\n", 'common/dns/lost.c', 'common/dns/found.c'));
	complains('a longer name', qr/arena\.c/, unlisted("t/unit/test_arena.c\n", 'common/base/arena.c'));
	holds('the house', unlisted($makefiles, @rooms, grep { m{^t/(?:unit/test|fuzz/fuzz)_.*\.c$} } @files));
};

subtest 'tests wait for conditions' => sub {
	complains('Perl', qr/a\.t:2/, sleeps('a.t', "my \$x;\nsleep 2;\n"));
	complains('C', qr/a\.c:1/, sleeps('a.c', "usleep(100);\n"));
	complains('select', qr/a\.t:1/, sleeps('a.t', "select undef, undef, undef, 0.2;\n"));
	complains('shell', qr/a\.sh:1/, sleeps('a.sh', "true; sleep 0.1\n"));
	holds('a comment, and the pause between two looks', sleeps('a.t', "# sleep 3\nselect undef, undef, undef, 0.01;\n"));
	holds('the house', map { sleeps($_, $text{$_}) } grep { m{^t/.*\.(?:t|pm|pl|c|h|sh)$} && $_ ne 't/00-house.t' } @files);
};

subtest 'the project alone' => sub {
	complains('a home directory', qr{/home/jane}, foreign_words('a.c', "/* see /home/jane/notes */"));
	complains('a note to oneself', qr/a:2/, foreign_words('a', "judge: x\nFIXME later\n"));
	holds('paths of a system', foreign_words('a', "/var/lib/x /usr/lib/nagios ~/.local/state \$HOME/root/work mktemp /tmp/demo.XXXXXX"));
	holds('files', map { foreign_words($_, $text{$_}) } grep { !m{^t/(?:00-house\.t|lib/House/Rules\.pm)$} } @files);
	SKIP: {
		my $log = -e '.git' ? qx{git log --format='%h %B' 2>/dev/null} : '';
		skip 'no history here', 1 unless length $log;
		holds('commit messages', foreign_words('log', $log));
	}
};

# --- Purity: what the objects of a plain build call ----------------------------------------------

sub objects { my ($pattern) = @_; return grep { -e } sort glob "$build/common/$pattern.o" }

sub nm { my ($option, @objects) = @_; return @objects ? symbols_in(scalar qx{nm $option @objects}) : () }

sub allowed { my ($name) = @_; return [symbol_list(slurp("t/house/$name.symbols"))] }

# Rooms and modules that only compute, and the pure ones below that each may call.
my %PURE = (dns => 'dns/*', model => 'model/*', judge => 'judge/*', report => 'report/*', responder => 'engine/{access,answer,cookie,crowd,denial,difference,edns,faults,identity,journal,keys,peer,reply,responder,spoil,transfer_out,transfer_stream,zone_chain,zone_patch,zone_roll,zone_store,zone_version}',
	query_tracker => 'net/{pace,query_tracker}');
my %BELOW = (dns => [qw(dns)], model => [qw(dns model)], judge => [qw(dns model judge)], report => [qw(dns model report)],
	responder => [qw(dns model responder)], query_tracker => [qw(dns model query_tracker)]);

subtest 'purity' => sub {
	is_deeply([symbols_in("                 U memcpy\n         U __printf_chk\n 00001 T ldns_x\n U stat64\@GLIBC_2\n U __stack_chk_fail\n")],
		[qw(ldns_x memcpy printf stat)], 'nm is read');
	is_deeply([symbol_list("memcpy strlen # bytes\n\n# none\nldns_x\n")], [qw(memcpy strlen ldns_x)], 'lists are read');
	my $given = pure_symbols({ a => { wanted => ['memcpy', 'b'], defined => ['a'] }, b => { wanted => [], defined => ['b'] },
		c => { wanted => ['open'], defined => ['c', 'd'] }, e => { wanted => ['c'], defined => ['e'] } }, ['memcpy'], ['d']);
	is_deeply([sort keys %$given], [qw(a b d memcpy)], 'what an impure object defines is not given, nor what calls it');
	complains('a call that nobody allowed', qr/calls time/, impure('judge', ['time', 'memcpy'], { memcpy => 1 }, []));
	complains('a stale library symbol', qr/allows ldns_b/, impure('dns', ['ldns_a'], {}, ['ldns_a', 'ldns_b']));
	holds('given from below, allowed, or the compiler\'s choice', impure('judge', ['name_compare', 'strlen'], { name_compare => 1 }, ['strlen', 'memmove']));

	my $instrumented = grep { /^__(?:asan|ubsan|gcov|sanitizer|llvm)_|^mcount$/ } nm('-u', map { objects("$_/*") } qw(base dns));
	plan skip_all => 'not a plain build' if $instrumented;
	my %base = map { $_ => { wanted => [nm('-u', $_)], defined => [nm('-g --defined-only', $_)] } } objects('base/*');
	my $base = pure_symbols(\%base, allowed('libc'), allowed('base'));
	for my $room (sort keys %PURE) {
		my @objects = objects($PURE{$room});
		ok(scalar @objects, "$room has objects");
		my %given = (%$base, map { $_ => 1 } map { nm('-g --defined-only', objects($PURE{$_})) } @{ $BELOW{$room} });
		holds("$room is pure", impure($room, [nm('-u', @objects)], \%given, allowed($room)));
	}
};

# --- The contract: what is built, and who has to know it -----------------------------------------

my ($columns, $contract) = read_contract($text{'doc/contract.tsv'} // '');
my @OPTION_TABLE = qw(letter name alias argument kind repeatable help default);
# Where a monitoring system has no use for an option.
my %ONLY_BY_HAND = map { $_ => 1 } qw(help version observe);

sub said { my (@command) = @_; return -x $command[0] ? scalar qx{@command 2>&1} : '' }

subtest 'the contract: its rules' => sub {
	my ($names, $rows) = read_contract("# a comment\nkind\tprogram\tname\tletter\talias\targument\tdefault\noption\tcheck_x\tzone\tz\t-\tZONE\t-\nfinding\t-\tlost\t-\t-\t-\tcritical\n");
	is_deeply([map { $_->{name} } @$rows], [qw(zone lost)], 'it is read');
	my $built = sub { read_table(join("\t", @_) . "\n", @OPTION_TABLE) };
	my @zone = $built->('z', 'zone', '-', 'ZONE', 'list', 'yes', 'Zones.', '-');
	holds('as built', contract_of_program('check_x', $rows, \@zone));
	complains('an option that is gone', qr/zone is in doc/, contract_of_program('check_x', $rows, []));
	complains('an option that is new', qr/new is built and not in/, contract_of_program('check_x', $rows, [@zone, $built->('-', 'new', ('-') x 6)]));
	complains('another letter', qr/letter of zone is 'Z'/, contract_of_program('check_x', $rows, [$built->('Z', 'zone', '-', 'ZONE', ('-') x 4)]));
	complains('another severity', qr/default of lost is 'warning'/, contract_of_findings($rows, [{ name => 'lost', default => 'warning' }]));
	complains('a manual page without it', qr/--zone/, manual_page('x.1', '\fB\-\-zones\-file\fR', 'zone'));
	holds('a manual page with it', manual_page('x.1', '\fB\-z\fR, \fB\-\-zone\fR=', 'zone'));
	my $command = qq(object CheckCommand "x" {\n\targuments = {\n\t\t"--zone" = {\n\t\t\tvalue = "\$x_zone\$"\n\t\t\tdescription = "Zones."\n\t\t}\n\t}\n}\n);
	holds('a CheckCommand', check_command('x', $command, @zone));
	complains('one without an option', qr/lacks --all/, check_command('x', $command, @zone, $built->('-', 'all', ('-') x 6)));
	complains('one with another variable', qr/value is not/, check_command('x', $command =~ s/x_zone/x_name/r, @zone));
	complains('one without description', qr/description/, check_command('x', $command =~ s/description.*//r, @zone));
	complains('one with a switch', qr/set_if is not/, check_command('x', $command, $built->('-', 'zone', ('-') x 6)));
	complains('one with more', qr/does not know/, check_command('x', $command));
};

my @programs = sort map { m{([^/]+)\.c$} } grep { m{^plugins/(?:check_\w+|axfrd)\.c$} } @files;
subtest 'the contract: doc/contract.tsv' => sub {
	is_deeply($columns, [qw(kind program name letter alias argument default)], 'its columns');
	holds('lines are whole', map { "$_->{program} $_->{name}: $_->{columns} columns" } grep { $_->{columns} != @$columns } @$contract);
	my %program = map { $_ => 1 } @programs, '-';
	holds('its programs are built', map { "$_->{program} $_->{name}" } grep { !$program{ $_->{program} } } @$contract);
	ok(-x "$build/plugins/check_dns_replication", 'check_dns_replication is built');
	holds('findings', contract_of_findings($contract,
		[read_table(said("$build/plugins/check_dns_replication", '--finding-table'), qw(name default unit sentence))]));
};

for my $program (@programs) {
	subtest "the contract: $program" => sub {
		my @options = read_table(said("$build/plugins/$program", '--option-table'), @OPTION_TABLE);
		cmp_ok(scalar @options, '>', 2, 'the program says its options');
		holds('options', contract_of_program($program, $contract, \@options));
		my ($page) = grep { -e } map { "$build/doc/$program.$_" } 1, 8;
		holds('manual page', manual_page("$program(1)", slurp($page // ''), map { $_->{name} } @options));
		holds('CheckCommand', check_command($program =~ s/^check_//r, $text{'contrib/icinga/dns-replication-commands.conf'} // '',
			grep { !$ONLY_BY_HAND{ $_->{name} } } @options)) if $program =~ /^check_/;
	};
}

done_testing;
