# axfrd itself, asked by clients of others: Net::DNS, and dig, kdig and drill where they are installed.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use IO::Select;
use IO::Socket::IP;
use Net::DNS;
use Test::More;
use Time::HiRes 'time';

my $zone = 'example.com';
my @rich = ('@ A 192.0.2.80', '@ TXT "hello world"', '@ MX 10 mail', 'mail A 192.0.2.25', 'www CNAME mail', '*.wild A 192.0.2.99',
	'a.b.ent TXT "deep"', 'sub NS ns.sub', 'sub NS ns1', 'ns.sub A 192.0.2.53');
my $directory = File::Temp->newdir;

sub resolver {
	my ($server, $port, %with) = @_;
	return Net::DNS::Resolver->new(nameservers => [$server], port => $port, recurse => 0, retry => 1, retrans => 3, udp_timeout => 3, tcp_timeout => 3,
		igntc => 1, config_file => '/dev/null', %with);
}

# The packet that came back, or undef.
sub ask { my ($port, $name, $type, %with) = @_; return resolver($with{server} // '127.0.0.1', $port, usevc => $with{tcp} // 0)->send($name, $type) }

# All records of a transfer in text, sorted, or undef.
sub transfer {
	my ($port, %with) = @_;
	my $resolver = resolver($with{server} // '127.0.0.1', $port);
	$resolver->tsig($with{key}) if $with{key};
	my @records = $resolver->axfr($with{zone} // $zone) or return undef;
	return [sort map { lc $_->plain } @records];
}

# The error of a transfer that fails.
sub transfer_error { my ($port, %with) = @_; my $resolver = resolver('127.0.0.1', $port); $resolver->axfr($zone); return $resolver->errorstring }

sub port_of { my ($axfrd) = @_; return ($axfrd->{ready} // '') =~ /\@(\d+)/ ? $1 : 0 }

# One question as bytes, over a TCP connection of ours.
sub question { my ($name, $type, $id) = @_; my $packet = Net::DNS::Packet->new($name, $type); $packet->header->id($id); return pack 'n/a*', $packet->encode }

sub connected { my ($port, %with) = @_; return IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Timeout => 3, %with) }

# Reads until the other side closes, `bytes` have come, or the deadline.
sub read_all {
	my ($socket, $most, $seconds) = @_;
	my ($all, $deadline) = ('', time + ($seconds // 5));
	while (length $all < $most && IO::Select->new($socket)->can_read($deadline - time)) {
		sysread $socket, $all, $most - length $all, length $all or last;
	}
	return $all;
}

sub messages { my ($bytes) = @_; return map { scalar Net::DNS::Packet->new(\$_) } unpack '(n/a*)*', $bytes }

# Does the SOA question get an answer that answers it?
sub answers {
	my ($port, $tcp) = @_;
	my $socket = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Type => $tcp ? Socket::SOCK_STREAM : Socket::SOCK_DGRAM) or return 0;
	my $bytes = question($zone, 'SOA', 4711);
	syswrite $socket, $tcp ? $bytes : substr $bytes, 2;
	IO::Select->new($socket)->can_read(0.4) or return 0;
	sysread($socket, my $answer, 4096) or return 0;
	my $packet = Net::DNS::Packet->new(\($tcp ? substr $answer, 2 : $answer)) or return 0;
	return $packet->header->id == 4711 && ($packet->header->rcode eq 'REFUSED' || grep { $_->type eq 'SOA' } $packet->answer) ? 1 : 0;
}

subtest 'the ready line' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 2026112201, 2), 'example.org' => zone_file('example.org', 7, 1) },
		options => ['--listen=127.0.0.1@0', '--listen=127.0.0.2@0', '--secondary=example.net=127.0.0.3@1']);
	like($axfrd->{ready}, qr/^axfrd ready: 127\.0\.0\.1\@\d+ 127\.0\.0\.2\@\d+ example\.com\. serial 2026112201, example\.org\. serial 7, example\.net\. from 127\.0\.0\.3\@1$/,
		'addresses with their ports, zones with their serials');
	is((ask(port_of($axfrd), $zone, 'SOA')->answer)[0]->serial, 2026112201, 'and it is true');
	is((ask($axfrd->{ready} =~ /2\@(\d+)/, $zone, 'SOA', server => '127.0.0.2')->answer)[0]->serial, 2026112201, 'of the other address, too');
	my ($id) = $axfrd->{pid};
	kill TERM => $id;
	ok(wait_until(5, sub { waitpid($id, POSIX::WNOHANG) }), 'SIGTERM ends it');
	is($?, 0, 'with 0');
	delete $axfrd->{pid};
	my $stdout = $axfrd->{stdout};
	is(join('', <$stdout>), '', 'and it says nothing more on stdout');
};

subtest 'what cannot be' => sub {
	my $good = spew("$directory/good", zone_file($zone, 1, 1));
	my $bad = spew("$directory/bad", zone_file($zone, 1, 1) . "www A 192.0.2.300\n");
	my $outside = spew("$directory/outside", zone_file($zone, 1, 1) . "www.example.org. A 192.0.2.3\n");
	my $two = key_file([one => 'c2VjcmV0'], [one => 'c2VjcmV0']);
	my $secret = spew("$directory/secret", "key \"k\" { algorithm hmac-sha256; secret \"!c2VjcmV0\"; };\n");
	my $taken = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 1);
	my $port = $taken->sockport;
	my @one = ('--listen=127.0.0.1@0', "--zone=$zone=$good");
	for my $story (
		[2, qr/no address to serve on: --listen=127\.0\.0\.1\@5300/, "--zone=$zone=$good"],
		[2, qr/no zone to serve: --zone=NAME=FILE or --secondary=NAME=PRIMARY\@PORT/, '--listen=127.0.0.1@0'],
		[2, qr/--listen: localhost is no ADDRESS\@PORT/, '--listen=localhost', "--zone=$zone=$good"],
		[2, qr/--notify: 127\.0\.0\.1\@0 is no ADDRESS\@PORT/, @one, '--notify=127.0.0.1@0'],
		[2, qr/--zone=example.com: right is --zone=NAME=FILE/, '--listen=127.0.0.1@0', '--zone=example.com'],
		[2, qr/--secondary=example.com=: right is --secondary=NAME=PRIMARY\@PORT/, '--listen=127.0.0.1@0', '--secondary=example.com='],
		[2, qr/--zone: zone "a\.\.b": empty label/, '--listen=127.0.0.1@0', "--zone=a..b=$good"],
		[2, qr/--allow-transfer: 192\.0\.2\.0\/33: the length of the prefix is 0 to 32/, @one, '--allow-transfer=192.0.2.0/33'],
		[2, qr/--fault: unknown fault lazy; known are refuse-axfr, .*slow=MS/, @one, '--fault=lazy'],
		[2, qr/--fault: zone "": /, @one, '--fault=lame:'],
		[1, qr/--user=no-such-user: there is no such user/, @one, '--user=no-such-user'],
		[2, qr/--nsid: at most 64 bytes/, @one, '--nsid=' . 'x' x 65],
		[2, qr/nothing\.key/, @one, '-k', "$directory/nothing.key"],
		[2, qr/secret/, @one, '-k', $secret],
		[2, qr/\.key: the key one\. is there already/, @one, '-k', $two],
		[2, qr/--notify: there is no key two in the files of --tsig-key-file/, @one, '--notify=127.0.0.1=two'],
		[2, qr/--notify: tls:127\.0\.0\.1: NOTIFY goes over UDP only/, @one, '--notify=tls:127.0.0.1'],
		[2, qr/--allow-notify: not a prefix: host /, @one, '--allow-notify=host'],
		[2, qr/--secondary: 127\.0\.0\.1=NOKEY=2: too many "="/, @one, '--secondary=a.test=127.0.0.1=NOKEY=2'],
		[2, qr/--secondary: at most 8 primaries/, @one, '--secondary=a.test=' . join ',', map { "127.0.0.$_" } 1 .. 9],
		[2, qr/--tls-hostname: 127\.0\.0\.1=: the name is missing/, @one, '--tls-hostname=127.0.0.1='],
		[2, qr/\Q$good\E holds no certificates \(PEM\)/, @one, '--secondary=a.test=tls:127.0.0.1', "--tls-ca=$good"],
		[2, qr/--lisen.*--listen/s, '--lisen=127.0.0.1@0'],
		[1, qr/cannot listen on 127\.0\.0\.1\@$port \(TCP\): Address already in use; another program has this port: `ss -lntup`/, "--listen=127.0.0.1\@$port", "--zone=$zone=$good"],
		[1, qr/cannot listen on 192\.0\.2\.77\@0 .*this machine does not have that address/, '--listen=192.0.2.77@0', "--zone=$zone=$good"],
		[1, qr{no-such-file}, '--listen=127.0.0.1@0', "--zone=$zone=$directory/no-such-file"],
		[1, qr{/bad:6: A: }, '--listen=127.0.0.1@0', "--zone=$zone=$bad"],
		[1, qr{/outside:6: www\.example\.org\.: outside the zone}, '--listen=127.0.0.1@0', "--zone=$zone=$outside"],
		[1, qr/the catalog example\.com\. is a zone, too/, @one, "--catalog=$zone"],
		[2, qr/--catalog: zone "a\.\.b": empty label/, @one, '--catalog=a..b'],
		[1, qr/EXAMPLE\.com\. is given twice/, @one, "--zone=EXAMPLE.com=$good"],
	) {
		my ($exit, $reason, @arguments) = @$story;
		my $seen = run([program('axfrd'), @arguments], timeout => 5);
		ok($seen->{exit} == $exit && $seen->{out} eq '' && $seen->{err} =~ $reason && $seen->{err} !~ /c2VjcmV0/, "exit $exit: $reason") or tell_run($seen);
	}
	is(run([program('axfrd'), '--help'])->{exit}, 0, '--help exits 0');
	like(run([program('axfrd'), '--help'])->{out}, qr/refuse-axfr\s+\(transfers\s+are\s+answered\s+REFUSED\)/, 'and explains the faults');
	like(run([program('axfrd'), '--version'])->{out}, qr/^axfrd /, '--version');
};

subtest 'answers, as Net::DNS sees them' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 5, 2, @rich) }, options => ['--listen=127.0.0.1@0', '--nsid=here']);
	my $port = port_of($axfrd);
	for my $story (
		# name, type, rcode, AA, answer, authority, additional
		[$zone, 'SOA', 'NOERROR', 1, 'SOA', '', ''],
		[$zone, 'NS', 'NOERROR', 1, 'NS NS', '', 'A A'],
		[$zone, 'MX', 'NOERROR', 1, 'MX', '', ''],
		['EXAMPLE.COM', 'A', 'NOERROR', 1, 'A', '', ''],
		["mail.$zone", 'AAAA', 'NOERROR', 1, '', 'SOA', ''],
		["www.$zone", 'A', 'NOERROR', 1, 'CNAME A', '', ''],
		["b.ent.$zone", 'A', 'NOERROR', 1, '', 'SOA', ''],
		["x.y.wild.$zone", 'A', 'NOERROR', 1, 'A', '', ''],
		["nope.$zone", 'A', 'NXDOMAIN', 1, '', 'SOA', ''],
		["deep.sub.$zone", 'A', 'NOERROR', 0, '', 'NS NS', 'A A'],
		["sub.$zone", 'DS', 'NOERROR', 1, '', 'SOA', ''],
		['example.org', 'SOA', 'REFUSED', 0, '', '', ''],
	) {
		my ($name, $type, $rcode, $aa, @sections) = @$story;
		for my $tcp (0, 1) {
			my $packet = ask($port, $name, $type, tcp => $tcp);
			my @seen = !$packet ? () : ($packet->header->rcode, $packet->header->aa, map { join ' ', map { $_->type } @$_ } [$packet->answer], [$packet->authority],
				[grep { $_->type ne 'OPT' } $packet->additional]);
			is_deeply(\@seen, [$rcode, $aa, @sections], "$name $type over " . ($tcp ? 'TCP' : 'UDP'));
		}
	}
	my ($soa) = ask($port, "nope.$zone", 'A')->authority;
	is($soa->ttl, 60, 'negative answers are kept for min(minimum, TTL)');
	my $packet = Net::DNS::Packet->new('version.bind', 'TXT', 'CH');
	like(join(' ', map { $_->txtdata } resolver('127.0.0.1', $port)->send($packet)->answer), qr/^axfrd \d/, 'version.bind');
	$packet = Net::DNS::Packet->new($zone, 'SOA');
	$packet->edns->size(1400);
	$packet->edns->option(NSID => '');
	$packet->edns->option(EXPIRE => { 'OPTION-DATA' => '' });
	my $edns = resolver('127.0.0.1', $port)->send($packet)->edns;
	is(scalar $edns->option('NSID'), 'here', 'NSID');
	is(unpack('N', scalar $edns->option('EXPIRE')), 604800, 'EXPIRE of a primary is the SOA\'s');
};

subtest 'a transfer, as other clients see it' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 5, 2, @rich, map { "host$_ A 192.0.2." . $_ % 256 } 1 .. 3000) },
		options => ['--listen=127.0.0.1@0']);
	my $port = port_of($axfrd);
	is(scalar @{ transfer($port) // [] }, 3000 + 5 + @rich, 'Net::DNS has all records');
	my %client = (
		dig => [qw(dig @127.0.0.1 -p), $port, qw(+noall +answer +onesoa -t AXFR), $zone],
		kdig => [qw(kdig @127.0.0.1 -p), $port, qw(+noall +answer -t AXFR), $zone],
		drill => [qw(drill -p), $port, '@127.0.0.1', $zone, 'AXFR'],
	);
	for my $name (sort keys %client) {
		SKIP: {
			skip "$name is not installed", 2 unless grep { -x "$_/$name" } split /:/, $ENV{PATH};
			my $seen = run($client{$name}, timeout => 10);
			my %records = map { lc =~ s/\s+/ /gr => 1 } grep { /\sIN\s/ && !/^;/ } split /\n/, $seen->{out};
			is(scalar keys %records, 3000 + 5 + @rich, "$name has all records") or diag(substr "$seen->{out}$seen->{err}", 0, 1000);
			$seen = run([@{ $client{$name} }[0 .. $#{ $client{$name} } - ($name eq 'drill' ? 1 : 3)], $name eq 'drill' ? 'SOA' : ('-t', 'SOA', $zone)], timeout => 10);
			like($seen->{out}, qr/\b5 600 60 604800 60\b/, "$name has the SOA");
		}
	}
	logs($axfrd, qr/example\.com\.: transfer out to 127\.0\.0\.1\@\d+: serial 5, 3015 records, \d+ bytes, \d+\.\d ms/, 'the log says who, what and how much');
	my $socket = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Proto => 'udp', Type => Socket::SOCK_DGRAM);
	send $socket, substr(question($zone, 'AXFR', 9), 2), 0;
	IO::Select->new($socket)->can_read(3) and recv $socket, my $bytes, 4096, 0;
	is(scalar(Net::DNS::Packet->new(\$bytes))->header->rcode, 'REFUSED', 'AXFR over UDP is refused');
};

subtest 'many questions on one connection' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 5, 2, @rich) }, options => ['--listen=127.0.0.1@0']);
	my $socket = connected(port_of($axfrd));
	my $bytes = join '', map { question($_ % 2 ? $zone : "www.$zone", $_ % 3 ? 'A' : 'SOA', $_) } 1 .. 50;
	$bytes .= question($zone, 'AXFR', 51) . question($zone, 'SOA', 52);
	for my $piece (unpack '(a7)*', $bytes) { syswrite $socket, $piece }
	shutdown $socket, 1;
	my @answers = messages(read_all($socket, 1e6));
	is_deeply([map { $_->header->id } @answers], [1 .. 52], 'each is answered, in order, also after a transfer and a half-close');
	is(scalar((grep { $_->header->id == 51 } @answers)[0]->answer), 6 + @rich, 'the transfer is whole');
	$socket = connected(port_of($axfrd));
	syswrite $socket, "\0\3abc" . "\0\0" . question($zone, 'SOA', 7);
	my ($length) = unpack 'n', read_all($socket, 2);
	is(scalar(Net::DNS::Packet->new(\read_all($socket, $length)))->header->id, 7, 'rubbish before a question costs nothing');
};

subtest 'IPv6, and any address' => sub {
	my $six = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0, Proto => 'udp', Type => Socket::SOCK_DGRAM) or plan skip_all => 'no IPv6 here';
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 5, 2) }, options => ['--listen=::1@0', '--listen=0.0.0.0@0', '--listen=::@0']);
	my ($one, $any, $any6) = $axfrd->{ready} =~ /\@(\d+)/g;
	is((ask($one, $zone, 'SOA', server => '::1', tcp => $_)->answer)[0]->serial, 5, '::1') for 0, 1;
	is(scalar @{ transfer($one, server => '::1') // [] }, 5, 'AXFR over IPv6');
	# Net::DNS wants the answer from the address that it asked.
	is((ask($any, $zone, 'SOA', server => '127.0.0.9')->answer)[0]->serial, 5, '0.0.0.0 answers from the address that was asked');
	is((ask($any6, $zone, 'SOA', server => '::1')->answer)[0]->serial, 5, ':: answers');
};

subtest 'a secondary follows' => sub {
	my $port = free_port(map { "127.0.0.$_" } 1 .. 3);
	my $text = sub { my ($serial, @more) = @_; zone_file($zone, $serial, 3, @more) =~ s/ 600 60 604800 60/ 3600 1 604800 60/r };
	my $ns1 = primary($port, $zone, $text->(10), notify => ['127.0.0.2']);
	my $ns2 = secondary($port, 2, $zone, options => ["--notify=127.0.0.3\@$port"]);
	my $ns3 = axfrd(options => ["--listen=127.0.0.3\@$port", "--secondary=$zone=127.0.0.2\@$port"]);
	ok(wait_serial($port, $_, $zone, 10), "ns$_ has it from the start") for 2, 3;
	for my $serial (11, 2147483658, 4294967295, 1) {
		$ns1->change($zone => $text->($serial, "new A 192.0.2." . $serial % 256));
		ok(wait_serial($port, 3, $zone, $serial), "serial $serial arrives by NOTIFY at the secondary's secondary");
	}
	is_deeply(transfer($port, server => '127.0.0.3'), transfer($port), 'contents are equal');
	logs($ns1, qr/NOTIFY to 127\.0\.0\.2\@$port: serial 11: NOERROR \(1 sent\)/, 'the primary logs what it sent');
	logs($ns2, qr/NOTIFY from 127\.0\.0\.1\@\d+: serial 11 asking its primary/, 'the secondary logs what it got');
	logs($ns2, qr/transfer in from 127\.0\.0\.1\@$port: serial 10, 7 records, 1 message, \d+ bytes, /, 'and what it transferred');
	logs($ns2, qr/transfer in from 127\.0\.0\.1\@$port: serial 11 from 10 by IXFR, 3 records, 1 message, \d+ bytes, /, 'then differences');
	logs($ns1, qr/transfer out to 127\.0\.0\.2\@\d+: serial 11 from 10 by IXFR, 3 records/, 'from its own address');
	$ns1->change($zone => $text->(0));
	logs($ns1, qr/serial 0 is not newer than 1: secondaries keep theirs/, 'a serial that goes back is said');
	logs($ns2, qr/127\.0\.0\.1\@$port has serial 0, not newer than ours, 1; ours stays/, 'and not followed');
	$ns1->change($zone => $text->(0));
	logs($ns1, qr/the serial is as before: secondaries take no change/, 'so is one that stays');
};

subtest 'differences, or the whole zone' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my @many = map { "host$_ A 192.0.2." . $_ % 256 } 1 .. 500;
	my $ns1 = primary($port, $zone, zone_file($zone, 10, 2, @many), notify => ['127.0.0.2']);
	my $ns2 = secondary($port, 2, $zone);
	ok(wait_serial($port, 2, $zone, 10), 'the secondary has the zone');
	$ns1->change($zone => zone_file($zone, 11, 2, @many[3 .. 499], 'new A 192.0.2.1'));
	ok(wait_serial($port, 2, $zone, 11), 'and what changed');
	logs($ns2, qr/serial 11 from 10 by IXFR, 6 records/, 'by IXFR');
	my $ixfr = sub { my ($serial) = @_; my $asked = Net::DNS::Packet->new($zone, 'IXFR');
		$asked->push(authority => Net::DNS::RR->new("$zone SOA a b $serial 1 1 1 1"));
		my $socket = connected($port);
		syswrite $socket, pack 'n/a*', $asked->encode;
		shutdown $socket, 1;
		return map { $_->answer } messages(read_all($socket, 1e6)) };
	is_deeply([map { $_->type . ($_->type eq 'SOA' ? $_->serial : '') } $ixfr->(10)], [qw(SOA11 SOA10 A A A SOA11 A SOA11)], 'in the order of RFC 1995');
	is(scalar(my @whole = $ixfr->(9)), 504, 'who has another version gets all');
	$ns1->again;
	is(scalar(@whole = $ixfr->(10)), 504, 'so it is after a restart');
	is_deeply([map { $_->serial } $ixfr->(11)], [11], 'who has all gets the SOA');
	$ns1->change($zone => zone_file($zone, 12, 2));
	ok(wait_serial($port, 2, $zone, 12), 'a zone that changed altogether arrives');
	$ns1->again("--fault=no-ixfr:$zone");
	$ns1->change($zone => zone_file($zone, 13, 2));
	ok(wait_serial($port, 2, $zone, 13), 'no-ixfr: it comes whole');
	logs($ns2, qr/serial 13, 5 records/, 'as the log says');
	is_deeply(transfer($port, server => '127.0.0.2'), transfer($port), 'contents are equal');
};

subtest 'several primaries' => sub {
	my $port = free_port(map { "127.0.0.$_" } 1 .. 3);
	my $text = sub { zone_file($zone, $_[0], 3) =~ s/ 600 60 604800 60/ 3600 1 604800 60/r };
	my $ns1 = primary($port, $zone, $text->(10), notify => ['127.0.0.3']);
	my $ns2 = primary($port, $zone, $text->(11), number => 2, notify => ['127.0.0.3']);
	my $ns3 = axfrd(options => ["--listen=127.0.0.3\@$port", "--secondary=$zone=127.0.0.1\@$port,127.0.0.2\@$port"]);
	ok(wait_serial($port, 3, $zone, 10), 'the first that has something');
	$ns1->change($zone => $text->(10));
	$ns2->change($zone => $text->(12));
	ok(wait_serial($port, 3, $zone, 12), 'any of them may notify, and is asked');
	$ns2->stop;
	$ns1->change($zone => $text->(13));
	ok(wait_serial($port, 3, $zone, 13), 'one of them is enough');
	$ns1->stop;
	$ns2->{zones}{$zone} = $text->(14);
	$ns2->start;
	$ns2->change($zone => $text->(15));
	ok(wait_serial($port, 3, $zone, 15), 'whichever');
	kill HUP => $ns3->{pid};
	logs($ns3, qr/127\.0\.0\.1\@$port failed: .*; next primary/, 'the one that is down is said');
	logs($ns3, qr/transfer in from 127\.0\.0\.2\@$port: serial 15/, 'and where it came from');
};

subtest 'a secondary by its timers' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $text = sub { zone_file($zone, $_[0], 2) =~ s/ 600 60 604800 60/ 1 1 3 60/r };
	my $ns2 = secondary($port, 2, $zone);
	my $asking = Net::DNS::Packet->new($zone, 'SOA');
	$asking->edns->option(EXPIRE => { 'OPTION-DATA' => '' });
	my $answer = sub { resolver('127.0.0.2', $port)->send($asking) };
	my $packet = $answer->();
	is($packet->header->rcode, 'SERVFAIL', 'not loaded yet: SERVFAIL');
	is(unpack('n', scalar $packet->edns->option(15)), 14, 'with EDE 14');
	my $ns1 = primary($port, $zone, $text->(10));
	ok(wait_serial($port, 2, $zone, 10), 'it tries until the primary is there');
	$ns1->change($zone => $text->(11));
	ok(wait_serial($port, 2, $zone, 11), 'without NOTIFY it comes by refresh');
	cmp_ok(unpack('N', scalar $answer->()->edns->option('EXPIRE')), '<', 3, 'EXPIRE counts down');
	$ns1->stop;
	ok(wait_until(8, sub { $packet = $answer->(); $packet && $packet->header->rcode eq 'SERVFAIL' }), 'without its primary it expires');
	is(unpack('n', scalar $packet->edns->option(15)), 24, 'with EDE 24');
	logs($ns2, qr/expired: no word from its primary for 3 s/, 'which is logged');
	$ns1->start;
	ok(wait_serial($port, 2, $zone, 11), 'and it comes back');
};

subtest 'a secondary and a primary with troubles' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $text = sub { zone_file($zone, $_[0], 2) =~ s/ 600 60 604800 60/ 1 1 3 60/r };
	my $ns1 = primary($port, $zone, $text->(10), notify => ['127.0.0.2']);
	for my $story (
		# fault, what the log of the secondary says; undef: it has the zone nevertheless
		['no-aa', qr/SOA question to 127\.0\.0\.1\@$port failed: its answer is not authoritative; next try in 1 s/],
		['nodata', qr/failed: it answers without an SOA/],
		['servfail', qr/failed: it answers SERVFAIL/],
		['lame', qr/failed: it answers REFUSED/],
		['refuse-axfr', qr/transfer in from 127\.0\.0\.1\@$port failed: it answers REFUSED; next try in 1 s/],
		['no-tcp', qr/failed: its TCP port is closed/],
		["no-tcp:$zone", qr/failed: the connection ended early/],
		['tc-always', undef],
		['formerr-edns', undef],
		['no-udp', undef],
	) {
		my ($fault, $said) = @$story;
		$ns1->again("--fault=$fault");
		my $ns2 = secondary($port, 2, $zone);
		if ($said) { logs($ns2, $said, "$fault: said") }
		else { ok(wait_serial($port, 2, $zone, 10), "$fault: it transfers nevertheless") }
		$ns1->{options} = [grep { !/--fault/ } @{ $ns1->{options} }] if $fault ne 'no-udp';
	}
	my $ns2 = secondary($port, 2, $zone);
	ok(wait_serial($port, 2, $zone, 10), 'where UDP is closed it asks by TCP');
	$ns1->change($zone => $text->(11));
	ok(wait_serial($port, 2, $zone, 11), 'at each refresh');
	is(scalar(() = $ns2->errors =~ /transfer in/g), 2, 'and does not take the same zone twice');
	$ns1->change($zone => zone_file($zone, 11, 2, "many.$zone. CNAME elsewhere") =~ s/^\@ NS.*\n//mgr);
	logs($ns1, qr/no NS records at the top of the zone; serial 11 stays/, 'a zone without NS is not taken');
	$ns1->{zones}{$zone} = $text->(10);
	$ns1->{options} = [grep { !/--fault/ } @{ $ns1->{options} }];
	$ns1->again('--fault=slow=200');
	$ns1->change($zone => $text->(11));
	log_has($ns2, qr/serial 11 asking/);
	$ns1->change($zone => $text->(12));
	ok(wait_serial($port, 2, $zone, 12), 'a NOTIFY that comes while a check runs is not lost');
	kill HUP => $ns2->{pid};
	ok(wait_serial($port, 2, $zone, 12), 'SIGHUP of a secondary harms nothing');
};

subtest 'NOTIFY from others, and to nobody' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2', '127.0.0.3');
	my $ns1 = primary($port, $zone, zone_file($zone, 10, 2), notify => ['127.0.0.3']);
	my $ns2 = secondary($port, 2, $zone);
	wait_serial($port, 2, $zone, 10);
	for my $story (['127.0.0.2', $zone, 'REFUSED', qr/NOTIFY from 127\.0\.0\.\d+\@\d+ refused: not from its primary/],
		['127.0.0.2', 'example.org', 'NOTAUTH', qr/example\.org\.: NOTIFY from .* refused: not a zone of ours/]) {
		my ($server, $name, $rcode, $logged) = @$story;
		my $packet = Net::DNS::Packet->new($name, 'SOA');
		$packet->header->opcode('NOTIFY');
		$packet->header->rd(0);
		my $reply = resolver($server, $port, srcaddr => '127.0.0.9')->send($packet);
		is($reply->header->rcode, $rcode, "$name: $rcode");
		logs($ns2, $logged, 'logged');
	}
	my $listening = IO::Socket::IP->new(LocalHost => '127.0.0.3', LocalPort => $port, Proto => 'udp', Type => Socket::SOCK_DGRAM);
	ok(IO::Select->new($listening)->can_read(10), 'an unanswered NOTIFY comes again');
	my $from = recv $listening, my $bytes, 4096, 0;
	my $packet = Net::DNS::Packet->new(\$bytes);
	is_deeply([$packet->header->opcode, $packet->header->aa, ($packet->question)[0]->qtype, map { $_->serial } $packet->answer], ['NOTIFY', 1, 'SOA', 10],
		'with the serial, as RFC 1996 shows');
	my $reply = $packet->reply;
	$reply->header->rcode('NOTIMP');
	send $listening, $reply->encode, 0, $from;
	logs($ns1, qr/NOTIFY to 127\.0\.0\.3\@$port: serial 10: NOTIMP \(\d sent\)/, 'any answer ends it');
};

subtest 'signatures' => sub {
	my ($key, $other) = map { key_file($_, 'c2VjcmV0IG9mIHRoZSB0ZXN0cw==') } 'transfer', 'other';
	my $port = free_port('127.0.0.1', '127.0.0.2', '127.0.0.3');
	my $ns1 = primary($port, $zone, zone_file($zone, 10, 3, map { "host$_ A 192.0.2.1" } 1 .. 3000), notify => ['127.0.0.2', '127.0.0.3'], options => ['-k', $key]);
	my $ns2 = secondary($port, 2, $zone, options => ['-k', $key]);
	my $ns3 = secondary($port, 3, $zone, options => ['-k', $other]);
	ok(wait_serial($port, 2, $zone, 10), 'a secondary with the key transfers');
	is(scalar @{ transfer($port, key => $key) // [] }, 3007, 'so does Net::DNS');
	is(transfer($port), undef, 'not without');
	logs($ns1, qr/transfer out to \S+ refused: not signed/, 'which is logged');
	logs($ns3, qr/SOA question to 127\.0\.0\.1\@$port failed: .*signature.*; next try in 1 s/, 'another key does not help');
	is(serial_of($port, 3, $zone), undef, 'that secondary has nothing');
	$ns1->change($zone => zone_file($zone, 11, 3));
	ok(wait_serial($port, 2, $zone, 11), 'NOTIFY is signed and followed');
	logs($ns1, qr/NOTIFY to 127\.0\.0\.3\@$port: serial 11: the answer's signature is wrong, or ours for it/, 'and not with another key');
	SKIP: {
		skip 'dig is not installed', 1 unless grep { -x "$_/dig" } split /:/, $ENV{PATH};
		like(run(['dig', '@127.0.0.1', '-p', $port, '-k', $key, $zone, 'AXFR'])->{out}, qr/XFR size: 8 records/, 'dig -k agrees');
		like(run(['dig', '@127.0.0.1', '-p', $port, '-k', $other, $zone, 'SOA'])->{out}, qr/NOTAUTH.*BADKEY/s, 'and sees BADKEY');
	}
	$ns1->again('--fault=wrong-tsig');
	$ns2->again;
	logs($ns2, qr/signature/, 'a wrong signature is not taken');
	is(serial_of($port, 2, $zone), undef, 'so there is no zone');
};

subtest 'who may transfer' => sub {
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 2) }, options => ['--listen=127.0.0.1@0', '--allow-transfer=127.0.0.8/30', '--allow-transfer=::1']);
	my $port = port_of($axfrd);
	is(transfer($port), undef, 'not from 127.0.0.1');
	logs($axfrd, qr/transfer out to 127\.0\.0\.1\@\d+ refused: address not allowed/, 'which is logged');
	my @records = resolver('127.0.0.1', $port, srcaddr => '127.0.0.9')->axfr($zone);
	is(scalar @records, 5, 'from 127.0.0.9');
};

subtest 'faults of transfers' => sub {
	my $text = zone_file($zone, 10, 2, map { "host$_ A 192.0.2.1" } 1 .. 2000);
	for my $fault (qw(refuse-axfr truncate-transfer reset-transfer)) {
		my $axfrd = axfrd(zones => { $zone => $text }, options => ['--listen=127.0.0.1@0', "--fault=$fault:$zone"]);
		is(transfer(port_of($axfrd)), undef, "$fault: no transfer");
		is((ask(port_of($axfrd), $zone, 'SOA')->answer)[0]->serial, 10, "$fault: all else is served");
		logs($axfrd, qr/fault/, "$fault: logged as such");
	}
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my $ns1 = primary($port, $zone, zone_file($zone, 10, 2), notify => ['127.0.0.2']);
	my $ns2 = secondary($port, 2, $zone, options => ['--fault=stale-serial']);
	ok(wait_serial($port, 2, $zone, 10), 'stale-serial: the first version comes');
	$ns1->change($zone => zone_file($zone, 11, 2));
	logs($ns2, qr/nothing is taken from 127\.0\.0\.1\@$port: a fault keeps serial 10/, 'stale-serial: and stays');
	$ns1->again('--fault=stale-serial');
	$ns1->change($zone => zone_file($zone, 12, 2));
	logs($ns1, qr/not read again: a fault keeps serial 11/, 'stale-serial: at a primary, too');
	$ns2->again('--fault=drop-notify');
	$ns1->change($zone => zone_file($zone, 13, 2));
	for my $fault (qw(truncate-transfer reset-transfer no-tcp refuse-axfr)) {
		$ns1->again("--fault=$fault:$zone");
		$ns2->stop;
		unlink "$ns2->{directory}/stderr";
		$ns2->start;
		logs($ns2, qr/transfer in from 127\.0\.0\.1\@$port failed: .*; next try in 1 s/, "$fault: a secondary of ours says so");
		$ns1->{options} = [grep { !/--fault/ } @{ $ns1->{options} }];
	}
};

subtest 'faults of sockets' => sub {
	for my $story (['no-udp', 0, 1], ['no-tcp', 1, 0], ['drop', 0, 0], ['drop-udp', 0, 1], ['drop-tcp', 1, 0], ["no-udp:$zone", 0, 1], ["no-tcp:$zone", 1, 0],
		['garbage', 0, 0], ['wrong-id', 0, 0], ['lame', 1, 1], ['wrong-id:example.org', 1, 1]) {
		my ($fault, $udp, $tcp) = @$story;
		my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 2) }, options => ['--listen=127.0.0.1@0', "--fault=$fault"]);
		my $port = port_of($axfrd);
		my @seen = map { answers($port, $_) } 0, 1;
		is_deeply(\@seen, [$udp, $tcp], "$fault: UDP " . ($udp ? 'answers' : 'does not') . ', TCP ' . ($tcp ? 'answers' : 'does not'));
	}
	my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 2) }, options => ['--listen=127.0.0.1@0', "--fault=slow=300:$zone"]);
	for my $tcp (0, 1) {
		my $began = time;
		is((ask(port_of($axfrd), $zone, 'SOA', tcp => $tcp)->answer)[0]->serial, 10, 'slow=300 answers');
		cmp_ok(time - $began, '>=', 0.29, 'late');
	}
	logs(axfrd(zones => { $zone => zone_file($zone, 10, 2) }, options => ['--listen=127.0.0.1@0', '--fault=lame:example.org']),
		qr/example\.org\.: there is a fault for it \(lame\), but it is not served here/, 'a fault for no zone of ours is said');
};

subtest 'many zones' => sub {
	my %zones = map { ("zone$_.test" => zone_file("zone$_.test", $_, 1)) } 1 .. 12;
	spew("$directory/part", "www A 192.0.2.7\n");
	$zones{'zone1.test'} .= "\$INCLUDE $directory/part\n";
	my $axfrd = axfrd(zones => \%zones, options => ['--listen=127.0.0.1@0']);
	like($axfrd->{ready}, qr/zone1\.test\. serial 1, .*, 2 more zones$/, 'the ready line stays short');
	is((ask(port_of($axfrd), "zone$_.test", 'SOA')->answer)[0]->serial, $_, "zone$_.test") for 1, 7, 12;
	is((ask(port_of($axfrd), 'www.zone1.test', 'A')->answer)[0]->address, '192.0.2.7', 'included files are read');
};

subtest 'a catalog of its zones' => sub {
	my $port = free_port('127.0.0.1', '127.0.0.2');
	my %zones = map { ($_ => zone_file($_, 10, 1)) } 'a.test', 'b.test';
	my $axfrd = axfrd(zones => \%zones, options => ["--listen=127.0.0.1\@$port", '--catalog=catalog.test', "--notify=127.0.0.2\@$port", "--secondary=c.test=127.0.0.3\@$port"]);
	my $records = transfer($port, zone => 'catalog.test') // [];
	is_deeply([sort map { /^\w{16}\.zones\.catalog\.test\. .* ptr (\S+)$/ ? $1 : () } @$records], ['a.test.', 'b.test.', 'c.test.'], 'lists them');
	is(scalar(grep { /^version\.catalog\.test\. .* txt "?2"?$/ } @$records), 1, 'in version 2') or diag(join "\n", @$records);
	kill HUP => $axfrd->{pid};
	my $seen = run([program('check_dns_replication'), "--zones-from=catalog:catalog.test", '-H', "127.0.0.1\@$port", '-p', $port, '-n', '--no-state', '-o', 'json', '-t', '5s'], timeout => 10);
	is_deeply([sort map { $_->{zone} } @{ decode($seen->{out})->{zones} // [] }], ['a.test.', 'b.test.', 'c.test.'], 'check_dns_replication reads it') or tell_run($seen);
	my $before = serial_of($port, 1, 'catalog.test');
	ok(wait_until(10, sub { $axfrd->again; (serial_of($port, 1, 'catalog.test') // 0) > $before }), 'a later start has a higher serial');
};

done_testing;
