# Zones from BIND's statistics channel: a fake one, that answers what a script says.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp 'tempdir';
use IO::Socket::IP;
use JSON::PP ();
use Test::More;
needs('check_dns_replication');

# http(sub { my ($path) = @_; return "HTTP/1.1 200 OK\r\n..." }): the port, and it ends with the test. undef: says nothing, ever.
my @children;
my $owner = $$;
END { if ($$ == $owner) { local $?; for (@children) { kill KILL => $_; waitpid $_, 0 } } }
sub http {
	my ($answer) = @_;
	my $listening = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 8, ReuseAddr => 1) or die $@;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		$SIG{PIPE} = 'IGNORE';
		my @kept;
		while (my $client = $listening->accept) {
			my $request = '';
			while ($request !~ /\r\n\r\n/) { last unless sysread $client, $request, 4096, length $request }
			my $said = $answer->($request =~ m{^GET (\S+)} ? $1 : '');
			if (defined $said) { print $client $said } else { push @kept, $client }
		}
		POSIX::_exit(0);
	}
	push @children, $pid;
	return $listening->sockport;
}
sub json_answer { my ($json) = @_; return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($json) . "\r\nConnection: close\r\n\r\n$json" }
sub zone { my ($name, %with) = @_; return { name => $name, class => 'IN', serial => 5, type => 'primary', loaded => '2026-11-22T00:00:00Z', %with } }
sub document { my (%views) = @_; return JSON::PP->new->canonical->utf8->encode({ 'json-stats-version' => '1.5.1', views => { map { ($_ => { zones => $views{$_} }) } keys %views } }) }
sub zones { my ($json) = @_; return join ' ', sort map { $_->{zone} =~ s/\.$//r } @{ $json->{zones} // [] } }

my @names = map { "z$_.test" } 1 .. 3;
my $fake = fake(map { ("127.0.0.$_" => { zones => { map { ($_ => zone_of($_, 5, 2)) } @names } }) } 1, 2);
my @primary = ('-H', $fake->at('127.0.0.1'), '-p', $fake->port, '-t', '4s');
sub from { my ($port, @more) = @_; return (@primary, "--zones-from=bind:http://127.0.0.1:$port", @more) }

subtest 'primary and secondary zones of class IN, of all views' => sub {
	my $json = document(_default => [zone('z1.test'), zone('z2.test', type => 'secondary'), zone('10.in-addr.arpa', type => 'builtin'), zone('x.test', type => 'mirror')],
		other => [zone('z1.test'), zone('Z3.test', type => 'slave')], _bind => [zone('version.bind', class => 'CH')]);
	my $port = http(sub { $_[0] eq '/json/v1/zones' ? json_answer($json) : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" });
	my $seen = check_json(from($port));
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	is(zones($seen->{json}), 'z1.test z2.test z3.test', 'each once');
	is(zones(check_json(@primary, "--zones-from=bind:http://127.0.0.1:$port/json/v1/zones")->{json}), 'z1.test z2.test z3.test', 'with the path');
	is(zones(check_json(from($port, '--shard=1/1', '--exclude=z1.*'))->{json}), 'z2.test z3.test', 'less --exclude');
	my $wrong = check(@primary, "--zones-from=bind:http://127.0.0.1:$port/xml");
	like($wrong->{first}, qr{UNKNOWN - --zones-from=bind:http://127\.0\.0\.1:$port/xml: it answers HTTP 404; no earlier run saw its zones}, 'another path') or tell_run($wrong);
	like(check(from($port), '--plan')->{out}, qr/the zones of bind:http.*by HTTP/, '--plan asks nobody');
};

subtest 'many' => sub {
	my $json = document(_default => [map { zone("zone$_.example") } 1 .. 20_000]);
	my $port = http(sub { json_answer($json) });
	my $seen = check_json('-H', '127.0.0.1@1', '-n', '-t', '9s', '--shard=1/500', "--zones-from=bind:http://127.0.0.1:$port");
	cmp_ok(scalar @{ $seen->{json}{zones} // [] }, '>', 20, 'are read') or tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 5, 'quickly');
};

subtest 'what is no list of zones' => sub {
	my @stories = (
		['HTML', '<html></html>', qr/the JSON is broken: it is no JSON/],
		['nothing', '', qr/the JSON is broken: it is empty/],
		['a broken element', '{"views":{"_default":{"zones":[{"name":z1.test}]}}}', qr/the JSON is broken: /],
		['an element without class', '{"views":{"_default":{"zones":[{"name":"z1.test","type":"primary"}]}}}', qr/a zone lacks its name, class or type/],
		['a name that is none', document(_default => [zone("a..b\n|<x>")]), qr/"a\.\.b.*" is no domain name: empty label/],
		['no zones', document(_default => []), qr/names no zone/],
		['another document', '{"json-stats-version":"1.5.1","traffic":{}}', qr/names no zone/],
	);
	for my $story (@stories) {
		my $port = http(sub { json_answer($story->[1]) });
		my $seen = check(from($port));
		is_usage_error($seen, qr/^DNS REPLICATION UNKNOWN - --zones-from=bind:http:\S+?:? ?.*$story->[2]/, $story->[0]);
	}
	my $half = substr document(_default => [map { zone($_) } @names]), 0, -20;
	my $cut = http(sub { json_answer($half) });
	my $seen = check(from($cut));
	is_plugin_output($seen, 'WARNING', 'a part: what could be read is asked');
	like($seen->{out}, qr/the JSON is broken: it ends too early; of its zones 2 could be read/, 'and that is said') or tell_run($seen);
	my $closed = free_port('127.0.0.1');
	like(check(from($closed))->{first}, qr/UNKNOWN - --zones-from=bind:.*[Cc]onnect.*; no earlier run saw its zones/, 'nobody listens');
	my $silent = http(sub { undef });
	$seen = check(@primary, '-t', '2s', "--zones-from=bind:http://127.0.0.1:$silent");
	like($seen->{first}, qr/UNKNOWN - --zones-from=bind:.*(timed out|in time)/, 'a silent server') or tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 2, 'ends in time');
	is_usage_error(check(@primary, '--zones-from=bind:'), qr/neither catalog:ZONE nor bind:URL/);
	is_usage_error(check(@primary, '--zones-from=bind:file:///etc/passwd'), qr/neither http/);
	is_usage_error(check(@primary, '--zones-from=bind:http://user:secret@127.0.0.1/'), qr/user name is not taken/);
};

subtest 'the last known list serves' => sub {
	my $state = tempdir('dns-replication-bind-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $file = spew("$state/answer", json_answer(document(_default => [map { zone($_) } @names])));
	my $port = http(sub { slurp($file) });
	is(check_json(from($port, '--state-dir', $state))->{json}{state}, 'OK', 'it was read once');
	spew($file, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
	my $seen = check_json(from($port, '--state-dir', $state));
	is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})], ['zone_list_failed WARNING'], 'zone_list_failed') or tell_run($seen);
	is(zones($seen->{json}), "@names", 'and its zones are asked');
};

done_testing;
