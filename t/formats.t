# Deliver 3: text, JSON (key by key as the contract has them), Prometheus and scenario output, on
# stdout and by --write.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use JSON::PP ();
use Test::More;
needs('check_dns_replication');

my $now = time;
my $fake = cluster([2026112201, 2026112201, 2026112193, 2026112201],
	4 => { rcode => 'REFUSED', zones => {}, ede => [20, 'Not Authoritative'] },
	2 => { nsid => 'ns2-fra', expire => 600_000,
		zone => { signed => [$now - 86400, $now + 20 * 86400] } });
my @asking = $fake->arguments;

# What a value may be; a hash or array descends.
my ($text, $number, $whole, $truth) = (qr/\S/, qr/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/, qr/^-?\d+$/,
	'boolean');
my $date = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
my $state = qr/^(OK|WARNING|CRITICAL|UNKNOWN)$/;
sub or_null { return { or_null => $_[0] } }
my $finding = { code => qr/^[a-z][a-z0-9_]+$/, severity => $state, server => or_null(qr/\.$/),
	address => or_null($text), amount => or_null($number),
	unit => or_null(qr/^\S*$/), text => $text, cause => or_null(qr/^[a-z0-9_]+$/),
		advice => or_null($text) };
my $server = { name => $text, address => $text, port => $whole, role => qr/^(primary|secondary)$/,
	outcome => qr/^[a-z_]+$/, rcode => or_null(qr/^[A-Z0-9]+$/),
	authoritative => or_null($truth), serial => or_null($whole),
		serials_behind => or_null($whole), lag_s => or_null($number),
		lag_is_minimum => or_null($truth),
	rtt_ms => or_null($number), tries => $whole, transport => or_null(qr/^(udp|tcp)$/),
		expire_in_s => or_null($whole), signature_expires_in_s => or_null($whole),
	nsid => or_null($text), ede => or_null('any') };
my $report = { schema => qr/^1$/, plugin => qr/^check_dns_replication$/, version => qr/^\d+\.\d+/,
	state => $state, exit_code => qr/^[0-3]$/, summary => $text,
	complete => $truth, started => qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, duration_s => $number,
	zones => [{ zone => qr/\.$/, state => $state,
		reference => { serial => or_null($whole),
		source => qr/^(primary|soa_mname|newest|none)$/ }, new_since => or_null($date), gone_since => or_null($date), servers => [$server],
		findings => [$finding] }],
	findings => [$finding],
	perfdata => [{ label => qr/^[a-z0-9_]+$/, value => $number, unit => or_null(qr/^\S*$/),
		map { ($_ => or_null(qr/^[\d.]*$/)) } qw(warning critical minimum maximum) }] };

sub problems {
	my ($value, $rule, $path) = @_;
	if (ref $rule eq 'HASH' && exists $rule->{or_null}) { return defined $value
		? problems($value, $rule->{or_null}, $path) : () }
	if ($rule eq 'any') { return () }
	if ($rule eq 'boolean') { return JSON::PP::is_bool($value) ? () : "$path is no boolean" }
	if (ref $rule eq 'ARRAY') { return ref $value eq 'ARRAY'
		? map { problems($value->[$_], $rule->[0], "$path\[$_]") } 0 .. $#$value
		: "$path is no array" }
	if (ref $rule eq 'HASH') {
		return "$path is no object" unless ref $value eq 'HASH';
		return map { exists $value->{$_} ? problems($value->{$_}, $rule->{$_}, "$path.$_")
			: "$path.$_ lacks" } sort keys %$rule;
	}
	return !defined $value || ref $value || $value !~ $rule ? "$path is "
		. (defined $value ? "'$value'" : 'null') : ();
}

subtest 'JSON has every key of the contract, each of its type' => sub {
	my $seen = check_json(@asking);
	my $json = $seen->{json};
	is_deeply([problems($json, $report, '')], [], 'schema') or tell_run($seen);
	is(length $seen->{err}, 0, 'stderr is empty');
	is($seen->{exit}, 2, 'same exit code');
	is($json->{exit_code}, 2, 'exit_code');
	is($json->{zones}[0]{zone}, 'example.com.', 'names end in a dot');
	is_deeply($json->{zones}[0]{reference}, { serial => 2026112201, source => 'primary' },
		'reference');
	like($seen->{out}, qr/"serial":\s*2026112201\b/, 'serials are numbers');
	like($seen->{out}, qr/"(warning|minimum)":\s*("|null)/,
		'bounds of perfdata are strings or null');
	my $two = server_of($json, 'ns2.example.com');
	is_deeply([@$two{qw(address port role outcome rcode authoritative serial transport expire_in_s nsid)}],
		['127.0.0.2', $fake->port, 'secondary', 'answered', 'NOERROR', JSON::PP::true,
			2026112201, 'udp', 600_000, 'ns2-fra'], 'a server that answers');
	my $four = server_of($json, 'ns4.example.com');
	is_deeply([@$four{qw(outcome rcode serial)}], ['refused', 'REFUSED', undef],
		'one that refuses');
	is(server_of($json, 'ns3.example.com')->{serials_behind}, 8, 'one that is behind');
	my %said = map { $_->{code} => $_ } findings($json);
	is_deeply([sort keys %said], ['secondary_behind', 'zone_refused'], 'two findings');
	is_deeply([@{ $said{zone_refused} // {} }{qw(severity server address)}],
		['CRITICAL', 'ns4.example.com.', '127.0.0.4'], 'server and address');
	my ($lag) = grep { $_->{label} eq 'lag' } @{ $json->{perfdata} // [] };
	is_deeply([@{ $lag // {} }{qw(unit warning critical minimum maximum)}],
		['s', '300', '3600', '0', undef], 'perfdata: lag');
};

sub prometheus_problems {
	my ($text) = @_;
	my (%type, %seen, @wrong);
	for my $line (split /\n/, $text) {
		if ($line =~ /^# HELP ([a-z_:][a-z0-9_:]*) \S/) { push @wrong, "HELP twice: $1"
			if $seen{"help $1"}++; next }
		if ($line =~ /^# TYPE ([a-z_:][a-z0-9_:]*) (gauge|counter)$/) { $type{$1} = $2; next }
		my $label = qr/[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*"/;
		if ($line =~ /^([a-z_:][a-z0-9_:]*)((?:\{(?:$label(?:,$label)*)?\})?) (-?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|[-+]Inf)$/) {
			push @wrong, "no TYPE: $1" unless $type{$1};
			push @wrong, "twice: $1$2" if $seen{"$1$2"}++;
			next;
		}
		push @wrong, "no sample: $line";
	}
	return (@wrong, $text =~ /[^\n]\n\z/ ? () : 'no newline at the end');
}

subtest 'Prometheus' => sub {
	my $seen = check('--output-format=prometheus', @asking);
	is_deeply([prometheus_problems($seen->{out})], [], 'text exposition format')
		or tell_run($seen);
	is($seen->{exit}, 2, 'same exit code');
	is(length $seen->{err}, 0, 'stderr is empty');
	like($seen->{out}, qr/^\w+\{[^}]*zone="example\.com\.?"[^}]*\} \d/m, 'with the zone');
	like($seen->{out}, qr/^\w*serial\{[^}]*server="ns3\.example\.com\.?"[^}]*\} 2026112193$/m,
		'the serial of a server');
	is(scalar(grep { !/^(#|dns_replication_)/ } split /\n/, $seen->{out}), 0, 'one prefix');
};

# Every tag is closed, in order; what stands between is text without <, > and bare &.
sub html_problems {
	my ($page) = @_;
	my (@open, @wrong);
	push @wrong, 'no doctype' unless $page =~ s/^<!DOCTYPE html>\n//;
	while ($page =~ /\G(?:<(\/?)(\w+)((?: [a-z]+="[^"<>&]*")*)>|([^<]+)|(.))/gs) {
		if (defined $5) { push @wrong, "no tag: " . substr $page, pos($page) - 1, 40; last }
		if (defined $4) { push @wrong, "bare: $4" if ($open[-1] // '') ne 'style' && $4 =~ />|&(?!(?:amp|lt|gt|quot);)/; next }
		if ($1) { my $last = pop @open // ''; push @wrong, "$last ends as $2" if $last ne $2 }
		elsif ($2 ne 'meta') { push @open, $2 }
		push @wrong, "foreign: $3" if $3 =~ /\b(?:src|href|on\w+)=/ || $2 eq 'script';
	}
	return (@wrong, @open ? "open: @open" : (), $page =~ /[^\n]\n\z/ ? () : 'no newline at the end');
}

subtest 'HTML' => sub {
	my $seen = check('--output-format=html', @asking);
	is_deeply([html_problems($seen->{out})], [], 'is well-formed and stands for itself') or tell_run($seen);
	is($seen->{exit}, 2, 'same exit code');
	is(length $seen->{err}, 0, 'stderr is empty');
	like($seen->{out}, qr/<h1 class="critical">DNS REPLICATION CRITICAL<\/h1>/, 'the state');
	like($seen->{out}, qr/<li class="critical"><b>CRITICAL<\/b> example\.com ns4\.example\.com [^<]*answers REFUSED[^<]*<code>dig \@127/, 'what is wrong, and what to type');
	like($seen->{out}, qr/<tr><th class="critical">example\.com<\/th><td>2026112201<\/td><td class="ok">2026112201<\/td>/, 'a row of the table');
	like($seen->{out}, qr/>2026112193 · 8 behind<\/td><td class="critical">refused<\/td><\/tr>/, 'who is behind, who refuses');
	is(scalar(my @tables = $seen->{out} =~ /<table>/g), 1, 'one table');
	my $foreign = check('-o', 'html', cluster([7, 7], 2 => { rcode => 'REFUSED', ede => [20, q(<script>alert("x") & more</script>)] })->arguments);
	is_deeply([html_problems($foreign->{out})], [], 'foreign bytes are escaped') or tell_run($foreign);
	my $many = check('-o', 'html', (map { ('-z', "z$_.test") } 1 .. 500), '-n', '-H', '127.0.0.1@1', map { ('-a', "ns$_.test=127.0.0.$_\@1") } 2 .. 30);
	is_deeply([html_problems($many->{out})], [], 'many zones and servers') or tell_run($many);
	is(scalar(my @rows = $many->{out} =~ /<tr>/g), 11, 'ten zones');
	like($many->{out}, qr/… and 490 more zones .*… and 14 more servers /s, 'and what is left out');
	cmp_ok(length $many->{out}, '<', 65536, 'bounded');
	is(scalar(@rows = check('-o', 'html', '--top=100', (map { ('-z', "z$_.test") } 1 .. 50), '-n', '-H', '127.0.0.1@1')->{out} =~ /<tr>/g), 51, '--top shows more');
	my $fault = check('-o', 'html', '-z', 'a..b');
	is_deeply([html_problems($fault->{out})], [], 'what cannot be run');
	like($fault->{out}, qr/<h1 class="unknown">.*&quot;a\.\.b&quot; is no domain name/s, 'and why');
	my $empty = check('-o', 'html', '-z', 'z1.test', '--shard=1/90000');
	unlike($empty->{out}, qr/<table>/, 'without zones there is no table') or tell_run($empty);
	my $directory = File::Temp->newdir;
	is_plugin_output(check(@asking, "--write=html:$directory/page.html"), 'CRITICAL', '--write=html');
	is_deeply([html_problems(slurp("$directory/page.html"))], [], 'the same page');
};

subtest '-o text is the default' => sub {
	my ($default, $named) = (check(@asking), check('-o', 'text', @asking));
	is_plugin_output($default, 'CRITICAL');
	my $steady = sub { $_[0]{out} =~ s/\b(time|rtt_\w+)=[\d.]+//gr };
	is($steady->($named), $steady->($default), 'the same');
};

subtest '--write: besides stdout, atomically, several' => sub {
	my $directory = File::Temp->newdir;
	spew("$directory/report.json", 'old');
	my $inode = (stat "$directory/report.json")[1];
	my $seen = check(@asking, "--write=json:$directory/report.json",
		"--write=prometheus:$directory/metrics.prom", "--write=text:$directory/text",
		'--write',
		"scenario:$directory/scenario");
	is_plugin_output($seen, 'CRITICAL');
	is_deeply([sort map { s{.*/}{}r } glob "$directory/* $directory/.[a-z]*"],
		[qw(metrics.prom report.json scenario text)], 'these files and no other');
	is_deeply([problems(decode(slurp("$directory/report.json")), $report, '')], [], 'JSON');
	isnt((stat "$directory/report.json")[1], $inode, 'by a new file in its place');
	is_deeply([prometheus_problems(slurp("$directory/metrics.prom"))], [], 'Prometheus');
	like(slurp("$directory/text"), qr/^DNS REPLICATION CRITICAL - /, 'text');
	my $scenario = -e "$directory/scenario" ? slurp("$directory/scenario") : '';
	like($scenario, qr/example\.com/, 'scenario: the zone');
	like($scenario, qr/127\.0\.0\.$_/, "scenario: server $_") for 1 .. 4;
	like($scenario, qr/2026112193/, 'scenario: what was seen');
};

subtest 'what cannot be run is UNKNOWN, in the format that was asked for' => sub {
	my $json = check_json('-z', 'a..b');
	is_deeply([@{ $json->{json} }{qw(schema state exit_code complete zones findings perfdata)}],
		[1, 'UNKNOWN', 3, JSON::PP::false, [], [], []], 'JSON');
	like($json->{json}{summary}, qr/"a\.\.b" is no domain name/, 'and why');
	my $prometheus = check('-o', 'prometheus', '-z', 'a..b');
	like($prometheus->{out}, qr/^# .*no domain name.*^dns_replication_state 3$/ms, 'Prometheus');
	is($prometheus->{exit}, 3, 'exit code');
	is(check('-z', 'a|b..c')->{out} =~ tr/|//, 0, 'text: nothing that begins perfdata');
};

# The command line in a shell, where its descriptors and limits can be changed: 'exec "$0" "$@" ...'.
sub in_shell { my ($line, @arguments) = @_; return run(['sh', '-c', $line, program('check_dns_replication'), '--no-state', @arguments]) }
my @good = cluster([7, 7])->arguments;

subtest '--write to where nothing can be written' => sub {
	my $seen = check(@good, '--write=json:/proc/no/such');
	is_plugin_output($seen, 'UNKNOWN', 'not OK');
	like($seen->{out}, qr{^\[UNKNOWN\] --write: cannot write /proc/no/such: No such file or directory → \S}m, 'and why') or tell_run($seen);
	like($seen->{first}, qr{--write: cannot write /proc/no/such}, 'in the first line');
	$seen = check(@asking, '--write=json:/proc/no/such');
	is_plugin_output($seen, 'CRITICAL', 'what is worse stays worse');
	like($seen->{out}, qr{^\[UNKNOWN\] --write:}m, 'and it is said');
	$seen = check_json(@good, '--write=json:/proc/no/such');
	is_deeply([@{ $seen->{json} }{qw(state exit_code)}, $seen->{exit}, map { $_->{code} } findings($seen->{json})], ['UNKNOWN', 3, 3, 'report_unwritten'], 'JSON');
	is_plugin_output(check(@good, '--write=json:/proc/no/such', '--severity=report_unwritten=ok'), 'OK', 'by choice it is no matter');
	is_plugin_output(check(@good, '--write=json:/dev/null'), 'UNKNOWN', 'a device is not replaced');
	my $directory = File::Temp->newdir;
	spew("$directory/report.json", 'old');
	$seen = in_shell(q(trap '' XFSZ; ulimit -f 1; exec "$0" "$@"), (map { ('-z', "z$_.test") } 1 .. 50), "--top=100", "-n", "-H", "127.0.0.1\@1", "--write=json:$directory/report.json",
		"--write=prometheus:$directory/metrics", "--write=scenario:$directory/scenario");
	like($seen->{out}, qr{cannot write \Q$directory\E/$_: File too large}, "a file that may not grow: $_") or tell_run($seen) for qw(report.json metrics scenario);
	is(slurp("$directory/report.json"), 'old', 'is left as it was');
	is_deeply([glob "$directory/*"], ["$directory/report.json"], 'without a part of another');
};

subtest 'standard output that takes nothing' => sub {
	for my $format (qw(text json prometheus)) {
		my $seen = in_shell('exec "$0" "$@" >/dev/full', @good, '-o', $format);
		is($seen->{exit}, 3, "a full disk, $format: UNKNOWN");
		is($seen->{err}, "check_dns_replication: cannot write to standard output: No space left on device\n", "and why");
		is(in_shell('exec "$0" "$@" >/dev/full', @asking, '-o', $format)->{exit}, 2, 'CRITICAL stays CRITICAL');
	}
	my $seen = in_shell('exec "$0" "$@" >&- <&-', @good, '-o', 'json');
	is("$seen->{exit} $seen->{err}", "3 check_dns_replication: cannot write to standard output: Bad file descriptor\n", 'closed from the start');
	my $state = File::Temp->newdir;
	$seen = run(['sh', '-c', 'exec "$0" "$@" >&- 2>&- <&-', program('check_dns_replication'), @good, "--state-dir=$state"]);
	is($seen->{exit}, 3, 'all closed');
	is_plugin_output(check(@good, "--state-dir=$state"), 'OK', 'and nothing went into the state');
	# More than a pipe holds, and nobody reads it.
	$seen = run(['bash', '-c', '"$0" "$@" | true; exit ${PIPESTATUS[0]}', program('check_dns_replication'), '--no-state', (map { ('-z', "z$_.test") } 1 .. 500), '-n', '-H', '127.0.0.1@1',
		'-o', 'json']);
	is($seen->{exit}, 2, 'a pipe that nobody reads is no crash');
	is($seen->{err}, "check_dns_replication: cannot write to standard output: Broken pipe\n", 'and is said');
	is(in_shell('exec "$0" "$@" >/dev/full', '--help')->{err}, "check_dns_replication: cannot write to standard output: No space left on device\n", '--help');
};

# The largest resident set so far, in KB, while the report is written: 64 KB of it wait in a pipe.
sub memory_writing {
	my ($zones, $format) = @_;
	my $list = File::Temp->new;
	print $list map { "z$_.example\n" } 1 .. $zones;
	close $list;
	my $pid = open my $out, '-|', program('check_dns_replication'), '--no-state', '-n', '-H', '127.0.0.1@1', '-a', 'ns2.test=127.0.0.2@1', '-f', "$list", '-t', '60s', '-o', $format or die $!;
	my $text = '';
	my $most = $zones * 100; # so much is left that the program still writes
	while (length $text < $most) { sysread $out, $text, 65536, length $text or last }
	my ($peak_kb) = slurp("/proc/$pid/status") =~ /^VmHWM:\s*(\d+) kB/m;
	{ local $/; $text .= readline($out) // '' }
	close $out;
	return ($peak_kb, $text);
}

subtest 'memory does not grow with the report' => sub {
	plan skip_all => 'the sanitizers keep what is freed' if slurp(program('check_dns_replication')) =~ /__asan_init/;
	my (%peak_kb, %text);
	for my $format (qw(json prometheus)) {
		for my $zones (1000, 10_000) { ($peak_kb{$zones}, $text{$format}) = memory_writing($zones, $format) }
		cmp_ok(length $text{$format}, '>', 2.5e6, "$format: a long report of 10,000 zones");
		# 9,000 zones more, of two servers each: what is known of them, and not a byte for each of the report's.
		cmp_ok($peak_kb{10_000} - $peak_kb{1000}, '<', 6_000, "$format: " . ($peak_kb{10_000} - $peak_kb{1000}) . ' KB more than for 1,000') or diag(explain \%peak_kb);
	}
	my $json = decode($text{json});
	is_deeply([map { scalar @{ $json->{$_} } } qw(zones findings)], [10_000, 2], 'and complete');
	is_deeply([prometheus_problems($text{prometheus})], [], 'in both formats');
};

done_testing;
