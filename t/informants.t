# The NAME of --pdns-api and --mysql: a slip in it means that nobody looks at that API or database, and that must not be silent. Names that do fit, in whatever way, and what can't be known, are.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Web;
use File::Temp 'tempdir';
use Test::More;
needs('check_dns_replication', 'check_pdns_replication', 'check_mysql_replication');

my $folder = tempdir('dns-replication-informants-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $fake = cluster([10, 10]);
my $nobody = 'http://127.0.0.1:1';
my $database = spew("$folder/my.cnf", "[client]\nuser=mon\nsocket=$folder/none.sock\n");

sub unmatched { my ($seen) = @_; return grep { $_->{code} eq 'source_unmatched' } findings($seen->{json}, ok => 1) }
sub is_silent {
	my ($name, @arguments) = @_;
	my $seen = check_json(@arguments);
	is_deeply([map { "$_->{severity} $_->{text}" } unmatched($seen)], [], $name) or tell_run($seen);
	return $seen;
}
sub api_at { my ($address) = @_; return web(recorded('4.9.0', 's2', edit => sub { my ($path, $json) = @_; return $path eq '/config' ? $json =~ s/192\.0\.2\.2/$address/gr : $json })) }

subtest 'a slip' => sub {
	my $seen = check($fake->arguments, "--pdns-api=ns1.example.com=$nobody", "--pdns-api=ns2.exmaple.com=$nobody");
	is_plugin_output($seen, 'WARNING', 'is a WARNING where all else is well') or tell_run($seen);
	like($seen->{first}, qr/WARNING - example\.com: --pdns-api=ns2\.exmaple\.com is no server's name or address, so that API explains nothing; there are ns1\.example\.com, ns2\.example\.com; the API does not tell whose it is, either: Failed to connect to 127\.0\.0\.1 port 1\b/, 'the option, the name, and those that there are') or tell_run($seen);
	like($seen->{out}, qr/ → if ns2\.example\.com is meant: --pdns-api=ns2\.example\.com=URL; else have its server asked, too: --add-server=ns2\.exmaple\.com=ADDRESS/, 'what to type');
	my $json = check_json($fake->arguments, "--pdns-api=ns2.exmaple.com=$nobody", '--severity=source_unmatched=ok');
	is($json->{json}{state}, 'OK', 'who means it says so by --severity');
	is((unmatched($json))[0]{severity}, 'OK', 'and it still stands in JSON');
	like(check($fake->arguments, "--pdns-api=ns1=$nobody")->{out}, qr/ → if ns1\.example\.com is meant: /, 'a name that was not written out');
	my $far = check($fake->arguments, "--pdns-api=db7.example.net=$nobody")->{out};
	like($far, qr/ → dig \@127\.0\.0\.1 -p \d+ example\.com NS \+short, and --pdns-api=NAME=URL by one of these names; or have its server asked, too: --add-server=db7\.example\.net=ADDRESS/, 'a name like none');
	my $file = "$folder/slip.scenario";
	my $live = check($fake->arguments, "--pdns-api=ns2.exmaple.com=$nobody", "--write=scenario:$file");
	my ($said, $again) = map { (grep { /^\[WARNING\] .*exmaple/ } @{ $_->{lines} })[0] } $live, check('--replay', $file);
	is($again, $said, 'a replay says the same');
	my $troubled = check_json(cluster([10, 9])->arguments, "--pdns-api=ns2.exmaple.com=$nobody", '-t', '5s');
	ok((grep { $_->{severity} eq 'WARNING' } unmatched($troubled)), 'it is said where something is wrong, too') or tell_run($troubled);
};

subtest 'names that fit' => sub {
	my $web = api_at('127.0.0.2');
	my $url = $web->url;
	is_silent('an NS name, in any case', $fake->arguments, "--pdns-api=NS2.example.com.=$url");
	is_silent('an address', $fake->arguments, "--pdns-api=127.0.0.2=$url");
	is_silent('what --address says', $fake->arguments, "--pdns-api=second.example.net=$url", '--address=second.example.net=127.0.0.2');
	is_silent('another name of -a', $fake->arguments, "--pdns-api=second.example.net=$url", '-a', 'second.example.net=127.0.0.2');
	my $two = cluster([10, 10], zone => { ns => ['ns1.example.com', 'ns2.example.com', 'ns2.example.net'],
		records => [map { "$_->[0]. 300 A 127.0.0.$_->[1]" } ['ns1.example.com', 1], ['ns2.example.com', 2], ['ns2.example.net', 2]] });
	is_silent("a server's second NS name", $two->arguments, '--address=ns2.example.net=127.0.0.2', "--pdns-api=ns2.example.net=$url");
	is_silent('the same of a database', $two->arguments, '--address=ns2.example.net=127.0.0.2', "--mysql=ns2.example.net=$database");
	is_deeply([$web->requests], [], 'and nobody is asked for that');
	my $seen = is_silent('one that only its API ties to a server (local-address)', $fake->arguments, "--pdns-api=second=$url");
	is($seen->{json}{state}, 'OK', 'all is well');
	is_deeply([sort map { s/\?.*//r } $web->requests], ['GET /api/v1/servers/localhost/config HTTP/1.1', 'GET /api/v1/servers/localhost/zones'], 'for two requests') or diag($web->requests);
	$seen = check_json($fake->arguments, '--pdns-api=second=' . api_at('127.0.0.77')->url);
	is_deeply([map { $_->{severity} } unmatched($seen)], ['WARNING'], 'and not where that is elsewhere') or tell_run($seen);
};

subtest 'what was used is what fits' => sub {
	my $web = web(sub { answer('401 Unauthorized', 'text/plain', 'Unauthorized') });
	for my $how (['ns2.example.com'], ['127.0.0.2'], ['second', '--address=second=127.0.0.2']) {
		my ($name, @more) = @$how;
		my $seen = check_json(cluster([10, 9])->arguments, "--pdns-api=$name=" . $web->url, @more, '-t', '5s');
		is_deeply([map { $_->{server} } grep { $_->{code} eq 'api_unauthorized' } findings($seen->{json})], ['ns2.example.com.'], "$name: its API is ns2's") or tell_run($seen);
	}
};

subtest 'what can not be known' => sub {
	my @slip = ("--pdns-api=ns2.exmaple.com=$nobody", "--mysql=ns1.exmaple.com=$database");
	is_silent('a server that is left out, by name', $fake->arguments, '--exclude-server=ns2.example.com', "--pdns-api=ns2.example.com=$nobody");
	is_silent('and by address', $fake->arguments, '--exclude-server=127.0.0.2', "--mysql=ns2.example.com=$database");
	is_silent('a family that is left out', $fake->arguments, '-4', "--mysql=2001:db8::2=$database");
	is_silent('an API, with --no-diagnose', $fake->arguments, '--no-diagnose', $slip[0]);
	is_silent('the primary is down, and no NS set known', '-z', 'example.com', '-H', '127.0.0.9@1', '-s', '127.0.0.9@1', '-t', '3s', @slip);
	my $zones = spew("$folder/zones", join '', map { "$_.example\n" } 'a' .. 'h');
	my $many = fake(map { my $server = "127.0.0.$_"; ($server => { zones => { map { ("$_.example" => zone_of("$_.example", 10, 2)) } 'a' .. 'h' } }) } 1, 2);
	my @many = ('-H', '127.0.0.1', '-p', $many->port, '-f', $zones);
	is_silent('one of several shards', @many, '--shard=1/2', @slip);
	is(scalar(unmatched(check_json(@many, @slip))), 2, 'of all zones it is') or diag('@many');
	is_silent('a server of one zone of many', @many, "--pdns-api=ns2.d.example=$nobody", "--mysql=ns1.g.example=$database");
	my $broken = spew("$folder/broken", slurp($zones) . "a..b\n");
	is_silent('a list with a broken line', '-H', '127.0.0.1', '-p', $many->port, '-f', $broken, @slip);
	my $absent = cluster([10, 10], zone => { ns => ['ns1.example.com', 'ns2.example.com', 'ns3.example.com'] });
	my $seen = is_silent('an NS name without address', $absent->arguments, '-s', $absent->at('127.0.0.1'), "--mysql=ns3.example.com=$database");
};

subtest '--zones-from' => sub {
	my $web = api_at('127.0.0.1');
	my $seen = check_json('-H', '127.0.0.1@1', '-n', '-t', '4s', '--zones-from=pdns', '--pdns-api=hidden.example.net=' . $web->url);
	is_deeply([map { "$_->{severity} $_->{text}" } unmatched($seen)], ['OK --pdns-api=hidden.example.net is no server\'s name or address, so only the list of zones comes from there; there are 127.0.0.1'], 'gives zones: no WARNING') or tell_run($seen);
};

subtest '--mysql' => sub {
	my $seen = check_json($fake->arguments, "--mysql=ns1.example.com=$database", "--mysql=ns2.exmaple.com=$database");
	my ($finding) = unmatched($seen);
	is($finding->{severity}, 'WARNING', 'a slip') or tell_run($seen);
	is($finding->{text}, '--mysql=ns2.exmaple.com is no server\'s name or address, so no answer is compared with that database; there are ns1.example.com, ns2.example.com', 'what it means');
	is($finding->{advice}, 'if ns2.example.com is meant: --mysql=ns2.example.com=OPTION-FILE; else have its server asked, too: --add-server=ns2.exmaple.com=ADDRESS', 'what to type');
	($finding) = unmatched(check_json($fake->arguments, "--mysql=the db|>=$database"));
	like($finding->{text}, qr{^--mysql=the db/\) is no server}, 'what is no name at all');
	my @hidden = ('-z', 'example.com', '-n', map { ('-a', 'ns' . $_ . '.example.com=' . $fake->at("127.0.0.$_"), "--mysql=ns$_.example.com=$database") } 1, 2);
	my $primary = check_json(@hidden[0 .. 2], "--mysql=hidden=$database", @hidden[3 .. $#hidden]);
	is_deeply([map { "$_->{severity} $_->{text}" } unmatched($primary)], ['OK --mysql=hidden is no server\'s name or address, so it counts as the primary\'s, whose answers are not compared with it; there are ns1.example.com, ns2.example.com'], 'the first is the primary\'s') or tell_run($primary);
	$primary = check_json($fake->arguments, "--mysql=hidden=$database", "--mysql=ns2.example.com=$database");
	is_deeply([map { $_->{severity} } unmatched($primary)], ['WARNING'], 'but not where a primary without one is asked') or tell_run($primary);
};

subtest 'keys and CAs for nobody' => sub {
	my $keys = spew("$folder/keys", "a-key\n");
	chmod 0600, $keys;
	is_usage_error(check($fake->arguments, "--api-key-file=$keys"), qr{--api-key-file means nothing without --pdns-api, e\.g\. --pdns-api=ns1\.example\.com=http://192\.0\.2\.1:8081});
	is_usage_error(check($fake->arguments, '--tls-ca=/etc/ssl/dns-ca.pem'), qr/--tls-ca means nothing without --pdns-api/);
	is(check($fake->arguments, "--api-key-file=$keys", "--pdns-api=ns1.example.com=$nobody")->{exit}, 0, 'with one they do');
};

done_testing;
