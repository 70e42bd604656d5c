package DNSReplication::Lab;

# Real servers in a private network, where port 53 and the documentation addresses are free and nothing can leave:
#
#	use DNSReplication::Lab;            # from here on the test runs in namespaces of its own (network, processes, mounts)
#	my ($ns1, @others) = together {     # started at once, all answer when it returns
#		pdns('192.0.2.1', zones => { 'example.com' => \zone_text('example.com', 10, 5) }, 'allow-axfr-ips' => '192.0.2.0/24'),
#		four_secondaries('example.com' => '192.0.2.1');		# PowerDNS, BIND, NSD, Knot at 192.0.2.2 .. 5
#	};
#	$ns1->util('increase-serial', 'example.com');
#
# What a server is to do, and how it is told, stands in Lab/Server.pm. A server's files lie on a file system of the test's own, and
# the process namespace ends every server with the test, however that ends: nothing is left. Needs root; without it tests are
# skipped, with LAB_REQUIRED=1 the run stops instead.

use v5.30;
use warnings;
use DNSReplication::Lab::Server;
use DNSReplication::Run;
use Exporter ();
use Net::DNS;
use Test::More;

our @EXPORT = qw(pdns named nsd knotd axfrd mariadb imitation together four_secondaries addresses ask serial_at serves zone_text shell firewall resolver_is);

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
		qw(unshare ip nft pdns_server pdnsutil named nsd knotd sqlite3 mariadbd mariadb-install-db faketime node);
	impossible("these are missing: @needed") if @needed;
	my @unshare = qw(unshare --net --pid --fork --kill-child --mount-proc --);
	impossible('namespaces cannot be made here') if system "@unshare true 2>/dev/null";
	$ENV{DNS_REPLICATION_LAB} = 'entered';
	exec @unshare, $^X, (map { "-I$_" } @INC), $0, @ARGV;
	die "unshare: $!";
}

# nft rules in the table's own words: firewall('ip daddr 192.0.2.3 udp dport 53 drop'); none lifts them. Losses, too:
# 'udp sport 53 numgen inc mod 4 == 0 drop' loses each fourth answer.
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

# More addresses of this host than 192.0.2.1 .. 9, 53, 100 and 2001:db8::1 .. 9; 192.0.2.0/24 makes all of them ours.
sub addresses {
	my $file = spew(directory('network') . '/addresses',
		join '', map { "addr replace $_" . (m{/} ? '' : /:/ ? '/128' : '/32') . ' dev lo' . (/:/ ? ' nodad' : '') . "\n" } @_);
	shell('ip', '-batch', $file);
}

sub pdns { return DNSReplication::Lab::PowerDNS->new(@_) }
sub named { return DNSReplication::Lab::Named->new(@_) }
sub nsd { return DNSReplication::Lab::Nsd->new(@_) }
sub knotd { return DNSReplication::Lab::Knotd->new(@_) }
sub axfrd { return DNSReplication::Lab::Axfrd->new(@_) }
sub mariadb { return DNSReplication::Lab::MariaDB->new(@_) }
sub imitation { return DNSReplication::Lab::Imitation->new(@_) }

# together { pdns(...), named(...), ... }: side by side; back when the last one answers.
sub together(&) {
	my ($servers) = @_;
	my @started = do { local $DNSReplication::Lab::Server::later = 1; $servers->() };
	return map { $_->ready } @started;
}

# One of each at 192.0.2.2 .. 5, secondary for all these zones: NAME => PRIMARY, ...
sub four_secondaries {
	my %zones = @_;
	return (pdns('192.0.2.2', zones => \%zones), named('192.0.2.3', zones => \%zones), nsd('192.0.2.4', zones => \%zones),
		knotd('192.0.2.5', zones => \%zones));
}

# The answer as a Net::DNS::Packet, or undef.
sub ask {
	my ($address, $name, $type, %with) = @_;
	my $resolver = Net::DNS::Resolver->new(nameservers => [$address], port => $with{port} // 53, recurse => 0, retry => 1,
		retrans => $with{timeout} // 1, udp_timeout => $with{timeout} // 1, tcp_timeout => $with{timeout} // 1, usevc => $with{tcp} // 0,
		dnssec => $with{dnssec} // 0,
		config_file => '/dev/null');
	return $resolver->send($name, $type);
}

sub serial_at {
	my ($address, $zone, %with) = @_;
	my $packet = ask($address, $zone, 'SOA', %with) or return undef;
	my ($soa) = grep { $_->type eq 'SOA' } $packet->answer;
	return $packet->header->aa && $soa ? $soa->serial : undef;
}

# serves(10, 'example.com', '192.0.2.2', ...): waits until all of them serve this serial.
sub serves {
	my ($serial, $zone, @servers) = @_;
	for my $server (@servers) {
		return 0 unless wait_until(30, sub { (serial_at($server, $zone) // -1) == $serial });
	}
	return 1;
}

# A zone whose servers are ns1 .. nsN at 192.0.2.1 .. N; further lines at its end.
sub zone_text {
	my ($zone, $serial, $servers, @more) = @_;
	return join "\n", "\$ORIGIN $zone.", '$TTL 300', "@ SOA ns1 hostmaster $serial 600 60 3600 60",
		(map { ("\@ NS ns$_", "ns$_ A 192.0.2.$_") } 1 .. $servers), @more, '';
}

# /mnt is there on every Debian, and nobody else sees what is mounted on it here.
sub private_network {
	return if ($ENV{DNS_REPLICATION_LAB} // '') ne 'entered';
	shell('mount', '-t', 'tmpfs', '-o', 'mode=0755', 'lab', '/mnt');
	shell('ip', 'link', 'set', 'lo', 'up');
	addresses(@ADDRESSES);
	resolver_is('192.0.2.53');
}
private_network();

1;
