package DNSReplication::Stream;

# Servers of zone transfers that do as a script says, by TCP or TLS: whatever a broken or hostile server may send.
#
#	my $server = stream(sub { my ($question) = @_; return (message($question, soa(10), a('www'), soa(10)), 'close') });
#	check_transfer('-z', 'example.com', '-H', $server->at)
#	stream(..., tls => [certificate(...), '-alpn', 'dot'])	arguments of openssl s_server
#
# The script gets the question { id, type, serial, bytes (as they came, the name's included) } and returns what is sent, in order:
#	bytes		as they are (message() puts the length before a message)
#	'close'		the connection is closed; 'reset': by RST
#	'stay'		nothing more comes, and the connection stays (also what happens at the end)
#	sub		called again and again for bytes, until it returns undef: endless streams
#	[bytes]		byte by byte, a hundred a second: trickling streams
# Records: soa(serial, more), rr(owner, type, rdata, class, ttl); owners are names in presentation form without final dot, or 'raw:' and bytes.

use v5.30;
use warnings;
use Digest::SHA 'hmac_sha256';
use DNSReplication::Run;
use Exporter 'import';
use File::Temp 'tempdir';
use IO::Handle;
use IO::Select;
use IO::Socket::IP;
use IPC::Open2;
use Socket qw(SOL_SOCKET SO_LINGER);

our @EXPORT = qw(stream message raw_message signer sign soa rr a name certificate authority);

sub name { my ($text) = @_; return $text =~ /^raw:(.*)/s ? $1 : join '', (map { pack 'C/a*', $_ } split /\./, $text), "\0" }

sub rr {
	my ($owner, $type, $rdata, $class, $ttl) = @_;
	return name($owner) . pack('n n N n/a*', $type, $class // 1, $ttl // 300, $rdata);
}
sub a { my ($host, $last) = @_; return rr("$host.example.com", 1, pack 'C4', 192, 0, 2, $last // 1) }
sub soa {
	my ($serial, %with) = @_;
	return rr($with{owner} // 'example.com', 6, name($with{mname} // 'ns1.example.com') . name('hostmaster.example.com')
		. pack('N5', $serial, 3600, 600, 604800, $with{minimum} // 300), $with{class}, $with{ttl});
}

# A message with these records, behind its length; {id, flags, name, type, class, questions (0: without), count, tail} change it.
sub raw_message {
	my ($question, @records) = @_;
	my %with = ref $records[0] ? %{ shift @records } : ();
	my $section = name($with{name} // 'example.com') . pack 'n n', $with{type} // $question->{type}, $with{class} // 1;
	my $questions = $with{questions} // 1;
	return pack('n n n n n n', $with{id} // $question->{id}, $with{flags} // 0x8400, $questions, $with{count} // scalar @records, 0, $with{additional} // 0)
		. $section x $questions . join('', @records) . ($with{tail} // '');
}
sub message { return pack 'n/a*', raw_message(@_) }

### Signatures (RFC 8945), hmac-sha256.

# Who goes on where the question's signature ended.
sub signer {
	my ($question, $key, $secret) = @_;
	my $at = rindex $question->{bytes}, name($key) . pack('n n', 250, 255);
	die "the question is not signed by $key" if $at < 0;
	my $rdata = substr $question->{bytes}, $at + length(name $key) + 10;
	my $mac = unpack 'n/a*', substr $rdata, length(name 'hmac-sha256') + 8;
	return { key => $key, secret => $secret, mac => $mac, first => 1, unsigned => '' };
}

# The bytes of a message behind their length, signed, or with `skip` remembered for the next signature; {time, mac_length, key, algorithm, error, other,
# secret, no_mac, spoil (what becomes of the message after it was signed)} change it.
sub sign {
	my ($signer, $raw, %with) = @_;
	if ($with{skip}) { $signer->{unsigned} .= $raw; return pack 'n/a*', $with{spoil} ? $with{spoil}->($raw) : $raw }
	my ($key, $algorithm) = (name($with{key} // $signer->{key}), name($with{algorithm} // 'hmac-sha256'));
	my $timers = pack('n N n', 0, $with{time} // time, 300);
	my ($error, $other) = ($with{error} // 0, $with{other} // '');
	my $variables = $signer->{first} ? $key . pack('n N', 255, 0) . $algorithm . $timers . pack('n n/a*', $error, $other) : $timers;
	my $mac = hmac_sha256(pack('n/a*', $signer->{mac}) . $signer->{unsigned} . $raw . $variables, $with{secret} // $signer->{secret});
	@$signer{qw(mac first unsigned)} = ($mac, 0, '');
	$mac = $with{no_mac} ? '' : substr $mac, 0, $with{mac_length} // 32;
	$signer->{mac} = $mac if $with{mac_length};
	substr($raw, 10, 2) = pack 'n', 1 + unpack 'n', substr $raw, 10, 2;
	$raw = $with{spoil}->($raw) if $with{spoil};
	return pack 'n/a*', $raw . $key . pack('n n N n/a*', 250, 255, 0, $algorithm . $timers . pack('n/a* a2 n n/a*', $mac, $raw, $error, $other));
}

sub stream {
	my ($script, %with) = @_;
	my $self = bless { script => $script, owner => $$, tls => $with{tls}, address => $with{address} // '127.0.0.1' }, __PACKAGE__;
	return $self->{tls} ? $self->start_tls : $self->start_tcp;
}

sub at { my ($self) = @_; return "$self->{address}\@$self->{port}" }

sub question_of {
	my ($bytes) = @_;
	my $at = 12;
	$at += 1 + ord substr $bytes, $at, 1 while ord substr $bytes, $at, 1;
	my ($type) = unpack 'n', substr $bytes, $at + 1;
	return { id => unpack('n', $bytes), type => $type, bytes => $bytes };
}

# False when the client is gone, or the script wants it to be.
sub play {
	my ($self, $question, $write) = @_;
	for my $step ($self->{script}->($question)) {
		return $step if $step eq 'close' || $step eq 'reset';
		return 'stay' if $step eq 'stay';
		if (ref $step eq 'CODE') { while (defined(my $bytes = $step->())) { $write->($bytes) or return 'close' } }
		elsif (ref $step) {
			for my $byte (split //, $step->[0]) { $write->($byte) or return 'close'; select undef, undef, undef, 0.01 }
		} else { $write->($step) or return 'close' }
	}
	return 'stay';
}

sub start_tcp {
	my ($self) = @_;
	my $listener = IO::Socket::IP->new(LocalHost => $self->{address}, LocalPort => 0, Listen => 16, ReuseAddr => 1) or die "listen: $@";
	$self->{port} = $listener->sockport;
	my $parent = $$;
	$self->{pid} = fork // die "fork: $!";
	return $self if $self->{pid};
	$SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
	$SIG{PIPE} = 'IGNORE';
	my $select = IO::Select->new($listener);
	while (getppid == $parent) {
		for my $socket ($select->can_read(0.5)) {
			if ($socket == $listener) { $select->add($listener->accept // next); next }
			my $bytes = read_message($socket);
			if (!defined $bytes) { $select->remove($socket); close $socket; next }
			$socket->sockopt(Socket::TCP_NODELAY(), 1);
			my $how = $self->play(question_of($bytes), sub { (syswrite $socket, $_[0]) // 0 });
			next if $how eq 'stay';
			setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'l!l!', 1, 0 if $how eq 'reset';
			$select->remove($socket);
			close $socket;
		}
	}
	POSIX::_exit(0);
}

sub read_message {
	my ($handle) = @_;
	my $bytes = '';
	while (length $bytes < 2 || length $bytes < 2 + unpack 'n', $bytes) { sysread $handle, $bytes, 65537, length $bytes or return }
	return substr $bytes, 2, unpack 'n', $bytes;
}

# A port where nothing listens now, for a program that can't say which one it got.
sub spare_port {
	my ($address) = @_;
	my $socket = IO::Socket::IP->new(LocalHost => $address, LocalPort => 0, Listen => 1, ReuseAddr => 1) or die "listen: $@";
	return $socket->sockport;
}

# openssl s_server does the TLS; what the client says comes out of it, and what the script says goes into it. One client.
sub start_tls {
	my ($self) = @_;
	$self->{port} = spare_port($self->{address});
	my $parent = $$;
	$self->{pid} = fork // die "fork: $!";
	if (!$self->{pid}) {
		setpgrp;
		$SIG{$_} = 'DEFAULT' for qw(TERM INT HUP);
		$SIG{PIPE} = 'IGNORE';
		open STDERR, '>', '/dev/null';
		my $pid = open2(my $out, my $in, qw(openssl s_server -quiet -accept), "$self->{address}:$self->{port}", @{ $self->{tls} });
		binmode $_ for $out, $in;
		while (defined(my $bytes = read_message($out))) {
			last if $self->play(question_of($bytes), sub { (syswrite $in, $_[0]) // 0 }) ne 'stay';
		}
		close $in; # it ends when it has said what it was given
		waitpid $pid, 0;
		POSIX::_exit(0);
	}
	wait_until(20, sub { IO::Socket::IP->new(PeerHost => $self->{address}, PeerPort => $self->{port}, Timeout => 1) })
		or Test::More::diag("openssl s_server did not begin to listen");
	return $self;
}

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	return if $self->{owner} != $$;
	local $?;
	kill KILL => $self->{tls} ? -$pid : $pid;
	waitpid $pid, 0;
}
sub DESTROY { $_[0]->stop }

### Certificates, by openssl.

my $directory = tempdir('dns-replication-certificates-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $number = 0;

sub openssl {
	my (@arguments) = @_;
	my $seen = run(['openssl', @arguments], timeout => 60);
	die "openssl @arguments: $seen->{err}" if $seen->{exit};
}

sub new_key { my ($file) = @_; openssl(qw(genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out), $file); return $file }

# { certificate, key }: of a certification authority.
sub authority {
	my ($common) = @_;
	my $base = "$directory/" . ++$number;
	new_key("$base.key");
	openssl(qw(req -x509 -new -days 3650 -subj), "/CN=$common", '-key', "$base.key", '-out', "$base.pem", '-addext', 'keyUsage=critical,keyCertSign');
	return { certificate => "$base.pem", key => "$base.key" };
}

# Arguments for s_server and the file: a certificate for these names ("DNS:ns1.example.com,IP:127.0.0.1"), signed by `ca` (or by itself), valid from
# `from` to `to` days from now.
sub certificate {
	my (%with) = @_;
	my $base = "$directory/" . ++$number;
	my $days = sub { POSIX::strftime('%Y%m%d%H%M%SZ', gmtime(time + 86400 * $_[0])) };
	new_key("$base.key");
	openssl('req', '-new', '-key', "$base.key", '-subj', '/CN=' . ($with{common} // 'server'), '-out', "$base.csr", '-addext', "subjectAltName=$with{names}");
	spew("$base.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=$base.index\nserial=$base.serial\nnew_certs_dir=$directory\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\n"
		. "unique_subject=no\n[p]\ncommonName=supplied\n");
	spew("$base.index", '');
	spew("$base.serial", sprintf "%04x\n", 4096 + $number);
	openssl('ca', '-batch', '-config', "$base.cnf", '-in', "$base.csr", '-out', "$base.pem", '-notext', '-startdate', $days->($with{from} // -1), '-enddate',
		$days->($with{to} // 30), $with{ca} ? ('-cert', $with{ca}{certificate}, '-keyfile', $with{ca}{key}) : ('-selfsign', '-keyfile', "$base.key"));
	return { certificate => "$base.pem", key => "$base.key", arguments => ['-cert', "$base.pem", '-key', "$base.key"] };
}

1;
