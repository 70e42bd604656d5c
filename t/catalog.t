# Zones from a catalog zone (RFC 9432), transferred from the engine.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp 'tempdir';
use Test::More;
needs('check_dns_replication', 'axfrd');

my $port = free_port('127.0.0.1', '127.0.0.2');
my @zones = map { "z$_.test" } 1 .. 3;

# catalog(version, 'node member', ...): and further lines as they are.
sub catalog {
	my ($version, @members) = @_;
	return join "\n", '$ORIGIN catalog.example.', '$TTL 0', '@ SOA invalid. invalid. 1 600 60 604800 60', '@ NS invalid.',
		(defined $version ? "version TXT \"$version\"" : ()), (map { my ($node, $zone) = split ' '; /"|PTR/ ? $_ : "$node.zones PTR $zone." } @members), '';
}

sub engine {
	my ($number, $catalog, %with) = @_;
	return axfrd(zones => { 'catalog.example' => $catalog, map { ($_ => zone_file($_, 5, 2)) } @{ $with{zones} // \@zones } },
		options => ["--listen=127.0.0.$number\@$port", @{ $with{options} // [] }]);
}
sub zones { my ($json) = @_; return join ' ', map { $_->{zone} =~ s/\.$//r } @{ $json->{zones} // [] } }

my @asking = ('-H', "127.0.0.1\@$port", '-p', $port, '--zones-from=catalog:Catalog.Example.', '-t', '4s');
my $secondary = engine(2, catalog(2));

subtest 'both versions, with what else may be there' => sub {
	my $primary = engine(1, catalog(2, 'a z1.test', 'b z2.test', 'group.a.zones TXT "x"', 'x.ext TXT "y"'));
	my $seen = check_json(@asking);
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	is(zones($seen->{json}), 'z1.test z2.test', 'its members');
	is(zones(check_json(@asking, '-z', 'z3.test', '--exclude=z2.*')->{json}), 'z3.test z1.test', 'besides -z, less --exclude');
	$primary->stop;
	$primary = engine(1, catalog(1, 'a z1.test', 'b z3.test'));
	is(zones(check_json(@asking)->{json}), 'z1.test z3.test', 'version 1');
};

subtest 'what is wrong is said' => sub {
	my @stories = (
		['no version', catalog(undef, 'a z1.test'), qr/the catalog is broken: it does not say its version/],
		['an unknown version', catalog(3, 'a z1.test'), qr/broken: its version is neither "1" nor "2"/],
		['two members at a node', catalog(2, 'a z1.test', 'a z2.test'), qr/broken: two members have the same node a\.zones\.catalog\.example/],
		['a member twice', catalog(2, 'a z1.test', 'b z1.test'), qr/broken: two nodes name the same member z1\.test/],
		['no members', catalog(2), qr/names no zone/],
	);
	for my $story (@stories) {
		my $primary = engine(1, $story->[1]);
		my $seen = check(@asking);
		is($seen->{exit}, 3, "$story->[0]: UNKNOWN") or tell_run($seen);
		like($seen->{first}, qr/^DNS REPLICATION UNKNOWN - --zones-from=catalog:.*$story->[2]/, "$story->[0]: why") or tell_run($seen);
	}
	my $seen = check(@asking);
	like($seen->{first}, qr/UNKNOWN - --zones-from=catalog:Catalog\.Example\.: no transfer from 127\.0\.0\.1\@$port: its TCP port is closed; no earlier run saw its zones/, 'nobody there')
		or tell_run($seen);
	my $primary = engine(1, catalog(2, 'a z1.test'), options => ['--fault=refuse-axfr']);
	like(check(@asking)->{first}, qr/it answers REFUSED/, 'refused');
	is_usage_error(check('--zones-from=catalog:catalog.example'), qr/--hostname/);
	is_usage_error(check('-H', '127.0.0.1', '--zones-from=catalog:a..b'), qr/"a\.\.b" is no domain name/);
	is_usage_error(check('-H', '127.0.0.1', '--zones-from=zonefile'), qr/is neither catalog:ZONE nor bind:URL/);
};

subtest 'the last known list serves' => sub {
	my $state = tempdir('dns-replication-catalog-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my @with = (@asking, '--state-dir', $state);
	my $primary = engine(1, catalog(2, 'a z1.test', 'b z2.test'));
	is(check_json(@with)->{json}{state}, 'OK', 'it was read once');
	$primary->stop;
	$primary = engine(1, catalog(2, 'a z1.test', 'b z2.test'), options => ['--fault=refuse-axfr:catalog.example']);
	my $seen = check_json(@with);
	is_deeply([map { "$_->{code} $_->{severity}" } findings($seen->{json})], ['zone_list_failed WARNING'], 'zone_list_failed') or tell_run($seen);
	is(zones($seen->{json}), 'z1.test z2.test', 'and its zones are asked');
	like($seen->{out}, qr/it answers REFUSED; the 2 zones that an earlier run saw there are asked/, 'which is said');
};

subtest 'vanished, moved' => sub {
	my $state = tempdir('dns-replication-catalog-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my @with = (@asking, '--state-dir', $state);
	my $primary = engine(1, catalog(2, 'a z1.test', 'b z2.test', 'c z3.test', 'coo.c.zones PTR other.example.'));
	is(check_json(@with)->{json}{state}, 'OK', 'all is well');
	$primary->stop;
	$primary = engine(1, catalog(2, 'a z1.test'), zones => ['z1.test']);
	my $seen = check_json(@with);
	is_deeply([map { "$_->{code} $_->{address}" } findings($seen->{json})], ['orphan_zone 127.0.0.2'], 'an orphan; but what went to another catalog is none')
		or tell_run($seen);
	is(zones($seen->{json}), 'z1.test z2.test', 'and is not asked any more');
};

subtest 'with TSIG' => sub {
	my $key = key_file('transfer.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=');
	my $primary = engine(1, catalog(2, 'a z1.test'), options => ['-k', $key]);
	my $seen = check_json(@asking, '-n', '-k', $key);
	is(zones($seen->{json}), 'z1.test', 'signed') or tell_run($seen);
	my $other = key_file('transfer.key', 'd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3I=');
	my $wrong = check(@asking, '-n', '-k', $other);
	is($wrong->{exit}, 3, 'another key: UNKNOWN');
	like($wrong->{first}, qr/no transfer from/, 'and why') or tell_run($wrong);
};

subtest '--plan asks nobody' => sub {
	my $seen = check(@asking, '--plan');
	is($seen->{exit}, 0, 'exit 0');
	like($seen->{out}, qr/catalog:Catalog\.Example\. .*transfer.*127\.0\.0\.1/, 'and says where the zones come from') or tell_run($seen);
};

done_testing;
