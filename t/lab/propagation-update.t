# check_dns_propagation on real primaries: a record is replaced by UPDATE on PowerDNS, BIND and Knot, and by PowerDNS's API, and followed to all secondaries.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Run;
use POSIX ();
use Test::More;
needs('check_dns_propagation');

my $zone = 'example.com';
my $secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
my %keys = (keys => { update => $secret });
my ($serial, $text) = (10);
my @notify = (notify => [map { "192.0.2.$_" } 2 .. 5, 10]);
addresses('192.0.2.10');
my @who = map { ('-S', "ns$_.$zone=192.0.2.$_") } 2 .. 5;
my @canary = ('_replication-canary.' . $zone, 'TXT');

my $api_key = 'api-key-of-the-lab';
sub api { my ($address) = @_; return (webserver => 'yes', api => 'yes', 'api-key' => $api_key, 'webserver-address' => $address, 'webserver-allow-from' => '0.0.0.0/0', 'webserver-port' => 8081) }
my %primary = (
	'PowerDNS by its API' => sub { pdns('192.0.2.1', api('192.0.2.1'), zones => { $zone => \$text }, 'allow-axfr-ips' => '192.0.2.0/24', @notify, told => [['set-meta', $zone, 'SOA-EDIT-API', 'DEFAULT']]) },
	PowerDNS => sub { pdns('192.0.2.1', %keys, zones => { $zone => \$text }, 'allow-axfr-ips' => '192.0.2.0/24', dnsupdate => 'yes', @notify,
		told => [['set-meta', $zone, 'ALLOW-DNSUPDATE-FROM', '0.0.0.0/0'], ['set-meta', $zone, 'TSIG-ALLOW-DNSUPDATE', 'update'],
			['set-meta', $zone, 'NOTIFY-DNSUPDATE', '1'], ['set-meta', $zone, 'SOA-EDIT-DNSUPDATE', 'INCREASE']]) },
	BIND => sub { named('192.0.2.1', %keys, @notify, options => 'notify-delay 0;', more => qq(zone "$zone" { type primary; file "/mnt/dynamic.zone"; allow-transfer { any; };
		update-policy { grant update name _replication-canary.$zone. TXT; }; };)) },
	Knot => sub { knotd('192.0.2.1', %keys, options => join "\n", 'acl:', ' - id: update', '   key: update', '   action: update', 'remote:',
		(map { (" - id: to$_", "   address: 192.0.2.$_", '   via: 192.0.2.1') } 2 .. 5, 10),
		'zone:', " - domain: $zone", '   file: /mnt/dynamic.zone', '   acl: [everyone, update]', '   notify: [to2, to3, to4, to5, to10]', '   zonefile-sync: -1', '') },
);

my $way = 'update';
sub change { my (@more) = @_; return check_json({ program => 'check_dns_propagation', timeout => 60 }, '-t', '15s', '-w', '14s', '-c', '14s', '-z', $zone, "--change=$way", '-H', '192.0.2.1', @more) }
sub api_key_option { my $file = spew('/mnt/api.key', "# of the lab\n192.0.2.1 $api_key\nns1.$zone $api_key\n"); chmod 0600, $file; return "--api-key-file=$file" }
sub record { my ($server) = @_; my $packet = ask($server, @canary); return [map { $_->type eq 'TXT' ? join ' ', $_->txtdata : () } $packet ? $packet->answer : ()] }
sub codes { my ($seen) = @_; return join ' ', map { $_->{code} } findings($seen->{json}) }

for my $name (sort keys %primary) {
	subtest $name => sub {
		$serial += 1000; # secondaries keep what they had
		$text = zone_text($zone, $serial, 5, 'www A 192.0.2.80', 'www TXT "stays"');
		unlink glob '/mnt/dynamic.zone*';
		spew('/mnt/dynamic.zone', $text);
		my ($primary, @secondaries) = together { $primary{$name}->(), four_secondaries($zone => '192.0.2.1') };
		ok(serves($serial, $zone, map { "192.0.2.$_" } 2 .. 5), 'all have the zone');
		$way = $name =~ /API/ ? 'pdns' : 'update';
		my @key = $way eq 'pdns' ? api_key_option() : ('-k', key_file(update => $secret));
		my $unsigned = change(@who);
		is(codes($unsigned), 'change_failed', 'without a key: the change is not taken') or tell_run($unsigned);
		my $seen = change(@key, @who);
		is($seen->{json}{state}, 'OK', 'all serve the change') or tell_run($seen);
		my %steps = map { $_->{address} => $_ } @{ $seen->{json}{steps} };
		is(scalar(keys %steps), 5, 'the primary is asked, too');
		cmp_ok($_->{questions}, '<=', 200, "$_->{address}: seldom") for values %steps;
		my $token = record('192.0.2.1');
		like("@$token", qr/^dns-replication-canary \d{16} [0-9a-f]{16}$/, 'one record, of ours');
		is_deeply(record($_), $token, "$_ has it") for map { "192.0.2.$_" } 2 .. 5;
		my $again = change(@key, @who, '--listen=192.0.2.10');
		is($again->{json}{state}, 'OK', 'once more') or tell_run($again);
		ok(defined $again->{json}{change}{notify_heard_s}, 'the primary\'s own NOTIFY comes here') or tell_run($again);
		isnt("@{ record('192.0.2.1') }", "@$token", 'it was replaced');
		is(scalar @{ record('192.0.2.1') }, 1, 'by one record');
		my @at_once = map { my $pid = fork // die "fork: $!"; POSIX::_exit(change(@key, @who)->{exit}) unless $pid; $pid } 1 .. 2;
		is_deeply([map { waitpid $_, 0; $? >> 8 } @at_once], [0, 0], 'two runs at once do not disturb each other');
		is(scalar @{ record('192.0.2.1') }, 1, 'and leave one record');
		firewall('ip daddr 192.0.2.1 udp dport 53 drop') if $way eq 'update';
		my $by_tcp = change(@key, '--cleanup');
		is($by_tcp->{json}{state}, 'OK', 'where UDP is blocked, it is changed by TCP') or tell_run($by_tcp);
		firewall();
		is_deeply(record('192.0.2.1'), [], 'and nothing is left') if $way eq 'update';
		my $removed = change(@key, '--cleanup');
		is($removed->{json}{state}, 'OK', '--cleanup') or tell_run($removed);
		is_deeply(record('192.0.2.1'), [], 'nothing is left');
		is_deeply([map { $_->type eq 'TXT' ? $_->txtdata : () } ask('192.0.2.1', "www.$zone", 'TXT')->answer], ['stays'], 'and nothing else was touched');
		is(change(@key, '--cleanup')->{json}{state}, 'OK', 'a second time there is nothing to do');
	};
}

subtest 'the API of what would not bring the change to secondaries' => sub {
	$way = 'pdns';
	$text = zone_text($zone, ++$serial, 2, 'www A 192.0.2.80');
	my ($primary, $secondary) = together { pdns('192.0.2.1', api('192.0.2.1'), zones => { $zone => \$text }, 'allow-axfr-ips' => '192.0.2.0/24'),
		pdns('192.0.2.2', api('192.0.2.2'), zones => { $zone => '192.0.2.1' }) };
	ok(serves($serial, $zone, '192.0.2.1', '192.0.2.2'), 'both have the zone');
	my $key = api_key_option();
	my $kept = change($key, '-S', '192.0.2.2');
	is(codes($kept), 'change_failed', 'the serial would stay') or tell_run($kept);
	my ($finding) = findings($kept->{json});
	like($finding->{text}, qr/soa_edit_api of the zone is empty.* nothing was changed/, 'why');
	is($finding->{advice}, "on 192.0.2.1: pdnsutil set-meta $zone SOA-EDIT-API DEFAULT", 'what to do') or tell_run($kept);
	is_deeply(record('192.0.2.1'), [], 'nothing was changed');
	my $other = change($key, '-S', '192.0.2.2', "--pdns-api=ns1.$zone=http://192.0.2.2:8081");
	is(codes($other), 'change_failed', 'the API of a secondary') or tell_run($other);
	like((findings($other->{json}))[0]{text}, qr/it is a secondary of the zone; nothing was changed/, 'is said');
	$primary->util('set-meta', $zone, 'SOA-EDIT-API', 'DEFAULT'); # as advised
	my $seen = change($key, '-S', '192.0.2.2');
	is($seen->{json}{state}, 'OK', 'after doing what is advised') or tell_run($seen);
	$primary->sql("INSERT INTO records (domain_id, name, type, content, ttl, auth) SELECT id, '_replication-canary.$zone', 'TXT', '\"of somebody\"', 60, 1 FROM domains WHERE name='$zone'");
	$primary->control('purge');
	my $foreign = change($key, '--cleanup');
	is(codes($foreign), 'change_failed', 'a record of somebody else') or tell_run($foreign);
	is(scalar @{ record('192.0.2.1') }, 2, 'stays');
};

subtest 'native: two PowerDNS of one database' => sub {
	$way = 'pdns';
	my $database = mariadb('db');
	$text = zone_text($zone, ++$serial, 2, 'www A 192.0.2.80');
	my %uncached = ('cache-ttl' => 0, 'query-cache-ttl' => 0, 'negquery-cache-ttl' => 0);
	my $first = pdns('192.0.2.1', api('192.0.2.1'), %uncached, database => $database);
	my $file = spew('/mnt/native.zone', $text);
	$first->util('load-zone', $zone, $file);
	my $second = pdns('192.0.2.2', %uncached, database => $database);
	ok(serves($serial, $zone, '192.0.2.1', '192.0.2.2'), 'both serve it');
	my $key = api_key_option();
	my $seen = change($key, '-S', '192.0.2.2');
	is($seen->{json}{state}, 'OK', 'without SOA-EDIT-API, and the serial stays') or tell_run($seen);
	is(serial_at('192.0.2.2', $zone), $serial, 'as it was');
	is(scalar @{ record('192.0.2.2') }, 1, 'the record is there');
	is(change($key, '--cleanup')->{json}{state}, 'OK', '--cleanup');
	is_deeply(record('192.0.2.2'), [], 'and it is gone');
};

done_testing;
