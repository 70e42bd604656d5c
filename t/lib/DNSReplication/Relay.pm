package DNSReplication::Relay;

# The long way to a server: what it answers, by UDP and TCP, arrives that many seconds later, or not at all.
#
#	my $relay = relay(0.02, { '127.0.0.11' => '127.0.0.1', ... }, $port);	127.0.0.11 leads to 127.0.0.1, all on $port
#	my $relay = relay(0, { '192.0.2.101' => '192.0.2.1' }, 53, lose => 3);	of every three UDP answers the third is lost
#
# Ends with the test. Datagrams come back by the id that they left with, so that any number of source ports may ask.

use v5.30;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::IP;
use POSIX ();
use Socket qw(SOCK_DGRAM SOCK_STREAM);
use Time::HiRes 'time';

our @EXPORT = qw(relay);

sub relay {
	my ($delay_s, $way, $port, %with) = @_;
	my $self = bless { owner => $$ }, __PACKAGE__;
	my %state = (delay_s => $delay_s, lose => $with{lose} // 0, answers => 0, port => $port, select => IO::Select->new, on => {}, late => []);
	for my $here (sort keys %$way) {
		my %both = (LocalHost => $here, LocalPort => $port);
		my $udp = IO::Socket::IP->new(%both, Type => SOCK_DGRAM, Proto => 'udp') // die "$here: $@";
		my $tcp = IO::Socket::IP->new(%both, Type => SOCK_STREAM, Proto => 'tcp', Listen => 64, ReuseAddr => 1) // die "$here: $@";
		my $there = IO::Socket::IP->new(PeerHost => $way->{$here}, PeerPort => $port, Type => SOCK_DGRAM, Proto => 'udp') // die "$way->{$here}: $@";
		my $asked = {};
		watch(\%state, $udp, sub { question(@_, $there, $asked) });
		watch(\%state, $there, sub { answer(@_, $udp, $asked) });
		watch(\%state, $tcp, sub { connection(@_, $way->{$here}) });
	}
	$self->{pid} = fork // die "fork: $!";
	return $self if $self->{pid};
	serve(\%state);
	POSIX::_exit(0);
}

sub watch {
	my ($state, $socket, $what) = @_;
	$socket->blocking(0);
	$state->{select}->add($socket);
	$state->{on}{ fileno $socket } = $what;
}

sub forget {
	my ($state, $socket) = @_;
	$state->{select}->remove($socket);
	delete $state->{on}{ fileno $socket };
}

sub later { my ($state, $what) = @_; push @{ $state->{late} }, [time + $state->{delay_s}, $what] }

sub question {
	my ($state, $socket, $there, $asked) = @_;
	while (defined(my $from = recv $socket, my $bytes, 65536, 0)) {
		next if length $bytes < 12;
		$asked->{ substr $bytes, 0, 2 } = $from;
		send $there, $bytes, 0;
	}
}

sub answer {
	my ($state, $socket, $here, $asked) = @_;
	while (defined(recv $socket, my $bytes, 65536, 0)) {
		my $to = length $bytes >= 12 ? $asked->{ substr $bytes, 0, 2 } : undef;
		next if !$to or $state->{lose} && ++$state->{answers} % $state->{lose} == 0;
		later($state, sub { send $here, $bytes, 0, $to });
	}
}

sub connection {
	my ($state, $socket, $server) = @_;
	my $client = $socket->accept or return;
	my $there = IO::Socket::IP->new(PeerHost => $server, PeerPort => $state->{port}, Type => SOCK_STREAM, Proto => 'tcp') or return close $client;
	watch($state, $client, sub { stream(@_, $there, sub { $_[0]->() }) });
	watch($state, $there, sub { stream(@_, $client, sub { later($state, $_[0]) }) });
}

# What one side says goes to the other, its end, too.
sub stream {
	my ($state, $from, $to, $when) = @_;
	my $got = sysread $from, my $bytes, 65536;
	return if !defined $got && $!{EAGAIN};
	forget($state, $from) unless $got;
	$when->(sub {
		if (!$got) { shutdown $to, 1; return }
		$to->blocking(1);
		local $SIG{PIPE} = 'IGNORE';
		syswrite $to, $bytes;
		$to->blocking(0);
	});
}

sub serve {
	my ($state) = @_;
	my ($parent, $late) = (getppid, $state->{late});
	while (getppid == $parent) {
		my $wait = @$late ? $late->[0][0] - time : 0.5;
		for my $socket ($state->{select}->can_read($wait > 0 ? $wait : 0)) {
			my $what = $state->{on}{ fileno $socket } or next;
			$what->($state, $socket);
		}
		while (@$late && $late->[0][0] <= time) { (shift @$late)->[1]->() }
	}
}

sub DESTROY {
	my ($self) = @_;
	return if $self->{owner} != $$ or !$self->{pid};
	local ($?, $!);
	kill KILL => $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
