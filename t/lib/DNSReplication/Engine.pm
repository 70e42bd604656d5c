package DNSReplication::Engine;

# axfrd, the project's own engine, in the roles and with the faults that a test wants:
#
#	my $port = free_port('127.0.0.1', '127.0.0.2');
#	my $ns1 = primary($port, 'example.com' => zone_file('example.com', 10, 2), notify => ['127.0.0.2'], options => [...]);
#	my $ns2 = secondary($port, 2, 'example.com', options => ['--fault=no-aa']);
#	wait_serial($port, 2, 'example.com', 10);
#	$ns1->change('example.com' => zone_file('example.com', 11, 2));
#
# Server N is at 127.0.0.N, all on the same port. Everything ends with the test.

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter 'import';
use File::Temp 'tempdir';
use IO::Select;
use Net::DNS;

our @EXPORT = qw(axfrd primary secondary zone_file key_file serial_of wait_serial log_has logs);

# A master file with ns1 .. nsN at 127.0.0.1 .. N.
sub zone_file {
	my ($zone, $serial, $servers, @more) = @_;
	return join "\n", "\$ORIGIN $zone.", '$TTL 300', "@ SOA ns1 hostmaster $serial 600 60 604800 60",
		(map { ("@ NS ns$_", "ns$_ A 127.0.0.$_") } 1 .. $servers), @more, '';
}

# key_file(NAME, SECRET, ALGORITHM), or key_file([NAME, SECRET, ALGORITHM], ...): a file of them.
sub key_file {
	my @keys = ref $_[0] ? @_ : [@_];
	state $directory = tempdir('dns-replication-keys-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	state $number = 0;
	return spew("$directory/" . ++$number . '.key', join '',
		map { my ($name, $secret, $algorithm) = @$_; sprintf qq(key "%s" {\n\talgorithm %s;\n\tsecret "%s";\n};\n), $name, $algorithm // 'hmac-sha256', $secret } @keys);
}

# axfrd(zones => { NAME => TEXT }, options => [...], files => N): started, its ready line read; `files` that it may have open at most. Under
# root it stays root, who can write what coverage and the leak checker want to, unless the options name a user; user => 'default' leaves that to axfrd.
sub axfrd {
	my (%with) = @_;
	my $self = bless { zones => $with{zones} // {}, options => $with{options} // [], files => $with{files}, user => $with{user}, owner => $$,
		directory => tempdir('dns-replication-axfrd-XXXXXX', TMPDIR => 1, CLEANUP => 1) }, __PACKAGE__;
	return $self->start;
}

sub primary {
	my ($port, $zone, $text, %with) = @_;
	my $number = $with{number} // 1;
	return axfrd(zones => { $zone => $text }, options => ["--listen=127.0.0.$number\@$port", (map { "--notify=$_\@$port" } @{ $with{notify} // [] }),
		@{ $with{options} // [] }]);
}

sub secondary {
	my ($port, $number, $zone, %with) = @_;
	return axfrd(options => ["--listen=127.0.0.$number\@$port", map({ "--secondary=$_=127.0.0.1\@$port" } ref $zone ? @$zone : $zone), @{ $with{options} // [] }]);
}

sub start {
	my ($self) = @_;
	my @zones = map { spew("$self->{directory}/$_", $self->{zones}{$_}); "--zone=$_=$self->{directory}/$_" } sort keys %{ $self->{zones} };
	my @user = $> || $self->{user} || grep({ /^--user=/ } @{ $self->{options} }) ? () : '--user=root';
	pipe(my $read, my $write) or die "pipe: $!";
	$self->{pid} = fork // die "fork: $!";
	if (!$self->{pid}) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>&', $write;
		open STDERR, '>>', "$self->{directory}/stderr";
		no warnings 'exec';
		exec(($self->{files} ? ('sh', '-c', "ulimit -n $self->{files} && exec \"\$@\"", 'sh') : ()), program('axfrd'), @zones, @user, @{ $self->{options} }) or POSIX::_exit(127);
	}
	close $write;
	$self->{ready} = IO::Select->new($read)->can_read(300) ? readline $read : undef;
	$self->{stdout} = $read;
	$self->{ready} // Test::More::diag("axfrd did not become ready: " . $self->errors);
	return $self;
}

sub errors { my ($self) = @_; return -e "$self->{directory}/stderr" ? slurp("$self->{directory}/stderr") : '' }

sub log_has { my ($axfrd, $pattern, $seconds) = @_; return wait_until($seconds // 5, sub { $axfrd->errors =~ $pattern }) }
sub logs { my ($axfrd, $pattern, $name) = @_; log_has($axfrd, $pattern, 15); return Test::More::like($axfrd->errors, $pattern, $name) }

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	return if $self->{owner} != $$;
	local ($?, $!);
	kill TERM => $pid;
	if (!wait_until(3, sub { waitpid($pid, POSIX::WNOHANG) })) { kill KILL => $pid; waitpid $pid, 0 }
}
sub DESTROY { $_[0]->stop }

# The same with other options behind those it had.
sub again { my ($self, @options) = @_; $self->stop; push @{ $self->{options} }, @options; return $self->start }

# New zone files, reloaded by SIGHUP.
sub change {
	my ($self, %zones) = @_;
	for my $zone (keys %zones) {
		spew("$self->{directory}/$zone.new", $self->{zones}{$zone} = $zones{$zone});
		rename "$self->{directory}/$zone.new", "$self->{directory}/$zone" or die $!;
	}
	kill HUP => $self->{pid} if $self->{pid};
}

sub serial_of {
	my ($port, $number, $zone, %with) = @_;
	my $resolver = Net::DNS::Resolver->new(nameservers => ["127.0.0.$number"], port => $port, recurse => 0, retry => 1, retrans => 1,
		udp_timeout => 1, tcp_timeout => 1, usevc => $with{tcp} // 0, config_file => '/dev/null');
	my $packet = $resolver->send($zone, 'SOA') or return undef;
	my ($soa) = grep { $_->type eq 'SOA' } $packet->answer;
	return $soa ? $soa->serial : undef;
}

sub wait_serial {
	my ($port, $number, $zone, $serial, $seconds) = @_;
	return 0 unless -x program('axfrd');
	return wait_until($seconds // 10, sub { (serial_of($port, $number, $zone) // -1) == $serial });
}

1;
