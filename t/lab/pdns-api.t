# check_pdns_replication and real APIs: installations that are well are OK and are asked twice each; keys and addresses that are wrong.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use File::Temp 'tempdir';
use Test::More;
needs('check_pdns_replication');

my $folder = tempdir('dns-replication-pdns-api-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = 'the-key-of-the-lab';
my $keys = spew("$folder/key", "$key\n");
chmod 0600, $keys;
# The API as an operator turns it on.
sub api { my ($address) = @_; return (webserver => 'yes', api => 'yes', 'api-key' => $key, 'webserver-address' => $address, 'webserver-allow-from' => '0.0.0.0/0', 'webserver-port' => 8081) }
sub server { my ($address, %with) = @_; return pdns($address, api($address), %with) }
sub asked { my (@more) = @_; return check({ program => 'check_pdns_replication' }, "--api-key-file=$keys", @more) }
sub asked_json { my $seen = asked(@_, '--output-format=json'); $seen->{json} = decode($seen->{out}); return $seen }
sub url { my ($name, $address) = @_; return "--url=$name=http://$address:8081" }
sub is_calm {
	my ($name, $requests, @more) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(wait_until(20, sub { !asked(@more)->{exit} }), "$name: comes up");
	my $seen = asked_json(@more);
	is($seen->{json}{state}, 'OK', "$name: OK") or tell_run($seen);
	is_deeply([map { $_->{requests} } @{ $seen->{json}{settings} }], $requests, "$name: requests") or tell_run($seen);
	is_plugin_output(asked(@more, '-v'), 'OK');
	return $seen;
}

addresses(map { "192.0.2.$_" } 10 .. 12, 21, 22);
my ($default, @native, $primary, $secondary);
together {
	$default = server('192.0.2.10');
	@native = map { server("192.0.2.1$_") } 1, 2;
	$primary = server('192.0.2.21', primary => 'yes', 'allow-axfr-ips' => '192.0.2.22', 'also-notify' => '192.0.2.22', zones => { 'example.com' => \zone_text('example.com', 10, 2) });
	$secondary = server('192.0.2.22', secondary => 'yes', autosecondary => 'no');
};

subtest 'a default installation' => sub {
	is_calm('without a zone', [2], url('ns1.example.org', '192.0.2.10'));
	$default->util('create-zone', 'example.org', 'ns1.example.org');
	my $seen = is_calm('with a native zone', [2], url('ns1.example.org', '192.0.2.10'));
	is($seen->{json}{zones}[0]{servers}[0]{kind}, 'Native', 'which it is');
	is($seen->{json}{settings}[0]{settings}{primary}, 'no', 'with primary=no');
};

# What their databases replicate is in both.
subtest 'a native site' => sub {
	for my $server (@native) {
		$server->util('create-zone', $_, "ns1.$_") for qw(one.test two.test);
	}
	is_calm('two servers', [2, 2], url('ns1.one.test', '192.0.2.11'), url('ns2.one.test', '192.0.2.12'));
};

subtest 'a secondary that has all its zones without autosecondary' => sub {
	$secondary->util('create-secondary-zone', 'example.com', '192.0.2.21');
	$secondary->control('retrieve', 'example.com');
	ok(wait_until(30, sub { (serial_at('192.0.2.22', 'example.com') // 0) == 10 }), 'it transfers');
	my @both = (url('ns1.example.com', '192.0.2.21'), url('ns2.example.com', '192.0.2.22'));
	my $seen = is_calm('both', [2, 2], @both);
	is_deeply([map { "$_->{address} $_->{kind} $_->{serial}" } @{ $seen->{json}{zones}[0]{servers} }], ['192.0.2.21 Master 10', '192.0.2.22 Slave 10'], 'with its serial');
	is_calm('the zone alone', [2, 2], @both, '-z', 'example.com');
	my $observed = asked(@both, '--observe', '--inspect=example.com');
	like($observed->{out}, qr/^pdns ns1\.example\.com 192\.0\.2\.21\@53 .*version=4\./m, 'in full: versions') or tell_run($observed);
	like($observed->{out}, qr/^pdns_detail index=$_ zone=0 outcome=answered metadata_outcome=answered records_outcome=answered .*has_soa=1 .*ns=ns1\.example\.com\.%20ns2/m, "and the zone on server $_")
		for 0, 1;
	like($observed->{out}, qr/^pdns_log index=1 times=\d+ text=.*example\.com/m, 'and the log');
	spew("$folder/seen.scenario", $observed->{out});
	is(check({ program => 'check_pdns_replication' }, "--replay=$folder/seen.scenario")->{exit}, 0, 'which can be judged again');
};

subtest 'what is wrong with the way there' => sub {
	my $wrong = spew("$folder/wrong", "another-key\n");
	chmod 0600, $wrong;
	my $seen = check({ program => 'check_pdns_replication' }, "--api-key-file=$wrong", url('ns1.example.com', '192.0.2.21'));
	is_plugin_output($seen, 'UNKNOWN', 'another key');
	like($seen->{out}, qr/ns1\.example\.com.*HTTP 401: the key in --api-key-file is not its api-key/, 'is refused') or tell_run($seen);
	unlike($seen->{out} . $seen->{err}, qr/another-key/, 'and not shown');
	$default->configure('webserver-allow-from' => '198.51.100.0/24')->restart;
	$seen = asked_json(url('ns1.example.org', '192.0.2.10'));
	is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})], ['api_unreachable UNKNOWN'], 'webserver-allow-from') or tell_run($seen);
	$default->configure(api => 'no', 'webserver-allow-from' => '0.0.0.0/0')->restart;
	$seen = asked_json(url('ns1.example.org', '192.0.2.10'));
	is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})], ['api_unreachable UNKNOWN'], 'api=no') or tell_run($seen);
	like((findings($seen->{json}))[0]{text}, qr/HTTP 404/, 'which says 404');
};

done_testing;
