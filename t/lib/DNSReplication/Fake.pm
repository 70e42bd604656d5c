package DNSReplication::Fake;

# DNS servers that do as a script says, several loopback addresses on one port, in one forked child:
#
#	my $fake = fake('127.0.0.1' => { zones => { 'example.com' => { serial => 10, ns => ['ns1.example.com'] } } },
#		'127.0.0.2' => { zones => { 'example.com' => { serial => 9 } }, lie => 'wrong_id' });
#	my $fake = cluster([10, 10, 9]);	ns1 (the primary), ns2, ns3.example.com at 127.0.0.1 .. 3, each with its serial
#	cluster([10, 10], 2 => { tcp => 'closed' }, zone => { ... })	differences of servers, and of the zone everywhere
#	check($fake->arguments)	-z example.com -H 127.0.0.1@5300 -p 5300
#	my $fake = stories({ name => 'mute', udp => 'silent' }, ...);	a good primary at 127.0.0.1, then one server per story: serial 10
#	check($fake->listing)	-z example.com -H ... -n -a mute.test=127.0.0.2@5300 ...
#	$fake->at('127.0.0.1')	"127.0.0.1@5300"
#	$fake->asked		what was asked so far: { by, address, name, type, class, edns, do, nsid, expire, rd, opcode, from, port, tsig }
#	$fake->again('127.0.0.2' => { udp => 'silent' })	the same port, changed
#
# A server is a hash of:
#	zones	=> { NAME => { serial (number, or a sub of the count of SOA questions so far, this one included, and of the seconds since start),
#		   nodata (no SOA in the answer), referral, ns => [names], soa => { mname rname refresh retry expire minimum }, records => [text], or a sub that returns them, rcode, no_aa,
#		   signed => [inception, expiration] } }
#	resolver => [records]	answers these as a resolver would, NXDOMAIN for the rest
#	udp, tcp => 'answer' (default), 'silent', 'closed'; tcp also 'hang_up', 'half' (of an answer, then hangs up), 'dribble' (byte by byte)
#	hang_ups => number of first TCP connections that are closed, as by a server that reloads
#	lie	=> a name of %LIE; lie_by => 'udp' or 'tcp' (default both); then_truth => 1: the true answer right after it
#	tc	=> 1	UDP answers are truncated;	nsid, expire, ede => [code, text]	in answers to EDNS
#	version	=> what version.bind is answered with; chaos => 'silent': questions of class CH are thrown away
#	edns	=> 'formerr', 'ignored' (answers without), 'badvers';	slow => seconds;	lose => number of first UDP questions to lose (loses => 'IN TXT': of these);	copies => answers sent

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter 'import';
use File::Temp ();
use IO::Select;
use IO::Socket::IP;
use Net::DNS;
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Time::HiRes 'time';

our @EXPORT = qw(fake cluster stories zone_of free_port lies);

my %RCODE = (NOERROR => 0, FORMERR => 1, SERVFAIL => 2, NXDOMAIN => 3, NOTIMP => 4, REFUSED => 5, NOTAUTH => 9, YXDOMAIN => 6);

sub lies { my @names = sort keys %DNSReplication::Fake::LIE; return @names }

# A port that is free on all of these addresses for UDP and TCP, and the sockets: { address => { udp, tcp } }.
sub sockets {
	my ($port, %closed) = @_;
	TRY: for my $attempt (1 .. 200) {
		my (%sockets, $chosen);
		$chosen = $port;
		for my $address (sort keys %closed) {
			for my $kind (qw(tcp udp)) {
				my $socket = IO::Socket::IP->new(LocalHost => $address, LocalPort => $chosen // 0, ReuseAddr => $kind eq 'tcp',
					V6Only => 1, $kind eq 'udp' ? (Type => SOCK_DGRAM, Proto => 'udp') : (Type => SOCK_STREAM, Proto => 'tcp', Listen => 64));
				if (!$socket) {
					die "no port at $address: $@" if $attempt == 200;
					select undef, undef, undef, 0.01 if defined $port;
					next TRY;
				}
				$chosen //= $socket->sockport;
				$sockets{$address}{$kind} = $socket;
			}
		}
		for my $address (keys %closed) { delete $sockets{$address}{$_} for @{ $closed{$address} } }
		return ($chosen, \%sockets);
	}
}

sub free_port {
	my @addresses = @_ ? @_ : '127.0.0.1';
	my ($port) = sockets(undef, map { $_ => [] } @addresses);
	return $port;
}

sub fake {
	my %servers = @_;
	my $port = delete $servers{port};
	my %closed = map { my $s = $servers{$_}; $_ => [grep { ($s->{$_} // '') eq 'closed' } qw(udp tcp)] } keys %servers;
	my ($chosen, $sockets) = sockets($port, %closed);
	my $log = File::Temp->new(TEMPLATE => 'dns-replication-asked-XXXXXX', TMPDIR => 1);
	my $self = bless { port => $chosen, servers => \%servers, log => $log, owner => $$ }, __PACKAGE__;
	my $parent = $$;
	$self->{pid} = fork // die "fork: $!";
	if (!$self->{pid}) {
		$SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
		$SIG{PIPE} = 'IGNORE';
		open STDOUT, '>', '/dev/null';
		eval { serve($self, $sockets, $parent); 1 } or print STDERR "fake server: $@";
		POSIX::_exit(0);
	}
	return $self;
}

# A zone with ns1 .. nsN at 127.0.0.1 .. N.
sub zone_of {
	my ($name, $serial, $servers, %more) = @_;
	return { serial => $serial, ns => [map { "ns$_.$name" } 1 .. $servers], records => [map { "ns$_.$name. 300 IN A 127.0.0.$_" } 1 .. $servers], %more };
}

sub cluster {
	my ($serials, %with) = @_;
	my $more = delete $with{zone} // {};
	my $count = @$serials;
	my %servers = map { ("127.0.0.$_" => { zones => { 'example.com' => zone_of('example.com', $serials->[$_ - 1], $count, %$more) } }) } 1 .. $count;
	for my $number (keys %with) {
		my $server = $servers{"127.0.0.$number"} //= {};
		my %changes = %{ $with{$number} };
		$server->{zones}{'example.com'} = { %{ $server->{zones}{'example.com'} }, %{ delete $changes{zone} } } if $changes{zone};
		@$server{ keys %changes } = values %changes;
	}
	return fake(%servers);
}

sub stories {
	my @stories = ({ name => 'primary' }, @_);
	my %servers;
	for my $number (1 .. @stories) {
		my %story = %{ $stories[$number - 1] };
		$servers{"127.0.0.$number"} = { zones => { 'example.com' => { serial => 10, ns => ['primary.test'], %{ delete $story{zone} // {} } } }, %story };
	}
	my $self = fake(%servers);
	$self->{stories} = scalar @stories;
	return $self;
}

# Who hands out arguments lives as long as the test.
my @kept;

sub listing {
	my ($self) = @_;
	push @kept, $self;
	return ('-z', 'example.com', '-H', $self->at('127.0.0.1'), '-n',
		map { ('-a', "$self->{servers}{\"127.0.0.$_\"}{name}.test=" . $self->at("127.0.0.$_")) } 1 .. $self->{stories});
}

sub arguments {
	my ($self) = @_;
	push @kept, $self;
	return ('-z', 'example.com', '-H', $self->at('127.0.0.1'), '-p', $self->{port});
}

sub port { $_[0]{port} }
sub at { my ($self, $address) = @_; return "$address\@$self->{port}" }

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid};
	if ($pid && $self->{owner} == $$) { local $?; kill KILL => $pid; waitpid $pid, 0 }
}
sub DESTROY { $_[0]->stop }

# In place, since the caller's variable goes on standing for the servers.
sub again {
	my ($self, %changes) = @_;
	$self->stop;
	my %servers = %{ $self->{servers} };
	$servers{$_} = { %{ $servers{$_} // {} }, %{ $changes{$_} } } for keys %changes;
	my $new = fake(%servers, port => $self->{port});
	($self->{servers}, $self->{pid}, $self->{log}) = ($new->{servers}, delete $new->{pid}, $new->{log});
	return $self;
}

# The secondary at ADDRESS now serves this serial of the zone.
sub serial {
	my ($self, $zone, %serials) = @_;
	return $self->again(map {
		my $zones = $self->{servers}{$_}{zones};
		$_ => { zones => { %$zones, $zone => { %{ $zones->{$zone} }, serial => $serials{$_} } } }
	} keys %serials);
}

sub asked {
	my ($self, %only) = @_;
	my @all = map { my %one = map { split /=/, $_, 2 } split ' ', $_; \%one } split /\n/, slurp($self->{log}->filename);
	return grep { my $one = $_; !grep { ($one->{$_} // '') ne $only{$_} } keys %only } @all;
}

### From here on in the child.

sub serve {
	my ($self, $sockets, $parent) = @_;
	my $log = $self->{log};
	$log->autoflush(1);
	my $select = IO::Select->new;
	my (%role, %buffer, @later);
	my $began = time;
	for my $address (keys %$sockets) {
		for my $kind (keys %{ $sockets->{$address} }) {
			my $socket = $sockets->{$address}{$kind};
			my %server = (%{ $self->{servers}{$address} }, address => $address, began => $began, log => $log, sockets => $sockets->{$address});
			$server{count} = $self->{servers}{$address}{count} //= {};
			$role{ fileno $socket } = { kind => $kind, server => \%server };
			$select->add($socket);
		}
	}
	while (1) {
		my $soonest = (sort { $a <=> $b } map { $_->[0] } @later)[0] // time + 1;
		for my $socket ($select->can_read($soonest > time ? $soonest - time : 0)) {
			my $role = $role{ fileno $socket };
			if ($role->{kind} eq 'udp') {
				my $peer = $socket->recv(my $bytes, 65535) // next;
				udp($role->{server}, $socket, $bytes, $peer, \@later);
			} elsif ($role->{kind} eq 'tcp') {
				my $connection = $socket->accept or next;
				print $log "by=connect address=$role->{server}{address}\n";
				next if ($role->{server}{tcp} // '') eq 'hang_up' || ($role->{server}{hang_ups} // 0) > 0 && $role->{server}{hang_ups}--;
				$connection->sockopt(Socket::TCP_NODELAY(), 1);
				$role{ fileno $connection } = { kind => 'connection', server => $role->{server}, in => '' };
				$select->add($connection);
			} else {
				if (!sysread $socket, $role->{in}, 65535, length $role->{in}) { $select->remove($socket); close $socket; next }
				while (length $role->{in} >= 2 && length $role->{in} >= 2 + unpack 'n', $role->{in}) {
					my $bytes = substr $role->{in}, 2, unpack 'n', $role->{in};
					substr($role->{in}, 0, 2 + length $bytes) = '';
					tcp($role->{server}, $socket, $bytes, \@later, $select) or last;
				}
			}
		}
		my @due = grep { $_->[0] <= time } @later;
		@later = grep { $_->[0] > time } @later;
		$_->[1]->() for @due;
		return if getppid != $parent;
	}
}

sub udp {
	my ($server, $socket, $bytes, $peer, $later) = @_;
	my $query = understood($server, 'udp', $bytes, $peer) or return;
	return if ($server->{udp} // '') eq 'silent';
	return if ($server->{chaos} // '') eq 'silent' && $query->{question}->qclass eq 'CH';
	my $kind = join ' ', map { $_->qclass, $_->qtype } $query->{question};
	return if $kind eq ($server->{loses} // $kind) && ($server->{lost} //= 0)++ < ($server->{lose} // 0);
	my $truth = answer($server, $query, 'udp');
	my @send = ($truth) x ($server->{copies} // 1);
	if (defined $server->{lie} && ($server->{lie_by} // 'udp') eq 'udp') {
		@send = ($DNSReplication::Fake::LIE{ $server->{lie} }->($truth, $query), $server->{then_truth} ? $truth : ());
	}
	my $from = $socket;
	my $first = 1;
	my $send = sub {
		for my $packet (@send) {
			my $socket = $first && ($server->{lie} // '') =~ /^wrong_(address|port)$/ ? elsewhere($server, $1) : $from;
			send $socket, $packet, 0, $peer;
			$first = 0;
		}
	};
	return push @$later, [time + $server->{slow}, $send] if $server->{slow};
	$send->();
}

sub elsewhere {
	my ($server, $what) = @_;
	my $address = $what eq 'address' ? '127.0.0.254' : $server->{address};
	return $server->{elsewhere} //= IO::Socket::IP->new(LocalHost => $address, LocalPort => 0, Type => SOCK_DGRAM, Proto => 'udp');
}

# False when the connection is gone.
sub tcp {
	my ($server, $socket, $bytes, $later, $select) = @_;
	my $query = understood($server, 'tcp', $bytes, $socket->peername) or return 1;
	my $how = $server->{tcp} // 'answer';
	return 1 if $how eq 'silent';
	my $packet = answer($server, $query, 'tcp');
	$packet = $DNSReplication::Fake::LIE{ $server->{lie} }->($packet, $query) if defined $server->{lie} && ($server->{lie_by} // 'tcp') eq 'tcp';
	$packet = pack('n', length $packet) . $packet;
	if ($how eq 'half') {
		syswrite $socket, substr $packet, 0, length($packet) / 2;
		$select->remove($socket);
		close $socket;
		return 0;
	}
	if ($how eq 'dribble') { syswrite $socket, $_ for split //, $packet; return 1 }
	return push @$later, [time + $server->{slow}, sub { syswrite $socket, $packet }] if $server->{slow};
	syswrite $socket, $packet;
	return 1;
}

# The question, noted in the log; undef where it is none.
sub understood {
	my ($server, $by, $bytes, $peer) = @_;
	my $query = Net::DNS::Packet->new(\$bytes) or return;
	my ($question) = $query->question or return;
	my ($opt) = grep { $_->type eq 'OPT' } $query->additional;
	my %option = map { $_ => 1 } $opt ? $query->edns->options : ();
	my (undef, $host, $port) = Socket::getnameinfo($peer // '', Socket::NI_NUMERICHOST() | Socket::NI_NUMERICSERV());
	my $log = $server->{log};
	printf $log "by=%s address=%s name=%s type=%s class=%s edns=%d do=%d nsid=%d expire=%d rd=%d opcode=%s from=%s port=%d tsig=%d\n", $by, $server->{address},
		lc $question->qname, $question->qtype, $question->qclass, $opt ? 1 : 0, $query->header->do ? 1 : 0, $option{3} // 0, $option{9} // 0,
		$query->header->rd ? 1 : 0, $query->header->opcode, $host, $port, scalar grep { $_->type eq 'TSIG' } $query->additional;
	return { packet => $query, question => $question, bytes => $bytes, edns => $opt ? 1 : 0 };
}

sub answer {
	my ($server, $query, $by) = @_;
	my $question = $query->{question};
	my ($name, $type) = (lc $question->qname, $question->qtype);
	my $reply = Net::DNS::Packet->new($question->qname, $type, $question->qclass);
	my $header = $reply->header;
	$header->id($query->{packet}->header->id);
	$header->qr(1);
	$header->rd($query->{packet}->header->rd);
	return finished($server, $query, $reply, 'FORMERR', 1) if ($server->{edns} // '') eq 'formerr' && $query->{edns};
	if ($question->qclass eq 'CH' && $name eq 'version.bind' && defined $server->{version}) {
		$reply->push(answer => Net::DNS::RR->new(owner => $name, type => 'TXT', class => 'CH', txtdata => [$server->{version}]));
		return finished($server, $query, $reply, 'NOERROR');
	}
	if ($server->{resolver}) {
		$header->ra(1);
		my @all = map { Net::DNS::RR->new($_) } @{ $server->{resolver} };
		my @named = grep { lc $_->name eq $name } @all;
		$reply->push(answer => grep { $_->type eq $type || $_->type eq 'CNAME' } @named);
		return finished($server, $query, $reply, $server->{rcode} // (@named ? 'NOERROR' : 'NXDOMAIN'));
	}
	my $zone = $name;
	while (!$server->{zones}{$zone}) { $zone =~ s/^(?:[^.\\]|\\.)*\.// or undef $zone, last }
	return finished($server, $query, $reply, $server->{rcode} // 'REFUSED') unless defined $zone;
	my $data = $server->{zones}{$zone};
	$header->aa($data->{no_aa} ? 0 : 1);
	my $rcode = $data->{rcode} // $server->{rcode};
	if ($rcode) { $header->aa(0); return finished($server, $query, $reply, $rcode) }
	my @all = records($server, $zone, $data, $name eq $zone && $type eq 'SOA');
	my @named = grep { lc $_->name eq $name } @all;
	my @found = grep { $_->type eq $type || $_->type eq 'CNAME' || $type eq 'ANY' } @named;
	push @found, grep { $_->type eq 'RRSIG' && $_->typecovered eq $type } @named if $query->{packet}->header->do;
	@found = () if $name eq $zone && ($data->{nodata} || $data->{referral});
	if ($data->{referral}) {
		$header->aa(0);
		$reply->push(authority => Net::DNS::RR->new("$zone. 300 IN NS ns.elsewhere.test."));
	} elsif (@found) {
		$reply->push(answer => @found);
		my %target = map { lc $_->nsdname => 1 } grep { $_->type eq 'NS' } @found;
		$reply->push(additional => grep { $_->type =~ /^(A|AAAA)$/ && $target{ lc $_->name } } @all) unless $data->{no_glue};
	} else {
		$reply->push(authority => grep { $_->type eq 'SOA' } @all);
	}
	if ($server->{tc} && $by eq 'udp') {
		$reply->pop("answer") while $reply->answer;
		$header->tc(1);
	}
	return finished($server, $query, $reply, @named ? 'NOERROR' : 'NXDOMAIN');
}

sub records {
	my ($server, $zone, $data, $counts) = @_;
	my $count = $counts ? ++$server->{count}{$zone} : $server->{count}{$zone} // 1;
	my $serial = ref $data->{serial} ? $data->{serial}->($count, time - $server->{began}) : $data->{serial};
	my $ns = $data->{ns} // [];
	my %soa = (mname => $ns->[0] // "ns1.$zone", rname => "hostmaster.$zone", refresh => 3600, retry => 600, expire => 604800, minimum => 300,
		%{ $data->{soa} // {} });
	my @text = ("$zone. 300 IN SOA $soa{mname}. $soa{rname}. $serial $soa{refresh} $soa{retry} $soa{expire} $soa{minimum}",
		(map { "$zone. 300 IN NS $_." } @$ns), ref $data->{records} eq 'CODE' ? $data->{records}->() : @{ $data->{records} // [] });
	if ($data->{signed}) {
		my ($inception, $expiration) = map { POSIX::strftime('%Y%m%d%H%M%S', gmtime $_) } @{ $data->{signed} };
		my $labels = 1 + ($zone =~ tr/.//);
		push @text, "$zone. 300 IN RRSIG SOA 13 $labels 300 $expiration $inception 12345 $zone. " . 'A' x 86 . '==';
	}
	return map { Net::DNS::RR->new($_) } @text;
}

# The bytes, with an OPT of our own since Net::DNS takes liberties with options.
sub finished {
	my ($server, $query, $reply, $rcode, $plain) = @_;
	my $number = $rcode =~ /^\d+$/ ? $rcode : $RCODE{$rcode} // die "rcode $rcode";
	my $how = $server->{edns} // '';
	$number = 16 if $how eq 'badvers';
	$reply->header->rcode('NOERROR');
	my $bytes = $reply->data;
	substr($bytes, 3, 1) = chr(ord(substr $bytes, 3, 1) & 0xf0 | $number & 15);
	return $bytes if $plain || !$query->{edns} || $how eq 'ignored';
	my $options = '';
	$options .= pack 'n n/a*', 3, $server->{nsid} if defined $server->{nsid};
	$options .= pack 'n n N', 9, 4, $server->{expire} if defined $server->{expire};
	$options .= pack 'n n/a*', 15, pack('n a*', @{ $server->{ede} }) if $server->{ede};
	substr($bytes, 10, 2) = pack 'n', 1 + unpack 'n', substr $bytes, 10, 2;
	return $bytes . pack 'C n n C C n n/a*', 0, 41, 1232, $number >> 4, 0, $query->{packet}->header->do ? 0x8000 : 0, $options;
}

# The bytes after the question of a packet with one question.
sub after_question { my ($bytes) = @_; my $at = 12; $at += 1 + ord substr $bytes, $at, 1 while ord substr $bytes, $at, 1; return $at + 5 }

sub soa_only {
	my ($bytes, $owner, $rdata, %with) = @_;
	my $end = after_question($bytes);
	return pack('n n n n n n', unpack('n', $bytes), $with{flags} // 0x8400, 1, $with{count} // 1, 0, 0) . substr($bytes, 12, $end - 12)
		. $owner . pack('n n N n', 6, $with{class} // 1, 300, $with{length} // length $rdata) . $rdata;
}
my $NUMBERS = pack 'N5', 4_000_000_000, 3600, 600, 604800, 300;
my $RDATA = "\3ns1\xc0\x0c\4host\xc0\x0c$NUMBERS";

# name => sub (true answer, question) returning what is sent instead
our %LIE = (
	garbage => sub { 'A quick brown fox jumps over the lazy dog and is no DNS' },
	garbage_after_id => sub { substr($_[0], 0, 2) . "\x84\0\0\1\0\1\0\0\0\0" . "\xff" x 40 },
	empty => sub { '' },
	one_byte => sub { substr $_[0], 0, 1 },
	too_short => sub { substr $_[0], 0, 11 },
	header_only => sub { substr $_[0], 0, 12 },
	too_long => sub { $_[0] . "\0" x 3000 },
	trailing_bytes => sub { $_[0] . 'trailing' },
	wrong_id => sub { pack('n', unpack('n', $_[0]) ^ 0x5555) . substr $_[0], 2 },
	wrong_question => sub { my $copy = $_[0]; substr($copy, 13, 1) =~ tr/a-yz/b-za/; $copy },
	wrong_type => sub { my ($copy, $at) = ($_[0], after_question($_[0])); substr($copy, $at - 4, 2) = pack 'n', 16; $copy },
	wrong_class => sub { my ($copy, $at) = ($_[0], after_question($_[0])); substr($copy, $at - 2, 2) = pack 'n', 3; $copy },
	wrong_answer_class => sub { soa_only($_[0], "\xc0\x0c", $RDATA, class => 3) },
	wrong_address => sub { $_[0] },
	wrong_port => sub { $_[0] },
	wrong_opcode => sub { my $copy = $_[0]; substr($copy, 2, 1) |.= "\x10"; $copy },
	question_back => sub { $_[1]{bytes} },
	two_questions => sub { my ($copy, $at) = ($_[0], after_question($_[0]));
		substr($copy, 4, 2) = pack 'n', 2; substr($copy, $at, 0) = substr $copy, 12, $at - 12; $copy },
	pointer_to_itself => sub { my $at = after_question($_[0]); soa_only($_[0], pack('n', 0xc000 | $at), $RDATA) },
	pointer_circle => sub { my $at = after_question($_[0]); soa_only($_[0], "\1a" . pack('n', 0xc000 | $at), $RDATA) },
	pointer_forward => sub { my $at = after_question($_[0]); soa_only($_[0], pack('n', 0xc000 | $at + 12), $RDATA) },
	pointer_circle_in_rdata => sub { my $at = after_question($_[0]) + 12; soa_only($_[0], "\xc0\x0c", pack('n', 0xc000 | $at) . "\xc0\x0c$NUMBERS") },
	label_of_64 => sub { soa_only($_[0], "\x40" . 'a' x 64 . "\0", $RDATA) },
	name_of_400 => sub { soa_only($_[0], ("\x3f" . 'a' x 63) x 6 . "\0", $RDATA) },
	short_rdata => sub { soa_only($_[0], "\xc0\x0c", substr $RDATA, 0, -8) },
	long_rdata => sub { soa_only($_[0], "\xc0\x0c", $RDATA . "\0\0\0\0") },
	rdata_past_the_end => sub { soa_only($_[0], "\xc0\x0c", $RDATA, length => 400) },
	cut_off => sub { substr soa_only($_[0], "\xc0\x0c", $RDATA), 0, -10 },
	counts_too_high => sub { soa_only($_[0], "\xc0\x0c", $RDATA, count => 65535) },
	two_soas => sub { my $one = soa_only($_[0], "\xc0\x0c", $RDATA, count => 2); my $at = after_question($_[0]);
		$one . substr($one, $at, -20) . pack('N', 1) . substr $one, -16 },
	soa_of_another => sub { soa_only($_[0], "\5other\4test\0", $RDATA) },
);

1;
