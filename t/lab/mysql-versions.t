# check_mysql_replication beside versions that Debian does not have, imitated at the protocol: MySQL 5.7 to 9, MariaDB before and after Debian's.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_mysql_replication');

# SHOW REPLICA STATUS of MySQL 8.4, with the columns' values where all is well; the old words for old servers.
my @columns = map { [split /=/, $_, 2] } qw(Replica_IO_State=Waiting Source_Host=192.0.2.1 Source_User=repl Source_Port=3306 Connect_Retry=60 Source_Log_File=binlog.000002
	Read_Source_Log_Pos=1234 Relay_Log_File=relay.000002 Relay_Log_Pos=1000 Relay_Source_Log_File=binlog.000002 Replica_IO_Running=Yes Replica_SQL_Running=Yes
	Replicate_Do_DB= Replicate_Ignore_DB= Replicate_Do_Table= Replicate_Ignore_Table= Replicate_Wild_Do_Table= Replicate_Wild_Ignore_Table= Last_Errno=0 Last_Error=
	Skip_Counter=0 Exec_Source_Log_Pos=1234 Relay_Log_Space=2000 Until_Condition=None Until_Log_File= Until_Log_Pos=0 Source_SSL_Allowed=No Source_SSL_CA_File= Source_SSL_CA_Path=
	Source_SSL_Cert= Source_SSL_Cipher= Source_SSL_Key= Seconds_Behind_Source=0 Source_SSL_Verify_Server_Cert=No Last_IO_Errno=0 Last_IO_Error= Last_SQL_Errno=0 Last_SQL_Error=
	Replicate_Ignore_Server_Ids= Source_Server_Id=1 Source_UUID=3e11fa47-71ca-11e1-9e33-c80aa9429562 Source_Info_File=mysql.slave_master_info SQL_Delay=0 SQL_Remaining_Delay=NULL
	Replica_SQL_Running_State=waiting Source_Retry_Count=10 Source_Bind= Last_IO_Error_Timestamp= Last_SQL_Error_Timestamp= Source_SSL_Crl= Source_SSL_Crlpath= Retrieved_Gtid_Set=
	Executed_Gtid_Set= Auto_Position=1 Replicate_Rewrite_DB= Channel_Name= Source_TLS_Version=);
sub old_words { my ($name) = @_; return $name =~ s/Source/Master/gr =~ s/Replica_/Slave_/gr }
# table({ Column => value, ...}, ...): a row each; undef is NULL. old => 1: by the old words; without => [columns].
sub table {
	my ($with, @rows) = @_;
	my %without = map { $_ => 1 } @{ $with->{without} // [] };
	my @kept = grep { !$without{ $_->[0] } } @columns, map { [$_, ''] } @{ $with->{more} // [] };
	# The types that servers give numbers: LONGLONG, LONG, NEWDECIMAL.
	my %type = (Seconds_Behind_Source => 8, Source_Port => 3, Last_IO_Errno => 3, SQL_Delay => 246);
	return { columns => [map { [$with->{old} ? old_words($_->[0]) : $_->[0], $type{ $_->[0] }] } @kept],
		rows => [map { my $row = $_; [map { exists $row->{ $_->[0] } ? $row->{ $_->[0] } : $_->[1] eq 'NULL' ? undef : $_->[1] } @kept] } @rows] };
}
sub variables { my %of = @_; return ['^SHOW GLOBAL VARIABLES', { columns => [['Variable_name'], ['Value']], rows => [map { [$_, $of{$_}] } sort keys %of] }] }
my @healthy = (variables(server_id => 2, read_only => 'ON', gtid_executed => "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"));
my $gone = [1064, '42000', q(You have an error in your SQL syntax; check the manual)];

my ($address, $file) = ('192.0.2.7');
my $server = imitation($address, version => '8.4.3', answers => []);
$file = spew("$server->{directory}/mon.cnf", "[client]\nuser=mon\npassword=secret-of-mon\n");
chmod 0600, $file;
my $state = "$server->{directory}/state";
sub database {
	my (@options) = @_;
	my $seen = run([program('check_mysql_replication'), '-H', $address, "--defaults-file=$file", "--state-dir=$state", @options]);
	unlike("$seen->{out}$seen->{err}", qr/secret-of/, 'no password is printed');
	return $seen;
}
sub tells {
	my ($name, $exit, $text, @options) = @_;
	my $seen = database(@options);
	is_plugin_output($seen, undef, "$name: output");
	is($seen->{exit}, $exit, "$name: exit code") or diag($seen->{out});
	like($seen->{out}, $text, "$name: text");
	return $seen;
}
sub asked { return join '; ', map { /^(SHOW (?:ALL |REPLICA|SLAVE).*)/ ? $1 : () } $server->said }

subtest 'each version by one path' => sub {
	my ($new, $old, $plain) = ('^SHOW REPLICA STATUS$', '^SHOW SLAVE STATUS$', 'SHOW REPLICA STATUS; SHOW SLAVE STATUS');
	for (['5.7.44-log', $old, 1, $plain], ['8.0.21', $old, 1, $plain], ['8.0.22', $new, 0, 'SHOW REPLICA STATUS'], ['8.4.3', $new, 0, 'SHOW REPLICA STATUS'],
		['9.1.0', $new, 0, 'SHOW REPLICA STATUS'], ['5.5.5-10.4.34-MariaDB', '^SHOW ALL SLAVES STATUS$', 1, 'SHOW ALL REPLICAS STATUS; SHOW ALL SLAVES STATUS'],
		['11.6.2-MariaDB-log', '^SHOW ALL REPLICAS STATUS$', 1, 'SHOW ALL REPLICAS STATUS'], ['12.0.2-MariaDB', '^SHOW ALL REPLICAS STATUS$', 0, 'SHOW ALL REPLICAS STATUS']) {
		my ($version, $statement, $words, $asked) = @$_;
		my %maria = $version =~ /MariaDB/ ? (more => [qw(Connection_name Master_last_event_time Slave_last_event_time Master_Slave_time_diff)], without => ['Channel_Name']) : ();
		$server->says(version => $version, plugin => $version =~ /^(?:8\.4|9)/ ? 'caching_sha2_password' : undef,
			answers => [@healthy, [$statement, table({ old => $words, %maria }, { Seconds_Behind_Source => 7 })]]);
		my $shown = $version =~ s/^5\.5\.5-//r;
		tells($version, 0, qr/^MYSQL REPLICATION OK - 192\.0\.2\.7\@3306 is 7 s behind 192\.0\.2\.1:3306 \| lag=7s.*\Q$shown\E, server_id 2.*IO thread yes, SQL thread yes, 7 s behind/s, '-v');
		is(asked(), $asked, "$version: what was tried");
	}
};

subtest 'MySQL 8.4 says 1064 to SHOW SLAVE STATUS' => sub {
	$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA STATUS', { error => $gone }], ['SLAVE', { error => $gone }]]);
	tells('no statement is known', 2, qr/CRITICAL.*does not tell how replication is: error 1064: You have an error.* → .*mysql -e 'SHOW REPLICA STATUS\\G'/);
	$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA STATUS', { error => [1227, '42000', 'Access denied; you need (at least one of) the SUPER, REPLICATION CLIENT privilege(s) for this operation'] }],
		['CURRENT_USER', { columns => [['CURRENT_USER()']], rows => [['mon@192.0.2.%']] }]]);
	tells('1227', 3, qr/UNKNOWN.*error 1227: .* → on 192\.0\.2\.7, as an administrator: GRANT REPLICATION CLIENT ON \*\.\* TO 'mon'\@'192\.0\.2\.%'$/m);
};

subtest 'what is not there is not 0' => sub {
	my @rows = (
		['NULL behind, and both run', 2, qr/does not say how far it is behind \(IO thread yes, SQL thread yes\)/, {}, { Seconds_Behind_Source => undef }],
		['no such column', 2, qr/does not say how far it is behind/, { without => ['Seconds_Behind_Source'] }, {}],
		['a thread that is NULL', 2, qr/does not say whether replication runs \(IO thread unknown, SQL thread yes\)/, {}, { Replica_IO_Running => undef }],
		['no thread at all', 2, qr/whether replication runs \(IO thread unknown, SQL thread unknown\)/, { without => [qw(Replica_IO_Running Replica_SQL_Running)] }, {}],
		['more seconds than there are', 2, qr/does not say how far it is behind/, {}, { Seconds_Behind_Source => '18446744073709551615' }],
		['less than none', 2, qr/does not say how far it is behind/, {}, { Seconds_Behind_Source => '-1' }],
		['no number', 2, qr/does not say how far it is behind/, {}, { Seconds_Behind_Source => 'soon' }],
		['connecting', 2, qr/can't connect to the primary 192\.0\.2\.1:3306 \(no error yet\)/, {}, { Replica_IO_Running => 'Connecting', Seconds_Behind_Source => undef }],
		['an error of many lines', 2, qr/SQL thread stopped: error 1062: Duplicate entry 'x' \/ in \(pdns\) \[31m → /,
			{}, { Replica_SQL_Running => 'No', Seconds_Behind_Source => undef, Last_SQL_Errno => 1062, Last_SQL_Error => "Duplicate\nentry 'x' | in <pdns>\e[31m" }],
		['a delay', 1, qr/WARNING.*1m 5s behind the primary, besides the configured delay of 1h/, {}, { Seconds_Behind_Source => 3665, SQL_Delay => 3600 }],
		['no row', 2, qr/it is no replica: no replication is configured/, {}],
	);
	for (@rows) {
		my ($name, $exit, $text, $with, @row) = @$_;
		$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA STATUS', table($with, @row)]]);
		my $seen = tells($name, $exit, $text);
		unlike($seen->{first}, qr/\blag=0/, "$name: no lag is 0") if $exit == 2;
	}
	$server->says(version => '10.6.14-MariaDB-log', answers => [@healthy, ['^SHOW ALL REPLICAS STATUS', { columns => [map { [$_] } qw(Connection_name Replica_IO_Running Slave_SQL_Running
		Master_Host Source_Port Seconds_Behind_Source SQL_DELAY)], rows => [['', 'Yes', 'Yes', 'db1', '3307', '3', '0']] }]]);
	tells('both spellings in one row', 0, qr/OK - .* is 3 s behind db1:3307/);
};

subtest 'several channels' => sub {
	my @channels = ({ Channel_Name => 'm1', Seconds_Behind_Source => 3 }, { Channel_Name => 'm2', Source_Host => '192.0.2.9', Replica_IO_Running => 'Connecting',
		Seconds_Behind_Source => undef, Last_IO_Errno => 2003, Last_IO_Error => "Can't connect to MySQL server on '192.0.2.9'" }, { Channel_Name => 'm3', Seconds_Behind_Source => 0 });
	$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA STATUS', table({}, @channels)]]);
	tells('one of three', 2, qr/channel m2: the IO thread can't connect.* channels=3;;;0 channels_ok=2;;;0 lag_m1=3s;60;600;0 lag_m3=0s;60;600;0 .*STOP REPLICA FOR CHANNEL 'm2'; START REPLICA FOR CHANNEL 'm2'/s);
	tells('one that is well', 0, qr/OK.* is 3 s behind/, '--channel=m1');
	tells('the broken one', 2, qr/channel m2/, '-C', 'm2');
	tells('one that is not there', 2, qr/no replication channel "m9"/, '-C', 'm9');
};

subtest 'group replication' => sub {
	my $uuid = sub { return sprintf '%08x-71ca-11e1-9e33-c80aa9429562', shift };
	# What the member that is asked (the third) sees: [number, state, role] of each.
	my $group = sub {
		my ($members, %with) = @_;
		my @columns = qw(CHANNEL_NAME MEMBER_ID MEMBER_HOST MEMBER_PORT MEMBER_STATE MEMBER_ROLE MEMBER_VERSION MEMBER_COMMUNICATION_STACK);
		$#columns = 4 if $with{old};
		my @rows = map { my ($number, $state, $role) = @$_; ['group_replication_applier', $number ? ($uuid->($number), "db$number", '3306') : ('', '', undef), $state, $role // '', '8.4.3', 'XCom'] } @$members;
		my %variables = (server_id => 3, server_uuid => $uuid->(3), read_only => $with{read_only} // 'ON', group_replication_group_name => $with{name} // 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee');
		delete $variables{group_replication_group_name} if $with{no_name};
		$server->says(version => $with{old} ? '5.7.44-log' : '8.4.3', answers => [variables(%variables),
			['replication_group_members', $with{denied} ? { error => $with{denied} } : { columns => [map { [$_] } @columns], rows => [map { [@$_[0 .. $#columns]] } @rows] }],
			['ORIGINAL_COMMIT_TIMESTAMP', $with{old} ? { error => [1054, '42S22', 'Unknown column'] } : { columns => [['lag', 8]], rows => [[$with{lag} // 0]] }],
			['LAST_ERROR_NUMBER', { columns => [['number', 3], ['message']], rows => $with{failed} ? [$with{failed}] : [] }],
			['CURRENT_USER', { columns => [['CURRENT_USER()']], rows => [['mon@192.0.2.%']] }],
			[$with{old} ? '^SHOW SLAVE STATUS$' : '^SHOW REPLICA STATUS$', table({ old => $with{old} }, @{ $with{channels} // [] })]]);
	};
	# Told its credentials, a member shows the channel by which it once came, at rest.
	my $recovery = { Channel_Name => 'group_replication_recovery', Source_Host => '', Replica_IO_Running => 'No', Replica_SQL_Running => 'No', Seconds_Behind_Source => undef };
	my @three = map { [$_, 'ONLINE', $_ == 1 ? 'PRIMARY' : 'SECONDARY'] } 1 .. 3;

	for (['a secondary', {}], ['its recovery channel is at rest', { channels => [$recovery] }], ['no name of the group is told', { no_name => 1 }]) {
		$group->(\@three, %{ $_->[1] });
		tells($_->[0], 0, qr/^MYSQL REPLICATION OK - 192\.0\.2\.7\@3306 is ONLINE \(SECONDARY\) in a group of 3 members, 0 s behind \| channels=0;;;0 channels_ok=0;;;0 group_size=3;;;0 group_online=3;;;0 lag=0s;60;600;0 /);
	}
	tells('and is expected to be', 0, qr/OK/, @$_) for ['--expect=group', '--group-size=3'], ['--expect=primary'];
	$group->([[3, 'ONLINE', 'PRIMARY'], @three[1, 0]], read_only => 'OFF');
	tells('its primary may be written', 0, qr/OK - .*ONLINE \(PRIMARY\)/);
	$group->(\@three, read_only => 'OFF');
	tells('a secondary may not', 1, qr/WARNING.*anybody with the right may write to this replica.* → .*super_read_only/);
	$group->(\@three, old => 1);
	tells('5.7 tells neither role nor lag', 0, qr/OK - .* is ONLINE in a group of 3 members \| channels=0/);
	$group->(\@three, lag => 700);
	tells('it applies what is old', 2, qr/CRITICAL.*11m 40s behind its group.* lag=700s;60;600;0/);
	my $json = decode(database('-o', 'json')->{out});
	is_deeply($json->{databases}[0]{group}, { state => 'ONLINE', role => 'SECONDARY', size => 3, online => 3, unreachable => 0, others => undef, lag_s => 700, errno => undef, error => undef }, 'JSON');
	$group->(\@three, channels => [$recovery, { Channel_Name => 'dr', Source_Host => 'far', Seconds_Behind_Source => undef, Replica_IO_Running => 'Connecting' }]);
	tells('a group that is a replica of another', 2, qr/CRITICAL.*channel dr: the IO thread can't connect to the primary far:3306/);

	$group->([[3, 'RECOVERING', 'SECONDARY'], @three[0, 1]], channels => [$recovery], failed => [2061, 'Authentication requires secure connection.']);
	tells('RECOVERING', 2, qr/CRITICAL.*the member is RECOVERING: .*: error 2061: Authentication requires secure connection\. → on 192\.0\.2\.7: mysql -e .*group_replication_recovery/);
	$group->([[3, 'ERROR']], failed => [3635, 'The table does not comply']);
	tells('ERROR', 2, qr/CRITICAL.*the member is in ERROR: it has left its group.*error 3635: The table does not comply → .*START GROUP_REPLICATION/);
	$group->([[3, 'OFFLINE']]);
	tells('OFFLINE', 2, qr/CRITICAL.*the member is OFFLINE: group replication does not run.* → .*START GROUP_REPLICATION/);
	$group->([[0, 'OFFLINE']]);
	tells('OFFLINE, and never started', 2, qr/CRITICAL.*the member is OFFLINE/);
	$group->([[0, 'OFFLINE']], name => '');
	tells('a plugin that nobody uses', 2, qr/CRITICAL.*it is no replica: no replication is configured/);
	$group->([[1, 'UNREACHABLE', 'PRIMARY'], [2, 'UNREACHABLE', 'SECONDARY'], $three[2]]);
	tells('in the minority', 2, qr/CRITICAL.*2 of 3 members are UNREACHABLE \(db1:3306 UNREACHABLE, db2:3306 UNREACHABLE\) → .*33061/);
	$group->([[1, 'UNREACHABLE', 'PRIMARY'], @three[1, 2]]);
	tells('in the majority', 0, qr/OK - .*in a group of 3 members, 2 of them ONLINE/);
	tells('and should be three', 2, qr/CRITICAL.*2 of 3 members of the group are ONLINE \(db1:3306 UNREACHABLE\)/, '--expect=group', '--group-size=3');
	like(database('-v')->{out}, qr/its group: db1:3306 UNREACHABLE/, 'with -v: which one');
	$group->([[1, 'ONLINE'], [2, 'ERROR']]);
	tells('none of them is this one', 2, qr/CRITICAL.*the member is not ONLINE but unknown \(db2:3306 ERROR\)/);

	$group->([], denied => [1142, '42000', "SELECT command denied to user 'mon'"]);
	tells('no right to see it', 3, qr/UNKNOWN.*may not see how its group is: error 1142.* → .*GRANT SELECT ON performance_schema\.\* TO 'mon'\@'192\.0\.2\.%'/);
	$group->([], denied => [3168, 'HY000', 'out of order']);
	tells('no answer', 2, qr/CRITICAL.*the server does not tell how its group is: error 3168: out of order/);
	$group->([], no_name => 1, denied => [1142, '42000', 'no']);
	tells('no group at all', 2, qr/CRITICAL.*it is no replica/);
	tells('and there should be one', 2, qr/CRITICAL.*it is no member of a group \(group_replication_group_name is not set\)/, '--expect=group');
	like(database('--plan', '--expect=group')->{out}, qr/it should be a member of a group/, '--plan');
};

subtest 'GTID sets, compared' => sub {
	my ($uuid, $other) = qw(3e11fa47-71ca-11e1-9e33-c80aa9429562 4e11fa47-71ca-11e1-9e33-c80aa9429562);
	my $primary = imitation('192.0.2.8', version => '9.1.0', answers => [variables(server_id => 1, read_only => 'OFF', gtid_executed => "$uuid:1-9:blue:1-3,\n$other:1-4")]);
	my $replica = sub {
		my (%with) = @_;
		$server->says(version => '9.1.0', answers => [variables(server_id => 2, read_only => 'ON', gtid_executed => "$uuid:1-9,\n$other:1-4"),
			['^SHOW REPLICA STATUS', table({}, { Retrieved_Gtid_Set => "$uuid:1-9,\n$other:1-4", Replica_IO_Running => $with{io} // 'Yes' })],
			map { ["GTID_SUBTRACT\\('[^']*\Q$_->[0]\E[^']*', '[^']*\Q$_->[1]\E", { columns => [['x']], rows => [[$_->[2]]] }] } @{ $with{sets} }]);
	};
	my @same = (["", "", '']);
	$replica->(sets => \@same);
	tells('all is there', 0, qr/OK.*no GTID is missing.*gtid_missing=0/, '--primary=192.0.2.8');
	like(join("\n", $server->said), qr/GTID_SUBTRACT\('$uuid:1-9:blue:1-3,\\n$other:1-4', '$uuid:1-9,$other:1-4'\)/, 'what the primary has, less what has arrived') or diag($server->said);
	$replica->(sets => [[":blue:1-3", "", "$uuid:blue:1-3:7,$other:red:4"], @same]);
	tells('a tagged set (8.3 and later)', 2, qr/CRITICAL.*5 transactions of the primary 192\.0\.2\.8 have not arrived: $uuid:blue:1-3:7,$other:red:4.* gtid_missing=5/, '--primary=192.0.2.8');
	$replica->(sets => [["$uuid:1-9,", ":blue:1-3", "$other:11"], @same]);
	tells('errant', 1, qr/WARNING.*transactions that the primary 192\.0\.2\.8 does not: $other:11 → .*mysqlbinlog/, '--primary=192.0.2.8');
	$primary->stop;
	tells('no primary', 2, qr/192\.0\.2\.8\@3306: the database can't be reached/, '--primary=192.0.2.8');
};

subtest 'heartbeats that stand still' => sub {
	my $beats = sub {
		my ($count, @row) = @_;
		$server->says(version => '8.0.40', answers => [@healthy, ['^SHOW REPLICA STATUS', table({}, {})],
			['performance_schema', ref $count ? { error => $count } : { columns => [['channel_name'], ['replica_received_heartbeats', 8], ['replica_heartbeat_period', 246]], rows => [['', $count, '0.500']] }]]);
	};
	$beats->(11);
	tells('the first run', 0, qr/OK/);
	ok(wait_until(20, sub { database()->{exit} == 2 }), 'none came for three periods');
	tells('frozen', 2, qr/neither an event nor a heartbeat came from 192\.0\.2\.1:3306 for \d+s \(a heartbeat is due every 0\.5 s\)/);
	$beats->(12);
	tells('one came', 0, qr/OK/);
	$beats->([1142, '42000', "SELECT command denied to user 'mon'"]);
	tells('no right to see them', 0, qr/OK/);
};

subtest 'who does not let in, and who ends it' => sub {
	my $deny = sub { $server->says(version => '8.4.3', deny => [@_], answers => []) };
	$deny->(1045, '28000', q(Access denied for user 'mon'@'192.0.2.7' (using password: YES)));
	tells('1045', 2, qr/refuses the login: error 1045: Access denied/);
	$deny->(3118, 'HY000', q(Access denied for user 'mon'. Account is locked.));
	tells('a locked account', 2, qr/refuses the login: error 3118/);
	$deny->(1862, 'HY000', 'Your password has expired.');
	tells('an expired password', 2, qr/refuses the login: error 1862/);
	$server->says(version => '8.4.3', refuse => [1040, '08004', 'Too many connections'], answers => []);
	tells('1040', 2, qr/takes no more connections: error 1040: .*Too many connections/);
	$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA', { cut => JSON::PP::true() }]]);
	tells('lost in the middle', 2, qr/CRITICAL.*error 2013/);
	$server->says(version => '8.4.3', answers => [@healthy, ['^SHOW REPLICA', { silent => JSON::PP::true() }]]);
	my $seen = tells('silent in the middle', 2, qr/CRITICAL.*the database does not answer/, '-t', '3s');
	cmp_ok($seen->{seconds}, '<', 4, 'until the deadline');
	$server->says(version => '8.4.3', answers => [['VARIABLES', { error => [1146, '42S02', 'no'] }], ['^SHOW REPLICA', table({}, {})]]);
	tells('a server without variables', 0, qr/OK/);
	$server->says(version => 'rubbish', answers => [['^SHOW REPLICA', table({}, {})]]);
	tells('a version that is none', 0, qr/OK/);
};

done_testing();
