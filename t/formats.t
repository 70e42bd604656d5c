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
		source => qr/^(primary|soa_mname|newest|none)$/ }, servers => [$server],
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

subtest '--write to where nothing can be written' => sub {
	my $seen = check(@asking, '--write=json:/proc/no/such');
	like($seen->{out}, qr{/proc/no/such}, 'is said') or tell_run($seen);
	isnt($seen->{exit}, 0, 'and not OK');
};

done_testing;
