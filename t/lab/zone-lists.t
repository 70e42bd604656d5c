# Lists of zones as real servers have them: BIND's statistics channel, catalogs of PowerDNS, BIND and Knot.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my @zones = ('a.test', 'b.test');
sub zones { my ($json) = @_; return join ' ', sort map { $_->{zone} =~ s/\.$//r } @{ $json->{zones} // [] } }
my $catalog = join "\n", '$ORIGIN catalog.test.', '$TTL 0', '@ SOA invalid. invalid. 1 60 60 3600 60', '@ NS invalid.', 'version TXT "2"',
	'x1.zones PTR a.test.', 'x2.zones PTR b.test.', '';

my $bind = named('192.0.2.1', zones => { 'catalog.test' => \$catalog, map { ($_ => \zone_text($_, 10, 2)) } @zones },
	more => 'statistics-channels { inet 192.0.2.1 port 8053 allow { any; }; };');
my $second = named('192.0.2.2', zones => { map { ($_ => '192.0.2.1') } @zones });
for my $zone (@zones) { ok(wait_until(15, sub { (serial_at('192.0.2.2', $zone) // 0) == 10 }), "$zone is at the secondary") }

subtest 'BIND: its statistics channel' => sub {
	my $seen = check_json('-H', '192.0.2.1', '--exclude=catalog.test', '--zones-from=bind:http://192.0.2.1:8053');
	is(zones($seen->{json}), 'a.test b.test', 'its own zones, and no built-in ones') or tell_run($seen);
	is($seen->{json}{state}, 'OK', 'OK');
};

subtest 'BIND: a catalog' => sub {
	my $seen = check_json('-H', '192.0.2.1', '--zones-from=catalog:catalog.test');
	is(zones($seen->{json}), 'a.test b.test', 'its members') or tell_run($seen);
};

subtest 'PowerDNS: a producer' => sub {
	my $pdns = pdns('192.0.2.3', primary => 'yes', 'allow-axfr-ips' => '192.0.2.0/24');
	for my $zone (@zones) { $pdns->util('create-zone', $zone, 'ns1.a.test') }
	$pdns->util('create-zone', 'producer.test', 'ns1.a.test');
	$pdns->util('set-kind', 'producer.test', 'producer');
	for my $zone (@zones) { $pdns->util('set-kind', $zone, 'primary'); $pdns->util('set-catalog', $zone, 'producer.test') }
	my $seen = check_json('-H', '192.0.2.3', '-n', '-a', '192.0.2.3', '--zones-from=catalog:producer.test');
	is(zones($seen->{json}), 'a.test b.test', 'its members') or tell_run($seen);
};

subtest 'Knot: a catalog' => sub {
	my $knot = knotd('192.0.2.4', zones => { 'catalog.test' => \$catalog, map { ($_ => \zone_text($_, 10, 2)) } @zones });
	my $seen = check_json('-H', '192.0.2.4', '-n', '--zones-from=catalog:catalog.test');
	is(zones($seen->{json}), 'a.test b.test', 'its members') or tell_run($seen);
};

done_testing;
