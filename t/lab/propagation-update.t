# check_dns_propagation on real primaries: a record is replaced by UPDATE on PowerDNS, BIND and Knot, and followed to all secondaries.
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

my %primary = (
	PowerDNS => sub { pdns('192.0.2.1', %keys, zones => { $zone => \$text }, 'allow-axfr-ips' => '192.0.2.0/24', dnsupdate => 'yes', @notify,
		told => [['set-meta', $zone, 'ALLOW-DNSUPDATE-FROM', '0.0.0.0/0'], ['set-meta', $zone, 'TSIG-ALLOW-DNSUPDATE', 'update'],
			['set-meta', $zone, 'NOTIFY-DNSUPDATE', '1'], ['set-meta', $zone, 'SOA-EDIT-DNSUPDATE', 'INCREASE']]) },
	BIND => sub { named('192.0.2.1', %keys, @notify, options => 'notify-delay 0;', more => qq(zone "$zone" { type primary; file "/mnt/dynamic.zone"; allow-transfer { any; };
		update-policy { grant update name _replication-canary.$zone. TXT; }; };)) },
	Knot => sub { knotd('192.0.2.1', %keys, options => join "\n", 'acl:', ' - id: update', '   key: update', '   action: update', 'remote:',
		(map { (" - id: to$_", "   address: 192.0.2.$_", '   via: 192.0.2.1') } 2 .. 5, 10),
		'zone:', " - domain: $zone", '   file: /mnt/dynamic.zone', '   acl: [everyone, update]', '   notify: [to2, to3, to4, to5, to10]', '   zonefile-sync: -1', '') },
);

sub change { my (@more) = @_; return check_json({ program => 'check_dns_propagation', timeout => 60 }, '-t', '15s', '-w', '14s', '-c', '14s', '-z', $zone, '--change=update', '-H', '192.0.2.1', @more) }
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
		my $key = key_file(update => $secret);
		my $unsigned = change(@who);
		is(codes($unsigned), 'change_failed', 'unsigned: the change is not taken') or tell_run($unsigned);
		my $seen = change('-k', $key, @who);
		is($seen->{json}{state}, 'OK', 'all serve the change') or tell_run($seen);
		my %steps = map { $_->{address} => $_ } @{ $seen->{json}{steps} };
		is(scalar(keys %steps), 5, 'the primary is asked, too');
		cmp_ok($_->{questions}, '<=', 200, "$_->{address}: seldom") for values %steps;
		my $token = record('192.0.2.1');
		like("@$token", qr/^dns-replication-canary \d{16} [0-9a-f]{16}$/, 'one record, of ours');
		is_deeply(record($_), $token, "$_ has it") for map { "192.0.2.$_" } 2 .. 5;
		my $again = change('-k', $key, @who, '--listen=192.0.2.10');
		is($again->{json}{state}, 'OK', 'once more') or tell_run($again);
		ok(defined $again->{json}{change}{notify_heard_s}, 'the primary\'s own NOTIFY comes here') or tell_run($again);
		isnt("@{ record('192.0.2.1') }", "@$token", 'it was replaced');
		is(scalar @{ record('192.0.2.1') }, 1, 'by one record');
		my @at_once = map { my $pid = fork // die "fork: $!"; POSIX::_exit(change('-k', $key, @who)->{exit}) unless $pid; $pid } 1 .. 2;
		is_deeply([map { waitpid $_, 0; $? >> 8 } @at_once], [0, 0], 'two runs at once do not disturb each other');
		is(scalar @{ record('192.0.2.1') }, 1, 'and leave one record');
		my $removed = change('-k', $key, '--cleanup');
		is($removed->{json}{state}, 'OK', '--cleanup') or tell_run($removed);
		is_deeply(record('192.0.2.1'), [], 'nothing is left');
		is_deeply([map { $_->type eq 'TXT' ? $_->txtdata : () } ask('192.0.2.1', "www.$zone", 'TXT')->answer], ['stays'], 'and nothing else was touched');
		is(change('-k', $key, '--cleanup')->{json}{state}, 'OK', 'a second time there is nothing to do');
	};
}

done_testing;
