# Deliver 3: every option of check_dns_replication. Wrong use says what was wrong and shows the
# right form, and exits 3.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my @options = qw(hostname port source timeout timeout-result warning critical verbose version help extra-opts severity top output-format write tsig-key-file state-dir
	no-state plan zone domain add-server exclude-server no-ns expect-ns compare-ns address resolver tcp no-tcp-probe retries rate quorum serial-warning serial-critical
	expire-warning expire-critical signature-warning signature-critical serials-independent diagnose no-diagnose);
my %letter = (hostname => 'H', port => 'p', timeout => 't', warning => 'w', critical => 'c',
	verbose => 'v', version => 'V', help => 'h', 'output-format' => 'o',
	'tsig-key-file' => 'k', zone => 'z', domain => 'D', 'add-server' => 'a', 'no-ns' => 'n',
		'expect-ns' => 'N', resolver => 's', retries => 'r');

subtest '--help and --version exit 3' => sub {
	my $help = check('--help');
	is($help->{exit}, 3, '--help');
	is(length $help->{err}, 0, 'on stdout');
	like($help->{out}, qr/--\Q$_\E\b/, "--$_ is there") for @options;
	like($help->{out}, qr/-$letter{$_}\b[^\n]*--\Q$_\E\b/, "-$letter{$_} beside --$_")
		for sort keys %letter;
	like($help->{out}, qr/^\s*-4\b/m, '-4');
	like($help->{out}, qr/^\s*-6\b/m, '-6');
	is((grep { length > 100 } @{ $help->{lines} }) + 0, 0, 'lines fit a terminal');
	is(check('-h')->{out}, $help->{out}, '-h is the same');
	for my $version (check('--version'), check('-V')) {
		is($version->{exit}, 3, 'version exits 3');
		like($version->{out}, qr/^check_dns_replication v?\d+\.\d+\.\d+/,
			'program and version');
	}
};

my @asking = ('-z', 'example.com', '-H', '127.0.0.1');
for my $wrong (
	# arguments, what has to be said of them
	[[], qr/--zone/],
	[['-H', '127.0.0.1'], qr/--zone/],
	[['-z'], qr/zone|'z'/],
	[['-z', ''], qr/zone/],
	[['-z', 'a..b'], qr/a\.\.b/],
	[['-z', 'a' x 64 . '.com'], qr/63|label/],
	[['-z', join('.', ('abcdefgh') x 32)], qr/25[345]|long/],
	[['-z', 'example.com', '-H', '127.0.0.1@0'], qr/port/],
	[['-z', 'example.com', '-H', '127.0.0.1@65536'], qr/65536|65535/],
	[['-z', 'example.com', '-H', '@53'], qr/host/i],
	[['-z', 'example.com', '-H', '127.0.0.1@http'], qr/http/],
	[[@asking, '-p', '0'], qr/port/],
	[[@asking, '-p', 'dns'], qr/dns/],
	[[@asking, '--port=65536'], qr/65536/],
	[[@asking, '-t', '0'], qr/timeout/],
	[[@asking, '-t', '-3'], qr/timeout/],
	[[@asking, '-t', 'soon'], qr/soon/],
	[[@asking, '--timeout-result=meh'], qr/meh.*(critical|CRITICAL)/s],
	[[@asking, '-w', '5x'], qr/5x/],
	[[@asking, '-w', '10m:5m'], qr/10m:5m/],
	[[@asking, '-c', ':'], qr/--critical/],
	[[@asking, '--severity=nonsense=ok'], qr/nonsense/],
	[[@asking, '--severity=zone_refused=bad'], qr/bad/],
	[[@asking, '--severity=third:zone_refused=ok'], qr/third/],
	[[@asking, '--severity=zone_refused'], qr/zone_refused=|FINDING=STATE/],
	[[@asking, '--top=x'], qr/--top/],
	[[@asking, '--top=-1'], qr/--top/],
	[[@asking, '-o', 'yaml'], qr/yaml.*json/s],
	[[@asking, '--write=json'], qr/FORMAT:FILE|json:/],
	[[@asking, '--write=yaml:/tmp/x'], qr/yaml.*json/s],
	[[@asking, '--write=json:'], qr/FORMAT:FILE|json:/],
	[[@asking, '-k', '/nonexistent/key'], qr{/nonexistent/key.*No such file}s],
	[[@asking, '-k', '/dev/null'], qr{/dev/null}],
	[[@asking, '--source=here'], qr/here/],
	[[@asking, '-a', ''], qr/--add-server/],
	[[@asking, '-a', 'ns2.example.com=999.1.1.1'], qr/999\.1\.1\.1/],
	[[@asking, '-a', 'ns2.example.com=127.0.0.1@99999'], qr/99999/],
	[[@asking, '--address=ns2.example.com'], qr/NAME=ADDRESS|ns2\.example\.com=/],
	[[@asking, '--address=ns2.example.com=here'], qr/here/],
	[[@asking, '-N', ''], qr/--expect-ns/],
	[[@asking, '-N', 'a..b'], qr/a\.\.b/],
	[[@asking, '-s', 'no address'], qr/no address/],
	[[@asking, '-r', '-1'], qr/-1/],
	[[@asking, '--rate=fast'], qr/fast/],
	[[@asking, '--quorum=many'], qr/many/],
	[[@asking, '--serial-warning=x'], qr/--serial-warning/],
	[[@asking, '--serial-critical=9:1'], qr/9:1/],
	[[@asking, '--expire-warning=101%'], qr/101%/],
	[[@asking, '--expire-critical=x'], qr/--expire-critical/],
	[[@asking, '--signature-warning=x'], qr/--signature-warning/],
	[[@asking, '--signature-critical=-1d'], qr/-1d/],
	[[@asking, '--extra-opts=none@/nonexistent.ini'], qr{/nonexistent\.ini}],
	[[@asking, 'example.org'], qr/example\.org/],
	[[@asking, '--zoen=example.org'], qr/zoen.*--zone/s],
	[[@asking, '--no-such-thing'], qr/no-such-thing/],
	[[@asking, '-Q'], qr/Q/],
	[[@asking, '--tcp=yes'], qr/tcp/],
	[[@asking, '-t', '0.05'], qr/too short/],
	[[@asking, '--shard=18446744073709551617/4'], qr/--shard/],
	[[@asking, '--shard=1/4294967297'], qr/--shard/],
	[[@asking, '--exclude=[a'], qr/--exclude: "\[a": a \[ lacks its \]/],
	[[@asking, '--exclude=x[]'], qr/a \[ lacks its \]/],
	[[@asking, '--zones-from='], qr/--zones-from: the argument is empty/],
	(map { [[@asking, "--zones-from=$_"], qr/--zones-from: "\Q$_\E" is neither catalog:ZONE nor bind:URL/] } 'bind:', 'rubbish', 'catalog'),
	(map { [[@asking, "--zones-from=catalog:$_"], qr/--zones-from: "\Q$_\E" is no domain name/] } '', 'a..b'),
	(map { [['-z', 'example.com', '-H', $_], qr/--hostname: "\Q$_\E" is neither an IP address nor a host name/] } '300.1.1.1', '127.0.0', '127.0.0.1@53@54', '2001:db8::x', '1', '192.0.2.1/24'),
	[['-z', 'example.com', '-H', 'http://me:secret@127.0.0.1:53'], qr/--hostname: a URL is no host; right is HOST or HOST\@PORT/],
	[['-z', 'http://example.com/', '-H', '127.0.0.1'], qr{--zone: "http://example\.com/" is no domain name: it is a URL}],
	[[@asking, '-k', 'hmac-sha256:key:c2VjcmV0'], qr{--tsig-key-file: there is no file of that name \(.*\), e\.g\. --tsig-key-file=/}],
	[[@asking, '-k', '/nowhere/key'], qr{--tsig-key-file: cannot read /nowhere/key: No such file}],
	[[@asking, '-psecret'], qr{-p/--port: it is no whole number from 1 to 65535}],
	[[@asking, '--source=127.0.0.1@53'], qr/--source: "127\.0\.0\.1\@53" is no IP address/],
	[[@asking, '-a', 'ns2.example.com=127.0.0.1@53@54'], qr/no IP address/],
) {
	my ($arguments, $expected) = @$wrong;
	is_usage_error(check(@$arguments), $expected, 'wrong: '
		. (join(' ', map { length > 70 ? substr($_, 0, 20) . '...' : length ? $_
		: "''" } @$arguments) || 'nothing'));
}

# Numbers of every kind: too small, too large, something else, nothing.
subtest 'every number in an option' => sub {
	my @kinds = (
		{ options => ['port', 'retries', 'rate', 'quorum', 'top'], wrong => ['', '-1', '1.5', '1e1', '+1', ' 1', '1x', '0x10', '10000001', '4294967296', '99999999999999999999'],
			says => 'is no whole number from \d+ to \d+' },
		{ options => [qw(timeout wait new-zone-grace forget signature-warning signature-critical)], wrong => ['', '-1s', '5x', '1e9d', 'nan', 'inf', '9ss', '99999999999d'],
			says => '(?:is no duration; right is|is longer than 100 years)' },
		{ options => [qw(warning critical serial-warning serial-critical)], wrong => ['', '1e400', '5:6:7', 'nan', '~', '@', '5:1'], says => '(?:is no range; right is|ends before it starts; right is)' },
		{ options => [qw(expire-warning expire-critical)], wrong => ['50%%', '-1', '-1%', '101%', '1e400d', '%'], says => 'is neither a share' },
	);
	for my $kind (@kinds) {
		for my $option (@{ $kind->{options} }) {
			is_usage_error(check(@asking, "--$option=$_"), qr/--\Q$option\E: (?:the argument is empty|(?:the range )?"\Q$_\E" $kind->{says}).*\b(?:for example|e\.g\.) --\Q$option\E=\d/, "--$option='$_'") for @{ $kind->{wrong} };
		}
	}
};

subtest 'the right form is shown' => sub {
	like(check(@asking, '-w', '5x')->{out}, qr/-(w|-warning)\b.*(5m|90s)/s, 'of a duration');
	like(check(@asking, '--severity=x')->{out}, qr/--severity=\S+=\w+/, 'of --severity');
	like(check('-z', 'example.com', '-H', '1.2.3.4@0')->{out}, qr/\S+@\d+/, 'of HOST@PORT');
	like(check()->{out}, qr/--help/, 'and where more is to be read');
};

subtest 'long and short options' => sub {
	my $fake = cluster([10, 10]);
	my ($at, $port) = ($fake->at('127.0.0.1'), $fake->port);
	for my $arguments (["-zexample.com", "-H$at", "-p$port"],
		['--zone', 'example.com', '--hostname', $at, '--port', $port],
		['--domain=example.com', "--hostname=$at", "--port=$port"],
		['-D', 'example.com', '-H', '127.0.0.1', '-p', $port]) {
		is(state_of(check(@$arguments)), 'OK', "@$arguments");
	}
	is(state_of(check('-z', 'example.com', '-H', '127.0.0.250', '-H', $at, '-p', $port)), 'OK',
		'of single values the last one wins');
};

subtest 'thresholds in perfdata' => sub {
	my @good = cluster([10, 10])->arguments;
	is(perfdata_of(check(@good, '-w', '90s', '-c', '2h'), 'lag'), 'lag=0s;90;7200;0',
		'90s and 2h');
	is(perfdata_of(check(@good, '-w', '1d', '-c', '3d'), 'lag'), 'lag=0s;86400;259200;0',
		'days');
	is(perfdata_of(check(@good, '--warning=60', '--critical=120'), 'lag'), 'lag=0s;60;120;0',
		'plain seconds');
};

subtest '--extra-opts' => sub {
	my $fake = cluster([10, 10], 2 => { zone => { no_aa => 1 } });
	my $directory = File::Temp->newdir;
	my $at = $fake->at('127.0.0.1');
	my $port = $fake->port;
	my $ini = spew("$directory/monitoring-plugins.ini", <<"END");
; a comment
[check_dns_replication]
zone=example.com
hostname = $at
port=$port

[tolerant]
z = example.com
H=$at
p=$port
severity=not_authoritative=warning
no-tcp-probe
END
	chmod 0600, $ini;
	is(state_of(check("--extra-opts=\@$ini")), 'CRITICAL', 'the section of the program');
	is(state_of(check("--extra-opts=tolerant\@$ini")), 'WARNING',
		'another section, short names, flags');
	is(state_of(check({ env => { MP_CONFIG_FILE => $ini } }, '--extra-opts')), 'CRITICAL',
		'$MP_CONFIG_FILE');
	is(state_of(check({ env => { NAGIOS_CONFIG_PATH => "$directory" } },
		'--extra-opts=tolerant')), 'WARNING', '$NAGIOS_CONFIG_PATH');
	is(state_of(check("--extra-opts=\@$ini", '--severity=not_authoritative=ok')), 'OK',
		'argv adds');
	is_usage_error(check("--extra-opts=nobody\@$ini"), qr/nobody/,
		'a section that is not there');
};

subtest '-v says more, each time' => sub {
	my @good = cluster([10, 10], 2 => { nsid => 'two' })->arguments;
	my @runs = map { check(@good, @$_) } [], ['-v'], ['-vv'], ['-v', '-v', '-v'];
	is_plugin_output($_, 'OK') for @runs;
	cmp_ok(length $runs[1]{text}, '>', length $runs[0]{text}, '-v');
	cmp_ok(length $runs[2]{text}, '>=', length $runs[1]{text}, '-vv');
	is($runs[$_]{first} =~ s/ \|.*//r, $runs[0]{first} =~ s/ \|.*//r, 'the first line stays')
		for 1 .. 3;
};

done_testing;
