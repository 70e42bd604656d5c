# axfrd with the servers of others: BIND, NSD, Knot and PowerDNS as its secondaries (AXFR, IXFR, NOTIFY, TSIG), it as a secondary of each, a thousand changes in a
# row, and the clients dig, kdig, drill, ldns-notify and nsupdate. TLS is in interop-tls.t, all kinds of keys are in interop-keys.t.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Conformance 'conformance_zones';
use DNSReplication::Engine qw(axfrd key_file logs);
use DNSReplication::Lab qw(pdns named nsd knotd together addresses serial_at zone_text);
use DNSReplication::Run;
use File::Temp ();
use Test::More;
needs('axfrd');

addresses(map { "192.0.2.$_" } 11 .. 14, 20, 21);
my @key = ('transfer.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=');
my $key_file = key_file(@key);
my %zones = conformance_zones();
my ($open, $keyed, $signed) = ('open.test', 'keyed.test', 'nsec.test');

sub text { my ($zone, $serial, @more) = @_; return zone_text($zone, $serial, 2, (map { "host$_ A 192.0.2." . $_ % 256 } 1 .. 100), '*.wild TXT "w"', 'sub NS ns.elsewhere.test.', @more) }

# All records, sorted, in the one form that Net::DNS gives them; undef: no transfer.
sub contents {
	my ($address, $zone, $key) = @_;
	my $resolver = Net::DNS::Resolver->new(nameservers => [$address], recurse => 0, tcp_timeout => 5, config_file => '/dev/null');
	$resolver->tsig($key) if $key;
	my @records = $resolver->axfr($zone) or return undef;
	return [sort map { my $line = lc $_->plain; $line } @records];
}

my $primary = axfrd(zones => { $open => text($open, 10), $signed => $zones{$signed} },
	options => ['--listen=192.0.2.1@53', '--allow-transfer=192.0.2.0/24', map { "--notify=192.0.2.$_\@53" } 3 .. 6]);
my $with_key = axfrd(zones => { $keyed => text($keyed, 10) },
	options => ['--listen=192.0.2.2@53', '--allow-transfer=192.0.2.0/24', '-k', $key_file, map { "--notify=192.0.2.$_\@53" } 3 .. 6]);
my @same = (keys => {@key}, zones => { $open => '192.0.2.1', $signed => '192.0.2.1', $keyed => ['192.0.2.2', $key[0]] });
my %secondary;
@secondary{qw(named nsd knotd pdns)} = together {
	named('192.0.2.3', @same), nsd('192.0.2.4', @same, ixfr => 1), knotd('192.0.2.5', @same), pdns('192.0.2.6', @same, 'allow-axfr-ips' => '192.0.2.0/24');
};
my @servers = sort keys %secondary;

sub all_have { my ($zone, $serial, $name) = @_; ok(wait_until(30, sub { (serial_at($secondary{$_}{address}, $zone) // -1) == $serial }), "$_ $name") for @servers }

subtest 'as secondaries: the whole zone' => sub {
	all_have($open, 10, 'has it');
	all_have($signed, 2026112201, 'has the signed one');
	all_have($keyed, 10, 'has the one for which a key is needed');
	for my $server (@servers) {
		my $address = $secondary{$server}{address};
		is_deeply(contents($address, $_), contents('192.0.2.1', $_), "$server has all of $_") for $open, $signed;
		is_deeply(contents($address, $keyed, $server eq 'pdns' ? undef : $key_file), contents('192.0.2.2', $keyed, $key_file), "$server has all of $keyed");
	}
	is(contents('192.0.2.2', $keyed), undef, 'without the key nobody has it');
};

subtest 'as secondaries: a change, by NOTIFY' => sub {
	$primary->change($open => text($open, 11, 'new TXT "11"'));
	all_have($open, 11, 'follows');
	$with_key->change($keyed => text($keyed, 11, 'new TXT "11"'));
	all_have($keyed, 11, 'follows what is signed');
	for my $axfrd ($primary, $with_key) {
		logs($axfrd, qr/NOTIFY to \Q$secondary{$_}{address}\E: serial 11: NOERROR/, "$_ takes the NOTIFY") for @servers;
		logs($axfrd, qr/transfer out to \Q$secondary{$_}{address}\E\@\d+: serial 11 from 10 by IXFR, 3 records/, "$_ takes differences") for qw(named nsd knotd);
		logs($axfrd, qr/transfer out to \Q$secondary{pdns}{address}\E\@\d+: serial 11/, 'pdns takes what it wants');
	}
	is_deeply(contents($secondary{$_}{address}, $open), contents('192.0.2.1', $open), "$_ has the same") for @servers;
};

# Every change is awaited at one of them; the others take as many at once as they please.
subtest 'as secondaries: a thousand changes in a row' => sub {
	my $own = axfrd(options => ['--listen=192.0.2.7@53', '--allow-transfer=192.0.2.0/24', "--secondary=$open=192.0.2.1\@53"]);
	$primary->again('--notify=192.0.2.7@53');
	ok(wait_until(15, sub { (serial_at('192.0.2.7', $open) // 0) == 11 }), 'axfrd has it, too');
	my $last = 1011;
	my $asking = IO::Socket::IP->new(PeerHost => '192.0.2.7', PeerPort => 53, Proto => 'udp', Type => Socket::SOCK_DGRAM);
	my $question = Net::DNS::Packet->new($open, 'SOA')->encode;
	my $has = sub { my ($serial) = @_; send $asking, $question, 0; IO::Select->new($asking)->can_read(1) or return 0; recv $asking, my $answer, 4096, 0;
		my ($soa) = Net::DNS::Packet->new(\$answer)->answer;
		return $soa && $soa->serial == $serial };
	my %on;
	for my $serial (12 .. $last) {
		my $host = 'c' . ($serial * 7) % 50;
		$on{$host} = $on{$host} ? undef : "$host TXT \"$serial\"";
		$primary->change($open => text($open, $serial, grep { defined } values %on));
		my $arrived = wait_until(10, sub { $has->($serial) });
		$arrived or return fail("serial $serial arrives");
	}
	pass('each arrives at axfrd');
	all_have($open, $last, 'has the last');
	is_deeply(contents($_, $open), contents('192.0.2.1', $open), "$_ has the same") for '192.0.2.7', map { $secondary{$_}{address} } @servers;
	# NSD asks for the whole zone about once in forty times, whatever it could have.
	my $whole = sub { my ($number) = @_; scalar(() = $primary->errors =~ /transfer out to 192\.0\.2\.$number\@\d+: serial \d+, /g) };
	is_deeply([map { $whole->($_) } 3, 5, 7], [2, 2, 1], 'all of it by IXFR, but for the first transfers');
	cmp_ok($whole->(4), '<', 100, 'nearly all of it at NSD');
	my $times = () = $own->errors =~ /by IXFR/g;
	is($times, 1000, 'axfrd took each of them');
};

subtest 'as their secondary' => sub {
	my %address = (named => '192.0.2.11', nsd => '192.0.2.12', knotd => '192.0.2.13', pdns => '192.0.2.14');
	my $as = sub { my ($name) = @_; return ($address{$name}, keys => {@key}, notify => ['192.0.2.20', ['192.0.2.21', $key[0]]],
		zones => { map { ($_ => \text($_, 10)) } "$name.test", "$name-key.test" }) };
	my %server;
	@server{qw(named nsd knotd pdns)} = together {
		named($as->('named'), options => 'ixfr-from-differences yes;'), nsd($as->('nsd'), ixfr => 1),
		knotd($as->('knotd'), options => "   zonefile-load: difference\n   zonefile-sync: -1\n   journal-content: changes\n"),
		pdns($as->('pdns'), 'allow-axfr-ips' => '192.0.2.0/24');
	};
	$server{pdns}->util('activate-tsig-key', 'pdns-key.test', $key[0], 'primary');
	my $from = sub { my ($suffix, @names) = @_; map { "--secondary=$_$suffix.test=$address{$_}\@53" } @names };
	my $plain = axfrd(options => ['--listen=192.0.2.20@53', '--allow-transfer=any', $from->('', qw(named nsd knotd pdns))]);
	my $keyed = axfrd(options => ['--listen=192.0.2.21@53', '--allow-transfer=any', '-k', $key_file, $from->('-key', qw(named nsd knotd pdns))]);
	my $arrives = sub { my ($at, $zone, $serial) = @_; ok(wait_until(15, sub { (serial_at($at, $zone) // -1) == $serial }), "$zone $serial") };
	$arrives->('192.0.2.20', "$_.test", 10) for qw(named nsd knotd);
	$arrives->('192.0.2.21', "$_-key.test", 10) for qw(named nsd knotd pdns);
	is_deeply(contents('192.0.2.20', "$_.test"), contents($address{$_}, "$_.test"), "it has what $_ has") for qw(named nsd knotd);
	for my $name (qw(named nsd knotd)) {
		my $change = sub { my ($zone) = @_; spew("$server{$name}{directory}/$zone.zone", text($zone, 11, 'new TXT "11"')); $server{$name}->reload };
		$change->("$name.test");
		$arrives->('192.0.2.20', "$name.test", 11);
		logs($plain, qr/\Q$name.test.: transfer in from $address{$name}\E(?:\@53)?: serial 11 from 10 by IXFR, 3 records/, "by IXFR from $name");
		is_deeply(contents('192.0.2.20', "$name.test"), contents($address{$name}, "$name.test"), "it has what $name has");
		$change->("$name-key.test");
		$arrives->('192.0.2.21', "$name-key.test", 11);
	}
	my $pdns = $server{pdns};
	$arrives->('192.0.2.20', 'pdns.test', 10);
	$pdns->util('add-record', 'pdns.test', 'new', 'A', '192.0.2.81');
	$pdns->util('increase-serial', 'pdns.test');
	$pdns->control('notify', 'pdns.test');
	$arrives->('192.0.2.20', 'pdns.test', 11);
	is_deeply(contents('192.0.2.20', 'pdns.test'), contents($address{pdns}, 'pdns.test'), 'all of it');
};

subtest 'a catalog' => sub {
	my @members = map { "member$_.test" } 1 .. 3;
	my $axfrd = axfrd(zones => { map { ($_ => text($_, 10)) } @members }, options => ['--listen=192.0.2.21@53', '--catalog=catalog.test', '--notify=192.0.2.12@53', '--allow-transfer=any']);
	my $named = named('192.0.2.12', zones => { 'catalog.test' => '192.0.2.21' },
		options => 'catalog-zones { zone "catalog.test" default-primaries { 192.0.2.21; } min-update-interval 1; };');
	ok(wait_until(20, sub { (serial_at('192.0.2.12', $_) // 0) == 10 }), "BIND finds $_ there") for @members;
	delete $axfrd->{zones}{'member2.test'};
	my $before = serial_at('192.0.2.21', 'catalog.test');
	ok(wait_until(10, sub { $axfrd->again; (serial_at('192.0.2.21', 'catalog.test') // 0) > $before }), 'a member goes');
	ok(wait_until(20, sub { !defined serial_at('192.0.2.12', 'member2.test') }), 'from BIND, too');
	is(serial_at('192.0.2.12', 'member1.test'), 10, 'the others stay');
};

subtest 'clients' => sub {
	my $serial = serial_at('192.0.2.1', $open);
	my $is = sub { my ($pattern, $name, @command) = @_; my $seen = run(\@command, timeout => 10); like("$seen->{out}$seen->{err}", $pattern, $name) };
	$is->(qr/XFR size: \d+ records/, 'dig: AXFR', 'dig', '@192.0.2.1', $open, 'AXFR');
	$is->(qr/XFR size: [4-9] records \(messages 1/, 'dig: IXFR', 'dig', '@192.0.2.1', $open, 'IXFR=' . ($serial - 1));
	$is->(qr/XFR size: \d+ records/, 'dig: AXFR with a key', 'dig', '@192.0.2.2', '-k', $key_file, $keyed, 'AXFR');
	$is->(qr/COOKIE: [0-9a-f]{48} \(good\)/, 'dig: the cookie is good', 'dig', '@192.0.2.1', $open, 'SOA');
	$is->(qr/NSID|EXPIRE/, 'dig: EXPIRE', 'dig', '@192.0.2.1', '+expire', '+nsid', $open, 'SOA');
	$is->(qr/BADVERS/, 'dig: an unknown version of EDNS', 'dig', '@192.0.2.1', '+edns=1', '+noednsnegotiation', $open, 'SOA');
	$is->(qr/;; Received \d+ B \(1 messages/, 'kdig: IXFR', 'kdig', '@192.0.2.1', $open, 'IXFR=' . ($serial - 1));
	$is->(qr/;; Received \d+ B/, 'kdig: AXFR with a key', 'kdig', '@192.0.2.2', '-y', "hmac-sha256:$key[0]:$key[1]", $keyed, 'AXFR');
	$is->(qr/SOA\tns1\.\Q$open/, 'drill: AXFR', 'drill', 'AXFR', $open, '@192.0.2.1');
	$is->(qr/REFUSED|NOTAUTH|refused/i, 'ldns-notify: a primary refuses', 'ldns-notify', '-z', $open, '192.0.2.1');
	my $update = File::Temp->new;
	spew("$update", "server 192.0.2.1\nzone $open\nupdate add x.$open 60 A 192.0.2.1\nsend\n");
	$is->(qr/update failed: NOTIMP/, 'nsupdate: not implemented', 'nsupdate', "$update");
};

done_testing;
