# Deliver 3: IPv6 where this machine has it on its loopback (t/lab/ipv6.t has what needs a network
# of its own).
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use IO::Socket::IP;
use Test::More;
plan(skip_all => 'no ::1 here') unless IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0,
	Listen => 1);
needs('check_dns_replication');

my %zone = (ns => ['ns1.example.com', 'ns2.example.com'],
	records => ['ns1.example.com. 300 A 127.0.0.1', 'ns2.example.com. 300 AAAA ::1']);
my $fake = fake('127.0.0.1' => { zones => { 'example.com' => { serial => 10, %zone } } },
	'::1' => { zones => { 'example.com' => { serial => 9, %zone } } });
my @asking = ('-z', 'example.com', '-H', $fake->at('127.0.0.1'), '-p', $fake->port);

my $seen = check(@asking);
is_plugin_output($seen, 'WARNING');
like($seen->{text}, qr/ns2\.example\.com \(::1/, 'a server by IPv6');
is(server_of(check_json(@asking)->{json}, 'ns2.example.com')->{address}, '::1', 'in JSON');
is(scalar @{ check_json('-4', @asking)->{json}{zones}[0]{servers} // [] }, 1,
	'-4 asks by IPv4 only');
$seen = check_json('-z', 'example.com', '-6', '-H', $fake->at('::1'), '-p', $fake->port);
is_deeply([map { $_->{address} } @{ $seen->{json}{zones}[0]{servers} // [] }], ['::1'],
	'-6 by IPv6 only') or tell_run($seen);
$seen = check_json('-z', 'example.com', '-n', '-H', $fake->at('::1'), '-a', $fake->at('127.0.0.1'));
is($seen->{json}{zones}[0]{reference}{serial}, 9, '-H ADDRESS@PORT with IPv6') or tell_run($seen);
is_deeply(findings_of($seen->{json}, '127.0.0.1'), ['secondary_ahead'], 'and -a');

done_testing;
