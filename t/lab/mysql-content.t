# check_mysql_replication --content beside a real MariaDB primary and its replica with PowerDNS's own schema: what drifted in silence, and what only moves.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_mysql_replication');

my ($primary_address, $replica_address, $monitor) = ('192.0.2.1', '192.0.2.2', '192.0.2.100');
my $schemas = '/usr/share/pdns-backend-mysql/schema';
sub options {
	my ($id, $address) = @_;
	return "skip_networking=0\nbind_address=$address\nport=3306\nserver_id=$id\nlog_bin=bin\nlog_slave_updates=1\nskip_name_resolve=1\n";
}
my ($primary, $replica) = together {
	mariadb('db1', options => options(1, $primary_address)), mariadb('db2', options => options(2, $replica_address) . "read_only=1\n");
};
# Outside of a transaction; root may write to the replica.
sub admin {
	my ($database, @statements) = @_;
	return shell('mariadb', '--default-character-set=utf8mb4', "--socket=$database->{socket}", '-uroot', '-e', join ';', @statements);
}
admin($primary, q(CREATE USER repl@'%' IDENTIFIED BY 'secret-of-repl'), q(GRANT REPLICATION SLAVE ON *.* TO repl@'%'),
	(map { (qq(CREATE USER $_\@'%' IDENTIFIED BY 'secret-of-mon'), qq(GRANT REPLICA MONITOR ON *.* TO $_\@'%')) } qw(mon few none)),
	'CREATE DATABASE pdns', 'USE pdns', "source $schemas/schema.mysql.sql", q(GRANT SELECT ON pdns.* TO mon@'%'),
	'CREATE DATABASE empty', 'CREATE TABLE empty.records (id INT)', q(GRANT SELECT ON empty.* TO mon@'%'));
# All that is needed, and no key: what a GRANT on columns is for.
admin($primary, map { "GRANT SELECT $_ TO few\@'%'" } 'ON pdns.domains', 'ON pdns.records', 'ON pdns.domainmetadata', '(domain_id, flags, active, published) ON pdns.cryptokeys',
	'(name, algorithm) ON pdns.tsigkeys');
# Zones 1 to 40, each with an SOA, an NS and some hosts; kept small, since both servers share this machine.
admin($primary, 'USE pdns', q(INSERT INTO domains (name, type) SELECT CONCAT('zone', seq, '.example.com'), 'NATIVE' FROM seq_1_to_40),
	q(INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, name, 'SOA', 'ns1.example.com hostmaster.example.com 7 3600 600 86400 60', 60 FROM domains),
	q(INSERT INTO records (domain_id, name, type, content, ttl) SELECT id, name, 'NS', 'ns1.example.com', 60 FROM domains),
	q(INSERT INTO records (domain_id, name, type, content, ttl, auth) SELECT id, CONCAT('host', seq, '.', name), 'A', CONCAT('192.0.2.', seq), 60, 1 FROM domains, seq_1_to_5),
	q(INSERT INTO domainmetadata (domain_id, kind, content) SELECT id, 'ALLOW-AXFR-FROM', 'AUTO-NS' FROM domains),
	q(INSERT INTO cryptokeys (domain_id, flags, active, content) SELECT id, 257, 1, CONCAT('Private-key-format: v1.2 secret-of-', name) FROM domains),
	q(INSERT INTO tsigkeys (name, algorithm, secret) VALUES ('transfer', 'hmac-sha256', 'secret-of-tsig'), ('other', 'hmac-sha256', 'secret-of-other')));
admin($replica, "CHANGE MASTER TO MASTER_HOST='$primary_address', MASTER_USER='repl', MASTER_PASSWORD='secret-of-repl', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1",
	'START REPLICA');
my $file = spew("$replica->{directory}/mon.cnf", "[client]\nuser=mon\npassword=secret-of-mon\n[few]\nuser=few\n[none]\nuser=none\n[chosen]\ndatabase=pdns\n");
chmod 0600, $file;

sub content {
	my (@options) = @_;
	my $seen = run([program('check_mysql_replication'), '-H', $replica_address, "--primary=$primary_address", '--content', "--defaults-file=$file", "--source=$monitor", '--no-state', @options]);
	unlike("$seen->{out}$seen->{err}", qr/secret-of/, 'nothing secret is printed');
	return $seen;
}
my @pdns = ('--database=pdns');
sub codes_are {
	my ($name, $codes, $text, @options) = @_;
	@options = @pdns unless @options;
	my ($seen, $json) = (content(@options), decode(content(@options, '-o', 'json')->{out}));
	my $found = join ' ', sort map { $_->{code} } grep { $_->{severity} ne 'OK' } @{ $json->{findings} }, map { @{ $_->{findings} } } @{ $json->{zones} };
	is($found, $codes, "$name: findings") or diag($seen->{out});
	like($seen->{out}, $text, "$name: text");
	is($seen->{exit}, $json->{exit_code}, "$name: exit code");
	note($seen->{out}, $seen->{err});
	return ($seen, $json->{databases}[0]{content}, $json);
}
sub well { return wait_until(20, sub { content(@pdns)->{exit} == 0 }) }
# Without a trace in the binary log: only the content shows it.
sub silently { my ($database, @statements) = @_; return admin($database, 'USE pdns', 'SET sql_log_bin=0', @statements) }

subtest 'the same' => sub {
	ok(well(), 'the replica catches up') or diag(content(@pdns)->{out});
	my (undef, $seen) = codes_are('the same', '', qr/^MYSQL REPLICATION OK - .*no GTID is missing, the content of 40 zones is the same \|.* zones=40;;;0 records=280;;;0 zones_different=0;;;0 zones_unsettled=0;;;0 /);
	is($seen->{records_primary}, 280, 'both have all of them');
	like($seen->{position}, qr/^0-1-\d+$/, 'at a GTID');
	cmp_ok($seen->{statements}, '<', 20, 'few statements');
	like(content(@pdns, '-v')->{out}, qr/content compared, database pdns, at 0-1-\d+: 40 zones, 280 records, \d+ statements/, 'said with -v');
	codes_are('the database of the option file', '', qr/the content of 40 zones is the same/, '--defaults-group=chosen');
};

# What is done to the replica (or to the primary), what is said; and how it is undone.
my @drifts = (
	['a record that is gone', $replica, q(DELETE FROM records WHERE name='host3.zone5.example.com'),
		qr/CRITICAL - zone5\.example\.com: 192\.0\.2\.2: records differ \(6 here, 7 on 192\.0\.2\.1\).*\n.*; only on 192\.0\.2\.1: host3\.zone5\.example\.com A; serial 7 on both → on .*mariadb pdns -e 'SELECT t\.name.* d\.name="zone5\.example\.com" ORDER/s],
	['a record that is new', $replica, q(INSERT INTO records (domain_id, name, type, content) SELECT id, 'new.zone5.example.com', 'TXT', '"x"' FROM domains WHERE name='zone5.example.com'),
		qr/records differ \(8 here, 7 on.*only here: new\.zone5\.example\.com TXT/s],
	['an address', $replica, q(UPDATE records SET content='192.0.2.99' WHERE name='host3.zone5.example.com'), qr/records differ \(7 here, 7 on.*not the same: host3\.zone5\.example\.com A;/s],
	['addresses that changed places', $replica, q(UPDATE records SET content=IF(name LIKE 'host1.%', '192.0.2.2', '192.0.2.1') WHERE name IN ('host1.zone5.example.com', 'host2.zone5.example.com')),
		qr/records differ \(7 here, 7 on.*not the same: host1\.zone5\.example\.com A, host2\.zone5\.example\.com A;/s],
	['a record that is disabled', $replica, q(UPDATE records SET disabled=1 WHERE name='host3.zone5.example.com'), qr/not the same: host3\.zone5\.example\.com A/],
	['a TTL', $replica, q(UPDATE records SET ttl=61 WHERE name='host3.zone5.example.com'), qr/not the same: host3\.zone5\.example\.com A/],
	['NULL is not 0', $replica, q(UPDATE records SET prio=0 WHERE name='host3.zone5.example.com'), qr/not the same: host3\.zone5\.example\.com A/],
	['NULL is not the empty text', $replica, q(UPDATE records SET ordername='' WHERE name='host3.zone5.example.com'), qr/not the same: host3\.zone5\.example\.com A/],
	['one record twice', $replica, q(INSERT INTO records (domain_id, name, type, content, ttl) SELECT domain_id, name, type, content, ttl FROM records WHERE name='host3.zone5.example.com'),
		qr/records differ \(8 here, 7 on.*only here: host3\.zone5\.example\.com A/s],
	['a missing zone', $replica, q(DELETE FROM records WHERE domain_id=5; DELETE FROM domainmetadata WHERE domain_id=5; DELETE FROM cryptokeys WHERE domain_id=5; DELETE FROM domains WHERE id=5),
		qr/CRITICAL - zone5\.example\.com: 192\.0\.2\.2: the zone is missing here: 192\.0\.2\.1 has it with 7 records/],
	['a zone that only the replica has', $primary, q(DELETE FROM records WHERE domain_id=5; DELETE FROM domainmetadata WHERE domain_id=5; DELETE FROM cryptokeys WHERE domain_id=5; DELETE FROM domains WHERE id=5),
		qr/zone5\.example\.com: 192\.0\.2\.2: the zone is only here, with 7 records: 192\.0\.2\.1 does not have it/],
	['metadata', $replica, q(UPDATE domainmetadata SET content='' WHERE domain_id=5), qr/metadata differ \(1 here, 1 on 192\.0\.2\.1\).*not the same: metadata ALLOW-AXFR-FROM.*FROM domainmetadata/s],
	['a key', $replica, q(UPDATE cryptokeys SET content='secret-of-nobody' WHERE domain_id=5), qr/DNSSEC keys differ \(1 here, 1 on.*not the same: a key with flags 257.*MD5\(t\.content\)/s],
	['a key that is not active', $replica, q(UPDATE cryptokeys SET active=0 WHERE domain_id=5), qr/DNSSEC keys differ/],
	['the kind of a zone', $replica, q(UPDATE domains SET type='MASTER' WHERE id=5), qr/its row in domains differs.*not the same: domains\.type/s],
	['a catalog', $replica, q(UPDATE domains SET catalog='cat.example' WHERE id=5), qr/not the same: domains\.catalog/],
	['a TSIG key', $replica, q(UPDATE tsigkeys SET secret='secret-of-nobody' WHERE name='transfer'), qr/CRITICAL - 192\.0\.2\.2: TSIG keys differ \(2 here, 2 on 192\.0\.2\.1\).*not the same: transfer hmac-sha256/s],
	['records of no zone', $replica, q(INSERT INTO records (domain_id, name, type, content) VALUES (4711, 'lost.example', 'A', '192.0.2.1'), (NULL, 'lost.example', 'A', '192.0.2.2')),
		qr/records of no zone differ \(2 here, 0 on 192\.0\.2\.1\)/],
	['an SOA record that is none', $replica, q(UPDATE records SET content='not an SOA' WHERE type='SOA' AND domain_id=5), qr/the SOA record here is none: "not an SOA", serial 7 on 192\.0\.2\.1/],
);
sub tables { return qw(domains records domainmetadata cryptokeys tsigkeys) }
subtest 'what drifted in silence' => sub {
	silently($_, map { ("CREATE TABLE kept_$_ AS SELECT * FROM $_") } tables()) for $primary, $replica;
	for my $drift (@drifts) {
		my ($name, $where, $statement, $text) = @$drift;
		silently($where, $statement);
		codes_are($name, 'database_content_differs', $text);
		silently($where, map { ("DELETE FROM $_", "INSERT INTO $_ SELECT * FROM kept_$_") } tables());
	}
	ok(well(), 'the same again');
	silently($replica, q(UPDATE domains SET last_check=4711, notified_serial=7), q(UPDATE records SET name=UPPER(name) WHERE domain_id=6), q(UPDATE domains SET name=UPPER(name) WHERE id=6),
		q(INSERT INTO comments (domain_id, name, type, modified_at, comment) VALUES (5, 'zone5.example.com', 'A', 1, 'x')), 'ALTER TABLE records ADD note INT DEFAULT 7');
	codes_are('what a PowerDNS notes for itself, the case of names, comments, a column of somebody else', '', qr/the same/);
	silently($replica, 'ALTER TABLE records DROP note', map { ("DELETE FROM $_", "INSERT INTO $_ SELECT * FROM kept_$_") } tables());
};

subtest 'many zones' => sub {
	silently($replica, q(DELETE FROM records WHERE name LIKE 'host3.%' AND domain_id > 12));
	my (undef, $seen, $json) = codes_are('28 zones', join(' ', ('database_content_differs') x 28),
		qr/^MYSQL REPLICATION CRITICAL - 192\.0\.2\.2: records differ \(6 here, 7 on 192\.0\.2\.1\): 28 zones \|.*zones_different=28.*\n\[CRITICAL\] 192\.0\.2\.2\@3306: .*: 28 zones \(zone13\.example\.com, .* and 18 more\)/);
	is(scalar @{ $seen->{differences} }, 28, 'JSON is complete');
	is(scalar(grep { @{ $_->{rows} } } @{ $seen->{differences} }), 20, 'samples are bounded');
	is_deeply([map { $_->{zone} } @{ $json->{zones} }], [map { "$_->{zone}." } @{ $seen->{differences} }], 'and so are the zones');
	is($seen->{differences}[0]{records}{replica}, 6, 'with their counts');
	silently($replica, map { ("DELETE FROM $_", "INSERT INTO $_ SELECT * FROM kept_$_") } tables());
};

subtest 'names' => sub {
	my @names = ("it''s.example", 'back\\\\\\\\slash.example', 'zürich.example', '', 'a..b', 'x' x 70 . '.example', 'drop"table.example', '_udp.example');
	admin($primary, 'USE pdns', map { ("INSERT INTO domains (name, type) VALUES ('$_', 'NATIVE')", "INSERT INTO records (domain_id, name, type, content) VALUES (LAST_INSERT_ID(), '$_', 'TXT', '\"ö\"')") } @names);
	ok(well(), 'the same');
	silently($replica, q(DELETE FROM records WHERE domain_id > 40));
	my ($seen) = codes_are('differ', join(' ', ('database_content_differs') x @names), qr/CRITICAL/, @pdns, '--top=99');
	like($seen->{out}, $_, "$_") for qr/zone "a\.\.b", which is no domain name: records differ/, qr/it's\.example/, qr/z\\195\\188rich|zürich/, qr/_udp\.example/;
	admin($primary, 'USE pdns', 'DELETE FROM records WHERE domain_id > 40', 'DELETE FROM domains WHERE id > 40');
	silently($replica, 'DELETE FROM records WHERE domain_id > 40');
	ok(well(), 'the same again');
};

subtest 'character sets' => sub {
	admin($primary, 'USE pdns', q(INSERT INTO records (domain_id, name, type, content) VALUES (5, 'txt.zone5.example.com', 'TXT', '"Zürich, 5 €"')));
	ok(well(), 'the same');
	silently($replica, q(SET sql_mode=''), map { "ALTER TABLE $_ CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" } tables());
	codes_are('utf8mb4 here, latin1 there', '', qr/the same/);
	silently($replica, q(UPDATE records SET content='"Zurich, 5 €"' WHERE name='txt.zone5.example.com'));
	codes_are('one letter', 'database_content_differs', qr/not the same: txt\.zone5\.example\.com TXT/);
	silently($replica, q(UPDATE records SET content='"Zürich, 5 €"' WHERE name='txt.zone5.example.com'), map { "ALTER TABLE $_ CONVERT TO CHARACTER SET latin1" } tables());
	ok(well(), 'the same again');
};

# PowerDNS 4.1's schema as its documentation has it, and the upgrades that its package ships.
subtest 'schemas of all versions' => sub {
	my @upgrades = map { "$schemas/${_}_schema.mysql.sql" } '4.1.0_to_4.2.0', '4.2.0_to_4.3.0', '4.3.0_to_4.7.0';
	my $change = sub {
		my ($version) = @_;
		my @old = ('--database=pdns41');
		ok(wait_until(20, sub { content(@old)->{exit} == 0 }), "$version: the same") or diag(content(@old)->{out});
		admin($replica, 'USE pdns41', 'SET sql_log_bin=0', q(UPDATE records SET auth=0 WHERE type='A'));
		codes_are("$version: a change", 'database_content_differs', qr/not the same: a\.example A/, @old);
		admin($replica, 'USE pdns41', 'SET sql_log_bin=0', q(UPDATE records SET auth=1 WHERE type='A'));
	};
	my $old = spew("$primary->{directory}/4.1.sql", <<'END');
CREATE TABLE domains (id INT AUTO_INCREMENT, name VARCHAR(255) NOT NULL, master VARCHAR(128) DEFAULT NULL, last_check INT DEFAULT NULL, type VARCHAR(6) NOT NULL,
	notified_serial INT DEFAULT NULL, account VARCHAR(40) CHARACTER SET 'utf8' DEFAULT NULL, PRIMARY KEY (id)) Engine=InnoDB CHARACTER SET 'latin1';
CREATE UNIQUE INDEX name_index ON domains(name);
CREATE TABLE records (id BIGINT AUTO_INCREMENT, domain_id INT DEFAULT NULL, name VARCHAR(255) DEFAULT NULL, type VARCHAR(10) DEFAULT NULL, content VARCHAR(64000) DEFAULT NULL,
	ttl INT DEFAULT NULL, prio INT DEFAULT NULL, change_date INT DEFAULT NULL, disabled TINYINT(1) DEFAULT 0, ordername VARCHAR(255) BINARY DEFAULT NULL, auth TINYINT(1) DEFAULT 1,
	PRIMARY KEY (id)) Engine=InnoDB CHARACTER SET 'latin1';
CREATE TABLE supermasters (ip VARCHAR(64) NOT NULL, nameserver VARCHAR(255) NOT NULL, account VARCHAR(40) CHARACTER SET 'utf8' NOT NULL, PRIMARY KEY (ip, nameserver)) Engine=InnoDB;
CREATE TABLE comments (id INT AUTO_INCREMENT, domain_id INT NOT NULL, name VARCHAR(255) NOT NULL, type VARCHAR(10) NOT NULL, modified_at INT NOT NULL,
	account VARCHAR(40) CHARACTER SET 'utf8' DEFAULT NULL, comment TEXT CHARACTER SET 'utf8' NOT NULL, PRIMARY KEY (id)) Engine=InnoDB CHARACTER SET 'latin1';
CREATE TABLE domainmetadata (id INT AUTO_INCREMENT, domain_id INT NOT NULL, kind VARCHAR(32), content TEXT, PRIMARY KEY (id)) Engine=InnoDB CHARACTER SET 'latin1';
CREATE TABLE cryptokeys (id INT AUTO_INCREMENT, domain_id INT NOT NULL, flags INT NOT NULL, active BOOL, content TEXT, PRIMARY KEY(id)) Engine=InnoDB CHARACTER SET 'latin1';
CREATE TABLE tsigkeys (id INT AUTO_INCREMENT, name VARCHAR(255), algorithm VARCHAR(50), secret VARCHAR(255), PRIMARY KEY (id)) Engine=InnoDB CHARACTER SET 'latin1';
INSERT INTO domains (name, type) VALUES ('a.example', 'NATIVE');
INSERT INTO records (domain_id, name, type, content, change_date) VALUES (1, 'a.example', 'A', '192.0.2.1', 17);
INSERT INTO cryptokeys (domain_id, flags, active, content) VALUES (1, 257, 1, 'secret-of-a');
END
	admin($primary, q(CREATE DATABASE pdns41), 'USE pdns41', "source $old", q(GRANT SELECT ON pdns41.* TO mon@'%'));
	$change->('4.1');
	for my $upgrade (@upgrades) {
		admin($primary, 'USE pdns41', "source $upgrade", 'SELECT 1');
		$change->($upgrade =~ s{.*_to_(4\.\d).*}{$1}r);
	}
	admin($replica, 'USE pdns41', 'SET sql_log_bin=0', 'ALTER TABLE cryptokeys DROP published', 'ALTER TABLE domains DROP catalog');
	codes_are('columns that only the primary has', 'database_schema_broken', qr/CRITICAL.*its tables lack columns that 192\.0\.2\.1's have: domains\.catalog, cryptokeys\.published → on 192\.0\.2\.2: apply/, '--database=pdns41');
	admin($replica, 'USE pdns41', 'SET sql_log_bin=0', 'ALTER TABLE records DROP content');
	codes_are('a column that PowerDNS needs', 'database_schema_broken', qr/lacks what PowerDNS needs, or .* may not see it: records\.content/, '--database=pdns41');
	admin($replica, 'USE pdns41', 'SET sql_log_bin=0', 'DROP TABLE records');
	codes_are('a table that is gone', 'database_schema_broken', qr/the database pdns41 lacks PowerDNS's table records: error 1146/, '--database=pdns41');
};

subtest 'rights and wrong names' => sub {
	codes_are('no right to read', 'privilege_missing', qr/UNKNOWN.*may not read pdns: error 1044: .* → on 192\.0\.2\.2, as an administrator: GRANT SELECT ON `pdns`\.\* TO 'none'\@'%'/, @pdns, '--defaults-group=none');
	codes_are('no right to read keys', '', qr/OK - .*the content of 40 zones is the same/, @pdns, '--defaults-group=few');
	like(content(@pdns, '--defaults-group=few', '-v')->{out}, qr/this user may not read cryptokeys\.content, tsigkeys\.secret, so that they were not compared/, 'said with -v');
	silently($replica, q(UPDATE cryptokeys SET content='secret-of-nobody' WHERE domain_id=5));
	codes_are('then a key does not show', '', qr/OK/, @pdns, '--defaults-group=few');
	silently($replica, q(UPDATE cryptokeys SET active=0 WHERE domain_id=5));
	codes_are('whether it is active does', 'database_content_differs', qr/DNSSEC keys differ/, @pdns, '--defaults-group=few');
	silently($replica, map { ("DELETE FROM $_", "INSERT INTO $_ SELECT * FROM kept_$_") } 'cryptokeys');
	codes_are('no such database', 'database_schema_broken', qr/CRITICAL.*the database absent is not there: error 1049/, '--database=absent', '--defaults-group=few') if 0;
	codes_are('no database', 'content_not_compared', qr/UNKNOWN.*nobody said in which database.* → --database=NAME/, '-t', '9s');
	codes_are('not PowerDNS\'s', 'database_schema_broken', qr/the database empty lacks PowerDNS's table domains: error 1146/, '--database=empty');
	like(run([program('check_mysql_replication'), '-H', $replica_address, '--content'])->{out}, qr/UNKNOWN - .*--content needs --primary/, 'no primary');
};

subtest 'replication that does not run' => sub {
	admin($replica, 'STOP REPLICA SQL_THREAD');
	like(content(@pdns)->{out}, qr/replica_sql_stopped|the SQL thread does not run/, 'said');
	codes_are('nothing happened meanwhile', 'replica_sql_stopped', qr/SQL thread does not run/);
	admin($primary, 'USE pdns', q(UPDATE records SET ttl=90 WHERE domain_id=7));
	codes_are('it lacks something', 'content_not_compared replica_sql_stopped', qr/the content was not compared: replication does not run, and it lacks what 192\.0\.2\.1 has/);
	admin($replica, 'START REPLICA SQL_THREAD');
	ok(well(), 'the same again');
	admin($replica, 'STOP REPLICA', 'CHANGE MASTER TO MASTER_DELAY=3600', 'START REPLICA');
	admin($primary, 'USE pdns', q(UPDATE records SET ttl=60 WHERE domain_id=7));
	codes_are('a delay', 'content_not_compared', qr/its configured delay keeps it from being where 192\.0\.2\.1 is/, @pdns, '-t', '3s');
	admin($replica, 'STOP REPLICA', 'CHANGE MASTER TO MASTER_DELAY=0', 'START REPLICA');
	ok(well(), 'the same again');
	admin($replica, 'STOP REPLICA', "SET GLOBAL replicate_ignore_table='pdns.records'", 'START REPLICA');
	admin($primary, 'USE pdns', q(UPDATE records SET ttl=91 WHERE domain_id=7));
	ok(wait_until(20, sub { content(@pdns)->{out} =~ /records differ/ }), 'it arrives, but for what the filter keeps away');
	codes_are('a filter, and what it has kept away', 'database_content_differs replica_filtered', qr/records differ \(7 here, 7 on/);
	admin($replica, 'STOP REPLICA', "SET GLOBAL replicate_ignore_table=''", 'START REPLICA');
	admin($primary, 'USE pdns', q(UPDATE records SET ttl=92 WHERE domain_id=7));
	silently($replica, q(UPDATE records SET ttl=92 WHERE domain_id=7));
	ok(well(), 'the same again');
};

# A hundred runs while zones are written, made and deleted: nothing differs, and nothing is said to.
subtest 'writes all the time' => sub {
	run(['mariadb', "--socket=$primary->{socket}", '-uroot', 'pdns'], stdin => <<'END');
DELIMITER //
CREATE PROCEDURE work() BEGIN
	DECLARE n INT DEFAULT 0;
	WHILE n < 100000 AND NOT EXISTS (SELECT 1 FROM domainmetadata WHERE kind='STOP') DO
		START TRANSACTION;
		UPDATE records SET content=CONCAT('192.0.2.', n % 250), ttl=60 + n % 7 WHERE domain_id=1 + n % 40 AND type='A';
		UPDATE records SET content=CONCAT('ns1.example.com hostmaster.example.com ', 100 + n, ' 3600 600 86400 60') WHERE domain_id=1 + n % 40 AND type='SOA';
		COMMIT;
		START TRANSACTION;
		INSERT INTO domains (name, type) VALUES (CONCAT('busy', n % 5, '.example'), 'NATIVE');
		INSERT INTO records (domain_id, name, type, content) VALUES (LAST_INSERT_ID(), 'busy.example', 'A', '192.0.2.1');
		COMMIT;
		DELETE FROM records WHERE name='busy.example';
		DELETE FROM domains WHERE name LIKE 'busy%';
		DO SLEEP(0.002);
		SET n = n + 1;
	END WHILE;
END//
END
	my $pid = open(my $pipe, '|-', 'mariadb', "--socket=$primary->{socket}", '-uroot', 'pdns', '-e', 'CALL work()');
	my (%states, %positions, @others);
	for (1 .. 100) {
		my $seen = run([program('check_mysql_replication'), '-H', $replica_address, "--primary=$primary_address", '--content', "--defaults-file=$file", "--source=$monitor", '--no-state', @pdns, '-v']);
		$states{ $seen->{exit} }++;
		$positions{$1}++ if $seen->{out} =~ /, at (0-1-\d+):/;
		push @others, $seen->{out} if $seen->{exit};
	}
	is_deeply(\%states, { 0 => 100 }, 'no alarm in 100 runs') or diag($others[0]);
	cmp_ok(scalar keys %positions, '>', 90, 'something was written meanwhile');
	silently($replica, q(DELETE FROM cryptokeys WHERE domain_id=5));
	like(content(@pdns)->{out}, qr/DNSSEC keys differ \(0 here, 1 on/, 'and what differs is still found');
	admin($primary, 'USE pdns', q(INSERT INTO domainmetadata (domain_id, kind) VALUES (40, 'STOP')));
	close $pipe;
	ok(wait_until(20, sub { content(@pdns)->{out} =~ /DNSSEC keys differ \(0 here, 1 on/ }), 'also when it is quiet');
};

# MySQL by GTIDs and, without them, by file and position; both sides imitated at the protocol.
subtest 'MySQL' => sub {
	my %columns = (domains => 'id name type', records => 'domain_id name type content', domainmetadata => 'domain_id kind content', cryptokeys => 'domain_id flags content', tsigkeys => 'name algorithm secret');
	my $table = sub { my ($names, @rows) = @_; return { columns => [map { [$_] } split / /, $names], rows => \@rows } };
	my $says = sub {
		my ($mode, $content, @more) = @_;
		return (version => '8.4.3', answers => [@more,
			['^SHOW GLOBAL VARIABLES', $table->('Variable_name Value', ['server_id', 2], ['read_only', 'ON'], ['gtid_executed', $mode eq 'ON' ? '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5' : ''])],
			['^SHOW REPLICA STATUS$', $table->('Source_Host Source_Port Replica_IO_Running Replica_SQL_Running Seconds_Behind_Source Channel_Name', ['192.0.2.7', 3306, 'Yes', 'Yes', 0, ''])],
			['GTID_SUBTRACT', $table->('x', [''])],
			['information_schema', $table->('TABLE_NAME COLUMN_NAME', map { my $of = $_; map { [$of, $_] } split / /, $columns{$of} } sort keys %columns)],
			['gtid_mode', $table->('a b c', [1, $mode, $mode eq 'ON' ? '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5' : ''])],
			['^SHOW BINARY LOG STATUS$', $table->('File Position', ['binlog.000002', 4711])],
			[q{^SELECT WAIT_FOR_EXECUTED_GTID_SET\('3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5'}, $table->('x', [0])],
			[q{^SELECT SOURCE_POS_WAIT\('binlog\.000002', 4711, \d+\)$}, $table->('x', [0])],
			['SELECT d\.name,t\.name,t\.type', $table->('zone name type hash', ['example.com', 'example.com', 'TXT', $content])],
			['FROM domains t', $table->('id name hash', [1, 'example.com', 17])],
			['FROM records t(?! JOIN)', $table->('id count hash', [1, 3, $content])],
			['FROM (?:domainmetadata|cryptokeys) t', $table->('id count hash')],
			['FROM tsigkeys', $table->('count hash', [0, undef])],
			['^(?:START TRANSACTION|COMMIT|SET)', $table->('x')]]);
	};
	my ($there, $here) = together { map { imitation("192.0.2.$_", $says->('ON', 5)) } 7, 8 };
	my $mysql = sub { return content('-H', '192.0.2.8', '--primary=192.0.2.7', @pdns, @_) };
	for my $mode ('ON', 'OFF') {
		my $at = $mode eq 'ON' ? qr/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5/ : qr/binlog\.000002:4711/;
		$_->says($says->($mode, 5)) for $there, $here;
		like($mysql->('-v')->{out}, qr/OK - .*the content of 1 zone is the same .*content compared, database pdns, at $at: 1 zone, 3 records/s, "gtid_mode $mode: the same");
		$here->says($says->($mode, 6));
		like($mysql->()->{out}, qr/CRITICAL - example\.com: 192\.0\.2\.8: records differ \(3 here, 3 on 192\.0\.2\.7\).*not the same: example\.com TXT.*mysql pdns -e/s, "gtid_mode $mode: another hash");
	}
	unlike(join("\n", $there->said, $here->said), qr/^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|SET GLOBAL|LOCK)/m, 'nothing is written');
	$there->says($says->('OFF', 5, ['^SHOW BINARY LOG STATUS$', { error => [1227, '42000', 'Access denied; you need REPLICATION CLIENT'] }], ['CURRENT_USER', $table->('x', ['mon@%'])]));
	like($mysql->()->{out}, qr/UNKNOWN.*no position to compare at: error 1227.* → on 192\.0\.2\.7, as an administrator: GRANT REPLICATION CLIENT ON \*\.\* TO 'mon'\@'%'/s, 'no right to see the position');
	$there->says($says->('OFF', 5, ['gtid_mode', $table->('a b c', [0, 'OFF', ''])]));
	like($mysql->()->{out}, qr/UNKNOWN.*it writes no binary log \(log_bin is OFF\)/, 'no binary log');
	$_->says($says->('ON', 5)) for $there;
	$here->says($says->('ON', 5, ['FROM records t', { silent => 1 }]));
	my $seen = $mysql->('-t', '3s');
	like($seen->{out}, qr/UNKNOWN.*the content was not compared/, 'a database that hangs meanwhile');
	cmp_ok($seen->{seconds}, '<', 6, 'in time');
};

done_testing();
