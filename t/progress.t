# How far a run is: on a terminal, for whom it is long; never in a pipe.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my ($terminal) = grep { -x } map { "$_/script" } '/usr/bin', '/bin', split /:/, $ENV{PATH} // '';
plan skip_all => 'script(1) of bsdutils is not here: there is no terminal' unless $terminal;

my $directory = File::Temp->newdir;
my $fake = fake('127.0.0.1' => { zones => { 'z1.test' => zone_of('z1.test', 5, 1), 'z2.test' => zone_of('z2.test', 5, 1) } }, '127.0.0.2' => { udp => 'silent', tcp => 'silent' });
my @asking = ('-z', 'z1.test', '-z', 'z2.test', '-n', '-H', $fake->at('127.0.0.1'), '--no-tcp-probe');
my @slow = (@asking, '-a', 'dead.test=' . $fake->at('127.0.0.2'), '-t', '9s', '-r', '1');

# All of it in a terminal, but for what the line sends elsewhere.
sub in_terminal {
	my ($line, @arguments) = @_;
	my $words = join ' ', map { "'$_'" } program('check_dns_replication'), '--no-state', @arguments;
	return run([$terminal, '-qec', "$words $line", '/dev/null'], env => { TERM => 'xterm', SHELL => '/bin/sh' }, stdin => '');
}

subtest 'a run of seconds' => sub {
	my $seen = in_terminal(">$directory/out", @slow);
	my @shown = grep { /\S/ } split /\r/, $seen->{out};
	cmp_ok(scalar @shown, '>', 2, 'shows how far it is, again and again') or tell_run($seen);
	is(scalar(grep { !/^(?:looking for the servers of 2 zones|2 of 4 questions answered(?:, \d not)?, 2 servers), \d s *$/ } @shown), 0, 'answers of questions, servers, seconds')
		or diag(explain \@shown);
	is(scalar(grep { length > 79 } @shown), 0, 'in a line');
	like($seen->{out}, qr/\r *\r\z/, 'and nothing is left of it');
	my ($last) = $seen->{out} =~ /\r(\S[^\r]*)\r( +)\r\z/;
	ok(defined $last, 'blanks over it');
	like(slurp("$directory/out"), qr/^DNS REPLICATION CRITICAL - [^\r]*\z/, 'stdout has none of it');
	is($seen->{exit}, 2, 'the exit code is as always');
	$seen = in_terminal('', @slow);
	like($seen->{out}, qr/\r +\rDNS REPLICATION CRITICAL - /, 'the verdict stands in its place') or tell_run($seen);
};

subtest 'a list that takes its time' => sub {
	my $slow = fake('127.0.0.1' => { zones => {}, tcp => 'silent' });
	my $seen = in_terminal('', '-H', $slow->at('127.0.0.1'), '--zones-from=catalog:catalog.test', '-t', '5s');
	like($seen->{out}, qr/^fetching the list of zones, 1 s *\r.*DNS REPLICATION UNKNOWN/s, 'is being fetched') or tell_run($seen);
};

subtest 'where there is nothing to show' => sub {
	my $seen = in_terminal('', @asking);
	like($seen->{out}, qr/^DNS REPLICATION WARNING - [^\r]*\r\n/, 'a short run') or tell_run($seen);
	$seen = in_terminal("2>$directory/err", @slow);
	is(slurp("$directory/err"), '', 'stderr in a file');
	like($seen->{out}, qr/^DNS REPLICATION CRITICAL/, 'stdout in a terminal') or tell_run($seen);
	is_plugin_output(check(@slow), 'CRITICAL', 'pipes');
	$seen = run([$terminal, '-qec', join(' ', map { "'$_'" } program('check_dns_replication'), '--no-state', @slow), '/dev/null'], env => { TERM => 'dumb', SHELL => '/bin/sh' });
	like($seen->{out}, qr/^DNS REPLICATION CRITICAL/, 'a terminal that can do nothing') or tell_run($seen);
};

done_testing;
