# check_pdns_replication against fake servers: replies of five versions, and whatever else may answer where an API should.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use DNSReplication::Web;
use File::Temp 'tempdir';
use IO::Compress::Gzip 'gzip';
use IO::Socket::IP;
use Test::More;
needs('check_dns_replication', 'check_pdns_replication');

my $folder = tempdir('dns-replication-api-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = 'a-key-that-nobody-may-see';
sub key_file { my ($text, $mode) = @_; state $count = 0; my $file = spew("$folder/key" . $count++, $text); chmod $mode // 0600, $file; return $file }
my $keys = key_file("# both\n$key\n");

sub asked { my ($servers, @more) = @_; return check({ program => 'check_pdns_replication' }, (map { "--url=$_" } @$servers), @more) }
sub asked_json { my $seen = asked(@_, '--output-format=json'); $seen->{json} = decode($seen->{out}); return $seen }
sub codes { my ($seen) = @_; return [sort map { ($_->{server} // '-') . " $_->{code} $_->{severity}" } findings($seen->{json})] }
sub shown_nowhere { my ($seen, $name) = @_; unlike($seen->{out} . $seen->{err}, qr/\Q$key\E/, $name // 'the key is shown nowhere') }

subtest 'versions' => sub {
	for my $version (qw(4.1.14 4.4.1 4.9.0 5.1.0)) {
		my $primary = web(recorded($version, 'p1', key => $key));
		my $secondary = web(recorded($version, 's2', key => $key));
		my @servers = ('ns1.example.com=' . $primary->url, 'ns2.example.com=' . $secondary->url);
		my $seen = asked(\@servers, "--api-key-file=$keys");
		is_plugin_output($seen, 'OK', "$version: OK") or next;
		like($seen->{first}, qr/^PDNS REPLICATION OK - 2 servers are configured to replicate 3 zones: ns1\.example\.com, ns2\.example\.com \|/, 'what was seen');
		like(perfdata_of($seen, 'zones_ns2_example_com'), qr/=3;;;0/, 'its zones are counted');
		is_deeply([sort $primary->requests], ['GET /api/v1/servers/localhost/config HTTP/1.1', 'GET /api/v1/servers/localhost/zones?dnssec=false HTTP/1.1'], 'two requests');
		is(scalar(() = $secondary->requests), 2, 'to each server');
		my $json = asked_json(\@servers, "--api-key-file=$keys", '-z', 'Example.com')->{json};
		is_deeply([map { "$_->{name} $_->{address} $_->{kind} $_->{serial}" } @{ $json->{zones}[0]{servers} }],
			['ns1.example.com. 192.0.2.1 Master 2026112201', 'ns2.example.com. 192.0.2.2 Slave 2026112201'], 'a zone, by its servers');
		my $word = $version =~ /^4\.[14]\./ ? 'master' : 'primary';
		is($json->{settings}[0]{settings}{$word}, 'yes', "settings in its own words: $word");
		ok((grep { m{/zones\?zone=example\.com\. } } $primary->requests), 'one zone is asked for alone');
		shown_nowhere($seen);
	}
};

subtest 'recorded: PowerDNS 4.7.3' => sub {
	my $primary = web(recorded('4.7.3', 'p1', ring => 'c_axfr_denied'));
	my $secondary = web(recorded('4.7.3', 's2', ring => 'c_axfr_denied'));
	my @servers = ('ns1.replicateme.dev=' . $primary->url, 'ns2.replicateme.dev=' . $secondary->url);
	my $seen = asked_json(\@servers, '-z', 'replicateme.dev');
	is($seen->{json}{state}, 'OK', 'a zone that is well') or tell_run($seen);
	is_deeply([map { $_->{address} } @{ $seen->{json}{settings} }], ['127.10.0.1', '127.10.0.2'], 'addresses are those of local-address');
	my $observed = asked(\@servers, '--observe', '--inspect=replicateme.dev');
	is($observed->{exit}, 0, '--observe');
	like($observed->{out}, qr/^pdns ns2\.replicateme\.dev 127\.10\.0\.2\@53 .*version=4\.7\.3/m, 'tells of servers') or tell_run($observed);
	like($observed->{out}, qr/^pdns_autoprimary index=1 ip=127\.10\.0\.1 nameserver=ns2\.replicateme\.dev\. account=labaccount$/m, 'of autoprimaries');
	like($observed->{out}, qr/^pdns_log index=0 times=\d+ text=AXFR-out.*denied/m, 'of what the log says');
	like($observed->{out}, qr/^pdns_detail index=0 zone=0 outcome=answered metadata_outcome=answered records_outcome=answered has_soa_edit_api=1 /m, 'and of the zone');
	my $file = spew("$folder/seen.scenario", $observed->{out});
	my $replayed = check({ program => 'check_pdns_replication' }, "--replay=$file", '--observe');
	my $less = sub { $_[0] =~ s/^option .*\n//gmr };
	is($less->($replayed->{out}), $less->($observed->{out}), 'and reads back the same');
};

subtest 'only what is in trouble is asked about further' => sub {
	my $primary = web(recorded('4.9.0', 'p1'));
	my $secondary = web(recorded('4.9.0', 's2', edit => sub { my ($path, $json) = @_; $json =~ s/2026112201/2026112101/g if $path eq '/zones'; return $json }));
	my $seen = asked_json(['ns1.example.com=' . $primary->url, 'ns2.example.com=' . $secondary->url]);
	my @more = grep { !m{/(?:config|zones\?dnssec=false)} } $primary->requests, $secondary->requests;
	ok((grep { m{/zones/example\.com\.\?rrsets=false} } @more), 'the zone that is behind') or diag(map { "$_\n" } @more);
	ok(!(grep { m{/zones/(?!example\.com)} } @more), 'and no other');
	cmp_ok(scalar @more, '<=', 12, 'with few requests');
};

subtest 'what 1,000 zones cost' => sub {
	my $list = sub {
		my ($kind, $masters, %serial) = @_;
		return '[' . join(',', map { my $serial = $serial{$_} // $serial{all}; qq({"id":"z$_.test.","name":"z$_.test.","kind":"$kind","masters":[$masters],"serial":$serial,"notified_serial":$serial,"last_check":@{[ time ]}}) } 1 .. 1000) . ']';
	};
	my $asked = sub {
		my (%serial) = @_;
		my @webs = (web(recorded('4.9.0', 'p1', edit => sub { $_[0] eq '/zones' ? $list->('Master', '', all => 9) : $_[1] })),
			web(recorded('4.9.0', 's2', edit => sub { $_[0] eq '/zones' ? $list->('Slave', '"192.0.2.1"', all => 9, %serial) : $_[1] })));
		my $seen = asked_json(['ns1.example.com=' . $webs[0]->url, 'ns2.example.com=' . $webs[1]->url]);
		return ($seen, map { [$_->requests] } @webs);
	};
	my ($seen, @requests) = $asked->();
	is($seen->{json}{state}, 'OK', 'all well') or tell_run($seen);
	is_deeply([map { scalar @$_ } @requests], [2, 2], 'two requests each');
	($seen, @requests) = $asked->(500 => 8);
	is_deeply([map { $_->{zone} } grep { $_->{state} ne 'OK' } @{ $seen->{json}{zones} }], ['z500.test.'], 'one is behind') or tell_run($seen);
	is_deeply([map { scalar @$_ } @requests], [8, 8], 'it costs three requests, and the server three');
	is(scalar(grep { m{/zones/(?!z500\.)} } map { @$_ } @requests), 0, 'no other zone is asked about');
	($seen, @requests) = $asked->(all => 8);
	cmp_ok(scalar(@{ $requests[$_] }), '<=', 2 + 3 + 8 * 3, 'all are behind: the bound') for 0, 1;
	is(scalar(grep { $_->{state} ne 'OK' } @{ $seen->{json}{zones} }), 1000, 'and yet all are counted');
};

subtest '1,000 zones with SOA-EDIT' => sub {
	# What is served has nothing to do with what is in the database (INCEPTION-INCREMENT): the short list says 9, the other one what secondaries should have.
	my $asked = sub {
		my ($served, %lag) = @_;
		my $list = sub {
			my ($kind, $masters, $serial, $edited) = @_;
			return '[' . join(',', map { my $has = $serial - ($lag{$_} // 0) * ($kind eq 'Slave');
				qq({"id":"z$_.test.","name":"z$_.test.","kind":"$kind","masters":[$masters],"serial":$has,"notified_serial":$has,"last_check":@{[ time ]}) . ($edited ? qq(,"edited_serial":2026111901}) : '}') } 1 .. 1000) . ']';
		};
		my @webs = (web(recorded('4.9.0', 'p1', edit => sub { my ($path, $json, $query) = @_; return $path ne '/zones' ? $json : $query =~ /dnssec=false/ ? $list->('Master', '', 9) : $served // $list->('Master', '', 9, 1) })),
			web(recorded('4.9.0', 's2', edit => sub { $_[0] eq '/zones' ? $list->('Slave', '"192.0.2.1"', 2026111901) : $_[1] })));
		my $seen = asked_json(['ns1.example.com=' . $webs[0]->url, 'ns2.example.com=' . $webs[1]->url]);
		return ($seen, map { [$_->requests] } @webs);
	};
	my ($seen, @requests) = $asked->();
	is($seen->{json}{state}, 'OK', 'all well') or tell_run($seen);
	is_deeply([map { scalar @$_ } @requests], [3, 2], 'one list more of the primary, no zone');
	($seen, @requests) = $asked->(undef, 500 => 7);
	my ($behind) = findings($seen->{json});
	is(join(' ', map { $_->{zone} } grep { $_->{state} ne 'OK' } @{ $seen->{json}{zones} }), 'z500.test.', 'the one that is behind is found among them') or tell_run($seen);
	like($behind->{text}, qr/has serial 2026111894, .*ns1\.example\.com has 2026111901/, 'by what is served');
	($seen) = $asked->('[{"name":');
	is($seen->{json}{state}, 'UNKNOWN', 'a list that breaks off') or tell_run($seen);
	like($seen->{json}{findings}[0]{text}, qr/it does not tell its zones' serials as SOA-EDIT makes them: the JSON ends too early/, 'is told');
};

subtest 'catalogs' => sub {
	# Before 4.9 lists of zones have a member for the catalog, and nothing in it.
	my $asked = sub {
		my ($told) = @_;
		my @webs = map {
			my $list = slurp(source_dir() . "/t/data/pdns-4.7.3-api/zones_catalog_$_.json");
			$list =~ s/("catalog": ")("[^}]*"name": "member2)/$1catalog.lab.$2/ if $told;
			web(recorded('4.7.3', $_, edit => sub { my ($path, $json) = @_; $path eq '/zones' ? $list : $json }));
		} qw(p1 s2);
		return asked_json(['ns1.replicateme.dev=' . $webs[0]->url, 'ns2.replicateme.dev=' . $webs[1]->url], '--catalog=catalog.lab');
	};
	is(scalar @{ $asked->(0)->{json}{zones} }, 3, 'where no server tells of members: all zones');
	my $seen = $asked->(1);
	is_deeply([sort map { $_->{zone} } @{ $seen->{json}{zones} }], ['catalog.lab.', 'member2.example.'], 'the catalog and its members') or tell_run($seen);
};

subtest '--zones-from=pdns' => sub {
	my $zones = sub { join ' ', sort map { $_->{zone} =~ s/\.$//r } @{ $_[0]{json}{zones} // [] } };
	my @asking = ('-H', '127.0.0.1@1', '-n', '-t', '4s', '--zones-from=pdns');
	my $web = web(recorded('5.1.0', 'p1', key => $key));
	my $seen = check_json(@asking, '--pdns-api=ns1.example.com=' . $web->url, "--api-key-file=$keys");
	is($zones->($seen), 'example.com example.org native.example', 'all zones of the first server, of whatever kind') or tell_run($seen);
	like(check(@asking, '--plan', '--pdns-api=ns1.example.com=' . $web->url)->{out}, qr/the zones of ns1\.example\.com, by its API/, '--plan');
	is_usage_error(check(@asking), qr/--zones-from=pdns: from which server\? .*--pdns-api=/);
	my $closed = web(sub { answer('502 Bad Gateway', 'text/html', '') });
	my $wrong = check(@asking, '--pdns-api=ns1.example.com=' . $closed->url);
	like($wrong->{first}, qr/UNKNOWN - --zones-from=pdns:ns1\.example\.com: its API at \S+: it answers HTTP 502; no earlier run saw its zones/, 'an API that is not there') or tell_run($wrong);
	my $state = tempdir('dns-replication-api-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	check_json(@asking, '--pdns-api=ns1.example.com=' . $web->url, "--api-key-file=$keys", "--state-dir=$state");
	$seen = check_json(@asking, '--pdns-api=ns1.example.com=' . $closed->url, "--state-dir=$state");
	is($zones->($seen), 'example.com example.org native.example', 'the last known list serves') or tell_run($seen);
	ok((grep { $_->{code} eq 'zone_list_failed' } findings($seen->{json})), 'and that is said');
};

subtest 'what answers in its place' => sub {
	my $zones = slurp(source_dir() . '/t/data/pdns-4.9.0-api/zones_dnssec_false_p1.json');
	my $settings = json_answer(slurp(source_dir() . '/t/data/pdns-4.9.0-api/config_p1.json'));
	gzip(\('[' . ' ' x 50_000_000), \my $bomb);
	my @stories = (
		['a wrong key', sub { answer('401 Unauthorized', 'text/plain', 'Unauthorized') }, 'api_unauthorized', qr/HTTP 401: the key in --api-key-file is not its api-key/],
		['forbidden', sub { answer('403 Forbidden', 'text/html', '<html>') }, 'api_unauthorized', qr/HTTP 403: it, or a proxy before it, lets nobody in from here/],
		['another path', sub { answer('404 Not Found', 'text/plain', 'Not Found') }, 'api_unreachable', qr/HTTP 404: there is nothing \(api=no\? another path\?\)/],
		['a proxy without its server', sub { answer('502 Bad Gateway', 'text/html', '<html><h1>502</h1></html>') }, 'api_unreachable', qr/HTTP 502/],
		['a page of errors without end', sub { ["HTTP/1.1 503 Sorry\r\nContent-Type: text/html\r\n\r\n", ('x' x 60000) x 4] }, 'api_unreachable', qr/HTTP 503/],
		['a redirect', sub { answer('302 Found', 'text/html', '', 'Location: http://192.0.2.99/login') }, 'api_unreachable', qr{HTTP 302, a redirect to http://192\.0\.2\.99/login, which is not followed}],
		['a login page', sub { answer('200 OK', 'text/html; charset=utf-8', '<html>') }, 'api_unreachable', qr{it answers with text/html; charset=utf-8, which is no JSON}],
		['HTML that calls itself JSON', sub { json_answer('<html>') }, 'api_unreachable', qr/the JSON is broken: it is no JSON/],
		['an empty body', sub { json_answer('') }, 'api_unreachable', qr/the JSON is broken: it is empty/],
		['JSON of somebody else', sub { json_answer('{"status":"ok"}') }, 'api_unreachable', qr/the JSON is broken: it is no list/],
		['a list of something else', sub { json_answer('[{"id":1}]') }, 'api_unreachable', qr/it is not what PowerDNS says: a (?:zone|setting) without/],
		['another type, JSON all the same', sub { answer('200 OK', 'text/plain', $zones) }, 'api_unreachable', qr{text/plain, which is no JSON}],
		['a body that is shorter than said', sub { $_[0] =~ /config/ ? $settings : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n" . substr $zones, 0, 300 }, 'api_unreachable', qr/its answer ends too early/],
		['a body that ends too early', sub { $_[0] =~ /config/ ? $settings : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" . substr $zones, 0, 300 }, 'api_unreachable', qr/the JSON ends too early/],
		['no HTTP', sub { "SSH-2.0-OpenSSH_9.2\r\n" }, 'api_unreachable', qr/does not speak HTTP/],
		['a closed door', sub { '' }, 'api_unreachable', qr/closes the connection without an answer \(webserver-allow-from\? or is it https:\/\/\?\)/],
		['a packed bomb', sub { answer('200 OK', 'application/json', $bomb, 'Content-Encoding: gzip') }, 'api_unreachable', qr/the JSON is broken: it is no JSON/],
		['blanks without end', sub { ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", (' ' x 2_000_000) x 4] }, 'api_unreachable', qr/sends more than a server has to say|ends too early/],
	);
	for my $story (@stories) {
		my ($name, $said, $code, $text) = @$story;
		my $web = web($said);
		my $seen = asked_json(['ns1.example.com=' . $web->url], "--api-key-file=$keys");
		is_deeply(codes($seen), ["ns1.example.com. $code UNKNOWN"], "$name: $code") or tell_run($seen);
		like((findings($seen->{json}))[0]{text}, $text, 'and why');
		is($seen->{json}{state}, 'UNKNOWN', 'UNKNOWN');
		shown_nowhere($seen);
	}
};

subtest 'who is silent' => sub {
	my $silent = web(sub { undef });
	my $trickle = web(sub { ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[", (' ') x 2000] });
	my $good = web(recorded('4.9.0', 's2'));
	my $seen = asked_json(['ns1.example.com=' . $silent->url, 'ns2.example.com=' . $good->url, 'ns3.example.com=' . $trickle->url], '-t', '3s');
	is_deeply(codes($seen), ['ns1.example.com. api_unreachable UNKNOWN', 'ns3.example.com. api_unreachable UNKNOWN'], 'is said to be') or tell_run($seen);
	my %text = map { $_->{server} => $_->{text} } findings($seen->{json});
	like($text{'ns1.example.com.'}, qr/no answer in time/, 'silent');
	like($text{'ns3.example.com.'}, qr/no whole answer in time/, 'trickling');
	is($seen->{json}{settings}[1]{zones}, 3, 'the others are asked all the same');
	cmp_ok($seen->{json}{duration_s}, '<', 3, 'and all end in time');
	my @thirty = map { "ns$_.example.com=" . ($_ == 7 ? $trickle : $_ == 20 ? $silent : $good)->url } 1 .. 30;
	$seen = asked_json(\@thirty, '-t', '8s');
	is_deeply([map { "$_->{server} $_->{text}" =~ s/ API.*: / /r } sort { $a->{server} cmp $b->{server} } grep { $_->{code} eq 'api_unreachable' } findings($seen->{json})],
		['ns20.example.com. no answer in time', 'ns7.example.com. no whole answer in time'], 'one of thirty that trickles and one that is silent') or tell_run($seen);
	is(scalar(grep { ($_->{zones} // 0) == 3 } @{ $seen->{json}{settings} }), 28, 'keep nobody from being judged');
	cmp_ok($seen->{json}{duration_s}, '<', 8, 'and all is said by the deadline');
	my $closed = asked_json(['ns1.example.com=http://127.0.0.1:1']);
	is_deeply(codes($closed), ['ns1.example.com. api_unreachable UNKNOWN'], 'nobody listens');
	like((findings($closed->{json}))[0]{advice}, qr{^curl -i http://127\.0\.0\.1:1; then on}, 'what to look at');
	my $no_socket = asked_json(["ns1.example.com=unix:$folder/no socket"]);
	like((findings($no_socket->{json}))[0]{text}, qr{cannot connect to \Q$folder\E/no socket: No such file or directory}, 'a socket that is not there') or tell_run($no_socket);
	like((findings($no_socket->{json}))[0]{advice}, qr{^curl -i --unix-socket '\Q$folder\E/no socket' http://localhost/api/v1/servers/localhost; then on}, 'what to look at');
	my $nowhere = asked_json(['ns1.example.com=http://no.such.name.invalid:8081'], '-t', '4s');
	is_deeply(codes($nowhere), ['ns1.example.com. api_unreachable UNKNOWN'], 'a name without address') or tell_run($nowhere);
};

subtest 'other ways there' => sub {
	my $six = eval { web(recorded('4.9.0', 'p1'), address => '::1') };
	SKIP: {
		skip 'no IPv6 here', 1 unless $six;
		is_plugin_output(asked(['ns1.example.com=' . $six->url]), 'OK', 'IPv6');
	}
	my $socket = web(recorded('4.9.0', 'p1'), socket => "$folder/api.sock");
	my $seen = asked(['ns1.example.com=' . $socket->url], '-v');
	is_plugin_output($seen, 'OK', 'a unix socket') or tell_run($seen);
	like($seen->{out}, qr{at unix:\Q$folder\E/api\.sock: answered}, 'by its path');
	my $prefix = web(sub { my ($path, $request) = @_; $path =~ s{^/pdns1}{} ? recorded('4.9.0', 'p1')->($path, $request) : answer('404 Not Found', 'text/plain', '') });
	for my $end ('', '/', '/api/v1', '/api/v1/servers/localhost/') {
		is_plugin_output(asked(['ns1.example.com=' . $prefix->url . "/pdns1$end"]), 'OK', "behind a prefix: /pdns1$end");
	}
	my $named = web(recorded('4.9.0', 'p1'));
	is_plugin_output(check({ program => 'check_pdns_replication' }, '-H', "127.0.0.1\@$named->{port}"), 'OK', '-H');
	is_plugin_output(check({ program => 'check_pdns_replication' }, '-H', '127.0.0.1', '-p', $named->{port}), 'OK', '-H and -p');
	my $proxy = web(sub { answer('502 Bad Gateway', 'text/html', '') });
	my $direct = check({ program => 'check_pdns_replication', env => { http_proxy => $proxy->url, ALL_PROXY => $proxy->url } }, '--url=ns1.example.com=' . $named->url, "--api-key-file=$keys");
	is_plugin_output($direct, 'OK', "the environment's proxy is not asked");
	is(scalar(() = $proxy->requests), 0, 'and sees no key');
};

subtest 'wrong use' => sub {
	my @stories = (
		[['--no-state'], qr/no server is named, e\.g\. --url=/],
		[['--url=ns1=http://192.0.2.1', '-z', 'a..b'], qr/--zone: "a\.\.b" is no domain name/],
		[['--url=ns1=http://192.0.2.1', '--catalog=..'], qr/--catalog: .* is no domain name/],
		[['--url=ns1=http://192.0.2.1', '--address=ns1'], qr/is not NAME=ADDRESS/],
		[['--url=ns1=http://192.0.2.1', '--address=ns1=here'], qr/is not NAME=ADDRESS/],
		[['--url=ns1=http://192.0.2.1', '-4', '-6'], qr/exclude each other/],
		[['--url=ns1=http://192.0.2.1', '--source=192.0.2.1', '--source=::1'], qr/only one address/],
	);
	for my $story (@stories) {
		my $seen = check({ program => 'check_pdns_replication' }, @{ $story->[0] });
		is_usage_error($seen, $story->[1]);
	}
};

done_testing;
