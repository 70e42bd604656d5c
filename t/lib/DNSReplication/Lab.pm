package DNSReplication::Lab;

# Real servers in a private network, where port 53 and the documentation addresses are free and nothing can leave:
#
#	use DNSReplication::Lab;            # from here on the test runs in namespaces of its own (network, processes, mounts)
#	my $ns1 = pdns('192.0.2.1', primary => 'yes', 'allow-axfr-ips' => '192.0.2.0/24');
#	my $ns3 = named('192.0.2.3', zones => { 'example.com' => '192.0.2.1' });
#	$ns1->util('create-zone', 'example.com', 'ns1.example.com');
#
# The process namespace ends every server with the test, however that ends. Needs root; without it tests are skipped, with
# LAB_REQUIRED=1 the run stops instead.

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter ();
use File::Temp 'tempdir';
use Net::DNS;
use Test::More;

our @EXPORT = qw(pdns named nsd knotd ask serial_at zone_text shell firewall resolver_is);

my @ADDRESSES = ((map { "192.0.2.$_" } 1 .. 9, 53, 100), (map { "2001:db8::$_" } 1 .. 9));

sub import {
	enter() unless ($ENV{DNS_REPLICATION_LAB} // '') eq 'entered';
	goto &Exporter::import;
}

sub impossible {
	my ($why) = @_;
	BAIL_OUT("the lab is required, but $why") if $ENV{LAB_REQUIRED};
	plan(skip_all => $why);
}

sub enter {
	impossible('the lab needs root') if $>;
	my @needed = grep { !-x "/usr/sbin/$_" && !-x "/usr/bin/$_" && !-x "/sbin/$_" }
		qw(unshare ip nft pdns_server pdnsutil named sqlite3);
	impossible("these are missing: @needed") if @needed;
	my @unshare = qw(unshare --net --pid --fork --kill-child --mount-proc --);
	impossible('namespaces cannot be made here') if system "@unshare true 2>/dev/null";
	$ENV{DNS_REPLICATION_LAB} = 'entered';
	exec @unshare, $^X, (map { "-I$_" } @INC), $0, @ARGV;
	die "unshare: $!";
}

sub shell {
	my (@command) = @_;
	my $seen = run(\@command, timeout => 20);
	die "@command: exit $seen->{exit}: $seen->{out}$seen->{err}" if $seen->{exit} || $seen->{timed_out};
	return $seen->{out};
}

# nft rules in the table's own words: firewall('ip daddr 192.0.2.3 udp dport 53 drop'); none lifts them.
sub firewall {
	my @rules = @_;
	my $file = spew(directory('firewall') . '/rules', "table inet lab\ndelete table inet lab\ntable inet lab {\n"
		. "chain in { type filter hook input priority 0;\n" . join('', map { "$_;\n" } @rules) . "}\n}\n");
	shell('nft', '-f', $file);
}

# Whom the system asks about names, by a mount that only this test sees.
sub resolver_is {
	my ($address) = @_;
	state $mounted;
	my $file = directory('etc') . '/resolv.conf';
	spew($file, "nameserver $address\noptions timeout:1 attempts:1\n");
	shell('mount', '--bind', $file, '/etc/resolv.conf') unless $mounted++;
}

my $root;
my $owner = $$;
sub directory {
	my ($name) = @_;
	if (!$root) {
		$root = tempdir('dns-replication-lab-XXXXXX', TMPDIR => 1, CLEANUP => 1);
		chmod 0755, $root;
	}
	mkdir "$root/$name";
	return "$root/$name";
}

my @running;
END { if ($$ == $owner) { local $?; $_->stop for reverse my @all = @running } }

sub start {
	my ($server, @command) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$server->{directory}/log";
		open STDERR, '>&', \*STDOUT;
		exec @command or POSIX::_exit(127);
	}
	$server->{pid} = $pid;
	$server->{command} = \@command;
	push @running, $server;
	return $server;
}

# Ready is who answers; what, does not matter.
sub ready {
	my ($server) = @_;
	my $answers = wait_until(15, sub {
		waitpid($server->{pid}, POSIX::WNOHANG) == $server->{pid} and return BAIL_OUT($server->log);
		return defined ask($server->{address}, 'ready.invalid', 'SOA', timeout => 0.2);
	});
	BAIL_OUT("$server->{command}[0] at $server->{address} does not answer:\n" . $server->log) unless $answers;
	return $server;
}

sub log { my ($server) = @_; return slurp("$server->{directory}/log") }

sub stop {
	my ($server) = @_;
	my $pid = delete $server->{pid} or return;
	kill TERM => $pid;
	if (!wait_until(3, sub { waitpid($pid, POSIX::WNOHANG) })) { kill KILL => $pid; waitpid $pid, 0 }
	@running = grep { $_ != $server } @running;
}

sub restart { my ($server) = @_; $server->stop; return start($server, @{ $server->{command} })->ready }

# pdns('192.0.2.1', setting => value, ...): PowerDNS with an SQLite database of its own.
sub pdns {
	my ($address, %settings) = @_;
	my $directory = directory("pdns-$address");
	my $server = bless { address => $address, directory => $directory }, 'DNSReplication::Lab::PowerDNS';
	my $schema = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';
	shell('sqlite3', "$directory/zones.sqlite3", "PRAGMA journal_mode=WAL;", ".read $schema");
	$server->{settings} = { launch => 'gsqlite3', 'gsqlite3-database' => "$directory/zones.sqlite3", 'gsqlite3-pragma-synchronous' => 0,
		'gsqlite3-dnssec' => 'yes', 'socket-dir' => $directory, 'local-address' => $address, 'query-local-address' => $address, 'local-port' => 53,
		'daemon' => 'no', 'guardian' => 'no', 'disable-syslog' => 'yes', 'log-dns-details' => 'yes', 'loglevel' => 6,
		'consistent-backends' => 'yes', 'server-id' => "s$address" =~ tr/.:/--/r, 'security-poll-suffix' => '',
		'receiver-threads' => 1, 'distributor-threads' => 1, 'zone-cache-refresh-interval' => 0, 'cache-ttl' => 0, 'query-cache-ttl' => 0,
		'negquery-cache-ttl' => 0, %settings };
	$server->configure;
	return start($server, '/usr/sbin/pdns_server', "--config-dir=$directory")->ready;
}

# named('192.0.2.3', zones => { NAME => PRIMARY | \ZONE_TEXT }, options => 'more of options { }', keys => 'key "..." { ... };')
sub named {
	my ($address, %with) = @_;
	my $directory = directory("named-$address");
	my $server = bless { address => $address, directory => $directory }, 'DNSReplication::Lab::Named';
	my $family = $address =~ /:/ ? '-v6' : '';
	my $not = $address =~ /:/ ? '' : '-v6';
	my $zones = '';
	for my $zone (sort keys %{ $with{zones} // {} }) {
		my $what = $with{zones}{$zone};
		spew("$directory/$zone.zone", $$what) if ref $what;
		$zones .= qq(zone "$zone" { ) . (ref $what ? qq(type primary; file "$zone.zone"; allow-transfer { any; };)
			: qq(type secondary; primaries { $what; }; file "$zone.secondary"; masterfile-format text;)) . " };\n";
	}
	my $source = $address =~ /:/ ? "query-source-v6 address $address; notify-source-v6 $address; transfer-source-v6 $address;"
		: "query-source address $address; notify-source $address; transfer-source $address;";
	spew("$directory/named.conf", <<"END");
options { directory "$directory"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; listen-on$family { $address; };
	listen-on$not { none; }; $source serial-query-rate 1000; notify-rate 1000; startup-notify-rate 1000; min-refresh-time 1; min-retry-time 1;
	@{[ $with{options} // '' ]} };
controls { };
@{[ $with{keys} // '' ]}
$zones
END
	return start($server, '/usr/sbin/named', '-g', '-c', "$directory/named.conf", '-n', 1)->ready;
}

# nsd('192.0.2.4', zones => { NAME => PRIMARY | \ZONE_TEXT }, server => 'more of server:', rate => answers a second to one client, 200 as NSD has it; default: no limit)
sub nsd {
	my ($address, %with) = @_;
	my $directory = directory("nsd-$address");
	my $server = bless { address => $address, directory => $directory }, __PACKAGE__;
	my $zones = '';
	for my $zone (sort keys %{ $with{zones} // {} }) {
		my $what = $with{zones}{$zone};
		spew("$directory/$zone.zone", $$what) if ref $what;
		$zones .= "zone:\n name: $zone\n zonefile: $zone.zone\n" . (ref $what ? " provide-xfr: 0.0.0.0/0 NOKEY\n"
			: " request-xfr: AXFR $what NOKEY\n allow-notify: $what NOKEY\n outgoing-interface: $address\n");
	}
	spew("$directory/nsd.conf", <<"END");
server:
 ip-address: $address
 username: ""
 zonesdir: "$directory"
 pidfile: ""
 xfrdfile: "$directory/xfrd.state"
 xfrdir: "$directory"
 zonelistfile: "$directory/zone.list"
 database: ""
 server-count: 1
 rrl-ratelimit: @{[ $with{rate} // 0 ]}
@{[ $with{server} // '' ]}
remote-control:
 control-enable: no
$zones
END
	return start($server, '/usr/sbin/nsd', '-d', '-c', "$directory/nsd.conf")->ready;
}

# knotd('192.0.2.5', zones => { NAME => PRIMARY | \ZONE_TEXT })
sub knotd {
	my ($address, %with) = @_;
	my $directory = directory("knot-$address");
	my $server = bless { address => $address, directory => $directory }, __PACKAGE__;
	my ($remotes, $zones, $count) = ('', '', 0);
	for my $zone (sort keys %{ $with{zones} // {} }) {
		my $what = $with{zones}{$zone};
		spew("$directory/$zone.zone", $$what) if ref $what;
		my $id = 'r' . ++$count;
		$remotes .= " - id: $id\n   address: $what\n   via: $address\n" unless ref $what;
		$zones .= " - domain: $zone\n   file: $zone.zone\n   acl: everyone\n" . (ref $what ? '' : "   master: $id\n");
	}
	spew("$directory/knot.conf", "server:\n rundir: $directory\n listen: $address\@53\n nsid: knot\n udp-workers: 1\n tcp-workers: 1\n"
		. " background-workers: 1\ndatabase:\n storage: $directory\nlog:\n - target: stderr\n   any: info\n"
		. "acl:\n - id: everyone\n   action: [transfer, notify]\ntemplate:\n - id: default\n   storage: $directory\n"
		. ($remotes ? "remote:\n$remotes" : '') . ($zones ? "zone:\n$zones" : ''));
	return start($server, '/usr/sbin/knotd', '-c', "$directory/knot.conf")->ready;
}

# The answer as a Net::DNS::Packet, or undef.
sub ask {
	my ($address, $name, $type, %with) = @_;
	my $resolver = Net::DNS::Resolver->new(nameservers => [$address], port => $with{port} // 53, recurse => 0, retry => 1,
		retrans => $with{timeout} // 1, udp_timeout => $with{timeout} // 1, tcp_timeout => $with{timeout} // 1, usevc => $with{tcp} // 0,
		config_file => '/dev/null');
	return $resolver->send($name, $type);
}

sub serial_at {
	my ($address, $zone) = @_;
	my $packet = ask($address, $zone, 'SOA') or return undef;
	my ($soa) = grep { $_->type eq 'SOA' } $packet->answer;
	return $packet->header->aa && $soa ? $soa->serial : undef;
}

# A zone whose servers are ns1 .. nsN at 192.0.2.1 .. N; further lines at its end.
sub zone_text {
	my ($zone, $serial, $servers, @more) = @_;
	return join "\n", "\$ORIGIN $zone.", '$TTL 300', "@ SOA ns1 hostmaster $serial 600 60 3600 60",
		(map { ("\@ NS ns$_", "ns$_ A 192.0.2.$_") } 1 .. $servers), @more, '';
}

sub private_network {
	return if ($ENV{DNS_REPLICATION_LAB} // '') ne 'entered';
	shell('ip', 'link', 'set', 'lo', 'up');
	shell('ip', 'addr', 'add', $_ . (/:/ ? '/128' : '/32'), 'dev', 'lo', /:/ ? 'nodad' : ()) for @ADDRESSES;
	resolver_is('192.0.2.53');
}
private_network();

package DNSReplication::Lab::PowerDNS;
our @ISA = ('DNSReplication::Lab');
use DNSReplication::Run;

sub configure {
	my ($server, %settings) = @_;
	my $all = $server->{settings};
	@$all{ keys %settings } = values %settings;
	spew("$server->{directory}/pdns.conf", join '', map { "$_=$all->{$_}\n" } sort keys %$all);
}

# As an operator would: pdnsutil and pdns_control; their output.
sub util { my ($server, @words) = @_; return DNSReplication::Lab::shell('pdnsutil', "--config-dir=$server->{directory}", @words) }
sub control { my ($server, @words) = @_; return DNSReplication::Lab::shell('pdns_control', "--config-dir=$server->{directory}", @words) }

package DNSReplication::Lab::Named;
our @ISA = ('DNSReplication::Lab');

1;
