package DNSReplication::Relay;

# The long way to a server: each UDP answer arrives that many seconds later.
#
#	my $relay = relay(0.02, { '127.0.0.11' => '127.0.0.1', ... }, $port);	127.0.0.11 leads to 127.0.0.1, all on $port
#
# Ends with the test. Datagrams come back by the id that they left with, so that any number of source ports may ask.

use v5.30;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::IP;
use POSIX ();
use Socket 'SOCK_DGRAM';
use Time::HiRes 'time';

our @EXPORT = qw(relay);

sub relay {
	my ($delay_s, $way, $port) = @_;
	my $self = bless { owner => $$ }, __PACKAGE__;
	my @ways = map { { here => IO::Socket::IP->new(LocalHost => $_, LocalPort => $port, Type => SOCK_DGRAM, Proto => 'udp') // die("$_: $@"),
		there => IO::Socket::IP->new(PeerHost => $way->{$_}, PeerPort => $port, Type => SOCK_DGRAM, Proto => 'udp') // die("$way->{$_}: $@"), asked => {} } }
		sort keys %$way;
	$self->{pid} = fork // die "fork: $!";
	return $self if $self->{pid};
	serve($delay_s, @ways);
	POSIX::_exit(0);
}

sub serve {
	my ($delay_s, @ways) = @_;
	my $parent = getppid;
	my $select = IO::Select->new(map { ($_->{here}, $_->{there}) } @ways);
	my %way_of = map { my $way = $_; map { (fileno $_ => $way) } $way->{here}, $way->{there} } @ways;
	my @late; # [due, socket, bytes, to], in order
	while (getppid == $parent) {
		my $wait = @late ? $late[0][0] - time : 0.5;
		for my $socket ($select->can_read($wait > 0 ? $wait : 0)) {
			my $way = $way_of{ fileno $socket };
			$socket->blocking(0);
			while (defined(my $from = recv $socket, my $bytes, 4096, 0)) {
				next if length $bytes < 12;
				my $id = substr $bytes, 0, 2;
				if ($socket == $way->{here}) { $way->{asked}{$id} = $from; send $way->{there}, $bytes, 0 }
				elsif (my $to = $way->{asked}{$id}) { push @late, [time + $delay_s, $way->{here}, $bytes, $to] }
			}
		}
		while (@late && $late[0][0] <= time) { my (undef, $socket, $bytes, $to) = @{ shift @late }; send $socket, $bytes, 0, $to }
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
