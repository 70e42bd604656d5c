# Transfers over TLS (RFC 9103) between axfrd and the servers of others: BIND and NSD as its secondaries and as its primaries, with everything but TLS closed between them.
# Knot 3.2 and PowerDNS 4.7 have no DNS over TLS; of Knot kdig asks.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd logs);
use DNSReplication::Lab qw(named nsd together addresses serial_at zone_text firewall);
use DNSReplication::Run;
use DNSReplication::Stream qw(authority certificate);
use Test::More;
needs('axfrd', 'check_zone_transfer');

addresses(map { "192.0.2.$_" } 11, 12, 20, 21, 22);
my $ca = authority('The Lab');
chmod 0644, $ca->{certificate};
my %address = (axfrd => '192.0.2.20', named => '192.0.2.11', nsd => '192.0.2.12');
my %certificate = map { ($_ => certificate(names => "IP:$address{$_},DNS:$_.tls.test", ca => $ca)) } keys %address;

sub text { my ($zone, $serial, @more) = @_; return zone_text($zone, $serial, 2, (map { "host$_ TXT \"" . 'x' x 100 . '"' } 1 .. 2000), @more) }
sub arrives { my ($address, $zone, $serial, $name) = @_; return ok(wait_until(20, sub { (serial_at($address, $zone) // 0) == $serial }), $name) }

# Is the zone the same on both, as transferred without TLS?
sub same { my ($zone, $a, $b) = @_; my $seen = run([program('check_zone_transfer'), '-t', '20s', '-z', $zone, '-H', $a, '--compare', $b], timeout => 30);
	is($seen->{exit}, 0, "$zone is the same on both") or tell_run($seen) }

my $tls_of_bind = qq(tls xot { ca-file "$ca->{certificate}"; remote-hostname "axfrd.tls.test"; };\ntls wrong { ca-file "$ca->{certificate}"; remote-hostname "other.tls.test"; };\n);
my $tls_of_nsd = "tls-auth:\n name: xot\n auth-domain-name: axfrd.tls.test\ntls-auth:\n name: wrong\n auth-domain-name: other.tls.test\n";
my @key = ('transfer.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=');

subtest 'as secondaries of axfrd' => sub {
	my $key_file = DNSReplication::Engine::key_file(@key);
	my $axfrd = axfrd(zones => { map { ($_ => text($_, 10)) } qw(tls.test keyed.test wrong.test) }, options => ["--listen=$address{axfrd}\@53", "--tls-listen=$address{axfrd}",
		"--tls-certificate=$certificate{axfrd}{certificate}", "--tls-key=$certificate{axfrd}{key}", '-k', $key_file, '--allow-transfer=192.0.2.0/24=NOKEY',
		"--allow-transfer=keyed.test=192.0.2.0/24=$key[0]", map { ("--notify=$address{$_}=NOKEY", "--notify=keyed.test=$address{$_}=$key[0]") } qw(named nsd)]);
	firewall(map { "ip saddr $address{$_} ip daddr $address{axfrd} tcp dport 53 drop" } qw(named nsd));
	my @zones = (keys => {@key}, zones => { 'tls.test' => [$address{axfrd}, undef, 'xot'], 'keyed.test' => [$address{axfrd}, $key[0], 'xot'], 'wrong.test' => [$address{axfrd}, undef, 'wrong'] });
	my ($named, $nsd) = together { named($address{named}, @zones, more => $tls_of_bind),
		nsd($address{nsd}, @zones, ixfr => 1, options => " tls-cert-bundle: \"$ca->{certificate}\"\n", more => $tls_of_nsd) };
	for my $server ($named, $nsd) {
		my ($name) = ref($server) =~ /(\w+)$/;
		arrives($server->{address}, $_, 10, "$name transfers $_ over TLS") or diag(substr $server->log, -2000) for 'tls.test', 'keyed.test';
	}
	$axfrd->change(map { ($_ => text($_, 11, 'new TXT "11"')) } 'tls.test', 'keyed.test');
	for my $server ($named, $nsd) {
		my ($name) = ref($server) =~ /(\w+)$/;
		arrives($server->{address}, $_, 11, "$name follows a change of $_") for 'tls.test', 'keyed.test';
		logs($axfrd, qr/\Q$_\E\.: transfer out to \Q$server->{address}\E\@\d+: serial 11 from 10 by IXFR, 3 records/, "by differences") for 'tls.test', 'keyed.test';
		same($_, $address{axfrd}, $server->{address}) for 'tls.test';
		logs($axfrd, qr/TLS with \Q$server->{address}\E\@\d+ failed: /, "$name wants the right name");
		is(serial_at($server->{address}, 'wrong.test'), undef, 'or nothing');
		$server->stop;
	}
	firewall();
};

subtest 'as primaries of axfrd' => sub {
	my $named_tls = qq(tls local { cert-file "$certificate{named}{certificate}"; key-file "$certificate{named}{key}"; };\n);
	my ($named, $nsd) = together {
		named($address{named}, keys => {@key}, zones => { 'named.test' => \text('named.test', 10), 'named-key.test' => \text('named-key.test', 10) }, notify => [$address{axfrd}], more => $named_tls,
			options => "listen-on port 853 tls local { $address{named}; }; ixfr-from-differences yes;"),
		nsd($address{nsd}, keys => {@key}, zones => { 'nsd.test' => \text('nsd.test', 10), 'nsd-key.test' => \text('nsd-key.test', 10) }, notify => [$address{axfrd}], ixfr => 1,
			options => " ip-address: $address{nsd}\@853\n tls-service-key: \"$certificate{nsd}{key}\"\n tls-service-pem: \"$certificate{nsd}{certificate}\"\n"),
	};
	my $key_file = DNSReplication::Engine::key_file(@key);
	firewall(map { ("ip saddr $address{axfrd} ip daddr $address{$_} tcp dport 53 drop", "ip saddr $address{axfrd} ip daddr $address{$_} udp dport 53 drop") } qw(named nsd));
	my $axfrd = axfrd(options => ["--listen=$address{axfrd}\@53", '--allow-transfer=any=NOKEY', "--tls-ca=$ca->{certificate}", '-k', $key_file,
		map { ("--secondary=$_.test=tls:$address{$_}=NOKEY", "--secondary=$_-key.test=tls:$address{$_}=$key[0]", "--allow-notify=$_-key.test=$address{$_}=NOKEY", "--tls-hostname=$address{$_}=$_.tls.test") } qw(named nsd)]);
	for my $server ($named, $nsd) {
		my $name = $server == $named ? 'named' : 'nsd';
		arrives($address{axfrd}, $_, 10, "axfrd transfers $_ over TLS") or diag($axfrd->errors) for "$name.test", "$name-key.test";
		spew("$server->{directory}/$_.zone", text($_, 11, 'new TXT "11"')) for "$name.test", "$name-key.test";
		$server->reload;
		arrives($address{axfrd}, $_, 11, "and follows a change of $_") or diag($axfrd->errors) for "$name.test", "$name-key.test";
		logs($axfrd, qr/\Q$_\E\.: transfer in from tls:\Q$server->{address}\E\@853: serial 11 from 10 by IXFR, 3 records/, 'by differences') for "$name.test", "$name-key.test";
		same("$name.test", $address{axfrd}, $server->{address});
	}
	# The same servers, by a name that their certificates are not for.
	my $stranger = axfrd(options => ['--listen=192.0.2.21@53', "--tls-ca=$ca->{certificate}", '--tls-hostname=other.tls.test', map { "--secondary=$_.test=tls:$address{$_}" } qw(named nsd)]);
	logs($stranger, qr/\Q$_\E\.test\.: transfer in from tls:\Q$address{$_}\E\@853 failed: its certificate \(\Q$address{$_}\E, $_\.tls\.test\) is not for other\.tls\.test; see --tls-hostname/, "$_: another name") for qw(named nsd);
	my $untrusting = axfrd(options => ['--listen=192.0.2.22@53', map { "--secondary=$_.test=tls:$address{$_}" } qw(named nsd)]);
	logs($untrusting, qr{\Q$_\E\.test\.: transfer in from .* failed: its certificate .* is of an unknown CA \(/CN=The Lab\), not in the system's store; see --tls-ca}, "$_: no CA of the system's") for qw(named nsd);
	firewall();
	for my $name (qw(named nsd)) {
		my $seen = run(['kdig', "\@$address{$name}", "+tls-ca=$ca->{certificate}", "+tls-hostname=$name.tls.test", "$name.test", 'AXFR'], timeout => 10);
		like(substr($seen->{out}, -300), qr/messages, 200\d records/, "kdig transfers from $name, too") or tell_run($seen);
	}
};

subtest 'kdig and check_zone_transfer' => sub {
	my $axfrd = axfrd(zones => { 'tls.test' => text('tls.test', 10) }, options => ["--tls-listen=$address{axfrd}", "--tls-certificate=$certificate{axfrd}{certificate}",
		"--tls-key=$certificate{axfrd}{key}", '--allow-transfer=any']);
	my $seen = run(['kdig', "\@$address{axfrd}", "+tls-ca=$ca->{certificate}", '+tls-hostname=axfrd.tls.test', 'tls.test', 'AXFR'], timeout => 10);
	like(substr($seen->{out}, -300), qr/messages, 200\d records/, 'kdig') or tell_run($seen);
	$seen = run(['kdig', "\@$address{axfrd}", "+tls-ca=$ca->{certificate}", '+tls-hostname=axfrd.tls.test', 'tls.test', 'IXFR=9'], timeout => 10);
	like(substr($seen->{out}, -300), qr/messages, 200\d records/, 'kdig: IXFR') or tell_run($seen);
	$seen = run([program('check_zone_transfer'), '-t', '20s', '-z', 'tls.test', '-H', $address{axfrd}, '--tls', "--tls-ca=$ca->{certificate}"], timeout => 30);
	is($seen->{exit}, 0, 'check_zone_transfer') or tell_run($seen);
};
done_testing;
