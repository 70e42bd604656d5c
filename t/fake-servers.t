# The fake servers of the other tests do what they say, seen with Net::DNS.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use IO::Select;
use IO::Socket::IP;
use Net::DNS;
use Test::More;

my $zone = { serial => 10, ns => ['ns1.example.com', 'ns2.example.com'],
	signed => [1_700_000_000, 1_800_000_000],
	records => ['ns1.example.com. 300 A 127.0.0.1', 'ns2.example.com. 300 A 127.0.0.2'] };
my $fake = fake('127.0.0.1' => { zones => { 'example.com' => $zone } },
	'127.0.0.2' => { zones => { 'example.com' => { %$zone, serial => sub { 100 + $_[0] } } },
		nsid => 'two', expire => 77, ede => [24, 'Zone gone'] },
	'127.0.0.3' => { udp => 'silent', tcp => 'closed' },
	'127.0.0.4' => { resolver => ['www.example.net. 60 A 192.0.2.9'] },
	'127.0.0.5' => { zones => { 'example.com' => $zone }, tc => 1, tcp => 'dribble' },
	map { my $number = $_ + 10; "127.0.0.$number" => { zones => { 'example.com' => $zone },
		lie => (lies())[$_] } } 0 .. lies() - 1);

sub ask {
	my ($address, $name, $type, %with) = @_;
	my $resolver = Net::DNS::Resolver->new(nameservers => [$address], port => $fake->port,
		recurse => 0, retry => 1, retrans => 20,
		udp_timeout => 20, tcp_timeout => 20, usevc => $with{tcp} // 0, igntc => 1,
			config_file => '/dev/null', dnssec => $with{dnssec} // 0);
	return $resolver->send($name, $type);
}
# By TCP. Net::DNS takes a "0" that comes alone, as a random id may hold it, for the end ($fragment || last).
sub ask_patiently {
	my ($address, $name, $type) = @_;
	my $socket = IO::Socket::IP->new(PeerHost => $address, PeerPort => $fake->port) or return undef;
	my $bytes = '';
	syswrite $socket, pack 'n/a*', Net::DNS::Packet->new($name, $type)->data;
	until (length $bytes >= 2 && length $bytes >= 2 + unpack 'n', $bytes) {
		IO::Select->new($socket)->can_read(20) && sysread $socket, $bytes, 65536, length $bytes or return undef;
	}
	return Net::DNS::Packet->new(\substr $bytes, 2);
}
sub soa { my ($packet) = @_; my ($soa) = grep { $_->type eq 'SOA' } $packet ? $packet->answer
	: (); return $soa ? $soa->serial : undef }

is(soa(ask('127.0.0.1', 'example.com', 'SOA')), 10, 'an SOA by UDP');
is(soa(ask('127.0.0.1', 'example.com', 'SOA', tcp => 1)), 10, 'and by TCP');
is_deeply([map { soa(ask('127.0.0.2', 'example.com', 'SOA')) } 1 .. 2], [101, 102],
	'a serial that counts questions');
my $signed = ask('127.0.0.1', 'example.com', 'SOA', dnssec => 1);
is((grep { $_->type eq 'RRSIG' } $signed->answer)[0]->sigexpiration, '20270115080000',
	'a signature');
my $options = ask('127.0.0.2', 'example.com', 'SOA', dnssec => 1)->edns;
is_deeply([unpack('a*', scalar $options->option(3)), unpack('N', scalar $options->option(9))],
	['two', 77], 'NSID and EXPIRE') or diag($options->string);
is(ask('127.0.0.1', 'nowhere.example.com', 'A')->header->rcode, 'NXDOMAIN',
	'a name that is not there');
is(scalar(ask('127.0.0.1', 'example.com', 'NS')->additional), 2, 'glue');
is(ask('127.0.0.1', 'example.org', 'SOA')->header->rcode, 'REFUSED', 'a foreign zone');
is(scalar(ask('127.0.0.4', 'www.example.net', 'A')->answer), 1, 'a resolver');
ok(ask('127.0.0.5', 'example.com', 'SOA')->header->tc, 'truncated by UDP');
is(soa(ask_patiently('127.0.0.5', 'example.com', 'SOA')), 10, 'byte by byte by TCP');
is(scalar($fake->asked(address => '127.0.0.1', type => 'SOA', by => 'tcp')), 1, 'the log');
$fake->serial('example.com', '127.0.0.1' => 11);
is(soa(ask('127.0.0.1', 'example.com', 'SOA')), 11, 'changed, at the same port');

my $question = Net::DNS::Packet->new('example.com', 'SOA')->data;
my $silent = 0;
for my $number (0 .. lies() - 1) {
	my $socket = IO::Socket::IP->new(Type => Socket::SOCK_DGRAM, Proto => 'udp');
	send $socket, $question, 0, Socket::pack_sockaddr_in($fake->port,
		Socket::inet_aton('127.0.0.' . (10 + $number)));
	$silent++ unless IO::Select->new($socket)->can_read(20);
}
is($silent, 0, 'every lie is told');
done_testing;
