# Icinga 2 as Debian has it runs the CheckCommand: what its API shows and what reaches a database of graphs is what the plugin printed.
use v5.30;
use utf8;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Callers '/usr/sbin/icinga2', '/usr/bin/curl';
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Run;
use IO::Socket::INET;
use JSON::PP ();
use Test::More;
needs('check_dns_replication');

my $PORT = 5665;
my $INFLUX = 8086;
my $home = DNSReplication::Lab::directory('icinga');
my $plugins = plugin_directory();
my $commands = source_dir() . '/contrib/icinga/dns-replication-commands.conf';
my @scenes = scenes();

my $COMMON = <<"END";
const NodeName = "lab"
const ZoneName = NodeName
const PluginDir = "/usr/lib/nagios/plugins"
const PluginContribDir = "$plugins"
include <itl>
include <plugins>
include "$commands"
END

# --- Icinga, in a directory of its own -----------------------------------------------------------

my %path = (ConfigDir => $home, DataDir => "$home/data", LogDir => "$home/log", InitRunDir => "$home/run", CacheDir => "$home/cache",
	SpoolDir => "$home/spool", PidPath => "$home/run/pid", RunAsUser => 'root', RunAsGroup => 'root');
my @defines = map { "-DConfiguration.$_=$path{$_}" } sort keys %path;
sub icinga { my ($command, @rest) = @_; return ('icinga2', (split ' ', $command), @defines, @rest) }

sub certificates {
	mkdir "$home/$_" for qw(data data/certs log run cache spool);
	shell(icinga('pki new-ca'));
	shell(icinga('pki new-cert'), '--cn', 'lab', '--key', "$home/data/certs/lab.key", '--csr', "$home/lab.csr");
	shell(icinga('pki sign-csr'), '--csr', "$home/lab.csr", '--cert', "$home/data/certs/lab.crt");
	spew("$home/data/certs/ca.crt", slurp("$home/data/ca/ca.crt"));
}

# A value in Icinga's language: arrays, text, and what stands there already (\'true').
sub value {
	my ($value) = @_;
	return '[ ' . join(', ', map { value($_) } @$value) . ' ]' if ref $value eq 'ARRAY';
	return $$value if ref $value;
	return '"' . ($value =~ s/(["\\])/\\$1/gr =~ s/\$/\$\$/gr) . '"';
}

# A service of a CheckCommand, its variables without the command's name.
sub service {
	my ($name, $command, %vars) = @_;
	return qq(object Service "$name" {\n\timport "forced"\n\tcheck_command = "$command"\n) . join('', map { "\tvars.${command}_$_ = " . value($vars{$_}) . "\n" } sort keys %vars) . "}\n";
}

sub configuration {
	my @services = @_;
	my $text = $COMMON . <<"END";
object Endpoint NodeName { }
object Zone ZoneName { endpoints = [ NodeName ] }
object CheckerComponent "checker" { }
object ApiListener "api" { bind_host = "127.0.0.1"; bind_port = $PORT }
object ApiUser "lab" { password = "lab"; permissions = [ "*" ] }
object InfluxdbWriter "graphs" {
	host = "127.0.0.1"; port = $INFLUX; database = "lab"; flush_threshold = 1; flush_interval = 1
	enable_send_thresholds = true; enable_send_metadata = false
	service_template = { measurement = "dns"; tags = { service = "\$service.name\$" } }
}
object Host "ns1" { check_command = "dummy"; address = "127.0.0.1"; enable_active_checks = false }
template Service "forced" { host_name = "ns1"; enable_active_checks = false; max_check_attempts = 1 }
END
	utf8::encode(my $services = join '', @services);
	return spew("$home/icinga2.conf", $text . $services);
}

sub api {
	my ($path, @more) = @_;
	my $said = run(['curl', '-s', '--cacert', "$home/data/certs/ca.crt", '--connect-to', "lab:$PORT:127.0.0.1:$PORT", '-u', 'lab:lab',
		'-H', 'Accept: application/json', @more, "https://lab:$PORT/v1/$path"], timeout => 30);
	return $said->{out} =~ /^\{/ ? JSON::PP->new->utf8->decode($said->{out}) : undef;
}

# What a database of graphs gets: every line that Icinga writes to it.
sub graphs {
	my $file = "$home/graphs";
	my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$INFLUX", Listen => 8, ReuseAddr => 1) or die "listen: $!";
	my $pid = fork // die "fork: $!";
	return $file if $pid;
	while (my $client = $listener->accept) {
		my ($head, $body) = ('', '');
		while (defined(my $line = readline $client)) { last if $line =~ /^\r?\n/; $head .= $line }
		my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
		read $client, $body, $length // 0;
		open my $out, '>>:raw', $file;
		print $out "$body\n";
		close $out;
		print $client "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	}
	POSIX::_exit(0);
}

# --- The services: each scene, and each argument by itself ---------------------------------------

# The scene's options in words of the CheckCommand.
my %LONG = (z => 'zone', H => 'hostname', p => 'port', a => 'add_server', t => 'timeout', n => 'no_ns', vvv => 'verbose');
sub vars_of {
	my %vars;
	my @left = @_;
	while (defined(my $option = shift @left)) {
		my ($name, $value) = $option =~ /^--?([a-z0-9-]+)(?:=(.*))?$/i;
		$name = ($LONG{$name} // $name) =~ tr/-/_/r;
		if (defined $value) { }
		elsif (@left && $left[0] !~ /^-/) { utf8::decode($value = shift @left) }
		else { $vars{$name} = \'true'; next }
		push @{ $vars{$name} }, $value;
	}
	$vars{$_} = $vars{$_}[0] for grep { ref $vars{$_} eq 'ARRAY' && @{ $vars{$_} } == 1 } keys %vars;
	return %vars;
}

# Options that a run without anybody to ask understands: something valid for each that takes a value.
my $scratch = DNSReplication::Lab::directory('scratch');
my %VALID = ('zone' => ['example.com', 'bücher.example'], 'zones-file' => spew("$scratch/zones", "example.net\n"), 'zones-from' => 'catalog:catalog.example', 'exclude' => ['*.example.net', 'x[a-z].org'],
	'shard' => '1/4', 'new-zone-grace' => '30m', 'forget' => '1d', 'hostname' => '192.0.2.1@5300', 'port' => '5300', 'source' => ['127.0.0.1', '::1'],
	'tsig-key-file' => key_file('key.example', 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='), 'timeout' => '5s', 'timeout-result' => 'critical', 'warning' => '2m', 'critical' => '@10:20',
	'severity' => ['secondary:server_timeout=warning', 'no_soa=ok'], 'output-format' => 'json', 'write' => ["json:$scratch/json", "text:$scratch/text"], 'top' => '7',
	'replay' => source_dir() . '/t/scenarios/all-well.scenario', 'state-dir' => $scratch, 'add-server' => ['ns4.example.net=192.0.2.4@53', '2001:db8::4'], 'exclude-server' => ['ns9.example.com', '192.0.2.9'],
	'expect-ns' => ['ns1.example.com,ns2.example.com', 'ns3.example.com'], 'address' => ['ns2.example.com=192.0.2.2,2001:db8::2', 'ns3.example.com=192.0.2.3@5300'], 'resolver' => '192.0.2.53',
	'serials-independent' => ['ns5.example.com', 'ns6.example.com'], 'retries' => '3', 'rate' => '200', 'wait' => '30s', 'serial-warning' => '5', 'serial-critical' => '~:20', 'expire-warning' => '50%',
	'expire-critical' => '2d', 'signature-warning' => '3d', 'signature-critical' => '1d', 'quorum' => '2', 'extra-opts' => ['one@' . spew("$scratch/ini", "[one]\ntop=1\n[two]\ntimeout=7s\n"), "two\@$scratch/ini"]);
# Where another program means something else by the name.
my %VALID_FOR = (check_zone_transfer => { zone => 'example.com', warning => '5s', critical => '10s', severity => ['transfer_refused=warning', 'transfer_open=ok'],
	replay => source_dir() . '/t/scenarios/transfer-current.scenario', ixfr => '2026112201', expect => 'refused', 'min-records' => '3', 'tls-hostname' => 'ns1.example.com' });
my @programs = map { "check_$_" } slurp($commands) =~ /^object CheckCommand "(\w+)"/mg;

# { program, name, flag, value }: whatever each program says of itself. What is not known above has something of its kind, which may
# not be valid: it must arrive nevertheless.
sub arguments_of {
	my ($program) = @_;
	return map {
		my (undef, $name, undef, undef, $kind, undef, undef, $preset) = split /\t/;
		my $value = ($VALID_FOR{$program} // {})->{$name} // $VALID{$name};
		my $flag = $kind =~ /^(?:flag|not|count)$/;
		{ program => $program, name => $name, flag => $flag, known => $flag || defined $value,
			value => $value // ($preset ne '-' ? $preset : $kind =~ /duration/ ? '5s' : $kind =~ /text|list/ ? "$scratch/some" : '7') };
	} grep { !/^\S+\t(?:help|version|observe)\t/ } split /\n/, run([program($program), '--option-table'])->{out}; # --observe is not for monitoring systems
}
my @arguments = map { arguments_of($_) } @programs;

sub argument_service {
	my ($argument) = @_;
	my $name = $argument->{name};
	my %vars = (zone => 'example.org', hostname => '192.0.2.1', plan => \'true', no_state => \'true');
	$vars{hostname} = '2001:db8::1' if $name eq 'ipv6';
	delete $vars{plan} if $name eq 'replay';
	delete $vars{no_state} if $name eq 'state-dir';
	$vars{tls} = \'true' if $name =~ /^tls-/;
	$vars{ $name =~ tr/-/_/r } = $argument->{flag} ? \'true' : $argument->{value};
	return service("$argument->{program}.$name", $argument->{program} =~ s/^check_//r, %vars);
}

# What should arrive: the option, or the option and its value, as often as there are values.
sub expected_words {
	my ($argument) = @_;
	my ($name, $value) = @$argument{qw(name value)};
	return $argument->{flag} ? "--$name" : join "\0", map { ("--$name", $_) } ref $value ? @$value : $value;
}

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

# --- The story -----------------------------------------------------------------------------------

certificates();
my $configuration = configuration((map { service($_->{name}, 'dns_replication', vars_of(@{ $_->{arguments} })) } @scenes), map { argument_service($_) } @arguments);
my $validated = run([icinga('daemon -C'), '-c', $configuration], timeout => 60);
is($validated->{exit}, 0, 'icinga2 daemon -C takes the configuration') or diag substr $validated->{out}, 0, 2000;
unlike($validated->{out}, qr/warning/i, 'without a warning') or diag substr $validated->{out}, 0, 2000;

my $example = source_dir() . '/contrib/icinga/example-services.conf';
spew("$home/example.conf", $COMMON . qq(template Host "generic-host" { check_command = "dummy" }\ntemplate Service "generic-service" { }\ninclude "$example"\n));
my $shown = run([icinga('daemon -C'), '-c', "$home/example.conf"], timeout => 60);
is($shown->{exit}, 0, 'and the example') or diag substr $shown->{out}, 0, 2000;
like($shown->{out}, qr/Instantiated 2 Services/, 'with a service for each zone');

my $graphs = graphs();
my $daemon = daemon(icinga('daemon'), '-c', $configuration);
ok(wait_until(60, sub { api('status/ApiListener') }), 'the API answers') or diag $daemon->log;
my $forced = api('actions/reschedule-check?type=Service&filter=true&force=true', '-X', 'POST');
is(scalar @{ $forced->{results} // [] }, @scenes + @arguments, 'all checks are to run');

my %service;
ok(wait_until(90, sub {
	%service = map { $_->{attrs}{name} => $_->{attrs} } @{ (api('objects/services') // {})->{results} // [] };
	return keys %service && !grep { !$_->{last_check_result} } values %service;
}), 'all have run') or diag join ' ', grep { !$service{$_}{last_check_result} } keys %service;

sub run_behind { my ($service) = @_; my ($program, @words) = @{ $service->{last_check_result}{command} // [''] }; return run_of_program($program =~ s{.*/}{}r, @words) // { said => '', exit => -1 } }

for my $scene (@scenes) {
	subtest $scene->{name} => sub {
		my $service = $service{ $scene->{name} };
		my $result = $service->{last_check_result};
		my $run = run_behind($service);
		is($run->{exit}, $scene->{exit}, "exit $scene->{exit}") or diag $run->{said};
		is($service->{state}, $scene->{exit}, 'is the state that Icinga shows');
		utf8::decode(my $said = $run->{said});
		my ($first, $perfdata, @more) = $said =~ /^([^|\n]*)(?:\| ?([^\n]*))?\n(.*)/s;
		same_text($result->{output} =~ s/\s+\z//r =~ s/ \n/\n/r, ($first =~ s/ +\z//r . "\n" . join '', @more) =~ s/\s+\z//r, 'output and long output, to the last character');
		is(join(' ', @{ $result->{performance_data} }), $perfdata // '', 'perfdata, item by item');
		for my $about (@{ $scene->{about} }) {
			utf8::decode(my $text = $about);
			ok(!missing_in($result->{output}, $text), "holds $about");
		}
		cmp_ok(length $result->{output}, '>', $scene->{long}, 'however long') if $scene->{long};
	};
}

# Points as "dns,service=NAME,metric=LABEL crit=..,max=..,min=..,value=..,warn=.. TIME".
subtest 'what graphs are made of' => sub {
	my (%point, %wanted);
	for my $scene (@scenes) {
		my $of = perfdata(run_behind($service{ $scene->{name} })->{said} =~ /\|([^\n]*)/ ? $1 : '')->{of};
		$wanted{"$scene->{name} $_"} = $of->{$_} for keys %$of;
	}
	ok(wait_until(30, sub {
		%point = map { /^dns,(\S+) (\S+)/ ? do { my %tag = map { split /=/, $_, 2 } split /,/, $1; my %field = map { split /=/, $_, 2 } split /,/, $2; ("$tag{service} $tag{metric}" => \%field) } : () }
			split /\n/, slurp($graphs);
		return !grep { !$point{$_} } keys %wanted;
	}), scalar(keys %wanted) . ' labels arrive') or diag join "\n", grep { !$point{$_} } keys %wanted;
	my @wrong;
	for my $name (sort keys %wanted) {
		my ($item, $field) = ($wanted{$name}, $point{$name} // {});
		for my $part ([value => 'value'], [warning => 'warn'], [critical => 'crit'], [minimum => 'min']) {
			my ($ours, $theirs) = ($item->{ $part->[0] }, $field->{ $part->[1] });
			push @wrong, "$name $part->[0]: '$ours' became '" . ($theirs // '') . "'" if length $ours ? !defined $theirs || $theirs != $ours : defined $theirs;
		}
		my $unit = { s => '"seconds"' }->{ $item->{unit} };
		push @wrong, "$name: unit '$item->{unit}' became " . ($field->{unit} // 'none') if ($field->{unit} // '') ne ($unit // '');
	}
	is_deeply(\@wrong, [], 'values, units and thresholds as printed');
};

subtest 'each argument reaches the plugin' => sub {
	cmp_ok(scalar(grep { $_->{known} } @arguments), '>', 60, 'arguments are known');
	for my $argument (@arguments) {
		my $service = $service{"$argument->{program}.$argument->{name}"};
		my (undef, @words) = @{ $service->{last_check_result}{command} };
		my $run = run_behind($service);
		my ($all, $expected) = (join("\0", '', @words, ''), expected_words($argument));
		utf8::decode(my $said = $run->{said});
		# Some options mean nothing alone, which the program then says: it has understood them.
		my $wrong = $argument->{known} && $argument->{program} eq 'check_dns_replication' ? qr/UNKNOWN - (?!.*plan)/ : qr/unknown option/;
		ok(index($all, "\0$expected\0") >= 0 && length $said && $said !~ $wrong, "$argument->{program} --$argument->{name}") or diag "@words\n$said";
	}
};

done_testing;
