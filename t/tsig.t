# Deliver 3: TSIG (-k signs every question, SOA too), against axfrd.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication', 'axfrd');

my $key = key_file('transfer.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=');
my $port = free_port('127.0.0.1', '127.0.0.2');
my $ns1 = primary($port, 'example.com' => zone_file('example.com', 10, 2), options => ['-k', $key]);
my $ns2 = secondary($port, 2, 'example.com', options => ['-k', $key]);
wait_serial($port, 2, 'example.com', 10);
my @asking = ('-t', '5s', '-z', 'example.com', '-H', "127.0.0.1\@$port", '-p', $port);

is_plugin_output(check(@asking, '-k', $key), 'OK', 'the right key');

for my $algorithm (qw(hmac-md5 hmac-sha1 hmac-sha224 hmac-sha384 hmac-sha512)) {
	my $other = key_file('other.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
		$algorithm);
	my $at = free_port('127.0.0.3');
	my $server = primary($at, 'example.com' => zone_file('example.com', 10, 1), number => 3,
		options => ['-k', $other]);
	my $seen = check('-z', 'example.com', '-n', '-H', "127.0.0.3\@$at", '-k', $other,
		'--severity=no_secondaries=ok');
	is(state_of($seen), 'OK', $algorithm) or tell_run($seen);
}

for my $story (['the wrong secret', key_file('transfer.key',
	'd3Jvbmd3cm9uZ3dyb25nd3Jvbmd3cm9uZ3dyb25nd3I=')],
	['an unknown key', key_file('nobody.key', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=')],
	['another algorithm', key_file('transfer.key',
		'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', 'hmac-sha512')]) {
	my ($name, $file) = @$story;
	my $seen = check_json(@asking, '-n', '-a', "ns2.example.com=127.0.0.2\@$port", '-k', $file);
	is($seen->{json}{state}, 'CRITICAL', "$name: CRITICAL") or tell_run($seen);
	is_deeply(findings_of($seen->{json}, '127.0.0.1'), ['tsig_failed'], "$name: tsig_failed");
}

subtest 'a server that does not know TSIG' => sub {
	my $fake = cluster([10, 10]);
	my $seen = check_json('-t', '4s', $fake->arguments, '-n', '-a', 'ns2.example.com=127.0.0.2',
		'-k', $key);
	is_deeply(findings_of($seen->{json}, 'ns2.example.com'), ['tsig_failed'],
		'an unsigned answer is none') or tell_run($seen);
	is(scalar(grep { !$_->{tsig} } grep { $_->{type} } $fake->asked), 0,
		'every question was signed');
};

subtest 'a fault of the server' => sub {
	$ns2->again('--fault=wrong-tsig');
	my $seen = check_json(@asking, '-k', $key);
	is_deeply(findings_of($seen->{json}, 'ns2.example.com'), ['tsig_failed'], 'wrong-tsig')
		or tell_run($seen);
};

subtest 'without -k the same servers answer' => sub {
	is(state_of(check('-z', 'example.com', '-n', '-H', "127.0.0.1\@$port",
		'--severity=no_secondaries=ok')), 'OK', 'SOA is public');
};

done_testing;
