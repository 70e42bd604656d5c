# check_mysql_replication beside MariaDB, the rarer ways in which a replication breaks: never started, a primary or a network that stands
# still, logs that are gone, GTIDs out of order, two primaries, TLS, pt-heartbeat's table. The common ones: t/lab/mysql.t.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_mysql_replication');

my ($monitor, $way) = ('192.0.2.100', '192.0.2.9'); # from where is asked, and where the primary is seen through
sub options { my ($id) = @_; return "skip_networking=0\nbind_address=192.0.2.$id\nport=3306\nserver_id=$id\ngtid_domain_id=$id\nlog_bin=bin\nskip_name_resolve=1\n" }
my ($certificate, $key) = map { "/mnt/tls.$_" } qw(pem key);
shell('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', 2, '-subj', '/CN=db2.example.com', '-keyout', $key, '-out', $certificate);
my ($one, $replica, $other) = together {
	mariadb('db1', options => options(1)), mariadb('db2', options => options(2) . "read_only=1\nslave_net_timeout=60\nlog_slave_updates=1\n"),
		mariadb('db3', options => options(3) . "ssl_cert=$certificate\nssl_key=$key\n");
};
sub admin { my ($database, @statements) = @_; return shell('mariadb', "--socket=$database->{socket}", '-uroot', '-N', '-e', join ';', @statements) }
my @users = (map({ ("CREATE USER $_\@'%' IDENTIFIED BY 'secret-of-$_'") } qw(repl mon nobody)), q(GRANT REPLICATION SLAVE ON *.* TO repl@'%'), q(GRANT REPLICA MONITOR ON *.* TO mon@'%'));
admin($_, 'SET sql_log_bin=0', @users) for $one, $replica, $other;
admin($_, 'SET sql_log_bin=0', q(CREATE USER tls@'%' IDENTIFIED BY 'secret-of-tls' REQUIRE SSL), q(GRANT REPLICA MONITOR ON *.* TO tls@'%')) for $replica, $other;
admin($one, 'CREATE DATABASE pdns', 'CREATE TABLE pdns.records (id INT PRIMARY KEY, content VARCHAR(100))');
sub replicate {
	my (%with) = @_;
	my ($name, $host) = ($with{name} // '', $with{host} // '192.0.2.1');
	admin($replica, "CHANGE MASTER '$name' TO MASTER_HOST='$host', MASTER_USER='repl', MASTER_PASSWORD='secret-of-repl', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1",
		"START REPLICA '$name'");
}
replicate();
my $file = spew("$replica->{directory}/mon.cnf", join '', "[client]\nuser=mon\npassword=secret-of-mon\n", map { "[$_]\nuser=$_\npassword=secret-of-$_\n" } qw(nobody tls stranger));
chmod 0600, $file;
my $state = "$replica->{directory}/state";
sub database {
	my (@options) = @_;
	my $seen = run([program('check_mysql_replication'), '-H', '192.0.2.2', '--database=pdns', "--defaults-file=$file", "--source=$monitor", "--state-dir=$state", @options]);
	unlike("$seen->{out}$seen->{err}", qr/secret-of/, 'no password is printed');
	return $seen;
}
sub codes { my (@options) = @_; return join ' ', sort map { $_->{code} } grep { $_->{severity} ne 'OK' } @{ decode(database(@options, '-o', 'json')->{out})->{findings} } }
sub codes_are {
	my ($name, $codes, $text, @options) = @_;
	is(codes(@options), $codes, "$name: findings");
	my $seen = database(@options);
	is_plugin_output($seen, undef, "$name: output");
	like($seen->{out}, $text, "$name: text");
	note($seen->{out});
	return $seen;
}
sub well { my (@options) = @_; return wait_until(20, sub { database(@options)->{exit} == 0 }) }
my $row = 0;
sub write_row { my ($at) = @_; $row++; admin($at // $one, "INSERT INTO pdns.records VALUES ($row, 'row')") }
my $frozen = qr/neither an event nor a heartbeat came from \S+ for \d+s \(a heartbeat is due every 1 s\)/;

ok(well(), 'the replica catches up');

subtest 'a primary that stands still' => sub {
	my $before = codes_are('before', '', qr/OK/);
	kill STOP => $one->{pid};
	my $seen = database('-t', '5s', '--primary=192.0.2.1');
	like($seen->{out}, qr/CRITICAL.*192\.0\.2\.1\@3306: the database does not answer/, 'seen at once with --primary');
	like($seen->{out}, qr/IO thread yes, SQL thread yes, 0 s behind/, '  while the replica says yes, yes, 0') or tell_run($seen) if $seen->{out} =~ /IO thread/;
	like(database('-v')->{out}, qr/IO thread yes, SQL thread yes, 0 s behind/, 'the replica says: yes, yes, 0');
	ok(wait_until(20, sub { codes() eq 'replica_heartbeat_stalled' }), 'without --primary: no heartbeat any more');
	like(database()->{out}, $frozen, '  and since when');
	kill CONT => $one->{pid};
	ok(well(), 'healthy again');
};

# What stands between replica and primary, and can be frozen: the connections stay, and nothing comes.
subtest 'a network that stands still' => sub {
	my $proxy = fork // die "fork: $!";
	if (!$proxy) { setpgrp; exec 'socat', "TCP-LISTEN:3306,bind=$way,fork,reuseaddr", 'TCP:192.0.2.1:3306' or POSIX::_exit(127) }
	ok(wait_until(10, sub { shell('ss', '-ltn') =~ /\Q$way\E:3306/ }), 'the way is open');
	admin($replica, 'STOP REPLICA');
	replicate(host => $way);
	ok(well(), 'replication goes through it');
	my @compare = ('--primary=192.0.2.1');
	codes_are('compared', '', qr/no GTID is missing/, @compare);
	kill STOP => -$proxy;
	write_row();
	codes_are('frozen', 'gtid_behind', qr/CRITICAL.*1 transaction of the primary 192\.0\.2\.1 has not arrived: 1-1-\d+ → on 192\.0\.2\.2: mariadb -h 192\.0\.2\.9 -P 3306 -e 'SELECT 1'; if the network is well: .*STOP REPLICA; START REPLICA/, '--no-state', @compare);
	like(database('-v', '--no-state')->{out}, qr/OK.*IO thread yes, SQL thread yes, 0 s behind/s, 'which the replica does not know');
	ok(wait_until(20, sub { codes() eq 'replica_heartbeat_stalled' }), 'without --primary: by heartbeats that stand still between two runs');
	like(database()->{out}, $frozen, '  and since when');
	kill CONT => -$proxy;
	ok(well(@compare), 'healthy again');
	kill KILL => -$proxy;
	waitpid $proxy, 0;
	admin($replica, 'STOP REPLICA');
	replicate();
	ok(well(), 'by the direct way again');
};

subtest 'started without its replication' => sub {
	$replica->configure(options => options(2) . "read_only=1\nlog_slave_updates=1\nskip_slave_start=1\n");
	$replica->restart;
	codes_are('skip-slave-start', 'replica_io_stopped replica_sql_stopped', qr/no error: somebody stopped it, or it was never started.* → on 192\.0\.2\.2: mariadb -e "START REPLICA"/);
	admin($replica, database()->{out} =~ /mariadb -e "(START REPLICA)"/);
	ok(well(), 'what to type helps');
};

subtest 'a local write, strict' => sub {
	admin($replica, 'SET GLOBAL gtid_strict_mode=1', 'SET GLOBAL gtid_domain_id=1', 'SET GLOBAL read_only=0');
	admin($replica, q(INSERT INTO pdns.records VALUES (1000, 'local')));
	codes_are('not seen by its threads', 'gtid_errant replica_writable', qr/IO thread yes, SQL thread yes, 0 s behind/, '-v');
	write_row();
	ok(wait_until(10, sub { codes() =~ /replica_sql_error/ }), 'the next one from the primary stops it');
	codes_are('out of order', 'gtid_errant replica_sql_error replica_writable', qr/SQL thread stopped: error 1950: .* → .*undo that, take over the primary's position \(gtid_slave_pos\)/);
	my $position = admin($one, 'SELECT @@gtid_binlog_pos') =~ s/\s//gr;
	admin($replica, 'STOP REPLICA', 'SET GLOBAL gtid_strict_mode=0', 'SET SESSION sql_log_bin=0', 'DELETE FROM pdns.records WHERE id=1000', 'RESET MASTER');
	admin($replica, "SET GLOBAL gtid_slave_pos='" . ($position =~ s/1-1-(\d+)/'1-1-' . ($1 - 1)/er) . "'", 'SET GLOBAL read_only=1', 'SET GLOBAL gtid_domain_id=2', 'START REPLICA');
	ok(well('--primary=192.0.2.1'), 'healthy again') or tell_run(database('--primary=192.0.2.1'));
};

subtest 'logs that are gone' => sub {
	admin($replica, 'STOP REPLICA');
	write_row();
	admin($one, 'FLUSH BINARY LOGS');
	write_row();
	my ($last) = admin($one, 'SHOW MASTER STATUS') =~ /^(\S+)/;
	# A log that the replica's old connection still reads is kept.
	ok(wait_until(20, sub { admin($one, "PURGE BINARY LOGS TO '$last'"); admin($one, 'SHOW BINARY LOGS') !~ /\n./ }), 'all but the last are gone');
	admin($replica, 'START REPLICA');
	ok(wait_until(10, sub { database()->{out} =~ /1236/ }), 'the primary has them no more');
	codes_are('purged', 'replica_io_stopped', qr/nothing arrives from 192\.0\.2\.1:3306: error 1236: .* → .*build 192\.0\.2\.2 anew from a dump of 192\.0\.2\.1/);
	admin($replica, 'STOP REPLICA', 'SET sql_log_bin=0', 'TRUNCATE TABLE pdns.records');
	my $position = admin($one, 'SELECT @@gtid_binlog_pos') =~ s/\s//gr;
	admin($replica, 'RESET MASTER', "SET GLOBAL gtid_slave_pos='$position'", 'START REPLICA');
	ok(well(), 'built anew');
};

subtest 'two primaries' => sub {
	replicate(name => 'm2', host => '192.0.2.3');
	ok(well(), 'both are followed');
	codes_are('both', '', qr/OK - 192\.0\.2\.2\@3306 is 0 s behind 2 primaries at most \|.* channels=2;;;0 channels_ok=2;;;0 lag_default=0s;60;600;0 lag_m2=0s;60;600;0/);
	$other->stop;
	ok(wait_until(20, sub { codes() eq 'replica_io_connecting' }), 'one is down');
	codes_are('all', 'replica_io_connecting', qr/channel m2: the IO thread can't connect to the primary 192\.0\.2\.3:3306.* channels=2;;;0 channels_ok=1;;;0/s);
	is(codes('-C', 'm2'), 'replica_io_connecting', '-C m2');
	$other->again->ready;
	ok(well(), 'both again');
	admin($replica, "STOP REPLICA 'm2' SQL_THREAD");
	codes_are('one is stopped', 'replica_sql_stopped', qr/channel m2: the SQL thread does not run.* → on 192\.0\.2\.2: mariadb -e "START REPLICA 'm2'"/);
	admin($replica, "STOP REPLICA 'm2'", "RESET REPLICA 'm2' ALL");
	ok(well(), 'one is left');
};

subtest 'rights and logins' => sub {
	my @nobody = '--defaults-group=nobody';
	codes_are('no right', 'privilege_missing', qr/UNKNOWN.*error 1227/, @nobody);
	my ($grant) = database(@nobody)->{out} =~ /as an administrator: (GRANT .*)/;
	admin($replica, 'SET sql_log_bin=0', $grant);
	codes_are('with the GRANT of the advice', '', qr/OK/, @nobody);
	codes_are('nobody knows this user', 'database_login_failed', qr/refuses the login: error 1045: .*stranger/, '--defaults-group=stranger');
	codes_are('a user who must come by TLS, and a server without', 'database_login_failed', qr/refuses the login: error 1045/, '--defaults-group=tls');
	codes_are('no TLS', 'database_no_tls', qr/CRITICAL.*not encrypted/, '--tls-required');
	my @encrypted = ('-H', '192.0.2.3', '--expect=primary');
	codes_are('TLS', '', qr/server_id 3, TLS_/, @encrypted, '--tls-required', '-v');
	codes_are('a user who must come by TLS', '', qr/OK/, @encrypted, '--defaults-group=tls');
	admin($other, 'SET GLOBAL require_secure_transport=ON');
	codes_are('a server that wants nothing else', '', qr/OK/, @encrypted, '--tls-required');
	my $strict = spew("$replica->{directory}/strict.cnf", slurp($file) =~ s/\[nobody\]/ssl-ca=$certificate\nssl-verify-server-cert=1\n[nobody]/r);
	chmod 0600, $strict;
	codes_are('a certificate of somebody else', 'database_no_tls', qr/CRITICAL.*the connection can't be encrypted: error 2026: .*certificate.* → openssl s_client -starttls mysql -connect 192\.0\.2\.3:3306/, @encrypted, "--defaults-file=$strict");
};

subtest "pt-heartbeat's table" => sub {
	my @table = ('--heartbeat-table=percona.heartbeat', '--heartbeat-utc');
	my $beat = sub {
		my ($ago) = @_;
		admin($one, "REPLACE INTO percona.heartbeat VALUES (DATE_FORMAT(UTC_TIMESTAMP(6) - INTERVAL $ago SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 1, 'bin.000001', 4, NULL, NULL)");
		return wait_until(10, sub { admin($replica, 'SELECT MAX(ts) FROM percona.heartbeat') eq admin($one, 'SELECT MAX(ts) FROM percona.heartbeat') });
	};
	codes_are('it is not there', 'replica_lag_unknown', qr/the heartbeat table can't be read: .*error 1142|the heartbeat table can't be read: .*denied.* → .*SELECT \* FROM percona\.heartbeat/, @table);
	admin($one, 'CREATE DATABASE percona', 'CREATE TABLE percona.heartbeat (ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY, file varchar(255) DEFAULT NULL, '
		. 'position bigint unsigned DEFAULT NULL, relay_master_log_file varchar(255) DEFAULT NULL, exec_master_log_pos bigint unsigned DEFAULT NULL)');
	ok(wait_until(10, sub { (eval { admin($replica, 'SHOW TABLES FROM percona') } // '') =~ /heartbeat/ }), 'it arrives');
	codes_are('without rights', 'replica_lag_unknown', qr/CRITICAL.*the heartbeat table can't be read: SELECT command denied.* → .*GRANT SELECT ON percona\.heartbeat TO 'mon'\@'%'/, @table);
	admin($replica, 'SET sql_log_bin=0', database(@table)->{out} =~ /; (GRANT SELECT.*)/);
	codes_are('empty', 'replica_lag_unknown', qr/holds no row with a time \(ts\)/, @table);
	ok($beat->(1), 'a row arrives');
	codes_are('young', '', qr/OK.* heartbeat_age=\d+s;60;600;0/, @table);
	ok($beat->(90), 'an older one');
	codes_are('old', 'replica_lag', qr/WARNING.*the last heartbeat row that arrived is 1m 3\ds old.* → .*pt-heartbeat --update/, @table);
	ok($beat->(7200), 'a very old one');
	is(database(@table)->{exit}, 2, 'critical');
	admin($one, q(REPLACE INTO percona.heartbeat VALUES ('soon', 1, NULL, NULL, NULL, NULL)));
	ok(wait_until(10, sub { database(@table)->{out} =~ /no row with a time/ }), 'a time that is none');
	admin($one, 'DROP TABLE percona.heartbeat', 'CREATE TABLE percona.heartbeat (id INT)');
	ok(wait_until(10, sub { database(@table)->{out} =~ /Unknown column/ }), 'another table of this name');
	codes_are('another layout', 'replica_lag_unknown', qr/the heartbeat table can't be read: Unknown column 'ts'/, @table);
};

done_testing();
