# check_mysql_replication without a database: options, and servers that are none. With real ones: t/lab/mysql.t.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use File::Temp 'tempdir';
use IO::Socket::INET;
use POSIX ();
use Test::More;
needs('check_mysql_replication');

my $directory = tempdir(CLEANUP => 1);
my $secret = 'not-to-be-printed';
my $file = spew("$directory/my.cnf", "[client]\nuser=mon\npassword=$secret\n[more]\nuser=other\n");
chmod 0600, $file;
sub database {
	my @options = ref $_[0] ? %{ shift() } : ();
	my $seen = check({ program => 'check_mysql_replication', @options }, @_);
	unlike("$seen->{out}$seen->{err}", qr/\Q$secret\E/, 'no password is printed');
	return $seen;
}

subtest 'options' => sub {
	is_usage_error(database('-H', 'db', '-S', '/run/x'), qr/--hostname and --socket exclude each other/);
	is_usage_error(database('-H', 'db', '-4', '-6'), qr/-4 and -6 exclude each other/);
	is_usage_error(database("--tsig-key-file=$file"), qr/--tsig-key-file signs questions to the server of --dns/);
	is_usage_error(database("--tsig-key-file=$file", '--dns=192.0.2.2'), qr/--tsig-key-file: \S+my\.cnf: /);
	is_usage_error(database('--dns=300.1.1.1'), qr/--dns: "300\.1\.1\.1" is neither an IP address nor a host name/);
	is_usage_error(database('--dns=192.0.2.2', '-6'), qr/--dns: 192\.0\.2\.2 is no address of the family that -6 asks for/);
	is_usage_error(database('--dns=192.0.2.2', '-z', 'a..b'), qr/--zone: "a\.\.b" is no domain name/);
	is_usage_error(database('-z', 'example.com'), qr/--zone means nothing without --dns/);
	is_usage_error(database('--galera-size=3'), qr/--galera-size needs --expect=galera/);
	is_usage_error(database('--group-size=3'), qr/--group-size needs --expect=group/);
	is_usage_error(database('--expect=group', '--channel=x'), qr/--channel and --expect=group exclude each other/);
	is_usage_error(database('--defaults-group=x'), qr/--defaults-group needs --defaults-file/);
	is_usage_error(database("--defaults-file=$directory/absent"), qr/cannot read .*absent: No such file/);
	is_usage_error(database("--defaults-file=$file", '--defaults-group=absent'), qr/option file \S+ has no group \[absent\]/);
	chmod 0644, $file;
	is_usage_error(database("--defaults-file=$file"), qr/holds a password and is open to anybody: chmod 640 \S+my\.cnf/);
	chmod 0600, $file;
	for my $line ("ssl-verify-server-cert\n", " ssl_verify_server_cert \r\n", 'ssl-verify-server-cert') {
		my $careless = spew("$directory/careless.cnf", "[client]\nuser=mon\n$line");
		is_usage_error(database("--defaults-file=$careless"), qr/option file \S+careless\.cnf: write ssl-verify-server-cert=1; the client library takes it without =1 for off/);
	}
	is(database('--plan', '--defaults-file=' . spew("$directory/careful.cnf", "[client]\nssl-verify-server-cert=1\n#ssl-verify-server-cert\n"))->{exit}, 0, 'with a value it may be there');
	is_usage_error(database('--heartbeat-table=heartbeat'), qr/"heartbeat" is no DB\.TABLE, e\.g\. --heartbeat-table=percona\.heartbeat/);
	is_usage_error(database('--heartbeat-table=a.b.c'), qr/is no DB\.TABLE/);
	is_usage_error(database('--heartbeat-table=a.`b'), qr/is no DB\.TABLE/);
	is_usage_error(database('--expect=mirror'), qr/--expect/);
	is_usage_error(database('-H', 'db:0'), qr/--hostname: "db:0" has no port from 1 to 65535/);
	is_usage_error(database('--primary=db:99999'), qr/--primary: "db:99999" has no port/);
	is_usage_error(database('--primary=:3306'), qr/--primary: ":3306" names no host/);
	is_usage_error(database("--replay=$directory/absent"), qr/cannot read \S+absent/);
	like(database('-P', 1, '-H', '127.0.0.1')->{out}, qr/127\.0\.0\.1\@1: the database can't be reached/, '-P is the port, too');
};

subtest '--plan' => sub {
	my $seen = database('--plan', '-H', '[2001:db8::2]:3307', '--primary=db1.example.com:3306', "--defaults-file=$file", '--tls-required', '-C', 'm2');
	is($seen->{exit}, 0, 'nothing is sent');
	like($seen->{out}, qr/2001:db8::2 by TCP, port 3307: its replication channels, only m2; it should be a replica\n  db1\.example\.com by TCP, port 3306: its GTIDs\nas \S+my\.cnf says, encrypted/, 'what would be');
	like(database('--plan', '-H', 'db2', '--dns=ns2.example.com@5300')->{out}, qr/  ns2\.example\.com\@5300 by DNS: the SOA record of every zone in PowerDNS's tables$/m, '--dns');
	like(database('--plan', '-H', 'db2', '--dns=192.0.2.2', '-z', 'example.com')->{out}, qr/  192\.0\.2\.2 by DNS: the SOA record of 1 zone$/m, '--dns, one zone');
	like(database('--plan', '-S', '/run/x.sock')->{out}, qr{/run/x\.sock by socket}, 'by socket');
};

# A port that nobody has any more.
my $closed = do { my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1); $socket->sockport };
subtest 'nobody there' => sub {
	my $seen = database('-H', '127.0.0.1', '-p', $closed, "--defaults-file=$file");
	is_plugin_output($seen, 'CRITICAL', 'a closed port');
	like($seen->{out}, qr/^\[CRITICAL\] 127\.0\.0\.1\@$closed: the database can't be reached: error 200[23]: .* → on 127\.0\.0\.1: systemctl status mariadb mysql; ss -lntp$/m, 'and what to type');
	like(database('-S', "$directory/no.sock")->{out}, qr/\[CRITICAL\] \S+no\.sock: the database can't be reached: error 2002/, 'no socket');
	like(database('-H', 'no.such.invalid')->{out}, qr/no\.such\.invalid: the database can't be reached: no\.such\.invalid: /, 'no such host');
	like(database('-6', '-H', '127.0.0.1')->{out}, qr/the database can't be reached: 127\.0\.0\.1: /, 'no such address with -6');
	my $json = decode(database('-o', 'json', '-H', '127.0.0.1', '-p', $closed, "--primary=127.0.0.1:$closed")->{out});
	is_deeply([map { "$_->{role} $_->{outcome}" } @{ $json->{databases} }], ['replica unreachable', 'primary unreachable'], 'JSON has both');
	is_deeply([map { $_->{code} } @{ $json->{findings} }], [('database_unreachable') x 2], 'and says it of both');
	is($json->{exit_code}, 2, 'critical');
	like(database('-o', 'prometheus', '-H', '127.0.0.1', '-p', $closed)->{out}, qr/^dns_replication_state 2$/m, 'Prometheus');
	like(database('-v', '-H', '127.0.0.1', '-p', $closed)->{out}, qr/^  127\.0\.0\.1\@$closed: unreachable$/m, '-v');
	is(database('--severity=database_unreachable=warning', '-H', '127.0.0.1', '-p', $closed)->{exit}, 1, '--severity');
	like(database('--state-dir', '/proc/absent', '-H', '127.0.0.1', '-p', $closed)->{out}, qr/CRITICAL/, 'a state that is not needed');
};
subtest 'nobody there, nor its PowerDNS' => sub {
	my @asked = ('-H', '127.0.0.1', '-p', $closed, "--defaults-file=$file", "--dns=127.0.0.1\@$closed", '--no-state');
	my $seen = database(@asked, '-z', 'example.com');
	is($seen->{exit}, 2, 'CRITICAL');
	like($seen->{out}, qr/^\[CRITICAL\] 127\.0\.0\.1\@$closed: the database can't be reached/m, 'the database');
	like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.1\@$closed: /m, 'the server that was asked for the zone');
	$seen = database(@asked);
	is($seen->{exit}, 2, 'no zone is known: CRITICAL, too');
	unlike($seen->{out}, qr/serves/, 'and nothing is said of DNS');
};

subtest 'somebody who says nothing, or rubbish' => sub {
	my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8);
	my $seen = database('-t', '3s', '-H', '127.0.0.1', '-p', $silent->sockport);
	like($seen->{out}, qr/CRITICAL.*the database does not answer/, 'silence');
	cmp_ok($seen->{seconds}, '<', 10, 'until the deadline only');
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		while (my $client = $silent->accept) { print $client "HTTP/1.1 400 Bad Request\r\n\r\n"; close $client }
		POSIX::_exit(0);
	}
	like(database('-t', '5s', '-H', '127.0.0.1', '-p', $silent->sockport)->{out}, qr/CRITICAL.*the database (?:can't be asked|can't be reached|does not answer): error \d+/, 'another protocol');
	kill KILL => $pid;
	waitpid $pid, 0;
};

done_testing();
