# Names, messages, master files and TSIG: ours and Net::DNS's must come to the same.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Codec;
use DNSReplication::Run;
use File::Temp ();
use Net::DNS;
use Net::DNS::ZoneFile;
use Test::More;

my $codec = DNSReplication::Codec->new('hmac-sha256');
srand(my $seed = $ENV{CODEC_SEED} // 20261122);
note "CODEC_SEED=$seed";

my $zone_text = <<'END';
$ORIGIN example.com.
$TTL 1h
@	IN SOA ns1 hostmaster. ( 2026112201 ; serial
		3h 1h 1w 300 )
	NS	ns1
	NS	ns2.example.net.
@ 60	MX	10 mail
	MX 20 .
ns1	A	192.0.2.1
 AAAA 2001:db8::1
ns1 300 IN A 192.0.2.2
ns2 IN 300 A 192.0.2.3
*.wild	CNAME ns1
_sip._tcp SRV 0 5 5060 sip
txt	TXT "one" two ( "three;"
  "(four" ) ; five
esc\.aped TXT "a\"b\\c" "\007\255"
hinfo HINFO "PC" "Linux 5"
naptr NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:info@example.com!" .
rp RP admin.example.com. txt
caa CAA 0 issue "ca.example; account=1"
tlsa TLSA 3 1 1 ( aabbccddeeff00112233445566778899
	aabbccddeeff00112233445566778899 )
sshfp SSHFP 1 1 aabbccddeeff00112233445566778899aabbccdd
ds DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118
key DNSKEY 256 3 13 AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+
sig RRSIG A 13 3 300 20261222000000 20261122000000 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg
nsec NSEC a.example.com. A MX RRSIG NSEC TYPE1234
n3 NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS A RRSIG
n3p NSEC3PARAM 1 0 0 aabb
afs AFSDB 1 afsdb
px PX 10 a b
kx KX 10 kx
rt RT 10 rt
dname DNAME example.net.
loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
cert CERT 1 0 0 aabb
uri URI 10 1 "http://example.com/"
apl APL 1:192.0.2.0/24 !2:2001:db8::/32
eui EUI48 00-00-5e-00-53-2a
svc SVCB 1 svc port=53
https HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
zonemd ZONEMD 2026112201 1 1 aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899
unknown TYPE65280 \# 3 ab cdef
spf SPF "v=spf1 -all"
x25 X25 "311061700956"
gpos GPOS -32.6882 116.8652 10
minfo MINFO a b
$ORIGIN sub
@ 30 A 192.0.2.9
deep.er A 192.0.2.10
$TTL 2d
last A 192.0.2.11
END

my $file = File::Temp->new;
print $file $zone_text;
close $file;
my @records = Net::DNS::ZoneFile->new("$file", 'example.com')->read;

subtest 'a zone' => sub {
	my @ours = $codec->ask(zone => $file, unpack('H*', Net::DNS::DomainName->new('example.com')->encode));
	is(scalar @ours, scalar @records, scalar(@records) . ' records');
	is($ours[$_], DNSReplication::Codec::line_of($records[$_]), $records[$_]->type) for 0 .. $#records;
};

subtest 'messages of every type, compressed by Net::DNS' => sub {
	my $wrong = 0;
	for my $round (1 .. 300) {
		my $packet = Net::DNS::Packet->new('example.com', 'ANY');
		$packet->header->qr(1);
		$packet->header->aa(1);
		my @want;
		for my $section (qw(answer authority additional)) {
			for my $rr (map { $records[rand @records] } 1 .. rand 6) {
				next if length($packet->data) > 50000;
				$packet->push($section => $rr);
			}
		}
		my @sections = ([1 => $packet->answer], [2 => $packet->authority], [3 => $packet->additional]);
		for my $section (@sections) {
			my ($number, @in) = @$section;
			push @want, map { "$number " . DNSReplication::Codec::line_of($_) } @in;
		}
		my ($header, @got) = $codec->ask(message => unpack 'H*', $packet->data);
		next if "@got" eq "@want";
		$wrong++ or is_deeply(\@got, \@want, "packet $round");
	}
	is($wrong, 0, '300 packets');
};

subtest 'names' => sub {
	my $wrong = 0;
	for (1 .. 2000) {
		my $text = join '.', map { join '', map { random_character() } 0 .. rand 12 } 0 .. rand 5;
		my $theirs = unpack 'H*', Net::DNS::DomainName->new($text)->encode;
		my $ours = $codec->ask(name => $text);
		my $back = $codec->ask(text => $ours);
		my $again = unpack 'H*', Net::DNS::DomainName->new($back)->encode;
		$wrong++ or diag "$text: $theirs, ours $ours, and back $back" if $ours ne $theirs || $again ne $theirs;
	}
	is($wrong, 0, '2000 names with escapes, there and back');
};

sub random_character {
	my $code = 33 + int rand 94;
	my $character = chr $code;
	return sprintf '\\%03d', rand 256 if rand() < 0.1;
	return "\\$character" if $character =~ /[.\\"();@\$]/;
	return $character;
}

my %algorithms = ('hmac-md5' => 'HMAC-MD5.SIG-ALG.REG.INT', map { ("hmac-sha$_" => "HMAC-SHA$_") } 1, 224, 256, 384, 512);

sub tsig {
	my ($algorithm) = @_;
	return Net::DNS::RR->new(name => 'key.example', type => 'TSIG', algorithm => $algorithms{$algorithm}, key => $DNSReplication::Codec::SECRET);
}

for my $algorithm (sort keys %algorithms) {
	subtest "TSIG by $algorithm" => sub {
		my $signing = DNSReplication::Codec->new($algorithm);
		my $question = Net::DNS::Packet->new('example.com', 'SOA');
		my $bytes = pack 'H*', $signing->ask(sign => time, unpack 'H*', $question->data);
		tsig($algorithm);    # from here on Net::DNS knows the key
		my $arrived = Net::DNS::Packet->new(\$bytes);
		ok($arrived->verify, 'Net::DNS takes our question') or diag $arrived->verifyerr;
		my $answer = $arrived->reply;
		$answer->push(answer => $records[0]);
		$answer->sign_tsig($arrived);
		my $reply = unpack 'H*', $answer->data;
		is($signing->ask(verify => time, $reply), '0 0 0', 'we take its answer');
		my $theirs = Net::DNS::Packet->new('example.com', 'SOA');
		$theirs->sign_tsig(tsig($algorithm));
		is($signing->ask('verify-question' => time, unpack 'H*', $theirs->data), '0', 'we take its question');
		my $ours = $theirs->reply;
		$ours->push(answer => $records[0]);
		my $signed = pack 'H*', $signing->ask(sign => time, unpack 'H*', $ours->data);
		my $received = Net::DNS::Packet->new(\$signed);
		ok($received->verify($theirs), 'Net::DNS takes our answer') or diag $received->verifyerr;
		substr $reply, 30, 1, substr($reply, 30, 1) eq '6' ? '7' : '6';
		$signing->ask(sign => time, unpack 'H*', $question->data);
		isnt($signing->ask(verify => time, $reply), '0 0 0', 'we refuse a changed answer');
	};
}

done_testing;
