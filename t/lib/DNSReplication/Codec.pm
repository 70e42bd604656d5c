package DNSReplication::Codec;

# The codecs of common/dns on a pipe (t/unit/codec.c):
#
#	my $codec = DNSReplication::Codec->new('hmac-sha256');
#	my @lines = $codec->ask(message => unpack 'H*', $bytes);

use v5.30;
use warnings;
use DNSReplication::Run;
use File::Temp ();
use IPC::Open2;

our $SECRET = 'MDEyMzQ1Njc4OWFiY2RlZg==';

sub new {
	my ($class, $algorithm) = @_;
	my $file = File::Temp->new;
	print $file qq(key "key.example" { algorithm $algorithm; secret "$SECRET"; };\n);
	close $file;
	my $self = bless { file => $file }, $class;
	$self->{pid} = open2($self->{from}, $self->{to}, build_dir() . '/t/unit/codec', "$file");
	$self->{to}->autoflush;
	return $self;
}

# The lines of the reply.
sub ask {
	my ($self, @words) = @_;
	local $SIG{PIPE} = 'IGNORE';
	say { $self->{to} } join ' ', @words;
	my @lines;
	while (defined(my $line = readline $self->{from})) {
		chomp $line;
		return wantarray ? @lines : $lines[0] if $line eq '.';
		push @lines, $line;
	}
	die "codec ended at: @words";
}

# 'OWNER TYPE CLASS TTL RDATA' of a Net::DNS::RR, as codec prints it.
sub line_of {
	my ($rr) = @_;
	my $owner = Net::DNS::DomainName->new($rr->{owner}->name . '.')->encode;
	return join ' ', unpack('H*', $owner), Net::DNS::Parameters::typebyname($rr->type), Net::DNS::Parameters::classbyname($rr->class), $rr->ttl,
		unpack('H*', $rr->rdata) || '-';
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $!);
	close $self->{to};
	waitpid $self->{pid}, 0;
}

1;
