#!/usr/bin/perl
# What is asked for the why (--diagnose): nothing where all is well, little where something is wrong, and never for long.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication', 'axfrd');

my $directory = File::Temp->newdir;
my $pdns = 'PowerDNS Authoritative Server 4.7.3 (built Dec  9 2022 15:11:37 by root@example)';

# "AXFR 127.0.0.1, version.bind 127.0.0.3, ..." of the questions that only a diagnosis asks.
sub diagnosis {
	my ($fake) = @_;
	my %count;
	$count{($_->{class} eq 'CH' ? $_->{name} : $_->{type}) . " $_->{address}"}++
		for grep { ($_->{class} // '') eq 'CH' || ($_->{type} // '') eq 'AXFR' } $fake->asked;
	return join ', ', map { $count{$_} == 1 ? $_ : "$count{$_} $_" } sort keys %count;
}

subtest 'all is well: not one question more' => sub {
	my $fake = cluster([10, 10, 10], map { ($_ => { version => $pdns }) } 1 .. 3);
	is(state_of(check($fake->arguments)), 'OK', 'OK');
	my @with = $fake->asked;
	$fake->again;
	is(state_of(check('--no-diagnose', $fake->arguments)), 'OK', 'OK without');
	is(scalar(grep { $_->{by} ne 'connect' } @with), scalar(grep { $_->{by} ne 'connect' } $fake->asked), 'the same number');
	is(scalar(grep { ($_->{class} // '') eq 'CH' || ($_->{type} // '') eq 'AXFR' } @with), 0, 'nothing of a diagnosis');
};

subtest 'behind, but not for long: not one question more' => sub {
	my $state = File::Temp->newdir;
	my $fake = cluster([10, 10, 10]);
	is(state_of(check('--state-dir', "$state", $fake->arguments)), 'OK', 'an earlier run');
	$fake->serial('example.com', '127.0.0.1' => 11, '127.0.0.2' => 11);
	is(state_of(check('--state-dir', "$state", $fake->arguments)), 'OK', 'OK');
	is(diagnosis($fake), '', 'nothing');
};

subtest 'one is behind' => sub {
	my $fake = cluster([10, 10, 9], 1 => { version => $pdns }, 2 => { version => 'NSD 4.6.1' }, 3 => { version => '9.18.28-1~deb12u2-Debian' });
	my $scenario = "$directory/behind";
	my $seen = check_json($fake->arguments, "--write=scenario:$scenario");
	is(diagnosis($fake), join(', ', sort map { ("AXFR 127.0.0.$_", "id.server 127.0.0.$_", "version.bind 127.0.0.$_") } 1, 3), 'the two that it is about are asked, once');
	my %software = map { $_ => server_of($seen->{json}, "ns$_.example.com")->{software} } 1 .. 3;
	is_deeply(\%software, { 1 => 'PowerDNS Authoritative Server 4.7.3', 2 => undef, 3 => 'BIND 9.18.28-1~deb12u2-Debian' }, 'software');
	my ($finding) = findings($seen->{json});
	my $at = $fake->port;
	like($finding->{advice}, qr/^on ns3\.example\.com: dig \@127\.0\.0\.1 -p $at -b 127\.0\.0\.3 example\.com AXFR; if that is refused, on ns1\.example\.com: pdnsutil add-meta example\.com ALLOW-AXFR-FROM 127\.0\.0\.3; if it works, on ns3\.example\.com: rndc retransfer example\.com/,
		'each in its own words');
	my $replayed = check_json({ as_is => 1 }, "--replay=$scenario");
	is((findings($replayed->{json}))[0]{advice}, $finding->{advice}, 'and again in a replay');
	like(check($fake->arguments, '-v')->{out}, qr/ns3\.example\.com .*, BIND 9\.18\.28/, '-v says who it is');
	$fake->again;
	$seen = check_json('--no-diagnose', $fake->arguments);
	is(diagnosis($fake), '', '--no-diagnose');
	like((findings($seen->{json}))[0]{advice}, qr/pdns_control retrieve example\.com \(PowerDNS\), rndc retransfer example\.com \(BIND\)/, 'then everybody is meant');
};

subtest 'who does not say who it is' => sub {
	my %story = ('jokes' => 'surely you must be joking', 'nothing' => '', 'a recursor' => 'PowerDNS Recursor 4.8.4', 'bytes' => "9\x01|<b>\xff", 'much' => 'x' x 255);
	for my $name (sort keys %story) {
		my $fake = cluster([10, 9], 2 => { version => $story{$name} });
		my $seen = check_json($fake->arguments);
		is(server_of($seen->{json}, 'ns2.example.com')->{software}, undef, $name);
		like((findings($seen->{json}))[0]{advice}, qr/\(PowerDNS\).*\(BIND\).*\(NSD\).*\(Knot\)/, "$name: everybody's words");
	}
	my $fake = cluster([10, 9], 2 => { version => "NSD 4.6.1|rm<b>\x1b[31m" });
	my $seen = check($fake->arguments, '-v');
	is_plugin_output($seen, 'WARNING', 'what is shown is clean');
	like($seen->{out}, qr/NSD 4\.6\.1/, 'and shown');
};

subtest 'such questions are thrown away' => sub {
	my $fake = cluster([10, 9], 1 => { chaos => 'silent' }, 2 => { chaos => 'silent' });
	my $seen = check_json($fake->arguments);
	is_deeply(findings_of($seen->{json}, 'ns2.example.com'), ['secondary_behind'], 'the finding is the same');
	is(server_of($seen->{json}, "ns$_.example.com")->{software}, undef, "ns$_ is not known") for 1, 2;
	my @tries = grep { ($_->{name} // '') eq 'version.bind' && $_->{address} eq '127.0.0.2' } $fake->asked;
	cmp_ok(scalar @tries, '<=', 2, 'two tries');
	is_deeply([grep { $_->{by} ne 'udp' } @tries], [], 'and none by TCP');
};

subtest 'no time is left' => sub {
	my $fake = cluster([10, 9], 1 => { chaos => 'silent' }, 2 => { chaos => 'silent' });
	my $seen = check($fake->arguments, '-t', '1s');
	is_plugin_output($seen, 'WARNING', 'the verdict stands');
	cmp_ok($seen->{seconds}, '<', 5, 'in time') or tell_run($seen);
};

subtest 'many zones: a sample' => sub {
	my @zones = map { "z$_.test" } 1 .. 40;
	my %at = map { my $serial = 11 - $_; ("127.0.0.$_" => { version => 'Knot DNS 3.2.6', zones => { map { $_ => { serial => $serial } } @zones } }) } 1, 2;
	my $fake = fake(%at);
	my @asking = ((map { ('-z', $_) } @zones), '-n', '-H', $fake->at('127.0.0.1'), '-a', 'ns2.test=' . $fake->at('127.0.0.2'));
	my $seen = check_json(@asking);
	is(scalar(findings($seen->{json})), 40, 'all are behind');
	is(diagnosis($fake), '3 AXFR 127.0.0.1, 3 AXFR 127.0.0.2, id.server 127.0.0.1, id.server 127.0.0.2, version.bind 127.0.0.1, version.bind 127.0.0.2', 'three of them are asked for the why');
	is(scalar(grep { $_->{advice} =~ /knotc zone-retransfer/ && $_->{advice} !~ /rndc/ } findings($seen->{json})), 40, 'whose words are known for all');
};

subtest 'large transfers: their first message is all that is read' => sub {
	my @large = map { "r$_ TXT \"" . 'x' x 200 . '"' } 1 .. 20_000;
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my @zones = map { "large$_.test" } 1 .. 3;
	my $primary = axfrd(zones => { map { $_ => zone_file($_, 10, 2, @large) } @zones }, options => ["--listen=127.0.0.1\@$port"]);
	my $other = axfrd(zones => { 'other.test' => zone_file('other.test', 1, 1) }, options => ["--listen=127.0.0.2\@$port"]);
	my $scenario = "$directory/large";
	my $seen = check((map { ('-z', $_) } @zones), '-n', '-H', "127.0.0.1\@$port", '-a', "ns2.test=127.0.0.2\@$port", "--write=scenario:$scenario");
	is(state_of($seen), 'CRITICAL', 'absent');
	my @transfers = grep { /^transfer .*\bserver=0\b/ } split /\n/, slurp($scenario);
	is(scalar @transfers, 3, 'three transfers begin') or diag(slurp($scenario));
	is_deeply([grep { !/outcome=answered .*serial=10\b/ } @transfers], [], 'each is answered');
};

done_testing;
