# Keys of APIs: in no output, argument, variable or core, and in no memory once the APIs are asked. The programs as they run, while a server lets them wait.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream;
use DNSReplication::Web;
use File::Spec;
use File::Temp 'tempdir';
use POSIX ();
use Test::More;
needs('check_dns_replication', 'check_dns_propagation', 'check_pdns_replication', 'pdns_record');

my $folder = tempdir('dns-replication-secrets-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $key = 'a-key-that-nobody-may-see';
my $halves = join '|', map { quotemeta } $key =~ /(.{12})(.{12})/;
sub key_file { my ($text) = @_; state $count = 0; my $file = spew("$folder/key" . $count++, $text); chmod 0600, $file; return $file }
my $keys = key_file("$key\n");
my $zone = 'example.com';
my $fake = fake(map { ("127.0.0.$_" => { zones => { $zone => zone_of($zone, 5, 2) } }) } 1, 2);

# Each by what it is told, and by which program of this package holds the key then.
my %program = (
	check_pdns_replication => { holder => 'check_pdns_repl', with => sub { ("--url=ns1.example.com=$_[0]") } },
	check_dns_replication => { holder => 'check_pdns_repl', with => sub { ('-z', $zone, '-H', '127.0.0.1@1', '-n', '-a', 'ns1.example.com=127.0.0.1@1', "--pdns-api=ns1.example.com=$_[0]") } },
	check_dns_propagation => { holder => 'pdns_record', with => sub { ('-z', $zone, '-H', $fake->at('127.0.0.1'), '-S', $fake->at('127.0.0.2'), '--change=pdns', "--pdns-api=ns1.example.com=$_[0]") } },
);

sub children_of { my ($pid) = @_; return grep { slurp("/proc/$_/status") =~ /^PPid:\s+$pid$/m } map { m{(\d+)} } glob '/proc/[0-9]*' }

# Starts a program in a folder of its own with cores allowed, and waits until it has asked; its group is 65534 under root, so that in /proc those that can't
# be dumped are told from others.
sub start {
	my ($program, $url) = @_;
	my $path = File::Spec->rel2abs(program($program));
	my $directory = tempdir('cwd-XXXXXX', DIR => $folder);
	chmod 0777, $directory;
	my $pid = fork // die "fork: $!";
	return ($pid, $directory) if $pid;
	setpgrp;
	chdir $directory;
	open STDOUT, '>', "$directory/out";
	open STDERR, '>&', \*STDOUT;
	$( = 65534, $) = '65534 65534' unless $>;
	exec '/bin/sh', '-c', 'ulimit -c unlimited; exec "$@"', 'sh', $path, '--no-state', $program{$program}{with}->($url), "--api-key-file=$keys", '-t', '90s';
}

# All writable memory, as root sees it; undef where that is not allowed. A sanitizer's shadow of it has terabytes, and no texts. Half a key counts, too: what is
# given back to malloc loses its first bytes.
sub has_key_in_memory {
	my ($pid) = @_;
	open my $memory, '<:raw', "/proc/$pid/mem" or return undef;
	my $seen = 0;
	for (split /\n/, slurp("/proc/$pid/maps")) {
		my ($from, $to) = /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
		my ($begin, $length) = do { no warnings 'portable'; (hex $from, hex($to) - hex $from) };
		next if $length > 1 << 30;
		sysseek $memory, $begin, 0 or next;
		my $bytes = '';
		next unless defined sysread $memory, $bytes, $length;
		$seen += () = $bytes =~ /$halves/g;
	}
	return $seen;
}

# Where the kernel would put it: a file here, a file elsewhere (then its folder is looked at), or a program that the kernel runs.
sub cores { my ($directory) = @_; my ($elsewhere) = slurp('/proc/sys/kernel/core_pattern') =~ m{^(/.*)/}; return map { glob "$_/*core*" } $directory, $elsewhere // () }

# Can there be any core here? If not, what follows shows less.
subtest 'a program without keys' => sub {
	my $directory = tempdir('cwd-XXXXXX', DIR => $folder);
	my $seen = run(['/bin/sh', '-c', 'ulimit -c unlimited; kill -SEGV $$'], directory => $directory);
	is($seen->{signal}, 11, 'ends by the signal');
	note('cores are ' . (cores($directory) ? 'written' : 'not written') . ' here: ' . slurp('/proc/sys/kernel/core_pattern'));
};

for my $program (sort keys %program) {
	for my $signal (qw(SEGV ABRT)) {
		subtest "$program and SIG$signal" => sub {
			my $silent = web(sub { undef });
			my %before = map { $_ => 1 } cores($folder);
			my ($pid, $directory) = start($program, $silent->url);
			ok(wait_until(60, sub { (() = $silent->requests) >= 1 }), 'it asks, with the key') or diag(slurp("$directory/out"));
			my @children = children_of($pid);
			my @processes = ($pid, @children);
			my %name = map { $_ => slurp("/proc/$_/comm") =~ s/\n//r } @processes;
			my ($holder) = grep { $name{$_} eq $program{$program}{holder} } @processes;
			ok($holder, "$program{$program}{holder} holds it") or return;
			is(scalar @children, $program eq 'check_pdns_replication' ? 0 : 1, 'by itself, or one sibling');
			for (@processes) {
				my ($arguments, $variables) = (slurp("/proc/$_/cmdline"), slurp("/proc/$_/environ"));
				like($arguments, qr/\Q$keys\E/, "$name{$_} knows the file");
				unlike($arguments . $variables, qr/\Q$key\E/, 'and the key is in no argument and no variable');
			}
			like(slurp("/proc/$holder/limits"), qr/^Max core file size\s+0\s+0/m, 'no core is allowed to it, although it was allowed to who started it');
			is(join(' ', (stat "/proc/$holder/maps")[4, 5]), '0 0', 'and its memory is for root alone');
			for my $other (grep { $_ != $holder } @processes) {
				my $seen = has_key_in_memory($other);
				SKIP: { skip 'no right to look', 1 unless defined $seen; is($seen, 0, "$name{$other} has no key in its memory") }
			}
			kill $signal => $holder;
			waitpid $pid, 0 if $holder == $pid;
			my $status = $?;
			ok(wait_until(60, sub { !-e "/proc/$holder/exe" && slurp("/proc/$holder/status") !~ /^State:\s+[^Z\n]/m }), 'it dies of the signal');
			if ($holder == $pid) {
				ok(!($status & 128), 'without a core (WCOREDUMP)');
			} else {
				ok(wait_until(60, sub { waitpid($pid, POSIX::WNOHANG()) }), 'and who waits for it does not wait longer') or kill KILL => $pid;
			}
			is_deeply([grep { !$before{$_} } cores($directory)], [], 'no file of a core');
			unlike(slurp("$directory/out"), qr/\Q$key\E|core dumped/, 'and nothing said shows it');
		};
	}
}

# The APIs are asked, and what is left to be done waits for somebody else: a reader of what is printed. A pipe that nobody reads holds the program up. How
# each story ends must not matter to the key: in what it says of the server ns2.
subtest 'no key in memory once the APIs are asked' => sub {
	plan skip_all => 'wants root' if $>;
	my ($ca, $other) = (authority('A CA'), authority('Another CA'));
	my $long = '[' . join(',', map { qq({"name":"z$_.example.","id":"z$_.example.","kind":"Native","serial":$_,"masters":[]}) } 1 .. 3000) . ']';
	my $api = sub {
		my ($end) = @_;
		return sub {
			my ($path, $request) = @_;
			return answer('401 Unauthorized', 'text/plain', '') if $request !~ /^X-API-Key: \Q$key\E\r$/m;
			return $end->($path =~ m{/config} ? '[]' : $long);
		};
	};
	my ($closes, $stays) = ($api->(\&json_answer), $api->(sub { [json_answer($_[0]) =~ s/^Connection: close\r\n//mr, undef] }));
	my $silent = $api->(sub { undef });
	my @tls = map { [certificate => certificate(names => 'IP:127.0.0.1', ca => $ca), tls => $_] } qw(TLSv1.2 TLSv1.3);
	my @stories = (
		['http', web($closes), qr/^$/],
		['http, and the connection stays', web($stays), qr/^$/],
		['http without an answer', web($silent), qr/no answer in time/],
		(map { my $tls = $_; (
			["https, $tls->[3]", web($closes, @$tls), qr/^$/],
			["https, $tls->[3], and the connection stays", web($stays, @$tls), qr/^$/],
			["https, $tls->[3], without an answer", web($silent, @$tls), qr/no answer in time/],
		) } @tls),
		['https with a certificate of another CA', web($closes, certificate => certificate(names => 'IP:127.0.0.1', ca => $other)), qr/unable to get local issuer/],
	);
	my $first = web($closes);
	my @runs = map {
		pipe(my $read, my $write) or die "pipe: $!";
		my $pid = fork // die "fork: $!";
		if (!$pid) {
			open STDOUT, '>&', $write;
			exec program('check_pdns_replication'), '--no-state', '--url=ns1.example.com=' . $first->url, '--url=ns2.example.com=' . $_->[1]->url, "--api-key-file=$keys",
				"--tls-ca=$ca->{certificate}", '-o', 'json', '-t', $_->[2] =~ /in time/ ? '8s' : '90s';
		}
		{ pid => $pid, read => $read, name => $_->[0], trouble => $_->[2] };
	} @stories;
	for (@runs) {
		my ($name, $read) = @$_{qw(name read)};
		ok(sysread($read, my $begin, 1), "$name: it prints, and is held up: there is more than a pipe holds");
		is(has_key_in_memory($_->{pid}), 0, "$name: the key is nowhere in its memory");
		my $out = $begin . do { local $/; <$read> };
		waitpid $_->{pid}, 0;
		my ($said) = map { $_->{text} } grep { $_->{code} =~ /^api_/ } @{ decode($out)->{findings} };
		like($said // '', $_->{trouble}, "$name: what came of it");
		unlike($out, qr/$halves/, "$name: and it is not printed");
	}
};

# Whatever is printed and written, also of servers that try to make it tell.
subtest 'nothing that is printed' => sub {
	my @stories = (
		['well', recorded('4.9.0', 'p1', key => $key)],
		['a redirect that repeats the key', sub { answer('302 Found', 'text/html', '', 'Location: ' . ($_[1] =~ /^X-API-Key: (\S+)/m ? "http://192.0.2.99/?$1" : 'none')) }],
	);
	my @formats = qw(text json prometheus html scenario);
	my $elsewhere = web(sub { answer('200 OK', 'text/plain', '') });
	push @stories, ['a redirect to somebody', sub { answer('307 Temporary Redirect', 'text/html', '', 'Location: ' . $elsewhere->url . '/') }];
	for my $story (@stories) {
		my ($name, $script) = @$story;
		my $web = web($script);
		for my $program (sort keys %program) {
			my @told = ($program{$program}{with}->($web->url), "--api-key-file=$keys", '-t', '4s');
			my @said;
			for my $how (['-vvv', map { "--write=$_:$folder/said.$_" } @formats], ['--plan'], ['--observe']) {
				my $seen = check({ program => $program }, @told, @$how);
				push @said, $seen->{out} . $seen->{err};
			}
			push @said, map { slurp("$folder/said.$_") } @formats;
			is(scalar(grep { length } @said), 3 + @formats, "$program, $name: all say something");
			unlike(join('', @said), qr/\Q$key\E/, 'and not the key');
		}
	}
	is_deeply([$elsewhere->requests], [], 'redirects are not followed');
};

# One key a server: nobody is shown another's.
subtest 'one a server' => sub {
	my @webs = map { my $own = "$key-$_"; web(recorded('4.9.0', $_ == 1 ? 'p1' : 's2', key => $own)) } 1, 2;
	my $each = key_file("ns1.example.com $key-1\nNS2.Example.com.\t$key-2 # the second\n");
	my @servers = map { "--url=ns$_.example.com=" . $webs[$_ - 1]->url } 1, 2;
	is_plugin_output(check({ program => 'check_pdns_replication' }, @servers, "--api-key-file=$each"), 'OK', 'each gets its own');
	my $plan = check({ program => 'check_pdns_replication' }, @servers, "--api-key-file=$each", '--plan');
	like($plan->{out}, qr/primary ns1\.example\.com at \S+: its zones and settings, with a key/, '--plan');
	my $scenario = check({ program => 'check_pdns_replication' }, @servers, "--api-key-file=$each", '--observe');
	unlike($plan->{out} . $scenario->{out}, qr/\Q$key\E/, 'says no key');
	unlike($scenario->{out}, qr/api-key-file/, 'nor does a scenario where they are');
};

done_testing;
