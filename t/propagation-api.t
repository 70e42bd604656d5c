# check_dns_propagation --change=pdns against fake APIs: what it asks for, and what it says of all that may answer there.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Web;
use File::Temp 'tempdir';
use IO::Socket::IP;
use Test::More;
use Time::HiRes 'time';
needs('check_dns_propagation', 'pdns_record');

my $folder = tempdir('dns-replication-propagation-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = 'a-key-that-nobody-may-see';
sub key_file { my ($text, $mode) = @_; state $count = 0; my $file = spew("$folder/key" . $count++, $text); chmod $mode // 0600, $file; return $file }
my $keys = key_file("$key\n");
my $zone = 'z1.test';
my $fake = fake(map { ("127.0.0.$_" => { zones => { $zone => zone_of($zone, 5, 2) } }) } 1, 2);
my @dns = ('-z', $zone, '-H', $fake->at('127.0.0.1'), '-p', $fake->port, '-S', $fake->at('127.0.0.2'));

sub by_api { my ($url, @more) = @_; return ({ program => 'check_dns_propagation' }, @dns, '--change=pdns', "--pdns-api=ns1=$url", '-t', '3s', @more) }
sub change { return check_json(by_api(@_)) }
sub zone_answer { my (%with) = @_; return json_answer(sprintf '{"id": "%s.", "kind": "%s", "serial": 5%s}', $zone, $with{kind} // 'Master', defined $with{edit} ? qq(, "soa_edit_api": "$with{edit}") : '') }

# A PowerDNS: each path and method has its answer; PATCHes are kept.
sub api {
	my (%with) = @_;
	return web(sub {
		my ($path, $request) = @_;
		return answer('401 Unauthorized', 'text/plain', 'Unauthorized') if $request !~ /^X-API-Key: \Q$key\E\r$/m;
		if ($request =~ /^PATCH/) { spew("$folder/patch", $request =~ s/.*?\r\n\r\n//sr); return $with{patch} // answer('204 No Content', '', '') }
		return $with{notify} // json_answer('{"result": "Notification queued"}') if $request =~ /^PUT/;
		return $with{zone} // zone_answer(edit => 'DEFAULT');
	});
}

my @stories = (
	['a wrong key', sub { api()->url }, ["--api-key-file=@{[ key_file(qq(other\n)) ]}"], qr/HTTP 401: the key in --api-key-file is not its api-key/, qr/on 127\.0\.0\.1: grep -e \^api-key -e \^webserver-allow-from .*, and compare the first with the key file here/],
	['no key', sub { api()->url }, [], qr/HTTP 401: it wants its api-key/, qr/grep -e \^api-key -e \^webserver-allow-from/],
	['no zone', sub { api(zone => answer('404 Not Found', 'text/plain', 'Not Found'))->url }, undef, qr/it does not have the zone, or its API is off \(HTTP 404\)/, qr/pdnsutil list-all-zones.*api=yes/],
	['HTML', sub { api(zone => answer('200 OK', 'text/html', '<html>'))->url }, undef, qr{text/html, which is no JSON: no API of PowerDNS}, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
	['broken JSON', sub { api(zone => json_answer('{"kind": '))->url }, undef, qr/is no JSON/, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
	['other JSON', sub { api(zone => json_answer('[1]'))->url }, undef, qr/has no kind/, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
	['endless JSON', sub { api(zone => json_answer('[' . ' ' x 100000 . ']'))->url }, undef, qr/is no JSON|has no kind/, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
	['a redirect', sub { api(zone => answer('302 Found', '', '', 'Location: http://192.0.2.9/'))->url }, undef, qr/a redirect to/, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
	['a secondary', sub { api(zone => zone_answer(kind => 'Slave', edit => ''))->url }, undef, qr/it is a secondary of the zone; nothing was changed/, qr/must be the primary's/],
	['a secondary in new words', sub { api(zone => zone_answer(kind => 'Secondary'))->url }, undef, qr/it is a secondary/, qr/must be the primary's/],
	['no SOA-EDIT-API', sub { api(zone => zone_answer(edit => ''))->url }, undef, qr/soa_edit_api of the zone is empty.*nothing was changed/, qr/pdnsutil set-meta z1\.test SOA-EDIT-API DEFAULT/],
	['a record that it does not take', sub { api(patch => answer('422 Unprocessable Entity', 'application/json', '{"error": "Conflicts with \u001b[31m existing"}'))->url }, undef,
		qr/HTTP 422: Conflicts with .*existing/, qr/pdnsutil check-zone/],
	['a closed port', sub { my $probe = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1); my $port = $probe->sockport; close $probe; "http://127.0.0.1:$port" }, undef, qr/is not changed by its API at/, qr{curl -i http://127\.0\.0\.1:\d+; then on}],
	['silence', sub { web(sub { undef })->url }, undef, qr/no answer in time/, qr{curl -i http://127\.0\.0\.1:\d+; then on 127\.0\.0\.1: grep -e \^api -e \^webserver /etc/powerdns/pdns\.conf; ss -lnt}],
);
for my $story (@stories) {
	my ($name, $url, $options, $text, $advice) = @$story;
	my $seen = change($url->(), @{ $options // ["--api-key-file=$keys"] });
	my ($finding) = findings($seen->{json});
	is($finding && $finding->{code}, 'change_failed', $name) or tell_run($seen);
	like($finding->{text}, $text, "$name: why");
	like($finding->{advice}, $advice, "$name: what to do");
	is($seen->{json}{state}, 'CRITICAL', "$name: CRITICAL");
	unlike("$seen->{out}$seen->{err}", qr/\Q$key\E|\e/, "$name: nothing secret, no control characters");
}
ok(!-e "$folder/patch" || slurp("$folder/patch") =~ /_replication-canary/, 'nothing else was sent');

subtest 'what is sent' => sub {
	my $api = api();
	my $seen = change($api->url, "--api-key-file=$keys");
	is_deeply([$api->requests], ["GET /api/v1/servers/localhost/zones/$zone.?rrsets=false HTTP/1.1", "PATCH /api/v1/servers/localhost/zones/$zone. HTTP/1.1",
		"PUT /api/v1/servers/localhost/zones/$zone./notify HTTP/1.1"], 'three requests');
	my $patch = decode(slurp("$folder/patch"));
	my $content = $patch->{rrsets}[0]{records}[0]{content} // '';
	like($content, qr/^"dns-replication-canary" "\d{16}" "[0-9a-f]{16}"$/, 'the token');
	is_deeply($patch, { rrsets => [{ name => "_replication-canary.$zone.", type => 'TXT', ttl => 1, changetype => 'REPLACE', records => [{ content => $content, disabled => decode('[false]')->[0] }] }] },
		'and nothing but that record');
	is_deeply([sort map { "$_->{code} $_->{severity}" } findings($seen->{json})], [('not_published CRITICAL') x 2], 'then all are followed') or tell_run($seen);
	is($seen->{json}{change}{by}, 'pdns', 'how, in JSON');
	my $native = api(zone => zone_answer(kind => 'Native', edit => ''));
	change($native->url, "--api-key-file=$keys");
	is_deeply([map { /^(\w+)/ } $native->requests], ['GET', 'PATCH'], 'no NOTIFY in native mode, where serials need not rise');
	my $removes = api();
	is(change($removes->url, "--api-key-file=$keys", '--cleanup')->{json}{state}, 'OK', '--cleanup');
	is_deeply([$removes->requests], [], 'of what is not there asks for nothing');
};

subtest 'NOTIFY that is not sent' => sub {
	my $seen = change(api(notify => answer('500 Internal Server Error', 'application/json', '{"error": "no such thing"}'))->url, "--api-key-file=$keys");
	my ($finding) = grep { ($_->{evidence} // '') ne '' } findings($seen->{json});
	like($finding->{evidence}, qr/does not send NOTIFY: it answers HTTP 500: no such thing/, 'is the evidence') or tell_run($seen);
	# What the API does behind the change holds nobody up.
	$seen = change(api(notify => [undef])->url, "--api-key-file=$keys");
	cmp_ok($_->{questions}, '>', 5, "an API that is silent then: $_->{role} is asked meanwhile") or tell_run($seen) for @{ $seen->{json}{steps} };
	like((findings($seen->{json}))[0]{evidence}, qr/does not send NOTIFY: no answer in time/, 'and that it was is said') or tell_run($seen);
};

subtest 'the record is read by TCP' => sub {
	for my $story (['where the answer is truncated', tc => 1], ['where UDP is silent', udp => 'silent'], ['where nobody listens on UDP', udp => 'closed']) {
		my ($name, @with) = @$story;
		my $other = fake('127.0.0.1' => { zones => { $zone => zone_of($zone, 5, 2) }, @with }, '127.0.0.2' => { zones => { $zone => zone_of($zone, 5, 2) } });
		my $seen = check_json({ program => 'check_dns_propagation' }, '-z', $zone, '-H', $other->at('127.0.0.1'), '-p', $other->port, '-S', $other->at('127.0.0.2'),
			'--change=pdns', "--pdns-api=ns1=@{[ api()->url ]}", "--api-key-file=$keys", '-t', '6s');
		ok($seen->{json}{change}{made}, $name) or tell_run($seen);
	}
};

# The second server shows the change a while after it; what it is told is in the file that api() keeps.
sub followed {
	my (%with) = @_;
	my $wait = delete $with{after} // 0.6;
	my $shows = sub {
		my ($late) = @_;
		my $since;
		return sub {
			my ($text) = -e "$folder/patch" ? slurp("$folder/patch") =~ /"content": ?"(.*?[^\\])"[,}]/ : ();
			$since //= time if defined $text;
			return "ns1.$zone. 300 IN A 127.0.0.1" if !defined $since || time - $since < $late;
			return "_replication-canary.$zone. 1 IN TXT " . $text =~ s/\\"/"/gr;
		};
	};
	unlink "$folder/patch";
	my $other = fake('127.0.0.1' => { zones => { $zone => zone_of($zone, 5, 2, records => $shows->(0)) } },
		'127.0.0.2' => { zones => { $zone => zone_of($zone, 5, 2, records => $shows->($wait)) }, %with });
	my $seen = check_json({ program => 'check_dns_propagation' }, '-z', $zone, '-H', $other->at('127.0.0.1'), '-p', $other->port, '-S', $other->at('127.0.0.2'),
		'--change=pdns', "--pdns-api=ns1=@{[ api()->url ]}", "--api-key-file=$keys", '-t', $with{timeout} // '30s', '-w', '20s', '-c', '25s');
	($seen->{step}) = grep { $_->{address} eq '127.0.0.2' } @{ $seen->{json}{steps} };
	$seen->{by} = { udp => 0, tcp => 0 };
	$seen->{by}{ $_->{by} }++ for $other->asked(address => '127.0.0.2', type => 'TXT', class => 'IN');
	return $seen;
}

subtest 'the change is followed by TCP' => sub {
	for my $story (['where answers are truncated', tc => 1], ['where UDP is silent', udp => 'silent'], ['where nobody listens on UDP', udp => 'closed']) {
		my ($name, @with) = @$story;
		my $seen = followed(@with);
		is($seen->{json}{state}, 'OK', "$name: it is seen") or tell_run($seen);
		cmp_ok($seen->{by}{tcp}, '>=', 3, "$name: by one question after the other");
		is($seen->{by}{udp}, 0, "$name: at once, since the look before the change has shown that");
	}
	my $well = followed();
	is_deeply([$well->{json}{state}, $well->{by}{tcp}], ['OK', 0], 'not where UDP does') or tell_run($well);
	my $lost = followed(lose => 2, loses => 'IN TXT', after => 1.2);
	is($lost->{json}{state}, 'OK', 'where datagrams are lost') or tell_run($lost);
	cmp_ok($lost->{by}{tcp}, '>=', 1, 'one that is lost goes on by TCP');
	cmp_ok($lost->{by}{udp}, '>', 5 * $lost->{by}{tcp}, 'and the others by UDP');
	my $since = followed(lose => 100000, loses => 'IN TXT');
	is($since->{json}{state}, 'OK', 'where UDP was well before the change') or tell_run($since);
	cmp_ok($since->{by}{tcp}, '>=', 1, 'TCP helps');
	my $neither = followed(tc => 1, tcp => 'closed', timeout => '3s');
	is_deeply([map { "$_->{code} $_->{address}" } findings($neither->{json})], ['not_published 127.0.0.2'], 'where TCP is closed, too') or tell_run($neither);
	cmp_ok($neither->{by}{udp}, '>', 10, 'UDP is not given up');
};

subtest 'our own troubles' => sub {
	my $url = 'http://127.0.0.1:1';
	my $said = sub {
		my ($name, $text, @arguments) = @_;
		my $seen = check(@arguments);
		is($seen->{exit}, 3, "$name: UNKNOWN");
		like("$seen->{out}$seen->{err}", $text, "$name: why") or tell_run($seen);
	};
	$said->('a key of nobody', qr/has no line "ns1 KEY"/, by_api($url, "--api-key-file=@{[ key_file(qq(ns9 $key\n)) ]}"));
	$said->('a key for all to read', qr/anybody may read/, by_api($url, "--api-key-file=@{[ key_file(qq($key\n), 0644) ]}"));
	$said->('no file', qr/--api-key-file: cannot read/, by_api($url, '--api-key-file=/nowhere'));
	$said->('a user in the URL', qr/a URL with a user name is not taken/, by_api('http://me:secret@127.0.0.1:1'));
	$said->('no URL', qr/--pdns-api: it is not NAME=URL, e\.g\. /, { program => 'check_dns_propagation' }, @dns, '--change=pdns', '--pdns-api=x');
	$said->('without --change=pdns', qr/--pdns-api means nothing without --change=pdns/, { program => 'check_dns_propagation' }, @dns, '--change=update', "--pdns-api=ns1=$url");
	$said->('its key alone', qr/--api-key-file means nothing without --change=pdns/, { program => 'check_dns_propagation' }, @dns, '--change=update', "--api-key-file=$keys");
	$said->('the key of UPDATE', qr/--tsig-key-file means nothing with --change=pdns/, { program => 'check_dns_propagation' }, @dns, '--change=pdns', '-k', $keys);
	my $plan = check({ program => 'check_dns_propagation' }, '-z', $zone, '-H', '2001:db8::1', '-S', '192.0.2.2', '--change=pdns', '--plan');
	like($plan->{out}, qr/replace the TXT record _replication-canary\.z1\.test on 2001:db8::1 by pdns at http:\/\/\[2001:db8::1\]:8081, and ask/, 'the API is at --hostname') or tell_run($plan);
};

done_testing;
