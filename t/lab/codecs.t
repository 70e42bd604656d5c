# Transfers of real servers through our own reader: whole zones and differences, signed and not, in many messages.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Codec;
use DNSReplication::Lab;
use DNSReplication::Run;
use IO::Socket::INET;
use Net::DNS;
use POSIX ();
use Test::More;

my ($MORE, $DONE, $REFUSED, $BROKEN, $CURRENT) = 0 .. 4;
my ($FULL, $DIFFERENCES) = (1, 2);
my $zone = 'example.com';
my $origin = unpack 'H*', Net::DNS::DomainName->new($zone)->encode;
my $records = 20000;
my %keys = ('key.example' => $DNSReplication::Codec::SECRET);
my $key = "key \"key.example\" { algorithm hmac-sha256; secret \"$DNSReplication::Codec::SECRET\"; };";
sub big { my ($serial, @more) = @_; return zone_text($zone, $serial, 1, (map { "h$_ TXT \"record $_\"" } 1 .. $records), @more) }

sub read_bytes {
	my ($socket, $count) = @_;
	my $bytes = '';
	while (length $bytes < $count) {
		sysread($socket, $bytes, $count - length $bytes, length $bytes) or return undef;
	}
	return $bytes;
}

# One transfer: state, form, serial, and how its messages were signed.
sub transfer {
	my ($address, $type, $serial, %with) = @_;
	my $codec = DNSReplication::Codec->new('hmac-sha256');
	my $question = Net::DNS::Packet->new($zone, $type);
	$question->header->rd(0);
	$question->push(authority => Net::DNS::RR->new("$zone. SOA . . $serial 0 0 0 0")) if defined $serial;
	my $bytes = $question->data;
	$bytes = pack 'H*', $codec->ask(sign => time, unpack 'H*', $bytes) if $with{signed};
	$codec->ask(transfer => $origin, Net::DNS::Parameters::typebyname($type), $question->header->id, $serial // 0);
	my $socket = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 53, Timeout => 5) or die "$address: $!";
	$socket->setsockopt(SOL_SOCKET, SO_RCVTIMEO, pack 'l!l!', 5, 0);
	syswrite $socket, pack 'n/a*', $bytes;
	my %seen = (state => $MORE, messages => 0, signed => 0, unsigned => 0, bad => 0, plus => 0, minus => 0);
	while ($seen{state} == $MORE) {
		my $length = read_bytes($socket, 2) or last;
		my $message = read_bytes($socket, unpack 'n', $length);
		$seen{messages}++;
		my $hex = unpack 'H*', $message;
		if ($with{signed}) {
			my ($result, $error, $unsigned) = split / /, $codec->ask(verify => time, $hex);
			$seen{ $result == 0 ? 'signed' : $result == 1 ? 'unsigned' : 'bad' }++;
			$seen{left} = $unsigned;
			$seen{error} = $error;
		}
		my @lines = $codec->ask(bring => $hex);
		@seen{qw(state form serial broken)} = split / /, pop @lines, 4;
		$seen{ /^\+/ ? 'plus' : 'minus' }++ for @lines;
	}
	return \%seen;
}

sub is_whole {
	my ($seen, $serial, $count) = @_;
	is_deeply([@$seen{qw(state form serial plus minus bad)}], [$DONE, $FULL, $serial, $count, 0, 0], "whole, in $seen->{messages} messages")
		or diag explain $seen;
}

my $named = named('192.0.2.1', zones => { $zone => \big(10) }, keys => \%keys, options => 'ixfr-from-differences yes; max-ixfr-ratio 50%;');
my $nsd = nsd('192.0.2.4', zones => { $zone => \big(10) }, keys => \%keys, only_with => 'key.example');
my $knot = knotd('192.0.2.5', zones => { $zone => \big(10) }, keys => \%keys, only_with => 'key.example');
my $pdns = pdns('192.0.2.3', secondary => 'yes', 'allow-axfr-ips' => '192.0.2.0/24');
$pdns->util('import-tsig-key', 'key.example', 'hmac-sha256', $DNSReplication::Codec::SECRET);
$pdns->util('create-secondary-zone', $zone, '192.0.2.1');
$pdns->util('activate-tsig-key', $zone, 'key.example', 'primary');
$pdns->control('retrieve', $zone);
ok(wait_until(20, sub { (serial_at('192.0.2.3', $zone) // 0) == 10 }), 'PowerDNS has the zone');

my $count = $records + 3;
subtest 'BIND' => sub {
	is_whole(transfer('192.0.2.1', 'AXFR'), 10, $count);
	my $signed = transfer('192.0.2.1', 'AXFR', undef, signed => 1);
	is_whole($signed, 10, $count);
	is($signed->{signed}, $signed->{messages}, 'every message signed');
	is(transfer('192.0.2.1', 'IXFR', 10)->{state}, $CURRENT, 'up to date');
	is_whole(transfer('192.0.2.1', 'IXFR', 9), 10, $count);
};

for my $server ([NSD => '192.0.2.4'], [Knot => '192.0.2.5']) {
	my ($name, $address) = @$server;
	subtest $name => sub {
		is(transfer($address, 'AXFR')->{state}, $REFUSED, 'refused without the key');
		my $signed = transfer($address, 'AXFR', undef, signed => 1);
		is_whole($signed, 10, $count);
		note "$signed->{unsigned} of $signed->{messages} messages unsigned";
		is($signed->{left}, 0, 'the last one signed');
	};
}

subtest 'PowerDNS' => sub {
	is_whole(transfer('192.0.2.3', 'AXFR'), 10, $count);
	my $signed = transfer('192.0.2.3', 'AXFR', undef, signed => 1);
	is_whole($signed, 10, $count);
	note "$signed->{unsigned} of $signed->{messages} messages unsigned";
	is($signed->{left}, 0, 'the last one signed');
	is_whole(transfer('192.0.2.3', 'IXFR', 9), 10, $count);
	is(transfer('192.0.2.3', 'IXFR', 10)->{state}, $CURRENT, 'up to date');
};

subtest 'differences' => sub {
	spew("$named->{directory}/$zone.zone", big(11, 'new A 192.0.2.77') =~ s/^h5 .*\n//mr);
	kill HUP => $named->{pid};
	ok(wait_until(10, sub { (serial_at('192.0.2.1', $zone) // 0) == 11 }), 'BIND has loaded the change');
	for my $signed (0, 1) {
		my $seen = transfer('192.0.2.1', 'IXFR', 10, signed => $signed);
		is_deeply([@$seen{qw(state form serial plus minus bad)}], [$DONE, $DIFFERENCES, 11, 2, 2, 0], 'one record and the SOA each')
			or diag explain $seen;
	}
};

# BIND's dig as the client of a server that signs the first, the third and the last of five messages.
subtest 'dig takes what we leave unsigned' => sub {
	my $listener = IO::Socket::INET->new(LocalAddr => '192.0.2.9', LocalPort => 53, Listen => 1, ReuseAddr => 1) or die "listen: $!";
	my $file = spew(DNSReplication::Lab::directory('dig') . '/key', "$key\n");
	my $server = fork // die "fork: $!";
	if (!$server) {
		serve_once($listener);
		POSIX::_exit(0);
	}
	my $said = run(['dig', '-k', $file, '+tcp', '+time=5', '+tries=1', '@192.0.2.9', $zone, 'AXFR'], timeout => 10)->{out};
	waitpid $server, 0;
	like($said, qr/XFR size: 5 records \(messages 5,/, 'a whole transfer') or diag $said;
	unlike($said, qr/verify failure|TSIG error/i, 'and well signed');
};

sub serve_once {
	my ($listener) = @_;
	my $codec = DNSReplication::Codec->new('hmac-sha256');
	my $client = $listener->accept;
	my $bytes = read_bytes($client, unpack 'n', read_bytes($client, 2));
	my $question = Net::DNS::Packet->new(\$bytes);
	$codec->ask('verify-question' => time, unpack 'H*', $bytes) eq '0' or die 'a bad question';
	my @records = map { Net::DNS::RR->new("$zone. 60 $_") } 'SOA a. b. 1 2 3 4 5', 'NS a.', 'NS b.', 'NS c.', 'SOA a. b. 1 2 3 4 5';
	for my $i (0 .. 4) {
		my $message = Net::DNS::Packet->new($zone, 'AXFR');
		$message->header->id($question->header->id);
		$message->header->qr(1);
		$message->header->aa(1);
		$message->push(answer => $records[$i]);
		my $hex = unpack 'H*', $message->data;
		if ($i % 2) { $codec->ask(leave => $hex) }
		else { $hex = $codec->ask(sign => time, $hex) }
		syswrite $client, pack 'n/a*', pack 'H*', $hex;
	}
	read_bytes($client, 1);
}

done_testing;
