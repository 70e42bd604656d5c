# check_zone_transfer and the real servers: PowerDNS, BIND, NSD and Knot give, refuse and sign transfers each in their own way.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Run;
use DNSReplication::Stream;
use Test::More;
needs('check_zone_transfer');

my $zone = 'example.com';
my $secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
my %keys = ('transfer.key' => $secret);
my @hosts = map { ("host$_ A 198.51.100." . $_ % 250, "host$_ TXT \"number $_\"") } 1 .. 2000;
my $text = zone_text($zone, 10, 4, @hosts);
my $records = 1 + 2 * 4 + @hosts;
my @names = qw(PowerDNS BIND NSD Knot);
my @addresses = map { "192.0.2.$_" } 1 .. 4;
my @json = ('--output-format=json');

my $ca = authority('Lab CA');
my %certificate = map { $_ => certificate(names => "DNS:ns.$zone,IP:$_,IP:2001:db8::2", ca => $ca) } '192.0.2.2', '192.0.2.3';

sub servers {
	my (%with) = @_;
	my $pdns = delete $with{pdns} // {};
	my %tls = (named => { more => '', options => '' }, nsd => '');
	my ($bind, $nsd) = @certificate{ '192.0.2.2', '192.0.2.3' };
	return together {
		pdns($addresses[0], zones => { $zone => \$text }, 'allow-axfr-ips' => '192.0.2.0/24,2001:db8::/32', %with, %$pdns),
		named("$addresses[1],2001:db8::2", zones => { $zone => \$text }, %with,
			more => qq(tls xot { key-file "$bind->{key}"; cert-file "$bind->{certificate}"; };),
			options => "ixfr-from-differences yes; max-ixfr-ratio 50%; listen-on port 853 tls xot { $addresses[1]; };"),
		nsd($addresses[2], zones => { $zone => \$text }, %with,
			options => qq( ip-address: $addresses[2]\@853\n tls-port: 853\n tls-service-key: "$nsd->{key}"\n tls-service-pem: "$nsd->{certificate}")),
		knotd($addresses[3], zones => { $zone => \$text }, %with),
	};
}

sub asked { my ($server, @more) = @_; return check_transfer('-t', '9s', '-z', $zone, '-H', $server, @more) }
sub codes { my ($seen) = @_; return join ' ', map { $_->{code} } findings($seen->{json}, ok => 1) }

my @servers = servers();

subtest 'open servers' => sub {
	for my $i (0 .. 3) {
		my $seen = asked($addresses[$i], @json);
		my $transfer = $seen->{json}{transfers}[0];
		is_deeply([$seen->{json}{state}, @{$transfer}{qw(outcome form serial records)}], ['OK', 'complete', 'full', 10, $records], "$names[$i]: AXFR") or tell_run($seen);
		cmp_ok($transfer->{messages}, '>', 1, "$names[$i]: in several messages");
		$seen = asked($addresses[$i], @json, '--ixfr=9');
		is(codes($seen), 'ixfr_fell_back', "$names[$i]: IXFR of a serial that it does not know") or tell_run($seen);
		is($seen->{json}{transfers}[0]{records}, $records, '  brings the zone');
		is(asked($addresses[$i], @json, '--ixfr=10')->{json}{transfers}[0]{outcome}, 'up_to_date', "$names[$i]: IXFR of its own serial is up to date");
		$seen = asked($addresses[$i], @json, '--expect=refused', '--source=192.0.2.100');
		is(codes($seen), 'transfer_open', "$names[$i]: open");
		like($seen->{json}{zones}[0]{findings}[0]{text}, qr/gives the zone to 192\.0\.2\.100/, '  and to whom');
		$seen = check_transfer('-t', '9s', '-z', 'example.org', '-H', $addresses[$i], @json);
		is(codes($seen), 'transfer_notauth', "$names[$i]: a zone that it does not serve");
		like($seen->{json}{zones}[0]{findings}[0]{advice}, qr/Is the zone's name right\?/, '  is taken for that');
	}
	is_plugin_output(asked('2001:db8::2'), 'OK', 'IPv6');
};

subtest 'differences' => sub {
	my $file = "$servers[1]{directory}/$zone.zone";
	spew($file, zone_text($zone, 11, 4, @hosts, 'new A 198.51.100.1'));
	$servers[1]->reload;
	ok(serves(11, $zone, $addresses[1]), 'BIND serves the change');
	my $seen = asked($addresses[1], @json, '--ixfr=10');
	is_deeply([$seen->{json}{state}, @{ $seen->{json}{transfers}[0] }{qw(outcome form records serial)}], ['OK', 'complete', 'differences', 3, 11], 'and gives it') or tell_run($seen);
};

subtest 'over TLS' => sub {
	my @tls = ('--tls', "--tls-ca=$ca->{certificate}", @json);
	for my $i (1, 2) {
		my $seen = asked($addresses[$i], @tls);
		is($seen->{json}{state}, 'OK', "$names[$i]: by address") or tell_run($seen);
		is($seen->{json}{transfers}[0]{tls}{version}, 'TLSv1.3', '  TLS 1.3');
		is($seen->{json}{transfers}[0]{records}, $records + ($i == 1), '  all of it');
		is(asked($addresses[$i], @tls, "--tls-hostname=ns.$zone")->{json}{state}, 'OK', "$names[$i]: by name");
		$seen = asked($addresses[$i], @tls, "--tls-hostname=ns9.$zone");
		is(codes($seen), 'tls_failed', "$names[$i]: by another name");
		is(codes(asked($addresses[$i], '--tls', @json)), 'tls_failed', "$names[$i]: of a CA that the system does not know");
		$seen = asked("$addresses[$i]\@53", @tls, '-t', '2s');
		like(codes($seen), qr/^(?:tls_failed|transfer_timeout)$/, "$names[$i]: no TLS on port 53");
	}
	is(asked($addresses[1], @tls)->{json}{transfers}[0]{tls}{alpn}, 'dot', 'BIND agrees to ALPN dot');
	is(codes(asked($addresses[3], @tls)), 'server_port_closed', 'Knot 3.2 has no such port');
};

subtest 'in the way' => sub {
	firewall('ip daddr 192.0.2.2 tcp dport 53 drop');
	my $seen = asked($addresses[1], @json, '-t', '2s');
	is(codes($seen), 'transfer_timeout', 'TCP dropped');
	like($seen->{json}{summary}, qr/accepts no TCP connection on port 53 within 1\.0 s/, '  and how far it came');
	is(asked($addresses[1], @json, '-t', '2s', '--expect=refused')->{json}{state}, 'UNKNOWN', '  which proves nothing');
	firewall('ip daddr 192.0.2.2 tcp dport 53 reject with tcp reset');
	is(codes(asked($addresses[1], @json)), 'server_port_closed', 'TCP reset');
	firewall('ip daddr 192.0.2.2 tcp dport 53 reject with icmp type host-unreachable');
	is(codes(asked($addresses[1], @json)), 'server_unreachable', 'unreachable');
	firewall('ip saddr 192.0.2.2 tcp sport 53 ct bytes > 20000 drop');
	$seen = asked($addresses[1], @json, '-t', '2s');
	is(codes($seen), 'transfer_timeout', 'cut off in the middle') or tell_run($seen);
	like($seen->{json}{summary}, qr/does not end the transfer: \d+ messages?, \d{4,} bytes/, '  and how far it came');
	firewall();
};

subtest 'several servers of one name' => sub {
	my $resolver = named('192.0.2.53', zones => { 'example.net' => \"\$ORIGIN example.net.\n\$TTL 60\n@ SOA ns h 1 60 60 600 60\n@ NS ns\nns A 192.0.2.53\nall A 192.0.2.1\nall A 192.0.2.3\nall A 192.0.2.4\n" });
	my $seen = asked('all.example.net', @json);
	is($seen->{json}{state}, 'OK', 'all of them are asked') or tell_run($seen);
	is_deeply([sort map { $_->{address} } @{ $seen->{json}{transfers} }], [@addresses[0, 2, 3]], 'each address');
	like(asked('all.example.net')->{first}, qr/^ZONE TRANSFER OK - example\.com transferred from 3 of 3 servers; serial 10 by AXFR from all\.example\.net \(192\.0\.2\.\d\): $records records/, 'the first line');
	$seen = asked('none.example.net');
	is($seen->{exit}, 3, 'a name that is not there: exit 3');
	like($seen->{out}, qr/none\.example\.net has no address/, '  and why') or tell_run($seen);
};

subtest 'who has the key' => sub {
	my @keyed = servers(keys => \%keys, only_with => 'transfer.key', pdns => { 'allow-axfr-ips' => '192.0.2.200' });
	my $good = key_file('transfer.key', $secret);
	my $wrong = key_file('transfer.key', 'd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3I=');
	my $unknown = key_file('unknown.key', $secret);
	my @refuse = qw(transfer_notauth transfer_refused transfer_refused transfer_notauth);
	for my $i (0 .. 3) {
		my $seen = asked($addresses[$i], @json);
		is(codes($seen), $refuse[$i], "$names[$i]: not signed");
		like($seen->{json}{zones}[0]{findings}[0]{text}, qr/it serves the zone \(serial 10\), so this host may not transfer it/, '  is taken for a lack of permission') or tell_run($seen);
		is(asked($addresses[$i], @json, '--expect=refused')->{json}{state}, 'OK', '  and is the proof of it');
		$seen = asked($addresses[$i], @json, '-k', $good);
		is_deeply([$seen->{json}{state}, @{ $seen->{json}{transfers}[0] }{qw(records)}, $seen->{json}{transfers}[0]{signed} ? 1 : 0], ['OK', $records, 1], "$names[$i]: signed") or tell_run($seen);
		is(asked($addresses[$i], @json, '-k', $good, '--ixfr=9')->{json}{state}, 'OK', "$names[$i]: IXFR signed");
		for my $bad ($wrong, $unknown) {
			$seen = asked($addresses[$i], @json, '-k', $bad);
			is(codes($seen), 'tsig_failed', "$names[$i]: signed with a bad key") or tell_run($seen);
			is($seen->{json}{state}, 'CRITICAL', '  CRITICAL');
			$seen = asked($addresses[$i], @json, '-k', $bad, '--expect=refused');
			is($seen->{json}{state}, 'OK', '  is refused') or tell_run($seen);
		}
	}
};

subtest 'clocks apart' => sub {
	my @late = servers(keys => \%keys, only_with => 'transfer.key', pdns => { 'allow-axfr-ips' => '192.0.2.200' }, clock => '+1h');
	my $good = key_file('transfer.key', $secret);
	for my $i (0 .. 3) {
		my $seen = asked($addresses[$i], @json, '-k', $good);
		is($seen->{json}{state}, 'CRITICAL', "$names[$i]: an hour ahead") or tell_run($seen);
		is(codes($seen), 'tsig_failed', '  tsig_failed') or tell_run($seen);
		like($seen->{json}{zones}[0]{findings}[0]{advice}, qr/compare the clocks/, '  and what to look at') or tell_run($seen);
	}
};

done_testing;
