package DNSReplication::Lab::Server;

# The servers of DNSReplication::Lab. All of them take an address, or several with commas between (the first one is who they are
# when they ask others), and
#
#	zones => { NAME => \TEXT }                  primary for it; anybody may transfer it (PowerDNS: who is in allow-axfr-ips)
#	zones => { NAME => ADDRESS }                secondary of the server there
#	zones => { NAME => [ADDRESS, KEY] }         the same, signed
#	zones => { NAME => [ADDRESS, KEY, TLS] }    the same over TLS, for BIND and NSD: TLS is the name of what `more` says of it; KEY may be undef
#	keys => { KEY => SECRET }                   hmac-sha256; with another algorithm ALGORITHM:SECRET
#	only_with => KEY                            only who has it may transfer
#	notify => [ADDRESS or [ADDRESS, KEY], ...]  told of changes besides the NS set (NSD and Knot: they and nobody else); by zone as { ZONE => [...] }
#	clock => '+3d'                              what the server takes for the time, as for faketime(1)
#	options => TEXT                             more for its configuration; for BIND inside options { }, for NSD inside server:
#	more => TEXT                                for BIND and NSD: outside
#
# A new server takes the place of the one that had its address. A server has: address, addresses, directory, pid; stop, restart, log (all that it said), clock('+3d') while it runs;
# configure(what is new of the above) writes the configuration, which then wants a restart or a reload.

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter 'import';
use POSIX ();
use Test::More;

our @EXPORT = qw(shell directory);
our $later; # somebody else will wait until the server is ready

my $root = '/mnt'; # a file system of this test alone
my %at;            # by address: who runs there

sub shell {
	my (@command) = @_;
	my %with = ref $command[0] eq 'HASH' ? %{ shift @command } : ();
	my $seen = run(\@command, timeout => 60, %with);
	die "@command: exit $seen->{exit}: $seen->{out}$seen->{err}" if $seen->{exit} || $seen->{timed_out};
	return $seen->{out};
}

sub directory { my ($name) = @_; mkdir "$root/$name"; return "$root/$name" }

sub new {
	my ($class, $address, %with) = @_;
	my @addresses = split /,/, $address;
	my $self = bless { address => $addresses[0], addresses => \@addresses, with => \%with }, $class;
	for my $mine (@addresses) {
		$at{$mine}->stop if $at{$mine};
		$at{$mine} = $self;
	}
	$self->{directory} = directory(lc($class =~ s/.*:://r) . "-$addresses[0]");
	unlink glob "$self->{directory}/*";
	$self->prepare;
	$self->configure;
	$self->clock($with{clock}) if $with{clock};
	$self->start($self->command);
	return $later ? $self : $self->ready;
}

sub prepare { }
sub configure { my ($self, %with) = @_; @{ $self->{with} }{ keys %with } = values %with; $self->write_configuration; return $self }

sub start {
	my ($self, @command) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		my %clock = $self->clock_environment;
		@ENV{ keys %clock } = values %clock;
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$self->{directory}/log";
		open STDERR, '>&', \*STDOUT;
		no warnings 'exec';
		exec @command or POSIX::_exit(127);
	}
	@$self{qw(pid started)} = ($pid, \@command);
	return $self;
}

# Read anew before each look at the time, so that it may be changed while the server runs. A server started without can't have one.
sub clock {
	my ($self, $offset) = @_;
	die "$self->{started}[0] was started without a clock of its own\n" if $self->{started} && !$self->{clock};
	$self->{clock} = "$self->{directory}/clock";
	rename spew("$self->{clock}.new", "$offset\n"), $self->{clock} or die "rename: $!";
}

sub clock_environment {
	my ($self) = @_;
	return () unless $self->{clock};
	return (LD_PRELOAD => $self->clock_library, FAKETIME_TIMESTAMP_FILE => $self->{clock}, FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1, NO_FAKE_STAT => 1);
}
sub clock_library { my ($library) = glob '/usr/lib/*/faketime/libfaketimeMT.so.1'; return $library }

sub answers { my ($self) = @_; return defined DNSReplication::Lab::ask($self->{address}, 'ready.invalid', 'SOA', timeout => 0.2) }

# Ready is who answers; what, does not matter.
sub ready {
	my ($self) = @_;
	my $answers = wait_until(30, sub {
		waitpid($self->{pid}, POSIX::WNOHANG) == $self->{pid} and return BAIL_OUT($self->log);
		return $self->answers;
	});
	BAIL_OUT("$self->{started}[0] at $self->{address} does not answer:\n" . $self->log) unless $answers;
	return $self;
}

sub log { my ($self) = @_; return slurp("$self->{directory}/log") }

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	kill TERM => $pid;
	if (!wait_until(5, sub { waitpid($pid, POSIX::WNOHANG) })) { kill KILL => $pid; waitpid $pid, 0 }
}

sub again { my ($self) = @_; return $self->start(@{ $self->{started} }) }
sub restart { my ($self) = @_; $self->stop; return $self->again->ready }
sub reload { my ($self) = @_; kill HUP => $self->{pid}; return $self }

# The zones as { name, file (primary), primary, key (secondary) }, their files written.
sub zones {
	my ($self) = @_;
	my $zones = $self->{with}{zones} // {};
	return map {
		my $what = $zones->{$_};
		my ($primary, $key, $tls) = ref $what eq 'ARRAY' ? @$what : $what;
		my %zone = (name => $_, ref $what eq 'SCALAR' ? (file => spew("$self->{directory}/$_.zone", $$what)) : (primary => $primary, key => $key, tls => $tls));
		\%zone;
	} sort keys %$zones;
}

# The keys as { name, algorithm, secret }.
sub tsig_keys {
	my ($self) = @_;
	my $keys = $self->{with}{keys} // {};
	return map { my ($secret, $algorithm) = reverse split /:/, $keys->{$_}; { name => $_, algorithm => $algorithm // 'hmac-sha256', secret => $secret } } sort keys %$keys;
}

# Who is told of this zone's changes, as [ADDRESS, KEY].
sub notify {
	my ($self, $zone) = @_;
	my $who = $self->{with}{notify} // [];
	return map { ref ? $_ : [$_] } @{ ref $who eq 'HASH' ? $who->{$zone} // [] : $who };
}

# Of one's own addresses the one to talk to the other from.
sub own_for {
	my ($self, $other) = @_;
	my ($own) = grep { /:/ ? $other =~ /:/ : $other !~ /:/ } @{ $self->{addresses} };
	return $own // $self->{address};
}

# pdns('192.0.2.1', setting => value, ...): PowerDNS with an SQLite database of its own; with database => mariadb(...) a schema there,
# the same one for all servers that do not give a schema => NAME of their own. notified => SERIAL: of its zones this one need not be
# notified when the server starts; told => [[words for pdnsutil], ...] before it does.
package DNSReplication::Lab::PowerDNS;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;
use List::Util 'any';
DNSReplication::Lab::Server->import('shell');

my %not_a_setting = map { $_ => 1 } qw(zones keys only_with notify notified clock options database schema told);

sub backend {
	my ($self) = @_;
	my $with = $self->{with};
	return { launch => 'gsqlite3', 'gsqlite3-database' => "$self->{directory}/zones.sqlite3", 'gsqlite3-pragma-synchronous' => 0, 'gsqlite3-dnssec' => 'yes' }
		unless $with->{database};
	return { launch => 'gmysql', 'gmysql-socket' => $with->{database}{socket}, 'gmysql-user' => 'root', 'gmysql-dbname' => $with->{schema} // 'pdns',
		'gmysql-dnssec' => 'yes' };
}

sub prepare {
	my ($self) = @_;
	my ($database, $schema) = @{ $self->{with} }{qw(database schema)};
	if ($database) {
		$database->schema($schema // 'pdns', '/usr/share/pdns-backend-mysql/schema/schema.mysql.sql');
	} else {
		shell('sqlite3', "$self->{directory}/zones.sqlite3", 'PRAGMA journal_mode=WAL;',
			'.read /usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql');
	}
	$self->write_configuration;
	$self->fill;
}

# Zones and keys go into the database before the server starts.
sub fill {
	my ($self) = @_;
	my @zones = $self->zones;
	my $notified = $self->{with}{notified} // 'NULL';
	my @files = map { ($_->{name}, $_->{file}) } grep { $_->{file} } @zones;
	$self->util('load-zone', @files) if @files;
	my @statements = map { "INSERT INTO tsigkeys (name, algorithm, secret) VALUES ('$_->{name}', '$_->{algorithm}', '$_->{secret}')" } $self->tsig_keys;
	for my $zone (@zones) {
		push @statements, $zone->{file} ? "UPDATE domains SET type='MASTER', notified_serial=$notified WHERE name='$zone->{name}'"
			: "INSERT INTO domains (name, master, type) VALUES ('$zone->{name}', '$zone->{primary}', 'SLAVE')";
		my ($kind, $key) = $zone->{file} ? ('TSIG-ALLOW-AXFR', $self->{with}{only_with}) : ('AXFR-MASTER-TSIG', $zone->{key});
		push @statements, "INSERT INTO domainmetadata (domain_id, kind, content) SELECT id, '$kind', '$key' FROM domains WHERE name='$zone->{name}'" if $key;
	}
	$self->sql(@statements) if @statements;
	$self->util(@$_) for @{ $self->{with}{told} // [] };
}

sub write_configuration {
	my ($self) = @_;
	my $with = $self->{with};
	my @zones = values %{ $with->{zones} // {} };
	my $yes = sub { $_[0] ? 'yes' : 'no' };
	my %all = (%{ $self->backend }, 'socket-dir' => $self->{directory}, 'local-address' => join(',', @{ $self->{addresses} }), 'local-port' => 53,
		'query-local-address' => join(',', map { $self->own_for($_) } '0.0.0.0', grep { /:/ } @{ $self->{addresses} }),
		'daemon' => 'no', 'guardian' => 'no', 'disable-syslog' => 'yes', 'log-dns-details' => 'yes', 'loglevel' => 6,
		'consistent-backends' => 'yes', 'server-id' => "s$self->{address}" =~ tr/.:/--/r, 'security-poll-suffix' => '',
		'primary' => $yes->(any { ref eq 'SCALAR' } @zones), 'secondary' => $yes->(any { ref ne 'SCALAR' } @zones),
		'receiver-threads' => 1, 'distributor-threads' => 1, 'zone-cache-refresh-interval' => 0, 'zone-metadata-cache-ttl' => 0, 'cache-ttl' => 0,
		'query-cache-ttl' => 0, 'negquery-cache-ttl' => 0, ($with->{notify} ? ('also-notify' => join ',', map { ref ? $_->[0] : $_ } @{ $with->{notify} }) : ()),
		map { ($_ => $with->{$_}) } grep { !$not_a_setting{$_} } keys %$with);
	spew("$self->{directory}/pdns.conf", join '', map { "$_=$all{$_}\n" } sort keys %all);
}

sub command { my ($self) = @_; return ('/usr/sbin/pdns_server', "--config-dir=$self->{directory}") }

# As an operator would, with the server's own clock: pdnsutil and pdns_control; their output.
sub util { my ($self, @words) = @_; return shell({ env => { $self->clock_environment } }, 'pdnsutil', "--config-dir=$self->{directory}", @words) }
sub control { my ($self, @words) = @_; return shell('pdns_control', "--config-dir=$self->{directory}", @words) }

# Behind the server's back, in one transaction; what the last statement returns, a row a line, | between.
sub sql {
	my ($self, @statements) = @_;
	my $with = $self->{with};
	return $with->{database}->sql($with->{schema} // 'pdns', @statements) if $with->{database};
	return shell('sqlite3', '-cmd', '.timeout 10000', "$self->{directory}/zones.sqlite3", "BEGIN; @{[ join '; ', @statements ]}; COMMIT");
}

package DNSReplication::Lab::Named;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

sub also_notify { return @_ ? 'also-notify { ' . join('', map { $_->[1] ? qq($_->[0] key "$_->[1]"; ) : "$_->[0]; " } @_) . '};' : '' }

sub zone_lines {
	my ($self) = @_;
	my $who = $self->{with}{only_with} ? qq(key "$self->{with}{only_with}") : 'any';
	return join '', map {
		my $key = ($_->{tls} ? ' port 853' : '') . ($_->{key} ? qq( key "$_->{key}") : '') . ($_->{tls} ? " tls $_->{tls}" : '');
		my $notify = ref $self->{with}{notify} eq 'HASH' ? also_notify($self->notify($_->{name})) : '';
		qq(zone "$_->{name}" { ) . ($_->{file} ? qq(type primary; file "$_->{file}"; allow-transfer { $who; }; $notify)
			: qq(type secondary; primaries { $_->{primary}$key; }; file "$_->{name}.secondary"; masterfile-format text;)) . " };\n";
	} $self->zones;
}

sub write_configuration {
	my ($self) = @_;
	my ($directory, $with) = @$self{qw(directory with)};
	my %own = ('' => [grep { !/:/ } @{ $self->{addresses} }], '-v6' => [grep { /:/ } @{ $self->{addresses} }]);
	my $listen = join ' ', map { "listen-on$_ { " . (join ' ', map { "$_;" } @{ $own{$_} } ? @{ $own{$_} } : 'none') . ' };' } sort keys %own;
	my $sources = join ' ', map { my $family = $_; map { "$_$family " . ($_ eq 'query-source' ? 'address ' : '') . "$own{$family}[0];" } qw(query-source notify-source transfer-source) }
		grep { @{ $own{$_} } } sort keys %own;
	my $keys = join '', map { qq(key "$_->{name}" { algorithm $_->{algorithm}; secret "$_->{secret}"; };\n) } $self->tsig_keys;
	my $notify = ref $with->{notify} eq 'HASH' ? '' : also_notify($self->notify);
	spew("$directory/named.conf", <<"END");
options { directory "$directory"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; $listen $sources $notify
	serial-query-rate 1000; notify-rate 1000; startup-notify-rate 1000; min-refresh-time 1; min-retry-time 1;
	@{[ $with->{options} // '' ]} };
controls { };
$keys@{[ $with->{more} // '' ]}
@{[ $self->zone_lines ]}
END
}

# jemalloc, which named is linked with, looks at the clock before libfaketime is there: libc's own malloc does not.
sub clock_library { my ($self) = @_; return $self->SUPER::clock_library . ' libc.so.6' }

sub command { my ($self) = @_; return ('/usr/sbin/named', '-g', '-c', "$self->{directory}/named.conf", '-n', 1) }

# nsd('192.0.2.4', ixfr => 1 (differences both ways, instead of AXFR only), rate => answers a second to one client, 200 as NSD has it; default: no limit, ...)
package DNSReplication::Lab::Nsd;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

sub zone_lines {
	my ($self) = @_;
	my $with = $self->{with};
	my @keys = ('NOKEY', sort keys %{ $with->{keys} // {} });
	my @who = $with->{only_with} // @keys;
	return join '', map {
		my $zone = $_;
		my @lines = $zone->{file} ? ((map { ("provide-xfr: 0.0.0.0/0 $_", "provide-xfr: ::/0 $_") } @who), (map { "notify: $_->[0] " . ($_->[1] // 'NOKEY') } $self->notify($zone->{name})),
				$with->{notify} ? "outgoing-interface: $self->{address}" : (),
				$with->{ixfr} ? ('store-ixfr: yes', 'create-ixfr: yes') : ())
			: ('request-xfr: ' . ($with->{ixfr} ? '' : 'AXFR ') . "$zone->{primary} " . ($zone->{key} // 'NOKEY') . ($zone->{tls} ? " $zone->{tls}" : ''), (map { "allow-notify: $zone->{primary} $_" } @keys),
				(map { "provide-xfr: 0.0.0.0/0 $_" } @keys), 'outgoing-interface: ' . $self->own_for($zone->{primary}));
		join "\n", "zone:", " name: $zone->{name}", " zonefile: $zone->{name}.zone", (map { " $_" } @lines), '';
	} $self->zones;
}

sub write_configuration {
	my ($self) = @_;
	my ($directory, $with) = @$self{qw(directory with)};
	my $keys = join '', map { qq(key:\n name: "$_->{name}"\n algorithm: $_->{algorithm}\n secret: "$_->{secret}"\n) } $self->tsig_keys;
	spew("$directory/nsd.conf", <<"END");
server:
@{[ map { " ip-address: $_\n" } @{ $self->{addresses} } ]}
 username: ""
 zonesdir: "$directory"
 pidfile: ""
 xfrdfile: "$directory/xfrd.state"
 xfrdir: "$directory"
 zonelistfile: "$directory/zone.list"
 database: ""
 server-count: 1
 rrl-ratelimit: @{[ $with->{rate} // 0 ]}
@{[ $with->{options} // '' ]}
remote-control:
 control-enable: no
$keys@{[ $with->{more} // '' ]}
@{[ $self->zone_lines ]}
END
}

sub command { my ($self) = @_; return ('/usr/sbin/nsd', '-d', '-c', "$self->{directory}/nsd.conf") }

package DNSReplication::Lab::Knotd;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

sub write_configuration {
	my ($self) = @_;
	my ($directory, $with) = @$self{qw(directory with)};
	my @keys = sort keys %{ $with->{keys} // {} };
	my (%remote, $zones);
	my $remote_of = sub {
		my ($address, $key) = @_;
		$remote{ "$address " . ($key // '') } //= { id => 'r' . (1 + keys %remote), address => $address, key => $key };
		return $remote{ "$address " . ($key // '') }{id};
	};
	for my $zone ($self->zones) {
		my @roles = ($zone->{file} ? () : ('master: ' . $remote_of->(@$zone{qw(primary key)})),
			$zone->{file} && $self->notify($zone->{name}) ? 'notify: [' . join(', ', map { $remote_of->(@$_) } $self->notify($zone->{name})) . ']' : ());
		$zones .= join "\n", " - domain: $zone->{name}", "   file: $zone->{name}.zone", '   acl: [' . join(', ', $with->{only_with} ? () : 'everyone', @keys ? 'signed' : ()) . ']',
			(map { "   $_" } @roles), '';
	}
	spew("$directory/knot.conf", join '', "server:\n rundir: $directory\n",
		' listen: [' . join(', ', map { "$_\@53" } @{ $self->{addresses} }) . "]\n nsid: knot\n udp-workers: 1\n tcp-workers: 1\n background-workers: 1\n",
		"database:\n storage: $directory\nlog:\n - target: stderr\n   any: info\n",
		@keys ? ("key:\n", map { " - id: $_->{name}\n   algorithm: $_->{algorithm}\n   secret: $_->{secret}\n" } $self->tsig_keys) : (),
		"acl:\n - id: everyone\n   action: [transfer, notify]\n", @keys ? " - id: signed\n   key: [@{[ join ', ', $with->{only_with} // @keys ]}]\n   action: [transfer, notify]\n" : (),
		%remote ? ("remote:\n", map { " - id: $_->{id}\n   address: $_->{address}\n   via: " . $self->own_for($_->{address}) . "\n" . ($_->{key} ? "   key: $_->{key}\n" : '') }
			sort { $a->{id} cmp $b->{id} } values %remote) : (),
		"template:\n - id: default\n   storage: $directory\n", $with->{options} // '', $zones ? "zone:\n$zones" : '');
}

sub command { my ($self) = @_; return ('/usr/sbin/knotd', '-c', "$self->{directory}/knot.conf") }

# axfrd, the project's own engine; arguments => [more of its options]. Its keys are files, so they stand there, too.
package DNSReplication::Lab::Axfrd;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

sub write_configuration { $_[0]->zones }

sub command {
	my ($self) = @_;
	my $with = $self->{with};
	return (program('axfrd'), (map { "--listen=$_\@53" } @{ $self->{addresses} }), (map { "--notify=$_\@53" } @{ $with->{notify} // [] }),
		'--allow-transfer=0.0.0.0/0', '--allow-transfer=::/0', (map { $_->{file} ? "--zone=$_->{name}=$_->{file}" : "--secondary=$_->{name}=$_->{primary}\@53" } $self->zones),
		@{ $with->{arguments} // [] });
}

# mariadb('name', options => 'lines for [mariadbd]'): MariaDB in a directory of its own; {socket} is the way to it, for root without a password.
# Runs as root; as => 'mysql' for what refuses that (Galera's copies).
package DNSReplication::Lab::MariaDB;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

DNSReplication::Lab::Server->import('shell');

sub write_configuration {
	my ($self) = @_;
	my $directory = $self->{directory};
	$self->{socket} = "$directory/socket";
	spew("$directory/my.cnf", <<"END");
[client]
socket=$directory/socket
[mariadbd]
datadir=$directory/data
socket=$directory/socket
pid-file=$directory/pid
user=@{[ $self->{with}{as} // 'root' ]}
skip-networking
performance-schema=0
innodb-log-file-size=4M
innodb-buffer-pool-size=16M
innodb-data-file-path=ibdata1:4M:autoextend
innodb-temp-data-file-path=ibtmp1:4M:autoextend
innodb-undo-tablespaces=0
innodb-flush-log-at-trx-commit=0
innodb-doublewrite=0
aria-pagecache-buffer-size=1M
@{[ $self->{with}{options} // '' ]}
END
}

sub prepare {
	my ($self) = @_;
	$self->write_configuration;
	shell('mariadb-install-db', "--defaults-file=$self->{directory}/my.cnf", '--auth-root-authentication-method=normal', '--skip-test-db');
	shell('chown', '-R', $self->{with}{as}, $self->{directory}) if $self->{with}{as};
}

sub command { my ($self) = @_; return ('/usr/sbin/mariadbd', "--defaults-file=$self->{directory}/my.cnf") }

sub answers { my ($self) = @_; return !run(['mariadb', "--defaults-file=$self->{directory}/my.cnf", '-e', 'SELECT 1'])->{exit} }

# sql(SCHEMA, STATEMENT, ...): in one transaction, unless they end that themselves.
sub sql {
	my ($self, $schema, @statements) = @_;
	my $seen = run(['mariadb', "--defaults-file=$self->{directory}/my.cnf", '--batch', '--skip-column-names', $schema], stdin => join ";\n", 'BEGIN', @statements, "COMMIT;\n");
	die "mariadb: $seen->{err}" if $seen->{exit};
	return $seen->{out} =~ tr/\t/|/r;
}

# A schema from a file of SQL, unless it is there already.
sub schema {
	my ($self, $name, $file) = @_;
	$self->ready;
	return if $self->{schemas}{$name}++;
	$self->sql('', "CREATE DATABASE $name", "USE $name", "source $file");
}

# imitation('192.0.2.7', version => '8.4.3', ...): t/lib/mysql-server.js there, saying what its head describes; says(...) changes that for the
# connections to come, said is what it was asked since.
package DNSReplication::Lab::Imitation;
our @ISA = ('DNSReplication::Lab::Server');
use DNSReplication::Run;

sub write_configuration { my ($self) = @_; spew("$self->{directory}/script.json", JSON::PP->new->utf8->encode($self->{with})) }

sub command {
	my ($self) = @_;
	return ('env', 'NODE_PATH=/usr/share/nodejs', 'node', source_dir() . '/t/lib/mysql-server.js', $self->{address}, 3306, "$self->{directory}/script.json");
}

sub answers { my ($self) = @_; return $self->log =~ /^ready$/m }

sub says {
	my ($self, %with) = @_;
	$self->{with} = \%with;
	$self->{heard} = length $self->log;
	$self->write_configuration;
	return $self;
}

sub said { my ($self) = @_; return split /\n/, substr $self->log, $self->{heard} // 0 }

1;
