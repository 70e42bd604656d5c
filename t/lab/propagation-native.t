# check_dns_propagation in native mode: a record is changed by the API of a PowerDNS on a MariaDB primary, and followed through the replica to the PowerDNS there; what a run
# that is killed leaves behind.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use POSIX ();
use Test::More;
needs('check_dns_propagation');

my $zone = 'example.com';
my $api_key = 'api-key-of-the-lab';
sub options { my ($id) = @_; return join "\n", 'skip_networking=0', "bind_address=192.0.2.$id", 'port=3306', "server_id=$id", 'log_bin=bin', 'log_slave_updates=1', 'skip_name_resolve=1', '' }
sub admin { my ($database, @statements) = @_; return shell('mariadb', "--socket=$database->{socket}", '-uroot', '-e', join ';', @statements) }
my ($db1, $db2) = together { map { mariadb("db$_", options => options($_)) } 1, 2 };
$db1->sql('mysql', q(CREATE USER repl@'%' IDENTIFIED BY 'secret-of-repl'), q(GRANT REPLICATION SLAVE ON *.* TO repl@'%'));
admin($db2, "CHANGE MASTER TO MASTER_HOST='192.0.2.1', MASTER_USER='repl', MASTER_PASSWORD='secret-of-repl', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1", 'START REPLICA');
$db2->{schemas}{pdns} = 1; # it comes by replication
my %uncached = ('cache-ttl' => 0, 'query-cache-ttl' => 0, 'negquery-cache-ttl' => 0);
my $ns1 = pdns('192.0.2.1', %uncached, database => $db1, webserver => 'yes', api => 'yes', 'api-key' => $api_key, 'webserver-address' => '192.0.2.1', 'webserver-allow-from' => '0.0.0.0/0',
	'webserver-port' => 8081);
$ns1->util('load-zone', $zone, spew("$db1->{directory}/$zone", zone_text($zone, 10, 2)));
ok(wait_until(30, sub { (eval { $db2->sql('pdns', "SELECT content FROM records WHERE type='SOA'") } // '') =~ / 10 / }), 'the zone is replicated');
my $ns2 = pdns('192.0.2.2', %uncached, database => $db2);
ok(serves(10, $zone, '192.0.2.1', '192.0.2.2'), 'and served by both');

my $key = spew("$db1->{directory}/api.key", "$api_key\n");
chmod 0600, $key;
my @change = ('-z', $zone, '--change=pdns', '-H', '192.0.2.1', "--api-key-file=$key", '-S', "ns2.$zone=192.0.2.2", '-w', '14s', '-c', '14s');
sub change { my (@more) = @_; return check_json({ program => 'check_dns_propagation' }, '-t', '15s', @change, @more) }
sub record { my ($server) = @_; my $packet = ask($server, "_replication-canary.$zone", 'TXT'); return [map { $_->type eq 'TXT' ? join ' ', $_->txtdata : () } $packet ? $packet->answer : ()] }
sub codes { my ($seen) = @_; return join ' ', map { $_->{code} } findings($seen->{json}) }

my $seen = change();
is($seen->{json}{state}, 'OK', 'through the database') or tell_run($seen);
is_deeply(record('192.0.2.2'), record('192.0.2.1'), 'one record, the same on both');

admin($db2, 'STOP REPLICA SQL_THREAD');
$seen = check_json({ program => 'check_dns_propagation' }, '-t', '5s', @change);
is(codes($seen), 'not_published', 'the replica has stopped') or tell_run($seen);

my $before = "@{ record('192.0.2.1') }";
my $pid = fork // die "fork: $!";
if (!$pid) {
	open STDOUT, '>', '/dev/null';
	no warnings 'exec';
	exec { program('check_dns_propagation') } 'check_dns_propagation', '--no-state', '-t', '60s', @change;
	POSIX::_exit(127);
}
ok(wait_until(30, sub { "@{ record('192.0.2.1') }" ne $before }), 'a run has made its change and waits');
kill KILL => $pid;
waitpid $pid, 0;
is($? & 127, 9, 'it is killed');
is(scalar @{ record('192.0.2.1') }, 1, 'and leaves that one record');
admin($db2, 'START REPLICA SQL_THREAD');
$seen = change();
is($seen->{json}{state}, 'OK', 'the next run is well') or tell_run($seen);
is(scalar @{ record('192.0.2.2') }, 1, 'with one record');
is(change('--cleanup')->{json}{state}, 'OK', '--cleanup');
ok(wait_until(30, sub { !@{ record('192.0.2.2') } }), 'and it is gone everywhere');
is(serial_at('192.0.2.2', $zone), 10, 'the serial is as it was');

done_testing;
