package DNSReplication::Callers;

# What monitoring systems call, and what they make of it: plugins whose every run is written down, in front of servers whose words
# are as unpleasant as they get.
#
#	use DNSReplication::Callers '/usr/sbin/nrpe';	what must be installed
#	my $plugins = plugin_directory();	a directory with all check programs in it, for PluginContribDir or $USER1$
#	for my $scene (scenes()) { ... }	{ name, exit, arguments, about (what the output must hold) }
#	my $run = run_of(@arguments);		{ said, errors, exit } of the last run with exactly these arguments
#	daemon(@command);			started, with a state directory of its own
#
# A run of another user finds everything, too: NRPE does not run as root.

use v5.30;
use warnings;
use DNSReplication::Fake;
use DNSReplication::Lab;
use DNSReplication::Run;
use Exporter ();
use File::Copy 'copy';
use Test::More;
use Time::HiRes ();

our @ISA = ('Exporter');
our @EXPORT = qw(plugin_directory scenes example_servers daemon run_of run_of_program missing_in same_text);

sub import {
	my ($package, @needed) = @_;
	my @missing = grep { !-x } @needed;
	DNSReplication::Lab::impossible("these are missing: @missing") if @missing;
	@_ = ($package);
	goto &Exporter::import;
}

# What a server may put into an EDE's text: everything that a shell, a macro, a config file, a graph or a browser gives a meaning, and UTF-8.
my $WORDS = q{$USER1$ $(id) `id` ;semi "double" 'single' \n \\\\ !bang #hash %41 *?[x] {a,b} a=1;2;3 <b>bold</b> one|two grün → 日本 😀};
# The same as the plugin shows it: what begins perfdata and what becomes HTML is replaced, nothing else.
my $SHOWN = $WORDS =~ tr/|<>/\/()/r;

my $directory;

sub plugin_directory {
	$directory = DNSReplication::Lab::directory('plugins');
	mkdir "$directory/$_" for qw(real runs);
	chmod 01777, "$directory/runs";
	for my $program (map { s{.*/}{}r } grep { -x && !/\.o$/ } glob program('check_*')) {
		copy(program($program), "$directory/real/$program") or die "copy: $!";
		# Renamed into place when complete; its name is unique, because processes are.
		spew("$directory/$program", <<"END");
#!/bin/sh
run=$directory/runs/\$\$
for argument in $program "\$@"; do printf '%s\\0' "\$argument"; done >\$run.arguments
$directory/real/$program "\$@" >\$run.said 2>\$run.errors </dev/null
echo \$? >\$run.exiting
mv \$run.exiting \$run.exit
cat \$run.said
exit \$(cat \$run.exit)
END
		chmod 0755, "$directory/$program", "$directory/real/$program";
	}
	return $directory;
}

# The last run of check_dns_replication with these arguments, in this order.
sub run_of { return run_of_program('check_dns_replication', @_) }

sub run_of_program {
	my $wanted = join '', map { "$_\0" } @_;
	utf8::encode($wanted) if utf8::is_utf8($wanted);
	my ($found) = sort { (Time::HiRes::stat($b))[9] <=> (Time::HiRes::stat($a))[9] } grep { slurp(s/exit$/arguments/r) eq $wanted } glob "$directory/runs/*.exit";
	return undef unless $found;
	return { said => slurp($found =~ s/exit$/said/r), errors => slurp($found =~ s/exit$/errors/r), exit => int slurp($found) };
}

# Those lines or perfdata that the plugin said and the caller does not have.
sub missing_in {
	my ($text, @wanted) = @_;
	return grep { index($text, $_) < 0 } @wanted;
}

# is() for long texts: where they differ, not all of both.
sub same_text {
	my ($got, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return 1 if ok($got eq $expected, $name);
	my $same = length +(($got ^. $expected) =~ /^(\0*)/)[0];
	diag("after $same characters: '" . substr($got, $same, 100) . "' instead of '" . substr($expected, $same, 100) . "'");
	return 0;
}

# The monitoring daemon, with nothing of this machine's own between runs; its log is the result's ->log.
sub daemon {
	my @command = @_;
	my $home = DNSReplication::Lab::directory('daemon');
	mkdir "$home/state";
	chmod 0777, "$home/state";
	local $ENV{MP_STATE_PATH} = "$home/state";
	return bless({ directory => $home, address => '127.0.0.1' }, 'DNSReplication::Lab::Server')->start(@command);
}

my @fakes;

# Whom the examples of contrib/ ask: example.com on three servers at port 53; the address of the first.
sub example_servers {
	push @fakes, fake(port => 53, map { ("127.0.0.$_" => { zones => { 'example.com' => zone_of('example.com', 10, 3) } }) } 1 .. 3);
	return '127.0.0.1';
}

# A table of what plugins say: exit code, and text that must be in it.
sub scenes {
	my $count = 60;
	push @fakes, my $well = cluster([2026112201, 2026112201, 2026112201], map { $_ => { expire => 600_000 } } 1 .. 3);
	push @fakes, my $behind = cluster([2026112201, 2026112201, 2026112190], 2 => { expire => 600_000 });
	push @fakes, my $words = cluster([10, 10, 10], 3 => { zone => { rcode => 'REFUSED' }, ede => [23, $WORDS] });
	push @fakes, my $long = stories(map { { name => "a-server-with-quite-a-long-name-$_.example", zone => { rcode => 'REFUSED' }, ede => [23, "$WORDS $_ " . 'y' x 300] } } 1 .. $count);
	push @fakes, my $international = fake('127.0.0.1' => { zones => { 'xn--bcher-kva.example' => zone_of('xn--bcher-kva.example', 7, 2) } },
		'127.0.0.2' => { zones => { 'xn--bcher-kva.example' => zone_of('xn--bcher-kva.example', 7, 2) } });
	my $lists = DNSReplication::Lab::directory('lists');
	my $zones = spew("$lists/zones", join '', map { "z$_.example\n" } 1 .. 2000);
	return (
		{ name => 'well', exit => 0, arguments => [$well->arguments, '--no-state'], about => ['serial 2026112201 on 3 of 3 servers'] },
		{ name => 'well-verbose', exit => 0, arguments => [$well->arguments, '--no-state', '-vvv'], about => ['serial 2026112201 on 3 of 3 servers'] },
		{ name => 'behind', exit => 1, arguments => [$behind->arguments, '--no-state', '-t', '4s'], about => ['11 serials behind', '→'] },
		{ name => 'words', exit => 2, arguments => [$words->arguments, '--no-state'], about => [$SHOWN] },
		{ name => 'long', exit => 2, arguments => [$long->listing, '--no-state', '--top=100'], about => [map { "$SHOWN $_ yyy" } 1, 20, $count], long => 40_000 },
		{ name => 'umlaut', exit => 0, arguments => ['-z', 'bücher.example', '-H', $international->at('127.0.0.1'), '-p', $international->{port}, '--no-state'], about => ['serial 7 on 2 of 2 servers'] },
		{ name => 'many', exit => 2, arguments => ["--zones-file=$zones", '--no-ns', '-H', '127.0.0.1@1', '--add-server=ns2.example=127.0.0.2@1', '--no-state', '--no-diagnose'],
			about => ['2000 of 2000 zones out of sync on 2 of 2 servers: 127.0.0.1 does not listen on port 1 (connection refused): 2,000 zones; ns2.example, too'] },
		{ name => 'odd', exit => 3, arguments => ['-z', 'no zone;$at|all', '-n', '--no-state'], about => ['no\\032zone\\;\\$at/all'] },
		{ name => 'usage', exit => 3, arguments => ['-z', 'example.com', '-t', 'a "while"; $really|', '--no-state'], about => ['UNKNOWN - ', 'a "while"; $really/'] },
	);
}

1;
