# check_zone_transfer against axfrd: what works, its faults, keys, --expect, thresholds, output in every format.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_zone_transfer', 'axfrd');

my $port = free_port('127.0.0.1');
my @hosts = map { "host$_ A 192.0.2." . ($_ % 250) } 1 .. 2000;
my $zone = zone_file('example.com', 10, 2, @hosts);
my $records = 1 + 2 * 2 + @hosts;
my $server = primary($port, 'example.com' => $zone);
my @asking = ('-t', '5s', '-z', 'example.com', '-H', "127.0.0.1\@$port");
my @json = ('--output-format=json');

sub codes { my ($seen, $severity) = @_; return [map { $_->{code} } grep { !$severity || $_->{severity} eq $severity } findings($seen->{json}, ok => 1)] }

subtest 'AXFR' => sub {
	my $seen = check_transfer(@asking);
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/^ZONE TRANSFER OK - example\.com serial 10 by AXFR from 127\.0\.0\.1\@$port: $records records, \d+ bytes in [\d.]+ s \|/, 'the first line') or tell_run($seen);
	is(perfdata_of($seen, 'records'), "records=$records;;;0", 'records');
	is(perfdata_of($seen, 'serial'), 'serial=10', 'serial');
	like(perfdata_of($seen, 'bytes'), qr/^bytes=\d{5}B;;;0$/, 'bytes');
	like(perfdata_of($seen, 'messages'), qr/^messages=\d+;;;0$/, 'messages');
	like(perfdata_of($seen, 'time'), qr/^time=0\.\d{6}s;;;0$/, 'time');
};

subtest 'JSON' => sub {
	my $seen = check_transfer(@asking, @json);
	my ($transfer, @more) = @{ $seen->{json}{transfers} };
	is(scalar @more, 0, 'one transfer');
	is_deeply({ map { $_ => $transfer->{$_} } qw(zone server address port type outcome phase rcode ede trouble form serial records tls) },
		{ zone => 'example.com.', server => '127.0.0.1', address => '127.0.0.1', port => $port, type => 'axfr', outcome => 'complete', phase => 'streaming',
			rcode => 'NOERROR', ede => undef, trouble => undef, form => 'full', serial => 10, records => $records, tls => undef }, 'what is known of it') or tell_run($seen);
	ok($transfer->{duration_s} >= $transfer->{first_message_s} && $transfer->{first_message_s} > 0, 'durations');
	ok(!$transfer->{signed}, 'not signed');
	is_deeply($seen->{json}{zones}[0]{reference}, { serial => 10, source => 'primary' }, 'the reference');
	is($seen->{json}{zones}[0]{servers}[0]{outcome}, 'answered', 'the server');
};

subtest 'Prometheus' => sub {
	my $seen = check_transfer(@asking, '-o', 'prometheus');
	like($seen->{out}, qr/^dns_replication_transfer_records\{zone="example\.com\.",server="127\.0\.0\.1",address="127\.0\.0\.1",port="$port"\} $records$/m, 'records');
	like($seen->{out}, qr/^dns_replication_transfer_succeeds\{.*\} 1$/m, 'success');
};

subtest 'IXFR' => sub {
	my $seen = check_transfer(@asking, '--ixfr=10', @json);
	is($seen->{json}{transfers}[0]{outcome}, 'up_to_date', 'the same serial: up to date');
	is($seen->{json}{state}, 'OK', 'OK');
	is(check_transfer(@asking, '--ixfr=11', @json)->{json}{transfers}[0]{outcome}, 'up_to_date', 'a newer one, too');
	$seen = check_transfer(@asking, '--ixfr=9', @json);
	is($seen->{json}{transfers}[0]{outcome}, 'complete', 'an older one: complete');
	is($seen->{json}{transfers}[0]{form}, 'full', 'by the whole zone');
	is_deeply(codes($seen), ['ixfr_fell_back'], 'which is said');
	is($seen->{json}{state}, 'OK', 'and OK');
};

subtest 'thresholds' => sub {
	is(state_of(check_transfer(@asking, '-w', '1h')), 'OK', 'fast enough');
	my $seen = check_transfer(@asking, '-w', '0.000001', @json);
	is_deeply(codes($seen, 'WARNING'), ['transfer_slow'], '-w');
	is_deeply(codes(check_transfer(@asking, '-c', '0.000001', @json), 'CRITICAL'), ['transfer_slow'], '-c');
	is(state_of(check_transfer(@asking, "--min-records=$records")), 'OK', 'enough records');
	my $more = $records + 1;
	$seen = check_transfer(@asking, "--min-records=$more");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/has a zone of $records records \(serial 10\), fewer than $more \(--min-records\)/, 'too few');
};

subtest 'not allowed' => sub {
	for my $fault (['refuse-axfr', 'transfer_refused'], ['lame', 'transfer_notauth'], ['notauth', 'transfer_notauth'], ['servfail', 'zone_servfail'],
		['expired', 'zone_expired'], ['not-loaded', 'zone_not_loaded'], ['nxdomain', 'zone_nxdomain'], ['truncate-transfer', 'transfer_broken'], ['reset-transfer', 'transfer_broken'],
		['no-tcp', 'server_port_closed']) {
		my ($name, $code) = @$fault;
		my $broken = primary($port, 'example.com' => $zone, number => 2, options => ["--fault=$name"]);
		my $seen = check_transfer('-t', '5s', '-z', 'example.com', '-H', "127.0.0.2\@$port");
		is_plugin_output($seen, 'CRITICAL', "$name: CRITICAL");
		like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.2\@$port: .* → \S/m, "$name: who, what, and what to do") or tell_run($seen);
		is_deeply(codes(check_transfer('-t', '5s', '-z', 'example.com', '-H', "127.0.0.2\@$port", @json)), [$code], "$name: $code");
	}
};

subtest 'silence' => sub {
	my $broken = primary($port, 'example.com' => $zone, number => 2, options => ['--fault=drop-tcp']);
	my $seen = check_transfer('-t', '2s', '-z', 'example.com', '-H', "127.0.0.2\@$port");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/does not answer the AXFR within 1\.0 s/, 'which question, how long') or tell_run($seen);
};

subtest 'what NOTAUTH means' => sub {
	my $broken = primary($port, 'example.com' => $zone, number => 2, options => ['--fault=refuse-axfr']);
	like(check_transfer('-z', 'example.com', '-H', "127.0.0.2\@$port")->{out}, qr/it serves the zone \(serial 10\), so this host may not transfer it → on 127\.0\.0\.2 allow this host/, 'denied');
	my $seen = check_transfer('-z', 'example.org', '-H', "127.0.0.2\@$port");
	like($seen->{out}, qr/refuses the transfer: NOTAUTH, EDE 20 Not Authoritative; it answers REFUSED to the SOA question, too → .*Is the zone's name right\?/, 'not served') or tell_run($seen);
};

subtest '--expect=refused' => sub {
	my $seen = check_transfer(@asking, '--expect=refused', '--source=127.0.0.9');
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/gives the zone to 127\.0\.0\.9, which should be refused: serial 10 → .*dig \@127\.0\.0\.1 -p $port -b 127\.0\.0\.9 example\.com AXFR/, 'open');
	cmp_ok($seen->{perfdata}{of}{records}{value}, '<', $records, 'not all of it was fetched');
	my $closed = primary($port, 'example.com' => $zone, number => 2, options => ['--allow-transfer=127.0.0.1/32']);
	my @closed = ('-t', '3s', '-z', 'example.com', '-H', "127.0.0.2\@$port");
	is(state_of(check_transfer(@closed, '--source=127.0.0.1')), 'OK', 'who may');
	is(state_of(check_transfer(@closed, '--source=127.0.0.9')), 'CRITICAL', 'who may not');
	$seen = check_transfer(@closed, '--source=127.0.0.9', '--expect=refused');
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/^ZONE TRANSFER OK - example\.com: 127\.0\.0\.2\@$port refuses the transfer \(REFUSED\)/, 'as it should be') or tell_run($seen);
	is(state_of(check_transfer(@closed, '--source=127.0.0.1', '--expect=refused')), 'CRITICAL', 'and who may is open');
	for my $fault (qw(drop-tcp no-tcp servfail truncate-transfer)) {
		my $odd = primary($port, 'example.com' => $zone, number => 3, options => ["--fault=$fault"]);
		$seen = check_transfer('-t', '2s', '-z', 'example.com', '-H', "127.0.0.3\@$port", '--expect=refused');
		my $open = $fault eq 'truncate-transfer';
		is_plugin_output($seen, $open ? 'CRITICAL' : 'UNKNOWN', "$fault: " . ($open ? 'open' : 'no proof'));
		like($seen->{out}, qr/does not prove that transfers are refused/, "$fault: which is said") or tell_run($seen) unless $open;
	}
	my $firewall = primary($port, 'example.com' => $zone, number => 3, options => ['--fault=drop-tcp']);
	is(state_of(check_transfer('-t', '2s', '-z', 'example.com', '-H', "127.0.0.3\@$port", '--expect=refused', '--severity=transfer_timeout=ok')), 'OK', 'a firewall is meant');
};

subtest 'keys' => sub {
	my $secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
	for my $algorithm (qw(hmac-md5 hmac-sha1 hmac-sha224 hmac-sha256 hmac-sha384 hmac-sha512)) {
		my $key = key_file('transfer.key', $secret, $algorithm);
		my $signing = primary($port, 'example.com' => $zone, number => 2, options => ['-k', $key]);
		my @signed = ('-t', '5s', '-z', 'example.com', '-H', "127.0.0.2\@$port", '-k');
		my $seen = check_transfer(@signed, $key, @json);
		is($seen->{json}{state}, 'OK', "$algorithm: OK") or tell_run($seen);
		ok($seen->{json}{transfers}[0]{signed}, "$algorithm: signed");
		next if $algorithm ne 'hmac-sha256';
		for my $story (['the wrong secret', key_file('transfer.key', 'd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3I='), qr/fails TSIG: BADSIG/],
			['an unknown key', key_file('nobody.key', $secret), qr/fails TSIG: BADKEY/],
			['another algorithm', key_file('transfer.key', $secret, 'hmac-sha512'), qr/fails TSIG: BADKEY/]) {
			my ($name, $file, $said) = @$story;
			$seen = check_transfer(@signed, $file);
			is_plugin_output($seen, 'CRITICAL', $name);
			like($seen->{out}, $said, "$name: says so") or tell_run($seen);
			is_deeply(codes(check_transfer(@signed, $file, @json)), ['tsig_failed'], "$name: tsig_failed");
			is(state_of(check_transfer(@signed, $file, '--expect=refused')), 'OK', "$name: is refused");
		}
	}
	my $key = key_file('transfer.key', $secret);
	my $wrong = primary($port, 'example.com' => $zone, number => 2, options => ['-k', $key, '--fault=wrong-tsig']);
	is_deeply(codes(check_transfer('-z', 'example.com', '-H', "127.0.0.2\@$port", '-k', $key, @json)), ['tsig_failed'], 'wrong signatures');
};

subtest 'nobody there' => sub {
	my $free = free_port('127.0.0.4');
	my $seen = check_transfer('-z', 'example.com', '-H', "127.0.0.4\@$free");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/does not listen on TCP port $free \(connection refused\) → on 127\.0\.0\.4: ss -lntp 'sport = :$free'/, 'a closed port');
	$seen = check_transfer(@asking, '--source=192.0.2.250');
	is($seen->{exit}, 3, 'an address that is not ours is our trouble');
	like($seen->{out}, qr/^ZONE TRANSFER UNKNOWN - .*Cannot assign requested address/, 'and why');
};

subtest 'wrong use' => sub {
	is_usage_error(check_transfer('-H', '127.0.0.1'), qr/no zone is given/);
	is_usage_error(check_transfer('-z', 'example.com'), qr/no server is given/);
	is_usage_error(check_transfer('-z', 'a..b', '-H', '127.0.0.1'), qr/is no domain name/);
	is_usage_error(check_transfer(@asking, '--expect=maybe'), qr/allowed/);
	is_usage_error(check_transfer(@asking, '--ixfr=4294967296'), qr/4294967295/);
	is_usage_error(check_transfer(@asking, '-4', '-6'), qr/exclude each other/);
	is_usage_error(check_transfer(@asking, '-6'), qr/no address of the family/);
	is_usage_error(check_transfer(@asking, '-k', '/no/such.key'), qr{/no/such\.key});
	is_usage_error(check_transfer(@asking, '--source=here'), qr/no IP address/);
};

subtest '--plan' => sub {
	my $seen = check_transfer('-z', 'example.com', '-H', '192.0.2.1', '--plan', '--source=192.0.2.9', '--ixfr=7');
	is($seen->{out}, "Nothing was sent. Would ask\nexample.com: IXFR by TCP, which should be allowed\n  server 192.0.2.1, port 53\nfrom: 192.0.2.9\n", 'says who would be asked');
	is($seen->{exit}, 0, 'OK');
};

subtest 'a run can be judged again' => sub {
	my $file = File::Temp->new;
	check_transfer(@asking, "--write=scenario:$file", '--min-records=5000');
	like(check_transfer('--replay', "$file")->{out}, qr/^\[CRITICAL\].*fewer than 5000/m, 'the same');
};

done_testing;
