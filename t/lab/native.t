# PowerDNS in native mode: a MariaDB primary with two replicas, each read by a PowerDNS of its own. What breaks, what check_dns_replication --mysql says of it, and that
# doing what it advises leads to OK.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');
needs('check_mysql_replication');

my $zone = 'example.com';
my %address = map { ("ns$_" => "192.0.2.$_") } 1 .. 3;
sub options {
	my ($id, @more) = @_;
	return join "\n", 'skip_networking=0', "bind_address=192.0.2.$id", 'port=3306', "server_id=$id", 'log_bin=bin', 'log_slave_updates=1', 'skip_name_resolve=1', @more, '';
}
my ($db1, $db2, $db3) = together { mariadb('db1', options => options(1)), map { mariadb("db$_", options => options($_, 'read_only=1')) } 2, 3 };
# Outside of a transaction.
sub admin {
	my ($database, @statements) = @_;
	return shell('mariadb', "--socket=$database->{socket}", '-uroot', '-e', join ';', @statements);
}
$db1->sql('mysql', q(CREATE USER repl@'%' IDENTIFIED BY 'secret-of-repl'), q(GRANT REPLICATION SLAVE ON *.* TO repl@'%'),
	q(CREATE USER mon@'%' IDENTIFIED BY 'secret-of-mon'), q(GRANT REPLICA MONITOR ON *.* TO mon@'%'), q(GRANT SELECT ON `pdns`.* TO mon@'%'));
for my $replica ($db2, $db3) {
	admin($replica, "CHANGE MASTER TO MASTER_HOST='192.0.2.1', MASTER_USER='repl', MASTER_PASSWORD='secret-of-repl', MASTER_USE_GTID=slave_pos, "
		. 'MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1', 'START REPLICA');
	$replica->{schemas}{pdns} = 1; # it comes by replication
}
my %cached = ('cache-ttl' => 600, 'query-cache-ttl' => 600, 'negquery-cache-ttl' => 600);
my $ns1 = pdns($address{ns1}, database => $db1, 'server-id' => 'ns1');
sub has { my ($database, $serial) = @_; return wait_until(20, sub { (eval { $database->sql('pdns', "SELECT content FROM records WHERE type='SOA' AND name='$zone'") } // '') =~ / $serial / }) }
my $file = spew("$db1->{directory}/$zone", "\$ORIGIN $zone.\n\$TTL 60\n\@ SOA ns1 hostmaster 1 3600 600 86400 60\n" . join '', map { "\@ NS ns$_\nns$_ A 192.0.2.$_\n" } 1 .. 3);
$ns1->util('load-zone', $zone, $file);
ok(has($_, 1), 'the zone arrives') for $db2, $db3;
my ($ns2, $ns3) = together { pdns($address{ns2}, database => $db2), pdns($address{ns3}, database => $db3) };
ok(serves(1, $zone, values %address), 'and is served');

my $login = spew("$db1->{directory}/mon.cnf", "[client]\nuser=mon\npassword=secret-of-mon\n" . join '', map { "[ns$_]\nhost=192.0.2.$_\n" } 1 .. 3);
chmod 0600, $login;
my $state = "$db1->{directory}/state";
mkdir $state;
sub asking { return ('-z', $zone, '-H', $address{ns1}, "--state-dir=$state", '-t', '9s', '-w', '0', map { "--mysql=ns$_.$zone=$login:ns$_" } 1 .. 3) }

# Verdict: findings that are not OK as "code server cause"; the whole text is a note.
sub verdict_is {
	my ($name, $expected, $text, @options) = @_;
	my @found;
	my $look = sub { @found = sort map { join ' ', $_->{code}, ($_->{server} // '-') =~ s/\.\Q$zone\E\.$//r, $_->{cause} // () } findings(check_json(asking(), @options)->{json}) };
	wait_until(10, sub { $look->(); return "@found" eq join ' ', sort @$expected }); # a lag is none in its first second
	my $seen = check(asking(), @options);
	note($seen->{out});
	is_deeply(\@found, [sort @$expected], "$name: findings") or tell_run($seen);
	like($seen->{out}, $text, "$name: text");
	unlike($seen->{out}, qr/NOTIFY|AXFR|retrieve/, "$name: nothing of NOTIFY and AXFR") if $name !~ /MASTER/;
	unlike("$seen->{out}$seen->{err}", qr/secret-of/, "$name: no password is printed");
	return $seen;
}
sub well { my ($name) = @_; return ok(wait_until(20, sub { check(asking())->{exit} == 0 }), "$name: OK again") || tell_run(check(asking())) }
my $serial = 1;
sub change { $serial++; $ns1->sql("UPDATE records SET content=REPLACE(content, ' @{[ $serial - 1 ]} ', ' $serial ') WHERE type='SOA'"); return $serial }

subtest 'healthy' => sub {
	verdict_is('healthy', [], qr/^DNS REPLICATION OK - example\.com serial 1 on 3 of 3 servers/);
};

subtest 'the SQL thread stopped with 1062, and the zone was changed after' => sub {
	admin($db3, q(SET sql_log_bin=0), q(INSERT INTO pdns.supermasters VALUES ('192.0.2.9', 'ns9', 'x')));
	$ns1->sql(q(INSERT INTO supermasters VALUES ('192.0.2.9', 'ns9', 'x')));
	change();
	ok(has($db2, $serial), 'db2 has it');
	ok(serves($serial, $zone, @address{qw(ns1 ns2)}), 'two serve it');
	ok(wait_until(20, sub { admin($db3, 'SHOW REPLICA STATUS\G') =~ /Slave_SQL_Running: No/ }), 'db3 stopped');
	verdict_is('1062', ['replica_sql_error ns3', 'secondary_behind ns3 replica_sql_error'],
		qr/ns3\.example\.com \(192\.0\.2\.3\)[^\n]*: 1 serial behind [^\n]*its database stopped at 1: the SQL thread stopped: error 1062: .* → on ns3\.example\.com's database: mariadb/);
	admin($db3, q(SET sql_log_bin=0), q(DELETE FROM pdns.supermasters), 'START REPLICA'); # as advised
	ok(has($db3, $serial), 'it goes on');
	well('1062');
};

subtest 'the IO thread stopped' => sub {
	admin($db2, 'STOP REPLICA IO_THREAD');
	change();
	ok(serves($serial, $zone, @address{qw(ns1 ns3)}), 'two serve it');
	my $seen = verdict_is('IO thread', ['replica_io_stopped ns2', 'secondary_behind ns2 replica_io_stopped'], qr/its database stopped at @{[ $serial - 1 ]}: the IO thread does not run/);
	my ($advised) = $seen->{out} =~ /→ on ns2\.example\.com's database: mariadb -e "([^"]+)"/;
	is($advised, 'START REPLICA', 'what to type');
	admin($db2, $advised // '');
	ok(has($db2, $serial), 'it goes on');
	well('IO thread');
};

subtest 'a packet cache' => sub {
	$ns2 = pdns($address{ns2}, database => $db2, %cached);
	ok(serves($serial, $zone, $address{ns2}), 'ns2 has answered');
	check(asking()); # and holds what that asks for, too
	change();
	ok(has($_, $serial), 'the databases have it') for $db2, $db3;
	ok(serves($serial, $zone, @address{qw(ns1 ns3)}), 'two serve it');
	my $seen = verdict_is('packet cache', ['secondary_behind ns2 cache_stale'],
		qr/ns2\.example\.com \(192\.0\.2\.2\)[^\n]*its database has $serial already: a packet or query cache of its PowerDNS still holds @{[ $serial - 1 ]}/);
	my ($advised) = $seen->{out} =~ /→ on ns2\.example\.com: pdns_control (purge \S+),/;
	is($advised, "purge '$zone\$'", 'what to type');
	$ns2->control(purge => "$zone\$");
	well('packet cache');
};

subtest 'the cache of the primary itself' => sub {
	$ns1 = pdns($address{ns1}, database => $db1, %cached);
	ok(serves($serial, $zone, $address{ns1}), 'ns1 has answered');
	check(asking());
	change();
	$ns2->control(purge => "$zone\$");
	ok(serves($serial, $zone, @address{qw(ns2 ns3)}), 'two serve it');
	my $seen = verdict_is('cache of the primary', [map { "secondary_ahead $_ cache_stale" } qw(ns2 ns3)], qr/WARNING.*the database of ns1\.example\.com has $serial, too: it still answers from a cache/);
	like($seen->{out}, qr/→ on ns1\.example\.com: pdns_control purge 'example\.com\$'/, 'what to type');
	$ns1->control(purge => "$zone\$");
	well('cache of the primary');
	$ns1 = pdns($address{ns1}, database => $db1);
	$ns2 = pdns($address{ns2}, database => $db2);
};

subtest 'a zone that did not arrive' => sub {
	admin($db3, 'STOP REPLICA');
	$ns1->util('load-zone', 'new.test', spew("$db1->{directory}/new", slurp($file) =~ s/\Q$zone\E\./new.test./r));
	ok(serves(1, 'new.test', @address{qw(ns1 ns2)}), 'two serve it');
	verdict_is('no zone', ['replica_io_stopped ns3', 'replica_sql_stopped ns3', 'zone_refused ns3 replica_io_stopped'],
		qr/REFUSED.*its database does not have the zone: the IO thread does not run/, '-z', 'new.test', '--no-ns', map { "--add-server=ns$_.$zone=$address{\"ns$_\"}" } 2, 3);
	admin($db3, 'START REPLICA');
	ok(serves(1, 'new.test', $address{ns3}), 'it comes');
	well('no zone');
};

subtest 'a zone that is there, and not in the zone cache' => sub {
	$ns3 = pdns($address{ns3}, database => $db3, 'zone-cache-refresh-interval' => 300);
	$ns1->util('load-zone', 'newer.test', spew("$db1->{directory}/newer", slurp($file) =~ s/\Q$zone\E\./newer.test./r));
	ok(serves(1, 'newer.test', @address{qw(ns1 ns2)}), 'two serve it');
	my $seen = verdict_is('zone cache', ['zone_refused ns3 cache_stale'], qr/its database has the zone \(serial 1\): its PowerDNS has not looked for new zones since/,
		'-z', 'newer.test', '--no-ns', map { "--add-server=ns$_.$zone=$address{\"ns$_\"}" } 2, 3);
	my ($advised) = $seen->{out} =~ /→ on ns3\.example\.com: pdns_control (\w+),/;
	$ns3->control($advised // 'quit');
	ok(serves(1, 'newer.test', $address{ns3}), 'it comes');
	$ns3 = pdns($address{ns3}, database => $db3);
};

subtest 'a zone of kind MASTER' => sub {
	$ns1->util('set-kind', $zone, 'primary');
	admin($db2, 'STOP REPLICA SQL_THREAD');
	change();
	ok(serves($serial, $zone, @address{qw(ns1 ns3)}), 'two serve it');
	verdict_is('MASTER', ['replica_sql_stopped ns2', 'secondary_behind ns2'], qr/secondary|AXFR/);
	admin($db2, 'START REPLICA');
	$ns1->util('set-kind', $zone, 'native');
	well('MASTER');
};

subtest 'the list of zones' => sub {
	my $json = check_json('-H', $address{ns1}, '--zones-from=mysql', "--mysql=ns1.$zone=$login:ns1", "--state-dir=$state")->{json};
	is(join(' ', sort map { $_->{zone} } @{ $json->{zones} }), 'example.com. new.test. newer.test.', 'is that of the primary\'s database');
	is($json->{state}, 'OK', 'all are served');
};

subtest 'what is kept' => sub {
	my $written = "$db1->{directory}/scenario";
	my $seen = check(asking(), '--no-state', "--write=scenario:$written");
	my $again = check('--replay', $written);
	my ($first, $second) = map { $_->{out} =~ s/\btime=[\d.]+s//r } $seen, $again;
	is($second, $first, 'a scenario says the same');
	unlike(slurp($written), qr/secret-of|mon\.cnf/, 'and nothing secret');
	my $told = run([program('check_mysql_replication'), "--defaults-file=$login", '--defaults-group=ns2', '--observe', '--zone=new.test', '--no-state']);
	like($told->{out}, qr/^database_zones database=0 schema=pdns\ndatabase_zone database=0 new\.test\. kind=NATIVE serial=1\n\z/m, '--observe of a database');
};

subtest 'the PowerDNS of a replica is down' => sub {
	$ns3->stop;
	verdict_is('down', ['server_port_closed ns3'], qr/ns3\.example\.com \(192\.0\.2\.3\): .*→ on ns3\.example\.com: ss -lntup/);
	$ns3->again->ready;
	well('down');
};

subtest 'the database of a replica is down' => sub {
	$db3->stop;
	my $seen = verdict_is('database down', ['database_unreachable ns3', 'tcp_unreachable ns3 database_unreachable', 'zone_servfail ns3 database_unreachable'], qr/its database can't be reached/);
	$db3->again->ready;
	ok(has($db3, $serial), 'it is back');
	well('database down');
};

# Of the replica's side alone: db2 and what ns2 serves of it.
sub served { my (@more) = @_; return check({ program => 'check_mysql_replication' }, '-H', $address{ns2}, "--defaults-file=$login", "--dns=$address{ns2}", "--state-dir=$state", @more) }
sub serves_well { my ($name) = @_; return ok(wait_until(20, sub { served()->{out} =~ /^MYSQL REPLICATION OK .* 192\.0\.2\.2 serves what it has: 3 zones \|.* zones=3;;;0 serials_differ=0;;;0/ }), "$name: OK") || tell_run(served()) }

subtest 'check_mysql_replication --dns' => sub {
	serves_well('healthy');
	admin($db2, 'STOP REPLICA SQL_THREAD');
	change();
	my $seen = served();
	note($seen->{out});
	is($seen->{exit}, 2, 'the SQL thread stopped');
	like($seen->{out}, qr/^\[CRITICAL\] [^\n]*the SQL thread does not run/m, 'and that is said');
	like($seen->{out}, qr/ serials_differ=0;/, 'served is what the database has');
	admin($db2, 'START REPLICA');
	ok(has($db2, $serial), 'it goes on');
	$ns2 = pdns($address{ns2}, database => $db2, %cached);
	ok(serves($serial, $zone, $address{ns2}), 'ns2 has answered');
	serves_well('filled caches');
	change();
	ok(has($db2, $serial), 'the database has the change');
	$seen = served();
	note($seen->{out});
	is($seen->{exit}, 0, 'a cache: no harm yet');
	like($seen->{out}, qr/ 192\.0\.2\.2 differs in 1 of 3 zones: example\.com: serves @{[ $serial - 1 ]} although its database has $serial: a change on its way, or a cache of its PowerDNS \|.* serials_differ=1;/, 'and is told');
	my ($zone_seen) = grep { $_->{zone} eq "$zone." } @{ check_json({ program => 'check_mysql_replication' }, '-H', $address{ns2}, "--defaults-file=$login", "--dns=$address{ns2}", "--state-dir=$state")->{json}{zones} };
	is_deeply([map { "$_->{role} $_->{serial}" } @{ $zone_seen->{servers} }], ["database $serial", 'secondary ' . ($serial - 1)], 'JSON has both serials');
	my $written = "$db1->{directory}/served";
	$seen = served('--no-state', "--write=scenario:$written");
	my ($first, $second) = map { $_->{out} =~ s/\btime=[\d.]+s//r } $seen, check({ program => 'check_mysql_replication' }, '--replay', $written);
	is($second, $first, 'a scenario says the same');
	$ns2->control(purge => "$zone\$");
	serves_well('purged');
	$ns2 = pdns($address{ns2}, database => $db2);
	$seen = served('-z', 'absent.test');
	note($seen->{out});
	like($seen->{out}, qr/^\[CRITICAL\] absent\.test 192\.0\.2\.2[^\n]*: answers REFUSED[^\n]*its database does not have the zone/m, 'a zone that neither has');
	well('all of them');
};

subtest 'SOA-EDIT makes the serial' => sub {
	$ns1->util('set-meta', $zone, 'SOA-EDIT', 'INCREMENT-WEEKS');
	my $weeks = int(time / (7 * 86400));
	ok(serves($serial + $weeks, $zone, values %address), 'all of them serve another serial than their databases have');
	serves_well('SOA-EDIT of --dns');
	verdict_is('SOA-EDIT', [], qr/OK - example\.com serial @{[ $serial + $weeks ]} on 3 of 3/);
	admin($db2, 'STOP REPLICA SQL_THREAD');
	change();
	ok(serves($serial + $weeks, $zone, @address{qw(ns1 ns3)}), 'two serve the change');
	verdict_is('SOA-EDIT and stopped', ['replica_sql_stopped ns2', 'secondary_behind ns2 replica_sql_stopped'], qr/its database stopped at @{[ $serial - 1 ]}: the SQL thread does not run/);
	admin($db2, 'START REPLICA');
	well('SOA-EDIT and stopped');
	$ns1->util('set-meta', $zone, 'SOA-EDIT');
	ok(serves($serial, $zone, values %address), 'without it again');
};

done_testing;
