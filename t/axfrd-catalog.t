# axfrd with catalogs (RFC 9432): zones of a list that come and go by SIGHUP, the catalog that says so, and consumers that follow it without a restart.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Net::DNS;
use Test::More;
needs('axfrd');

my $directory = File::Temp->newdir;
sub zone { my ($name, $serial) = @_; spew("$directory/$name", zone_file($name, $serial, 2)) }
sub list { my (@zones) = @_; spew("$directory/new", join '', map { "$_ $_\n" } @zones); rename "$directory/new", "$directory/list" or die $! }
sub rcode { my ($port, $number, $zone) = @_; my $packet = Net::DNS::Resolver->new(nameservers => ["127.0.0.$number"], port => $port, recurse => 0, udp_timeout => 5, config_file => '/dev/null')->send($zone, 'SOA');
	return $packet ? $packet->header->rcode : 'silence' }
sub members { my ($port, $number, $catalog) = @_; my $resolver = Net::DNS::Resolver->new(nameservers => ["127.0.0.$number"], port => $port, recurse => 0, tcp_timeout => 5, config_file => '/dev/null');
	return join ' ', sort map { $_->type eq 'PTR' ? $_->ptrdname : () } $resolver->axfr($catalog) }

subtest 'zones come and go' => sub {
	my $port = free_port(map { "127.0.0.$_" } 1 .. 3);
	zone("$_.test", 10) for 'a' .. 'd';
	list('a.test', 'b.test', '# c.test');
	my $ns1 = axfrd(options => ["--listen=127.0.0.1\@$port", "--zones-file=$directory/list", '--catalog=catalog.test', "--notify=127.0.0.2\@$port", '--fault=no-aa:c.test']);
	like($ns1->{ready}, qr/a\.test\. serial 10, b\.test\. serial 10, catalog\.test\. serial \d+$/, 'those of the list');
	unlike($ns1->errors, qr/there is a fault for it/, 'a fault may be for a zone that is to come');
	my $ns2 = axfrd(options => ["--listen=127.0.0.2\@$port", "--secondary-catalog=catalog.test=127.0.0.1\@$port", '--catalog=again.test', "--notify=127.0.0.3\@$port", "--secondary=b.test=127.0.0.1\@$port"]);
	my $ns3 = axfrd(options => ["--listen=127.0.0.3\@$port", "--secondary-catalog=again.test=127.0.0.2\@$port"]);
	for my $number (2, 3) { ok(wait_serial($port, $number, $_, 10), "ns$number has $_") for 'a.test', 'b.test' }
	logs($ns2, qr/a\.test\.: a new member of catalog\.test\./, 'the log tells of a member');
	logs($ns2, qr/b\.test\.: listed by catalog\.test\., but served already: nothing changes/, 'and of one that was there');
	my ($pid2, $pid3) = ($ns2->{pid}, $ns3->{pid});

	list('b.test', 'c.test', 'd.test');
	kill HUP => $ns1->{pid};
	for my $number (2, 3) {
		ok(wait_serial($port, $number, $_, 10, 20), "ns$number gets $_") for 'd.test';
		ok(wait_until(20, sub { rcode($port, $number, 'a.test') eq 'REFUSED' }), "ns$number has a.test no more");
		is(serial_of($port, $number, 'b.test'), 10, "ns$number keeps b.test");
	}
	is(rcode($port, 1, 'a.test'), 'REFUSED', 'nor does the primary');
	logs($ns1, qr/a\.test\.: no longer listed; it is served no more/, 'which it says');
	logs($ns1, qr/catalog\.test\.: serial \d+, the zones are others/, 'with the catalog\'s new serial');
	logs($ns2, qr/a\.test\.: no longer a member of catalog\.test\.; it is served no more/, 'and so does who consumes it');
	logs($ns2, qr/catalog\.test\.: transfer in from 127\.0\.0\.1\@$port: serial \d+ from \d+ by IXFR/, 'the catalog comes by differences');
	is(members($port, 1, 'catalog.test'), 'b.test c.test d.test', 'the catalog lists them');
	is(members($port, 2, 'again.test'), 'b.test c.test d.test', 'so does one of what was consumed');
	ok(kill(0 => $pid2) && kill(0 => $pid3), 'nobody was started again');
	logs($ns2, qr/c\.test\.: SOA question .* not authoritative/, 'faults concern zones that came later');

	zone('d.test', 11);
	kill HUP => $ns1->{pid};
	ok(wait_serial($port, 3, 'd.test', 11, 20), 'a member\'s change arrives by NOTIFY after NOTIFY');
	unlike($ns1->errors =~ s/.*no longer listed//sr, qr/catalog\.test\.: serial.*catalog\.test\.: serial/s, 'the catalog stays as it was');

	my $before = members($port, 1, 'catalog.test');
	for my $story (
		["b.test b.test\nd.test\n", qr{/list:2: right is ZONE FILE; the zones stay as they are}],
		["b.test b.test\nB.Test b.test\n", qr{/list:2: B\.Test is given twice; the zones}],
		["a..b x\n", qr{/list:1: zone "a\.\.b": empty label; the zones}],
		["catalog.test x\n", qr{/list: catalog\.test\. is given elsewhere, too; the zones}],
		["b.test x\0y\n", qr{/list:1: a byte that is no text; the zones}],
	) {
		my ($list, $said) = @$story;
		spew("$directory/list", $list);
		kill HUP => $ns1->{pid};
		logs($ns1, $said, "a broken list: $said");
		is(members($port, 1, 'catalog.test'), $before, '  changes nothing');
	}
	list('b.test', 'late.test');
	kill HUP => $ns1->{pid};
	logs($ns1, qr{late\.test\.: .*/late\.test.*; it answers SERVFAIL until it can be read}, 'a zone without its file');
	is(rcode($port, 1, 'late.test'), 'SERVFAIL', 'as it says');
	zone('late.test', 12);
	kill HUP => $ns1->{pid};
	ok(wait_serial($port, 3, 'late.test', 12, 30), 'and then with it');
};

subtest 'catalogs that cannot be used' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $text = sub { my ($serial, @lines) = @_; join "\n", "\@ 0 SOA invalid. invalid. $serial 1 1 3600 0", '@ 0 NS invalid.', @lines, '' };
	my @two = ('version 0 TXT "2"', 'x1.zones 0 PTR a.test.', 'x2.zones 0 PTR b.test.');
	my $ns1 = axfrd(zones => { 'catalog.test' => $text->(1, @two), map { ($_ => zone_file($_, 10, 2)) } 'a.test', 'b.test' }, options => ["--listen=127.0.0.1\@$port", "--notify=127.0.0.2\@$port"]);
	my $ns2 = axfrd(options => ["--listen=127.0.0.2\@$port", "--secondary-catalog=catalog.test=127.0.0.1\@$port"]);
	ok(wait_serial($port, 2, $_, 10), "$_ is there") for 'a.test', 'b.test';
	my $serial = 1;
	for my $story (
		[['x1.zones 0 PTR a.test.'], qr/catalog\.test\.: a broken catalog: .*version.*; its members stay as they are/],
		[['version 0 TXT "9"', $two[1]], qr/a broken catalog: its version is neither "1" nor "2"/],
		[[@two[0, 1], 'x1.zones 0 PTR c.test.'], qr/a broken catalog: /],
		[[@two[0, 1], 'x3.zones 0 PTR a.test.'], qr/a broken catalog: /],
	) {
		my ($lines, $said) = @$story;
		$ns1->change('catalog.test' => $text->(++$serial, @$lines));
		ok(wait_serial($port, 2, 'catalog.test', $serial), 'a broken catalog is transferred');
		logs($ns2, $said, "  $said");
		is(serial_of($port, 2, $_), 10, "  $_ stays") for 'a.test', 'b.test';
	}
	$ns1->change('catalog.test' => $text->(++$serial, @two[0, 2], 'x9.zones 0 PTR catalog.test.', 'group.x2.zones 0 TXT "any"'));
	ok(wait_until(20, sub { rcode($port, 2, 'a.test') eq 'REFUSED' }), 'one that is not broken is followed');
	logs($ns2, qr/catalog\.test\.: listed by catalog\.test\., but served already/, 'a catalog that lists itself harms nothing');
	is(serial_of($port, 2, 'catalog.test'), $serial, 'it is served');
	$ns1->stop;
	kill HUP => $ns2->{pid};
	logs($ns2, qr/catalog\.test\.: .*127\.0\.0\.1\@$port failed/, 'while the primary is down');
	is(serial_of($port, 2, 'b.test'), 10, 'members stay');
};

for my $story (
	[1, qr{/none: }, "--zones-file=$directory/none"], [1, qr{late\.test: }, "--zones-file=$directory/list", "--listen=192.0.2.77\@0"],
	[2, qr/--secondary-catalog=x: right is --secondary-catalog=NAME=PRIMARY\@PORT/, '--secondary-catalog=x'], [2, qr/--secondary-catalog: host is no ADDRESS\@PORT/, '--secondary-catalog=x.test=host'],
) {
	my ($exit, $reason, @arguments) = @$story;
	unlink "$directory/late.test";
	my $seen = run([program('axfrd'), '--listen=127.0.0.1@0', @arguments], timeout => 5);
	ok($seen->{exit} == $exit && $seen->{err} =~ $reason, "exit $exit: $reason") or tell_run($seen);
}
done_testing;
