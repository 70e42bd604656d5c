# check_mysql_replication beside a real Galera cluster of two nodes: in sync, desynced, split.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_mysql_replication');

my @addresses = ('192.0.2.1', '192.0.2.2');
sub node {
	my ($number, $cluster) = @_;
	my $address = $addresses[$number - 1];
	return mariadb("node$number", as => 'mysql', options => <<"END");
skip_networking=0
bind_address=$address
port=3306
server_id=$number
log_bin=bin
binlog_format=ROW
innodb_autoinc_lock_mode=2
wsrep_on=ON
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_cluster_name=lab
wsrep_cluster_address=gcomm://$cluster
wsrep_node_address=$address
wsrep_node_name=node$number
wsrep_sst_method=rsync
wsrep_provider_options=gmcast.listen_addr=tcp://$address:4567;ist.recv_addr=$address;gcache.size=8M;evs.suspect_timeout=PT1S;evs.inactive_timeout=PT3S;evs.inactive_check_period=PT0.5S;evs.keepalive_period=PT0.3S
END
}
sub admin { my ($node, @statements) = @_; return shell('mariadb', "--socket=$node->{socket}", '-uroot', '-N', '-e', join ';', @statements) }
# Types what the last command of the advice says.
sub advised {
	my ($node, $code, $like) = @_;
	my $address = $node == our $first ? $addresses[0] : $addresses[1];
	my ($finding) = grep { $_->{code} eq $code } @{ decode(galera($address, '--galera-size=2', '-o', 'json')->{out})->{findings} };
	my ($command) = ($finding->{advice} // '') =~ /.*mariadb -e "([^"]+)"/;
	like($command // '', $like, "$code: what to type");
	admin($node, $command);
}
our $first = node(1, '');
# It copies the first node, by an rsync that root runs as nobody, and then follows it.
my $second = do { local $DNSReplication::Lab::Server::later = 1; node(2, $addresses[0]) };
ok(wait_until(90, sub { (eval { admin($second, q(SHOW GLOBAL STATUS LIKE 'wsrep_local_state')) } // '') =~ /\t4$/ }), 'the second node has joined')
	or BAIL_OUT($first->log . $second->log);
admin($first, q(CREATE USER mon@'%' IDENTIFIED BY 'secret-of-mon'));
my $file = spew("$first->{directory}/mon.cnf", "[client]\nuser=mon\npassword=secret-of-mon\n");
chmod 0600, $file;

sub galera { my ($address, @options) = @_; return run([program('check_mysql_replication'), '-H', $address, "--defaults-file=$file", '--expect=galera', '--no-state', @options]) }
sub codes { my ($address, @options) = @_; return join ' ', sort map { $_->{code} } @{ decode(galera($address, '-o', 'json', @options)->{out})->{findings} } }

ok(wait_until(30, sub { galera($_, '--galera-size=2')->{exit} == 0 }), "$_ is in sync") for @addresses;
my $seen = galera($addresses[1], '--galera-size=2');
like($seen->{out}, qr/^MYSQL REPLICATION OK - 192\.0\.2\.2\@3306 is Synced in a Galera cluster of 2 nodes \| galera_size=2;;;0 time=/, 'and says so') or tell_run($seen);
is(codes($addresses[0], '--galera-size=3'), 'galera_size', 'too small');
like(galera($addresses[0], '--galera-size=3')->{out}, qr/the cluster has 2 nodes of 3/, '  and how small');
like(galera($addresses[0], '-o', 'json')->{out}, qr/"galera":\{"cluster_status":"Primary","state":4,"state_text":"Synced","ready":"ON","size":2\}/, 'JSON');

subtest 'contents' => sub {
	my @compare = ("--primary=$addresses[0]", '--database=pdns', '--content');
	admin($first, 'CREATE DATABASE pdns', 'USE pdns', 'source /usr/share/pdns-backend-mysql/schema/schema.mysql.sql', q(GRANT SELECT ON pdns.* TO mon@'%'),
		q(INSERT INTO domains (id, name, type) VALUES (1, 'one.example', 'NATIVE'), (2, 'two.example', 'NATIVE')),
		q(INSERT INTO records (id, domain_id, name, type, content, ttl) SELECT id, id, name, 'SOA', 'ns1.example.com hostmaster.example.com 7 3600 600 86400 60', 60 FROM domains),
		q(INSERT INTO cryptokeys (domain_id, flags, active, content) VALUES (1, 257, 1, 'secret-of-one')));
	# Nodes wait for each other: what was committed there a moment ago is here.
	like(galera($addresses[1], @compare)->{out}, qr/OK - .* is Synced in a Galera cluster of 2 nodes, the content of 2 zones is the same \|.* zones=2;;;0 records=2;;;0 zones_different=0;;;0 /, 'the same, at once');
	admin($second, 'SET wsrep_on=OFF', 'USE pdns', q(INSERT INTO records (domain_id, name, type, content, ttl) VALUES (2, 'host.two.example', 'A', '192.0.2.9', 60)));
	my $differs = galera($addresses[1], @compare);
	is($differs->{exit}, 2, 'a row that one node did not tell the other');
	like($differs->{out}, qr/CRITICAL - two\.example: 192\.0\.2\.2: records differ \(2 here, 1 on 192\.0\.2\.1\).*only here: host\.two\.example A/s, '  which, and where');
	is(codes($addresses[1]), '', '  and nothing else shows it');
	admin($second, 'SET wsrep_on=OFF', 'USE pdns', q(DELETE FROM records WHERE name='host.two.example'));
	admin($second, 'USE pdns', q(UPDATE cryptokeys SET content='secret-of-another'));
	is(galera($addresses[0], "--primary=$addresses[1]", @compare[1, 2])->{exit}, 0, 'the same again, seen from the other side, and either may be written');
	admin($first, 'SET wsrep_on=OFF', 'USE pdns', q(UPDATE cryptokeys SET content='secret-of-one'));
	$differs = galera($addresses[1], @compare);
	like($differs->{out}, qr/CRITICAL - one\.example: .*keys differ/, 'another key');
	unlike($differs->{out}, qr/secret-of/, '  which nobody is told');
	admin($first, 'SET wsrep_on=OFF', 'USE pdns', q(UPDATE cryptokeys SET content='secret-of-another'));
	my $again = galera($addresses[1], @compare);
	is($again->{exit}, 0, 'the same again') or tell_run($again);
};

admin($second, 'SET GLOBAL wsrep_desync=ON');
ok(wait_until(10, sub { codes($addresses[1]) eq 'galera_not_synced' }), 'desynced') or tell_run(galera($addresses[1]));
like(galera($addresses[1])->{out}, qr/wsrep_local_state 2 \(Donor\/Desynced\), 4 is Synced/, '  and which state that is');
advised($second, 'galera_not_synced', qr/wsrep_desync=OFF/);
ok(wait_until(10, sub { codes($addresses[1]) eq '' }), 'in sync again');

firewall('tcp dport 4567 drop', 'tcp sport 4567 drop');
ok(wait_until(30, sub { codes($_) =~ /^galera_not_primary galera_not_ready galera_not_synced$/ }), "$_: split, without quorum") or tell_run(galera($_)) for @addresses;
$seen = galera($addresses[0]);
is($seen->{exit}, 2, 'critical');
like($seen->{out}, qr/\[CRITICAL\] 192\.0\.2\.1\@3306: the node is in a part of the cluster without quorum \(wsrep_cluster_status non-Primary\) → on 192\.0\.2\.1: mariadb -e "SHOW GLOBAL STATUS LIKE 'wsrep_%'"/, 'what it means, and what to look at') or tell_run($seen);
like($seen->{out}, qr/takes no statements \(wsrep_ready OFF\): PowerDNS gets error 1047/, 'and what PowerDNS has of it');
like(eval { admin($first, 'SELECT COUNT(*) FROM mysql.user') } // $@, qr/ERROR 1047 /, 'it does');
firewall();
ok(wait_until(60, sub { galera($_, '--galera-size=2')->{exit} == 0 }), "$_ is in sync again") or tell_run(galera($_)) for @addresses;

# The other one is gone for good, and not by its own will: this one has no quorum until it is told.
kill KILL => $second->{pid};
waitpid $second->{pid}, 0;
ok(wait_until(30, sub { codes($addresses[0]) =~ /galera_not_primary/ }), 'alone, without quorum');
advised($first, 'galera_not_primary', qr/pc\.bootstrap=YES/);
ok(wait_until(20, sub { codes($addresses[0], '--galera-size=2') eq 'galera_size' }), 'alone, and told to be the cluster') or tell_run(galera($addresses[0]));
like(galera($addresses[0], '--galera-size=2')->{out}, qr/CRITICAL.*the cluster has 1 node of 2 → .*wsrep_incoming_addresses/, '  how small, and where to look');

done_testing();
