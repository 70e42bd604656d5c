# The options that name APIs of PowerDNS and say how they let us in, the same in three programs: https with its own CA, keys, wrong forms.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream;
use DNSReplication::Web;
use File::Temp 'tempdir';
use IO::Socket::IP;
use POSIX ();
use Test::More;
needs('check_dns_replication', 'check_dns_propagation', 'check_pdns_replication', 'pdns_record');

my $folder = tempdir('dns-replication-api-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = 'a-key-that-nobody-may-see';
my $zone = 'example.com';
my $fake = fake(map { ("127.0.0.$_" => { zones => { $zone => zone_of($zone, 5, 2) } }) } 1, 2);

sub key_file { my ($text, $mode) = @_; state $count = 0; my $file = spew("$folder/key" . $count++, $text); chmod $mode // 0600, $file; return $file }

# Each program by what names a server, and what else it needs. Of check_dns_replication the primary is down, so that it asks.
my %program = (
	check_pdns_replication => { option => '--url', with => [] },
	check_dns_replication => { option => '--pdns-api', with => ['-z', $zone, '-n', '-H', '127.0.0.1@1', '-a', 'ns1.example.com=127.0.0.1@1'] },
	check_dns_propagation => { option => '--pdns-api', with => ['-z', $zone, '-H', $fake->at('127.0.0.1'), '-S', $fake->at('127.0.0.2'), '--change=pdns'] },
);
my @programs = sort keys %program;
sub asked {
	my ($program, $places, @more) = @_;
	return check({ program => $program }, @{ $program{$program}{with} }, (map { "$program{$program}{option}=$_" } @$places), @more);
}

subtest 'https' => sub {
	my ($ca, $other) = (authority('A CA'), authority('Another CA'));
	my $tls = sub { my (@with) = @_; return web(recorded('4.9.0', 'p1', key => $key), certificate => certificate(names => 'IP:127.0.0.1', ca => $ca, @with)) };
	my $keys = key_file("$key\n");
	my $good = $tls->();
	my $plain = web(sub { answer('404 Not Found', 'text/plain', '') });
	my $silent = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 8) or die "$@"; # that nobody accepts at
	my $trusted = "--tls-ca=$ca->{certificate}";
	my $curl = qr/curl -v --cacert \Q$ca->{certificate}\E https:/;
	# A minimal system has none.
	my $system = -e '/etc/ssl/certs/ca-certificates.crt' ? qr/unable to get local issuer certificate; trusted are the system's CAs, others by --tls-ca=FILE/
		: qr{this host has no CAs of the system \(.*/etc/ssl/certs/ca-certificates\.crt\): apt-get install ca-certificates, or --tls-ca=FILE};
	my @stories = (
		['of another CA', $good->url, "--tls-ca=$other->{certificate}", qr/unable to get local issuer certificate; trusted are the CAs in \Q$other->{certificate}\E alone/, qr/curl -v --cacert \Q$other->{certificate}\E https:/],
		['of no CA of the system', $good->url, undef, $system, qr/curl -v https:/],
		['of its own', $tls->(ca => undef)->url, $trusted, qr/SSL certificate problem: self.signed certificate; trusted are the CAs in/, $curl],
		['of another name', $tls->(names => 'DNS:ns9.example.com')->url, $trusted, qr/no alternative certificate subject name matches target host name '127\.0\.0\.1'/, $curl],
		['that has expired', $tls->(from => -30, to => -2)->url, $trusted, qr/certificate has expired/, $curl],
		['that a plain port lacks', $plain->url =~ s/^http:/https:/r, $trusted, qr{it does not speak TLS there; is it http:// without s\?}, $curl],
		['that http:// does not want', $good->url =~ s/^https:/http:/r, $trusted, qr{closes the connection without an answer \(webserver-allow-from\? or is it https://\?\)}, qr/curl -i http:/],
	);
	for my $story (@stories) {
		my ($name, $url, $option, $text, $advice) = @$story;
		for my $program (@programs) {
			my $seen = asked($program, ["ns1.example.com=$url"], $option // (), "--api-key-file=$keys", '-t', '4s');
			like($seen->{out}, $text, "$program: a certificate $name") or tell_run($seen);
			like($seen->{out}, $program eq 'check_dns_propagation' ? qr/by its API at \Q$url\E: .* → $advice/ : qr/ns1\.example\.com.*API can't be used: .* → $advice/, 'the server, and what to type');
			unlike($seen->{out}, qr/\Q$key\E/, 'and no key');
		}
		my $list = check('-n', '-H', '127.0.0.1@1', '--zones-from=pdns', "--pdns-api=ns1.example.com=$url", $option // (), '-t', '4s');
		like($list->{out}, qr/UNKNOWN - --zones-from=pdns:ns1\.example\.com: its API at \Q$url\E: .*$text/, "--zones-from=pdns: a certificate $name") or tell_run($list);
	}
	is_deeply([$good->requests], [], 'nobody was shown the key');
	my $still = asked('check_pdns_replication', ['ns1.example.com=https://127.0.0.1:' . $silent->sockport], $trusted, '-t', '2s');
	like($still->{out}, qr{no TLS session in time; is it http:// without s\?}, 'who is silent on TLS');
	for my $program (@programs) {
		my $before = () = $good->requests;
		my $seen = asked($program, ['ns1.example.com=' . $good->url], $trusted, "--api-key-file=$keys", '-t', '4s');
		unlike($seen->{out}, qr/API can't be used|SSL/, "$program: the right CA") or tell_run($seen);
		cmp_ok(scalar(() = $good->requests), '>', $before, 'is asked by');
	}
	my $list = check('-n', '-H', '127.0.0.1@1', '--zones-from=pdns', '--pdns-api=ns1.example.com=' . $good->url, $trusted, "--api-key-file=$keys", '-t', '4s');
	like($list->{out}, qr/native\.example/, '--zones-from=pdns, too') or tell_run($list);
};

# What is said before anything is asked. The places are fine.
sub refused {
	my ($program, $name, $text, @options) = @_;
	my $seen = asked($program, ['ns1.example.com=http://127.0.0.1:1'], @options);
	is_usage_error($seen, $text, "$program: $name");
	unlike("$seen->{out}$seen->{err}", qr/\Q$key\E/, 'no key');
}

subtest 'files of keys' => sub {
	my @stories = (
		['readable by others', key_file("$key\n", 0644), qr/anybody may read \S+; chmod 0640 it, its group the monitoring's/],
		['writable by others', key_file("$key\n", 0602), qr/anybody may write/],
		['empty', key_file(''), qr/is empty; it should hold the api-key/],
		['comments alone', key_file("# nothing\n\n"), qr/is empty; it should hold the api-key/],
		['not there', "$folder/none", qr/--api-key-file: cannot read \S+: No such file/],
		['a folder', $folder, qr/is no plain file/],
		['a pipe', do { my $pipe = "$folder/pipe"; POSIX::mkfifo($pipe, 0600); $pipe }, qr/is no plain file/],
		['three words', key_file("ns1 $key more\n"), qr/line 1: it should hold one KEY, or lines "NAME KEY"/],
		['a second key', key_file("$key-1\n$key-2\n"), qr/line 2: a second key; with several each line is "NAME KEY"/],
		['both forms', key_file("$key-1\nns2 $key-2\n"), qr/line 2: it should hold one KEY/],
		['without this server', key_file("ns9.example.com $key\n"), qr/has no line "ns1\.example\.com KEY"/],
		['this server twice', key_file("ns1.example.com $key\nNS1.example.com. $key-2\n"), qr/has two lines "ns1\.example\.com KEY"; one of them is right/],
		['a line of pdns.conf', key_file("api-key=$key\n"), qr/line 1: it should hold the KEY alone, without "api-key="/],
		['a line of YAML', key_file("api-key: $key\n"), qr/line 1: it should hold the KEY alone, without "api-key=" or "X-API-Key:" before it/],
		['a line of a request', key_file("x-api-key:$key\n"), qr/line 1: it should hold the KEY alone/],
		['the key itself', $key, qr{--api-key-file: there is no file of that name \(.*, and never the key itself\), e\.g\. --api-key-file=/}],
		['a control byte', key_file("\n$key\x01\n"), qr/line 2: a byte that is no printable ASCII; it should hold one KEY/],
		['an umlaut', key_file("$key\xc3\xa4\n"), qr/line 1: a byte that is no printable ASCII/],
		['UTF-16', key_file("\xff\xfe" . join '', map { "$_\0" } split //, $key), qr/holds a NUL byte/],
		['far too long', key_file('x' x 70000), qr/too long for a file of keys/],
	);
	for my $program (@programs) { refused($program, @$_[0, 2], "--api-key-file=$_->[1]") for @stories }
	SKIP: {
		skip 'root may read all', 1 unless $>;
		refused('check_dns_replication', 'not ours to read', qr/cannot read \S+: Permission denied/, '--api-key-file=' . key_file("$key\n", 0000));
	}
};

subtest 'files that do' => sub {
	my $hashed = "$key#1";
	my @stories = (
		['lines that end in CR LF', $key, "# all\r\n$key\r\n"],
		['a byte order mark', $key, "\xef\xbb\xbf$key\n"],
		['no newline at the end', $key, $key],
		['blanks around', $key, "\n \t$key \t# of all\n"],
		['a # inside', $hashed, "$hashed # of all\n"],
		['names in any case, with and without the final dot', $key, "ns9.example.net other\nNS1.Example.com.\t$key\n"],
	);
	for my $story (@stories) {
		my ($name, $right, $text) = @$story;
		my $web = web(recorded('4.9.0', 'p1', key => $right));
		my $seen = asked('check_pdns_replication', ['ns1.example.com=' . $web->url], '--api-key-file=' . key_file($text));
		is_plugin_output($seen, 'OK', $name);
	}
};

subtest 'files of CAs' => sub {
	my @stories = (
		['not there', "$folder/none", qr/--tls-ca: cannot read \S+: No such file/],
		['a folder', '/etc/ssl/certs', qr{/etc/ssl/certs is no file of certificates .*e\.g\. --tls-ca=/etc/ssl/certs/ca-certificates\.crt}],
		['a key', authority('A CA')->{key}, qr/is no file of certificates \(PEM, "-----BEGIN CERTIFICATE-----"\)/],
		['empty', spew("$folder/empty.pem", ''), qr/is no file of certificates/],
	);
	for my $program (@programs) { refused($program, @$_[0, 2], "--tls-ca=$_->[1]") for @stories }
};

subtest 'places' => sub {
	my @stories = (
		[qr/it is not NAME=URL, e\.g\. (--\S+)=ns1\.example\.com=http:\/\/192\.0\.2\.1:8081/, 'x', 'http://192.0.2.1:8081', '=http://192.0.2.1', 'ns1=', 'http://me:secret@192.0.2.1', 'http://192.0.2.1/?a=secret'],
		[qr/ns1: a URL with a user name is not taken; the key is in --api-key-file, e\.g\. (--\S+)=ns1=http:/, 'ns1=http://me:secret@192.0.2.1', 'ns1=https://secret@192.0.2.1', 'ns1=http://me:sec/ret@192.0.2.1'],
		[qr/ns1: a URL with \? or # is not taken; the key is in --api-key-file, e\.g\. (--\S+)=ns1=/, 'ns1=http://192.0.2.1/?api-key=secret', 'ns1=http://192.0.2.1#secret'],
		[qr/ns1: the URL is none of http:\/\/, https:\/\/ and unix:\/, e\.g\. (--\S+)=ns1=/, 'ns1=ftp://192.0.2.1', 'ns1=192.0.2.1:8081', 'ns1=file:///etc/passwd', 'ns1=secret'],
		[qr/ns1: the socket's path must begin with \//, 'ns1=unix:api.sock'],
		[qr/ns1: the URL is wrong: a \[ without its \]/, 'ns1=http://[::1'],
		[qr/ns1: the URL is wrong: between \[ and \] stands no IPv6 address/, 'ns1=http://[192.0.2.1]', 'ns1=http://[]', 'ns1=http://[::g]'],
		[qr{ns1: the URL is wrong: an IPv6 address stands between \[ and \], as in http://\[2001:db8::1\]:8081}, 'ns1=http://2001:db8::1:8081'],
		[qr/ns1: the URL is wrong: its port is no number from 1 to 65535/, 'ns1=http://192.0.2.1:http', 'ns1=http://192.0.2.1:0', 'ns1=http://192.0.2.1:65536', 'ns1=http://192.0.2.1:', 'ns1=http://[::1]:x'],
		[qr/ns1: the URL is wrong: behind the host there may be :PORT alone/, 'ns1=http://[::1]8081'],
		[qr/ns1: the URL is wrong: it names no host/, 'ns1=http://', 'ns1=http:///x', 'ns1=https://:8081'],
		[qr/ns1: the URL is wrong: its host is too long/, 'ns1=http://' . 'x' x 300],
		[qr/ns1: the URL is wrong: it holds a byte that no URL may have/, 'ns1=http://192.0.2.1 :8081', "ns1=http://192.0.2.1\n", "ns1=http://\xc3\xa4.example"],
		[qr/"a\.\.b" is neither a name nor an address: empty label/, 'a..b=http://192.0.2.1'],
	);
	for my $program (@programs) {
		my $option = $program{$program}{option};
		for my $story (@stories) {
			my ($text, @places) = @$story;
			for my $place (@places) {
				my $seen = asked($program, [$place]);
				is_usage_error($seen, $text, "$program: $place" =~ s/[^ -~]/?/gr);
				like($seen->{out}, qr/UNKNOWN - \Q$option\E: /, 'which option');
				unlike($seen->{out}, qr/secret|sec\/ret/, 'a secret is not repeated') if $place =~ /sec/;
			}
		}
		is_usage_error(asked($program, ["ns1=http://192.0.2.1/api/v1/servers/localhost/zones/"]), qr{nothing may stand behind /api/v1/servers/localhost}) if $program eq 'check_pdns_replication';
		next if $program eq 'check_dns_propagation';
		is_usage_error(asked($program, ['ns1=http://192.0.2.1', $_ . '=http://192.0.2.2']), qr/\Q$option\E: \Q$_\E is named twice/) for 'ns1', 'NS1', 'ns1.';
		is_usage_error(asked($program, [map { "ns$_=http://192.0.2.1" } 1 .. 65]), qr/\Q$option\E: more than 63/);
	}
	for my $host ('http://me:secret@127.0.0.1:8081', '127.0.0.1:8081', '[::1]:8081') {
		my $seen = check({ program => 'check_pdns_replication' }, '-H', $host);
		is_usage_error($seen, qr{--hostname: .*or as a URL --url=ns1\.example\.com=http://192\.0\.2\.1:8081}, "check_pdns_replication -H $host");
		unlike($seen->{out}, qr/secret/, 'a secret is not repeated');
	}
	my $update = check({ program => 'check_dns_propagation' }, '-z', $zone, '-H', '127.0.0.1@1', '-S', '127.0.0.2', '--change=update', '--tls-ca=/etc/ssl/certs/ca-certificates.crt');
	is_usage_error($update, qr/--tls-ca means nothing without --change=pdns/);
};

done_testing;
