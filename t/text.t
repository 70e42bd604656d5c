# What others put into our output: evil bytes, too much of it, and secrets.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $evil = "|a=1 <script>alert('x')</script>\n[OK] \e[31m\r\0\xff\xfe`\$(id)";

subtest 'no | or < from NSID, EDE or names' => sub {
	my $fake = cluster([10, 10, 9, 10], 3 => { nsid => $evil, ede => [0, $evil] },
		4 => { zones => {}, rcode => 'SERVFAIL', ede => [24, $evil], nsid => $evil },
		zone => { soa => { rname => 'a\124b\060c.example.com' } },
			2 => { zone => { soa => { rname => 'x\124y\060z\010.example.com' } } });
	for my $verbose ([], ['-v'], ['-vvv']) {
		my $seen = check(@$verbose, $fake->arguments);
		is_plugin_output($seen, 'CRITICAL', "output as monitoring wants it @$verbose");
		is(scalar(grep { /^\[OK\] \e/ } @{ $seen->{lines} }), 0, 'no forged line');
	}
	my $seen = check_json($fake->arguments);
	is(ref server_of($seen->{json}, 'ns4.example.com'), 'HASH', 'JSON parses');
	unlike($seen->{out}, qr/[\x00-\x09\x0b-\x1f]/, 'no control bytes in JSON');
};

subtest 'names with odd bytes' => sub {
	my $fake = cluster([10, 10], zone => { ns => ['ns1.example.com',
		'n\124s\0602\032x.example.com'],
		records => ['ns1.example.com. 300 A 127.0.0.1',
			'n\124s\0602\032x.example.com. 300 A 127.0.0.2'] },
			2 => { zone => { serial => 8 } });
	my $seen = check($fake->arguments);
	is_plugin_output($seen, 'WARNING');
	like($seen->{first}, qr/8|2 serials behind/, 'and judged');
};

subtest 'size' => sub {
	my @zones = map { sprintf 'a-zone-with-a-rather-long-name-%04d.example', $_ } 1 .. 300;
	my %bad = map { ($_ => { serial => 1, no_aa => 1 }) } @zones;
	my %worse = map { ($_ => { serial => 1, nodata => 1 }) } @zones;
	my $fake = fake('127.0.0.1' => { zones => { map { ($_ => { serial => 1 }) } @zones } },
		'127.0.0.2' => { zones => \%bad }, '127.0.0.3' => { zones => \%worse });
	my @asking = ('-t', '30s', '-n', '-H', $fake->at('127.0.0.1'),
		map({ ('-a', "ns$_.test=" . $fake->at("127.0.0.$_")) } 2, 3),
		map { ('-z', $_) } @zones);
	my $seen = check(@asking);
	is_plugin_output($seen, 'CRITICAL');
	cmp_ok(length $seen->{out}, '<=', 8192, '8 KB by default');
	$seen = check('--top=5000', @asking);
	is_plugin_output($seen, 'CRITICAL', '60 KB at most');
	$seen = check_json(@asking);
	is(scalar @{ $seen->{json}{zones} // [] }, 300, 'JSON is complete');
};

subtest 'secrets are never shown' => sub {
	my $secret = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0';
	my $key = key_file('transfer.key', $secret);
	my $broken = spew("$key.broken",
		qq(key "transfer.key" { algorithm hmac-sha256; secret "$secret" };\nsecret "$secret"\n));
	my @asking = cluster([10, 10])->arguments;
	for my $run (map { ([@$_, '-k', $key], [@$_, '-k', $broken]) } [], ['-vvv'], ['--plan'],
		['-o', 'json'], ['-o', 'prometheus']) {
		my $seen = check(@asking, '-t', '3s', @$run);
		unlike("$seen->{out}$seen->{err}", qr/c2VjcmV0|secretsecret/,
			"@$run[0 .. $#$run - 1]");
	}
};

done_testing;
