# axfrd reads its zones again: what is wrong with a file is said, with file, line and reason, and the old version stays; a transfer on its way ends
# with the version that it began with, whole or by differences, with or without TLS, whatever becomes of the file.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Run;
use DNSReplication::Stream ();
use File::Temp;
use IO::Select;
use Net::DNS;
use POSIX ();
use Socket qw(:DEFAULT SO_RCVBUF SOL_SOCKET);
use Test::More;
use Time::HiRes 'time';
needs('axfrd');

my $zone = 'example.com';

# `meanwhile` is called while it is not yet.
sub serial_is {
	my ($port, $serial, $meanwhile) = @_;
	return wait_until(60, sub { (serial_of($port, 1, $zone) // -1) == $serial or $meanwhile && $meanwhile->() });
}

subtest 'what is wrong with a file' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 1) }, options => ['--listen=127.0.0.1@0', '--listen=127.0.0.2@0']);
	my ($port) = $axfrd->{ready} =~ /\@(\d+)/;
	my $file = "$axfrd->{directory}/$zone";
	my $include = spew("$axfrd->{directory}/part", "www A 192.0.2.1\nwww A 192.0.2\n");
	my $good = zone_file($zone, 11, 1);
	my $head = $good =~ /^((?:.*\n){2})/ ? $1 : die;
	for my $story (
		# what, the file, what is said of it
		['an address that is none', $good . "www A 192.0.2.300\n", qr{:6: A: }],
		['an unknown type', $good . "www NOPE 1\n", qr{:6: }],
		['a quote that does not end', $good . "www TXT \"never\n", qr{:6: }],
		['parentheses that do not end', $good . "www MX ( 10\nmail\n", qr{:6: }],
		['a name outside the zone', $good . "www.example.org. A 192.0.2.3\n", qr{:6: www\.example\.org\.: outside the zone}],
		['a name that is too long', $good . ('a' x 64) . " A 192.0.2.3\n", qr{:6: }],
		['a CNAME beside other data', $good . "www A 192.0.2.3\nwww CNAME ns1\n", qr{:7: www\.example\.com\.: a CNAME stands beside other records}],
		['other data beside a CNAME', $good . "www CNAME ns1\nwww TXT \"x\"\n", qr{:7: www\.example\.com\.: a CNAME stands beside other records}],
		['two CNAMEs', $good . "www CNAME ns1\nwww CNAME ns2\n", qr{:7: www\.example\.com\.: a second CNAME}],
		['two SOAs', $good . "@ SOA ns1 hostmaster 12 600 60 604800 60\n", qr{:6: example\.com\.: a second SOA}],
		['an SOA further down', $good . "www SOA ns1 hostmaster 12 600 60 604800 60\n", qr{:6: www\.example\.com\.: an SOA below the top}],
		['another class', $good . "www CH TXT \"x\"\n", qr{:6: }],
		['no SOA', $head . "@ NS ns1\nns1 A 127.0.0.1\n", qr{: example\.com\.: no SOA record at the top of the zone}],
		['no NS', $good =~ s/^\@ NS.*\n//mr, qr{: example\.com\.: no NS records at the top of the zone}],
		['nothing', '', qr{: example\.com\.: no SOA record at the top of the zone}],
		['half a file', substr($good, 0, 60), qr{(?::3)?: }],
		['bytes that are no text', $good . "\0\1\2\n", qr{:6: }],
		['an include that is not there', $good . "\$INCLUDE $axfrd->{directory}/gone\n", qr{:6: cannot read \Q$axfrd->{directory}\E/gone: No such file or directory}],
		['an error in an include', $good . "\$INCLUDE $include\n", qr{\Q$include\E:2: A: }],
		['an include of itself', $good . "\$INCLUDE $file\n", qr{:6: .*(?:deep|nest)}],
		['a directory included', $good . "\$INCLUDE $axfrd->{directory}\n", qr{:6: cannot read \Q$axfrd->{directory}\E: Is a directory}],
	) {
		my ($name, $text, $said) = @$story;
		truncate "$axfrd->{directory}/stderr", 0;
		$axfrd->change($zone => $text);
		my $pattern = qr{example\.com\.: \S*${said}[^\n]*; serial 10 stays\n};
		logs($axfrd, $pattern, $name);
		like($axfrd->errors, qr/\Q$axfrd->{directory}\E/, 'the file is named') if $said !~ /gone|part/;
		is(serial_of($port, 1, $zone), 10, 'the old version is served');
	}
	my %is = (
		'that is gone' => [sub { unlink $file }, qr{cannot read \Q$file\E: No such file or directory}],
		'that is a directory' => [sub { unlink $file; mkdir $file }, qr{\Q$file\E is no regular file and can't be read again}],
		'that is a pipe' => [sub { rmdir $file; unlink $file; POSIX::mkfifo($file, 0600) }, qr{\Q$file\E is no regular file and can't be read again}],
	);
	for my $name (sort keys %is) {
		my ($make, $said) = @{ $is{$name} };
		truncate "$axfrd->{directory}/stderr", 0;
		$make->();
		kill HUP => $axfrd->{pid};
		logs($axfrd, qr{example\.com\.: $said; serial 10 stays\n}, "a file $name");
		is(serial_of($port, 1, $zone), 10, 'the old version is served');
		rmdir $file;
	}
	unlink $file;
	SKIP: {
		skip 'root reads everything', 1 unless $>;
		$axfrd->{zones}{$zone} = $good;
		spew($file, $good);
		chmod 0, $file;
		kill HUP => $axfrd->{pid};
		logs($axfrd, qr{cannot read \Q$file\E: Permission denied; serial 10 stays}, 'a file that may not be read');
		unlink $file;
	}
	$axfrd->change($zone => $good);
	ok(serial_is($port, 11), 'a good one is taken, after all that');
};

# --- Transfers on their way -------------------------------------------------------------------------------------------------------------

my @most = map { "host$_ TXT \"" . 'x' x 200 . '"' } 1 .. 30000;
my @more = map { "more$_ TXT \"" . 'y' x 200 . '"' } 1 .. 20000;

sub question {
	my ($type, $serial) = @_;
	my $packet = Net::DNS::Packet->new($zone, $type);
	$packet->push(authority => Net::DNS::RR->new("$zone SOA . . $serial 0 0 0 0")) if defined $serial;
	return pack 'n/a*', $packet->encode;
}

# To this port, and reads little at once.
sub connected {
	my ($port) = @_;
	socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
	setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4096;
	connect $socket, pack_sockaddr_in($port, inet_aton('127.0.0.1')) or die "connect: $!";
	return $socket;
}

# openssl's client as a pipe that is not read, which stops it, too.
sub connected_by_tls {
	my ($port) = @_;
	socketpair my $socket, my $client, PF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<&', $client;
		open STDOUT, '>&', $client;
		open STDERR, '>', '/dev/null';
		exec 'openssl', 's_client', '-quiet', '-connect', "127.0.0.1:$port" or POSIX::_exit(127);
	}
	return $socket;
}

sub read_more {
	my ($socket, $into, $most) = @_;
	while (length $$into < $most) { IO::Select->new($socket)->can_read(20) && sysread($socket, $$into, 65536, length $$into) or return }
}

# As little as keeps the server from giving it up as too slow (10 s), on a machine that is busy, too. Is always false.
sub slowly {
	my ($socket, $into) = @_;
	my $last = time;
	return sub {
		return if time < $last + 1;
		$last = time;
		sysread $socket, $$into, 65536, length $$into if IO::Select->new($socket)->can_read(0);
		return;
	};
}

sub ends_with_a_message {
	my ($bytes) = @_;
	my $at = 0;
	$at += 2 + unpack 'n', substr $bytes, $at, 2 while $at + 2 <= length $bytes;
	return $at == length $bytes;
}

my $ca = DNSReplication::Stream::authority('The Test');
my $certificate = DNSReplication::Stream::certificate(names => 'IP:127.0.0.1', ca => $ca);
my @tls = ('--tls-listen=127.0.0.1@0', "--tls-certificate=$certificate->{certificate}", "--tls-key=$certificate->{key}");

for my $story (
	# records: with the SOA at both ends, and for differences with the older one and the newer one between
	['AXFR', [], \&connected, 0, 'AXFR', undef, 50000 + 3 + 1, [12, 12]],
	['IXFR', [], \&connected, 0, 'IXFR', 11, 20000 + 4, [12, 11, 12, 12]],
	['AXFR over TLS', \@tls, \&connected_by_tls, 1, 'AXFR', undef, 50000 + 3 + 1, [12, 12]],
	['IXFR over TLS', \@tls, \&connected_by_tls, 1, 'IXFR', 11, 20000 + 4, [12, 11, 12, 12]],
) {
	my ($name, $options, $connect, $is_tls, $type, $serial, $records, $serials) = @$story;
	for my $what ('a reload', 'the removal of the file') {
		subtest "$what during $name" => sub {
			my $axfrd = axfrd(zones => { $zone => zone_file($zone, 11, 1, @most) }, options => ['--listen=127.0.0.1@0', @$options]);
			my @ports = $axfrd->{ready} =~ /\@(\d+)/g;
			$axfrd->change($zone => zone_file($zone, 12, 1, @most, @more));
			ok(serial_is($ports[0], 12), 'the zone grows');
			my ($slow, $bytes) = ($connect->($ports[$is_tls]), '');
			syswrite $slow, question($type, $serial);
			read_more($slow, \$bytes, 20_000);
			cmp_ok(length $bytes, '>=', 20_000, 'a slow client transfers');
			my $meanwhile = slowly($slow, \$bytes);
			if ($what eq 'a reload') {
				$axfrd->change($zone => zone_file($zone, 13, 1));
				ok(serial_is($ports[0], 13, $meanwhile), 'others are answered, and the zone changes');
				$axfrd->change($zone => zone_file($zone, 14, 1, @most));
				ok(serial_is($ports[0], 14, $meanwhile), 'and again');
			} else {
				unlink "$axfrd->{directory}/$zone";
				kill HUP => $axfrd->{pid};
				logs($axfrd, qr/No such file or directory; serial 12 stays/, 'the file goes');
			}
			unlike($axfrd->errors, qr/transfer out/, 'it has not ended by then');
			# An SOA near the end, and nothing lacks of the last message, which may come in two pieces.
			my $whole = sub { substr($bytes, -300) =~ /\x00\x06\x00\x01\x00\x00\x01\x2c/ && ends_with_a_message($bytes) && $axfrd->errors =~ /transfer out/ };
			read_more($slow, \$bytes, 1 + length $bytes) while !$whole->() && IO::Select->new($slow)->can_read(10);
			my @answers = map { scalar(Net::DNS::Packet->new(\$_))->answer } unpack '(n/a*)*', $bytes;
			is(scalar @answers, $records, 'its transfer is whole');
			is_deeply([map { $_->serial } grep { $_->type eq 'SOA' } @answers], $serials, 'and of the version that it began with');
			like($axfrd->errors, qr/transfer out to \S+: serial 12(?: from 11 by IXFR)?, \d+ records/, 'as the log says');
			close $slow;
		};
	}
}
done_testing;
