# check_mysql_replication beside a real MariaDB primary and its replica: each way in which a replication breaks.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_mysql_replication');

my ($primary_address, $replica_address, $monitor) = ('192.0.2.1', '192.0.2.2', '192.0.2.100');
sub options {
	my ($id, $address) = @_;
	return "skip_networking=0\nbind_address=$address\nport=3306\nserver_id=$id\nlog_bin=bin\nlog_slave_updates=1\nslave_net_timeout=8\nskip_name_resolve=1\n";
}
my ($primary, $replica) = together {
	mariadb('db1', options => options(1, $primary_address)), mariadb('db2', options => options(2, $replica_address) . "read_only=1\nmax_connections=10\n");
};
$primary->sql('mysql', q(CREATE USER repl@'%' IDENTIFIED BY 'secret-of-repl'), q(GRANT REPLICATION SLAVE ON *.* TO repl@'%'),
	'CREATE DATABASE pdns', 'CREATE TABLE pdns.records (id INT PRIMARY KEY, content VARCHAR(100))', q(INSERT INTO pdns.records VALUES (1, 'one')),
	q(CREATE USER mon@'%' IDENTIFIED BY 'secret-of-mon'), q(GRANT REPLICA MONITOR ON *.* TO mon@'%'), q(CREATE USER nobody@'%' IDENTIFIED BY 'secret-of-mon'),
	q(CREATE USER tls@'%' IDENTIFIED BY 'secret-of-mon' REQUIRE SSL));
# Outside of a transaction.
sub admin {
	my ($database, @statements) = @_;
	return shell('mariadb', "--socket=$database->{socket}", '-uroot', '-e', join ';', @statements);
}
sub replicate {
	my (%with) = @_;
	my ($name, $host, $password) = ($with{name} // '', $with{host} // $primary_address, $with{password} // 'secret-of-repl');
	my $delay = $with{delay} // 0;
	admin($replica, "CHANGE MASTER '$name' TO MASTER_HOST='$host', MASTER_USER='repl', MASTER_PASSWORD='$password', MASTER_USE_GTID=slave_pos, "
		. "MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, MASTER_DELAY=$delay", "START REPLICA '$name'");
}
replicate();
my $file = spew("$replica->{directory}/mon.cnf", "[client]\nuser=mon\npassword=secret-of-mon\n[nobody]\nuser=nobody\n[tls]\nuser=tls\n[wrong]\npassword=not-this-one\n");
chmod 0600, $file;
my $state = "$replica->{directory}/state";

sub database {
	my (@options) = @_;
	my $seen = run([program('check_mysql_replication'), '-H', $replica_address, '--database=pdns', "--defaults-file=$file", "--source=$monitor", "--state-dir=$state", @options]);
	unlike("$seen->{out}$seen->{err}", qr/secret-of/, 'no password is printed');
	return $seen;
}
sub codes_are {
	my ($name, $codes, $text, @options) = @_;
	my ($seen, $json) = (database(@options), decode(database(@options, '-o', 'json')->{out}));
	my $found = join ' ', sort map { $_->{code} } grep { $_->{severity} ne 'OK' } @{ $json->{findings} };
	is($found, $codes, "$name: findings") or diag($seen->{out});
	like($seen->{out}, $text, "$name: text");
	is($seen->{exit}, $json->{exit_code}, "$name: exit code");
	unlike($seen->{out}, qr/\|.*(?:nan|inf|U)\b/, "$name: perfdata are numbers");
	note($seen->{out}, $seen->{err});
	return ($seen, $json);
}
sub well { return wait_until(20, sub { database()->{exit} == 0 }) }
my @compare = ("--primary=$primary_address");

subtest 'healthy' => sub {
	ok(well(), 'the replica catches up');
	my ($seen) = codes_are('healthy', '', qr/^MYSQL REPLICATION OK - 192\.0\.2\.2\@3306 is 0 s behind 192\.0\.2\.1:3306 \| lag=0s;60;600;0 channels=1;;;0 channels_ok=1;;;0 time=/);
	is($seen->{exit}, 0, 'OK');
	codes_are('compared', '', qr/no GTID is missing/, @compare);
	codes_are('with -v', '', qr/server_id 2, (?:not encrypted|TLS\w+).*\n.*IO thread yes, SQL thread yes/, '-v');
	codes_are('a primary that is meant to be one', '', qr/OK - 192\.0\.2\.1\@3306 answers \(1/, '-H', $primary_address, '--expect=primary');
	codes_are('a primary that is not', 'replica_not_configured', qr/it is no replica/, '-H', $primary_address);
	codes_are('a channel that is not there', 'replica_not_configured', qr/no replication channel "m9"/, '-C', 'm9');
	codes_are('a state that can not be kept', 'state_unusable', qr/WARNING.*the state can't be kept: .*\/proc\/absent/, '--state-dir=/proc/absent');
	my $local = run([program('check_mysql_replication'), '-S', $replica->{socket}, '-u', 'root', '--no-state']);
	like($local->{out}, qr/OK - \Q$replica->{socket}\E is 0 s behind/, 'by socket');
	my $json = decode(database('-o', 'json')->{out});
	is($json->{databases}[0]{channels}[0]{io}, 'yes', 'JSON has the channels');
	like(database('-o', 'prometheus')->{out}, qr/^dns_replication_database_lag_seconds\{server="192\.0\.2\.2",channel=""\} 0$/m, 'Prometheus, too');
};

subtest 'threads' => sub {
	admin($replica, 'STOP REPLICA');
	codes_are('both stopped', 'replica_io_stopped replica_sql_stopped', qr/\[CRITICAL\].*no error: somebody stopped it.* → on .*mariadb -e "START REPLICA"/);
	admin($replica, 'START REPLICA IO_THREAD');
	ok(wait_until(10, sub { database('-o', 'json')->{out} =~ /"io":\s*"yes"/ }), 'the IO thread runs');
	codes_are('SQL thread', 'replica_sql_stopped', qr/nothing is applied/);
	admin($replica, 'STOP REPLICA', 'START REPLICA SQL_THREAD');
	codes_are('IO thread', 'replica_io_stopped', qr/nothing arrives from 192\.0\.2\.1:3306/);
	admin($replica, 'START REPLICA');
	ok(well(), 'healthy again');
};

subtest 'data that differ' => sub {
	admin($replica, 'USE pdns', 'SET sql_log_bin=0', q(INSERT INTO records VALUES (2, 'here first')));
	codes_are('a write without a trace', '', qr/OK/, @compare);
	$primary->sql('pdns', q(INSERT INTO records VALUES (2, 'two')));
	ok(wait_until(10, sub { database()->{exit} == 2 }), 'it stops');
	codes_are('duplicate key', 'replica_sql_error', qr/error 1062: .*Duplicate entry.* → .*remove it here/);
	admin($replica, 'USE pdns', 'SET sql_log_bin=0', 'DELETE FROM records WHERE id=2');
	admin($replica, 'START REPLICA');
	ok(well(), 'healthy again');
	admin($replica, 'USE pdns', 'SET sql_log_bin=0', 'DELETE FROM records WHERE id=2');
	admin($primary, 'USE pdns', 'SET binlog_format=ROW', q(UPDATE records SET content='zwei' WHERE id=2));
	ok(wait_until(10, sub { database()->{exit} == 2 }), 'it stops');
	codes_are('missing row', 'replica_sql_error', qr/error 1032: /);
	admin($replica, 'USE pdns', 'SET sql_log_bin=0', q(INSERT INTO records VALUES (2, 'two')));
	admin($replica, 'START REPLICA');
	ok(well(), 'healthy again');
};

subtest 'the way to the primary' => sub {
	admin($replica, 'STOP REPLICA');
	replicate(password => 'wrong');
	ok(wait_until(10, sub { database()->{out} =~ /1045/ }), 'the primary refuses');
	codes_are('wrong password', 'replica_io_connecting', qr/error 1045: .* → .*MASTER_PASSWORD/);
	admin($replica, 'STOP REPLICA');
	replicate(host => '192.0.2.9');
	ok(wait_until(10, sub { database()->{out} =~ /2003/ }), 'nobody is there');
	codes_are('primary down', 'replica_io_connecting', qr/can't connect to the primary 192\.0\.2\.9:3306: error 2003/);
	admin($replica, 'STOP REPLICA');
	replicate();
	ok(well(), 'healthy again');
};

subtest 'the network freezes' => sub {
	codes_are('before', '', qr/OK/);
	firewall('tcp dport 3306 ip daddr 192.0.2.1 ip saddr != 192.0.2.100 drop', 'tcp sport 3306 ip saddr 192.0.2.1 ip daddr != 192.0.2.100 drop');
	$primary->sql('pdns', q(INSERT INTO records VALUES (3, 'three')));
	my $seen = database(@compare);
	like($seen->{out}, qr/CRITICAL.*1 transaction of the primary 192\.0\.2\.1 has not arrived: 0-1-\d+/, 'seen at once with --primary') or diag($seen->{out});
	ok(wait_until(30, sub { database()->{out} =~ /neither an event nor a heartbeat|can't connect/ }), 'without it: by heartbeats, or when the replica notices');
	firewall();
	ok(well(), 'healthy again');
};

subtest 'settings' => sub {
	admin($replica, 'SET GLOBAL read_only=0');
	codes_are('writable', 'replica_writable', qr/WARNING.*read_only is OFF.* → on .*SET GLOBAL read_only=ON/);
	$replica->sql('pdns', q(INSERT INTO records VALUES (99, 'local')));
	codes_are('a local write', 'gtid_errant replica_writable', qr/transactions that the primary does not.*0-2-/);
	$primary->sql('pdns', q(INSERT INTO records VALUES (4, 'four')));
	ok(wait_until(10, sub { database(@compare)->{out} =~ /0-2-/ && database()->{out} !~ /0-2-/ }), 'hidden by the next one from the primary');
	codes_are('errant, compared', 'gtid_errant replica_writable', qr/it has transactions that the primary 192\.0\.2\.1 does not: 0-2-/, @compare);
	admin($replica, 'SET GLOBAL read_only=1', 'STOP REPLICA', "SET GLOBAL replicate_ignore_table='pdns.records'", 'START REPLICA');
	ok(wait_until(10, sub { database()->{out} =~ /replicate_ignore_table/ }), 'a filter');
	codes_are('filtered', 'replica_filtered', qr/WARNING.*keep tables of PowerDNS from being replicated: replicate_ignore_table=pdns\.records/);
	admin($replica, 'STOP REPLICA', "SET GLOBAL replicate_ignore_table=''");
	replicate(delay => 3600);
	ok(well(), 'healthy, with a delay');
	$primary->sql('pdns', q(INSERT INTO records VALUES (5, 'five')));
	codes_are('a configured delay is no lag', '', qr/OK.*0 s behind.*besides a delay of 3600 s/);
	admin($replica, 'STOP REPLICA');
	replicate();
	admin($replica, 'SET GLOBAL query_cache_type=ON');
	ok(wait_until(10, sub { database()->{out} =~ /query cache/ }), 'the query cache');
	codes_are('query cache', 'query_cache_on', qr/the query cache is ON/);
	admin($replica, 'SET GLOBAL query_cache_type=OFF');
};

subtest 'several primaries' => sub {
	replicate(name => 'm2', host => '192.0.2.9');
	codes_are('one of two is broken', 'replica_io_connecting', qr/channel m2: the IO thread can't connect/);
	admin($replica, "STOP REPLICA 'm2'", "RESET REPLICA 'm2' ALL");
	ok(well(), 'healthy again');
};

subtest 'logins' => sub {
	my ($seen) = codes_are('no privilege', 'privilege_missing', qr/UNKNOWN.*error 1227: .* → on .*: GRANT REPLICA MONITOR ON \*\.\* TO 'nobody'\@'%'/, '--defaults-group=nobody');
	is($seen->{exit}, 3, 'unknown');
	codes_are('wrong password', 'database_login_failed', qr/refuses the login: error 1045/, '--defaults-group=wrong');
	codes_are('nobody listens', 'database_unreachable', qr/can't be reached: error 200[23]/, '-p', 3399);
	codes_are('no such host', 'database_unreachable', qr/can't be reached: no\.such\.invalid: /, '-H', 'no.such.invalid');
	codes_are('no TLS', 'database_no_tls', qr/not encrypted/, '--tls-required');
	like(database("--defaults-file=$file.not")->{out}, qr/UNKNOWN.*\.not/, 'an option file that is not there');
	like(database('--defaults-group=absent')->{out}, qr/has no group \[absent\]/, 'a group that is not there');
	chmod 0644, $file;
	like(database()->{out}, qr/holds a password and is open to anybody/, 'an open option file');
	chmod 0600, $file;
	like(database('--heartbeat-table=records')->{out}, qr/is no DB\.TABLE/, 'a table without a database');
	like(database('--heartbeat-table=pdns.absent')->{out}, qr/heartbeat table can't be read/, 'a table that is not there');
};

subtest 'pt-heartbeat' => sub {
	$primary->sql('', 'CREATE DATABASE percona', 'CREATE TABLE percona.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED PRIMARY KEY)',
		"INSERT INTO percona.heartbeat VALUES (DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 90 SECOND, '%Y-%m-%dT%H:%i:%s.000000'), 1)", q(GRANT SELECT ON percona.* TO mon@'%'));
	ok(wait_until(10, sub { database('--heartbeat-table=percona.heartbeat', '--heartbeat-utc')->{out} =~ /heartbeat row/ }), 'it arrives');
	codes_are('an old row', 'replica_lag', qr/WARNING.*the last heartbeat row that arrived is 1m \d+s old.*heartbeat_age=\d+s;60;600;0/s, '--heartbeat-table=percona.heartbeat', '--heartbeat-utc');
};

subtest 'a database that hangs' => sub {
	kill STOP => $replica->{pid};
	my $seen = database('-t', '3s');
	kill CONT => $replica->{pid};
	like($seen->{out}, qr/CRITICAL.*the database does not answer/, 'said');
	cmp_ok($seen->{seconds}, '<', 4, 'in time');
	my @held = map { my $pid = open(my $pipe, '|-', 'mariadb', "--socket=$replica->{socket}", '-uroot', '-e', 'SELECT SLEEP(60)'); [$pid, $pipe] } 1 .. 12;
	ok(wait_until(10, sub { database()->{out} =~ /takes no more connections: error 1040/ }), 'too many connections') or diag(database()->{out});
	kill KILL => $_->[0] for @held;
};

done_testing();
