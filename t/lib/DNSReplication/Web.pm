package DNSReplication::Web;

# Fake HTTP servers, that answer what a script says, and replies of PowerDNS's API as they were recorded.
#
#	my $web = web(sub { my ($path, $request) = @_; return json_answer('[]') });
#	$web->url		"http://127.0.0.1:PORT"
#	$web->requests		the request lines so far, with those of their headers that matter
#
# The script gets the path and the whole request. It returns bytes, undef (says nothing, ever) or [pieces] (one each 50 ms, without end where the last is undef).
# web(..., address => '::1'), web(..., socket => PATH), web(..., certificate => certificate(...)): https, and with
# tls => 'TLSv1.2' no newer version of it.

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter 'import';
use File::Temp 'tempdir';
use IO::Socket::IP;
use IO::Socket::UNIX;
use POSIX ();

our @EXPORT = qw(web answer json_answer recorded api_path);

my @children;
my $owner = $$;
END { if ($$ == $owner) { local $?; for (@children) { kill KILL => $_; waitpid $_, 0 } } }

sub child {
	my ($run) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) { $run->(); POSIX::_exit(0) }
	push @children, $pid;
	return $pid;
}

sub say_it {
	my ($client, $said) = @_;
	if (ref $said) {
		for my $piece (@$said) { last if !defined $piece || !print $client $piece; $client->flush; select undef, undef, undef, 0.05 }
		return close $client if !@$said || defined $said->[-1];
	} elsif (defined $said) {
		print $client $said;
		return close $client;
	}
	1 while sysread $client, my $ignored, 4096; # silence, until the other side has enough
}

# Each client by a process of its own: nobody waits for a silent one.
sub serve {
	my ($listening, $script, $log) = @_;
	$SIG{PIPE} = $SIG{CHLD} = 'IGNORE';
	while (my $client = $listening->accept) {
		next if fork;
		my $request = '';
		while ($request !~ /\r\n\r\n/ && $request !~ /^\x16/) { sysread $client, $request, 4096, length $request or POSIX::_exit(0) }
		if ($request =~ /^\x16/) { say_it($client, answer('400 Bad Request', 'text/plain', '')); POSIX::_exit(0) } # TLS
		my $length = $request =~ /^Content-Length: (\d+)\r$/mi ? $1 : 0;
		my $whole = index($request, "\r\n\r\n") + 4 + $length;
		while (length($request) < $whole) { sysread $client, $request, 4096, length $request or POSIX::_exit(0) }
		open my $file, '>>', $log or die "$log: $!";
		syswrite $file, ($request =~ s/\r\n.*//sr) . "\n";
		say_it($client, $script->($request =~ m{^[A-Z]+ (\S+)} ? $1 : '', $request));
		POSIX::_exit(0);
	}
}

sub web {
	my ($script, %with) = @_;
	my $address = $with{address} // '127.0.0.1';
	my $listening = $with{socket} ? IO::Socket::UNIX->new(Local => $with{socket}, Listen => 32)
		: IO::Socket::IP->new(LocalHost => $address, Listen => 32, ReuseAddr => 1);
	die "cannot listen: $@" unless $listening;
	my $self = bless { log => tempdir('dns-replication-web-XXXXXX', TMPDIR => 1, CLEANUP => 1) . '/log',
		port => $with{socket} ? 0 : $listening->sockport, address => $address, socket => $with{socket} }, __PACKAGE__;
	spew($self->{log}, '');
	child(sub { serve($listening, $script, $self->{log}) });
	put_tls($self, @with{qw(certificate tls)}) if $with{certificate};
	return $self;
}

sub url {
	my ($self) = @_;
	return "unix:$self->{socket}" if $self->{socket};
	return ($self->{tls} ? 'https' : 'http') . '://' . ($self->{address} =~ /:/ ? "[$self->{address}]" : $self->{address}) . ":$self->{port}";
}
sub requests { my ($self) = @_; return split /\n/, slurp($self->{log}) }

# TLS before it: what comes in there goes to the port behind, and back.
my $front = <<'END';
const [certificate, key, port, out, maxVersion] = process.argv.slice(1), fs = require('fs');
require('tls').createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key), maxVersion }, outside => {
	const inside = require('net').connect(port, '127.0.0.1');
	outside.on('error', () => inside.destroy()).pipe(inside).on('error', () => outside.destroy()).pipe(outside);
}).listen(0, '127.0.0.1', function () { fs.writeFileSync(out + '.new', String(this.address().port)); fs.renameSync(out + '.new', out) });
END

sub put_tls {
	my ($self, $certificate, $version) = @_;
	my $out = "$self->{log}.port";
	child(sub { exec 'node', '-e', $front, $certificate->{certificate}, $certificate->{key}, $self->{port}, $out, $version // 'TLSv1.3' });
	wait_until(60, sub { -e $out }) or die 'no TLS';
	@$self{qw(tls inside port)} = (1, $self->{port}, slurp($out));
}

### Answers.

sub answer {
	my ($status, $type, $body, @headers) = @_;
	return join "\r\n", "HTTP/1.1 $status", ($type ? "Content-Type: $type" : ()), 'Content-Length: ' . length $body, 'Connection: close', @headers, '', $body;
}
sub json_answer { my ($json) = @_; return answer('200 OK', 'application/json', $json) }

sub api_path { my ($path) = @_; return "/api/v1/servers/localhost$path" }

# What PowerDNS VERSION answered, or would answer, as p1 or s2 (t/data). A secondary checked its primary just now. With key: 401 for any other.
# edit => sub changes a reply: it gets the path, the bytes and the query.
sub recorded {
	my ($version, $who, %with) = @_;
	my $folder = source_dir() . "/t/data/pdns-$version-api";
	my $file = sub { -e "$folder/$_[0].json" ? slurp("$folder/$_[0].json") : undef };
	return sub {
		my ($path, $request) = @_;
		return answer('401 Unauthorized', 'text/plain; charset=utf-8', 'Unauthorized') if $with{key} && $request !~ /^X-API-Key: \Q$with{key}\E\r$/mi;
		my ($below, $query) = $path =~ m{^/api/v1/servers/localhost([^?]*)\??(.*)};
		my $json = !defined $below ? undef
			: $below eq '' ? $file->('server_p1')
			: $below eq '/zones' ? $file->("zones_dnssec_false_$who")
			: $below eq '/config' ? $file->("config_$who")
			: $below eq '/autoprimaries' ? $file->("autoprimaries_$who")
			: $below eq '/statistics' ? '[' . ($with{ring} ? $file->("ring_logmessages_$with{ring}_$who") // '' : '') . ']'
			: $below =~ m{/metadata$} ? $with{metadata} // '[]'
			: $query =~ /rrset_name/ ? $file->('zone_rrset_soa_p1') // '{"rrsets":[]}'
			: $file->("zone_rrsets_false_$who");
		return answer('404 Not Found', 'text/plain; charset=utf-8', 'Not Found') unless defined $json;
		my $now = time - 5;
		$json =~ s/("last_check": )17\d{8}\b/$1$now/g;
		$json = $with{edit}->($below, $json, $query) if $with{edit};
		return json_answer($json);
	};
}

1;
