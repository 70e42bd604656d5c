# Every HMAC algorithm (RFC 8945 6) between axfrd and BIND, NSD, Knot and PowerDNS: SOA questions, transfers and NOTIFY, both ways; a zone for each algorithm, whose key
# no other zone takes.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd key_file logs);
use DNSReplication::Lab qw(pdns named nsd knotd together addresses serial_at zone_text);
use DNSReplication::Run;
use MIME::Base64 'encode_base64';
use Test::More;
needs('axfrd', 'check_zone_transfer');

addresses(map { "192.0.2.$_" } 11 .. 14, 20, 21);
my @algorithms = qw(md5 sha1 sha224 sha256 sha384 sha512);
my %secret = map { ($_ => encode_base64("secret of $_ " x 4, '')) } @algorithms;
my %algorithm = map { ($_ => "hmac-$_") } @algorithms;
my %keys = map { ("key-$_" => "$algorithm{$_}:$secret{$_}") } @algorithms;
my $ring = key_file(map { ["key-$_", $secret{$_}, $algorithm{$_}] } @algorithms);

sub text { my ($zone, $serial, @more) = @_; return zone_text($zone, $serial, 2, (map { "host$_ TXT \"" . 'x' x 200 . '"' } 1 .. 600), @more) }

subtest 'as secondaries of axfrd' => sub {
	my %address = (named => '192.0.2.3', nsd => '192.0.2.4', knotd => '192.0.2.5', pdns => '192.0.2.6');
	my %zones = map { ("$_.test" => text("$_.test", 10)) } @algorithms;
	my $axfrd = axfrd(zones => \%zones, options => ['--listen=192.0.2.20@53', '-k', $ring, (map { "--allow-transfer=$_.test=192.0.2.0/24=key-$_" } @algorithms),
		map { my $address = $_; map { "--notify=$_.test=$address=key-$_" } @algorithms } sort values %address]);
	my @same = (keys => \%keys, zones => { map { ("$_.test" => ['192.0.2.20', "key-$_"]) } @algorithms });
	my %server;
	@server{qw(named nsd knotd pdns)} = together { named($address{named}, @same), nsd($address{nsd}, @same, ixfr => 1), knotd($address{knotd}, @same), pdns($address{pdns}, @same) };
	for my $name (sort keys %server) {
		ok(wait_until(30, sub { (serial_at($address{$name}, "$_.test") // 0) == 10 }), "$name: $_") or diag(substr $server{$name}->log, -1500) for @algorithms;
	}
	$axfrd->change(map { ("$_.test" => text("$_.test", 11, 'new TXT "11"')) } @algorithms);
	for my $name (sort keys %server) {
		for my $algorithm (@algorithms) {
			ok(wait_until(30, sub { (serial_at($address{$name}, "$algorithm.test") // 0) == 11 }), "$name: $algorithm, a change");
			logs($axfrd, qr/\Q$algorithm\E\.test\.: NOTIFY to \Q$address{$name}\E: serial 11: NOERROR/, '  its NOTIFY is answered, and the answer signed');
		}
	}
	# Zones are not to be had with the keys of others, nor without.
	for my $story (['md5', 'sha1'], ['sha512', 'sha256'], ['sha256', undef]) {
		my ($zone, $key) = @$story;
		my $seen = run(['dig', '@192.0.2.20', $key ? ('-y', "$algorithm{$key}:key-$key:$secret{$key}") : (), "$zone.test", 'AXFR'], timeout => 10);
		like($seen->{out}, qr/Transfer failed/, "$zone with " . ($key // 'no key'));
	}
	logs($axfrd, qr/md5\.test\.: transfer out to \S+ refused: signed with another key/, 'which is said');
	for my $algorithm (@algorithms) {
		my $seen = run(['kdig', '@192.0.2.20', '-y', "$algorithm{$algorithm}:key-$algorithm:$secret{$algorithm}", "$algorithm.test", 'AXFR'], timeout => 10);
		like(substr($seen->{out}, -200), qr/messages, 60\d records/, "kdig: $algorithm") or tell_run($seen);
		next if $algorithm =~ /224|384/; # ldns 1.8 does not know them
		$seen = run(['drill', '-y', "key-$algorithm:$secret{$algorithm}:$algorithm{$algorithm}" =~ s/hmac-md5/hmac-md5.sig-alg.reg.int/r, 'AXFR', "$algorithm.test", '@192.0.2.20'], timeout => 10);
		like($seen->{out}, qr/new\.\Q$algorithm\E\.test/, "drill: $algorithm") or diag(substr "$seen->{out}$seen->{err}", 0, 500);
	}
};

subtest 'as primaries of axfrd' => sub {
	my %address = (named => '192.0.2.11', nsd => '192.0.2.12', knotd => '192.0.2.13', pdns => '192.0.2.14');
	my $as = sub { my ($name) = @_; return ($address{$name}, keys => \%keys, zones => { map { ("$_.$name.test" => \text("$_.$name.test", 10)) } @algorithms },
		notify => { map { ("$_.$name.test" => [['192.0.2.21', "key-$_"]]) } @algorithms }) };
	my %server;
	@server{qw(named nsd knotd pdns)} = together {
		named($as->('named'), options => 'ixfr-from-differences yes;'), nsd($as->('nsd'), ixfr => 1),
		knotd($as->('knotd'), options => "   zonefile-load: difference\n   zonefile-sync: -1\n   journal-content: changes\n"),
		pdns($as->('pdns'), notify => ['192.0.2.21'], 'allow-axfr-ips' => '192.0.2.0/24');
	};
	for my $algorithm (@algorithms) { $server{pdns}->util('activate-tsig-key', "$algorithm.pdns.test", "key-$algorithm", 'primary') }
	my $axfrd = axfrd(options => ['--listen=192.0.2.21@53', '-k', $ring,
		map { my $name = $_; map { "--secondary=$_.$name.test=$address{$name}=key-$_" } @algorithms } sort keys %address]);
	for my $name (sort keys %server) {
		ok(wait_until(30, sub { (serial_at('192.0.2.21', "$_.$name.test") // 0) == 10 }), "$name: $_") or diag($axfrd->errors) for @algorithms;
		next if $name eq 'pdns';
		spew("$server{$name}{directory}/$_.$name.test.zone", text("$_.$name.test", 11, 'new TXT "11"')) for @algorithms;
		$server{$name}->reload;
		for my $algorithm (@algorithms) {
			ok(wait_until(30, sub { (serial_at('192.0.2.21', "$algorithm.$name.test") // 0) == 11 }), "$name: $algorithm, a change");
			logs($axfrd, qr/\Q$algorithm.$name\E\.test\.: NOTIFY from \Q$address{$name}\E\@\d+: serial 11 asking/, '  by NOTIFY');
			logs($axfrd, qr/\Q$algorithm.$name\E\.test\.: transfer in from \Q$address{$name}\E: serial 11 from 10 by IXFR, 3 records/, '  by differences');
		}
	}
	# PowerDNS signs NOTIFY with the zone's key.
	for my $algorithm (@algorithms) {
		$server{pdns}->util('increase-serial', "$algorithm.pdns.test");
		$server{pdns}->control('notify', "$algorithm.pdns.test");
		ok(wait_until(30, sub { (serial_at('192.0.2.21', "$algorithm.pdns.test") // 0) == 11 }), "pdns: $algorithm, a change") or diag($axfrd->errors);
	}
};
done_testing;
