# What keeps a change from PowerDNS, BIND, NSD and Knot, one thing after the other: check_dns_propagation names the step at which each of
# them stops. Keys, disks and caches: propagation-servers.t.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Canary;
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_propagation');

my @short = ('-t', '6s');

subtest 'NOTIFY from an address that nobody knows' => sub {
	my @servers = canaries(edit => sub { $_[0] =~ s/\Q$monitor\E/192.0.2.9/gr });
	stops('another primary', propagate(@short), everywhere('notify_refused', ns5 => 'notify_notauth'));
};

my @servers = canaries();

subtest 'healthy to begin with' => sub { is_deeply(stopped(propagate()), {}, 'nobody stops') };

subtest 'NOTIFY is lost on the way' => sub {
	firewall("udp dport 53 ip saddr $monitor \@th,80,8 & 0x78 == 0x20 drop");
	my $seen = propagate(@short);
	firewall();
	stops('no NOTIFY', $seen, everywhere('notify_unanswered'));
	like($_->{advice}, qr/it answers this host's other questions/, "$_->{server} is up") for findings($seen->{json});
	cmp_ok($_->{questions}, '<=', 200, "$_->{server} is asked seldom") for values %{ $seen->{steps} };
};

subtest 'a firewall lets NOTIFY pass and drops questions by UDP' => sub {
	firewall("udp dport 53 ip saddr $monitor \@th,80,8 & 0xf8 == 0 drop");
	my $seen = propagate(@short);
	firewall();
	is_deeply(stopped($seen), {}, 'all are seen to serve the change, by TCP') or tell_run($seen);
	cmp_ok($_->{questions}, '<=', 200, "$_->{server} is asked seldom") for values %{ $seen->{steps} };
};

# Knot asks for the SOA by TCP, too.
subtest 'TCP and with it AXFR is blocked' => sub {
	my %stop = everywhere('transfer_not_requested', ns5 => 'soa_not_queried');
	for my $how ('reject with tcp reset', 'drop') {
		firewall("tcp dport 53 ip daddr $monitor $how");
		my $seen = propagate(@short);
		firewall();
		stops("TCP: $how", $seen, %stop);
		like($_->{advice}, qr/(?:open TCP port 53 from 192\.0\.2\.\d to \Q$monitor\E|port 53 open from there, UDP and TCP); on /, "the port is named for $_->{server}") for findings($seen->{json});
	}
};

subtest 'frozen' => sub {
	my @processes = map { processes_of($_->{pid}) } @servers;
	kill STOP => @processes;
	my $seen = propagate(@short);
	kill CONT => @processes;
	stops('frozen', $seen, everywhere('notify_unanswered'));
	like($_->{advice}, qr/it answers nothing; on \S+: .*systemctl restart/, "start $_->{server}") for findings($seen->{json});
};

# Who has the zone does not come by himself. BIND has no such list for its primaries: they always may.
subtest 'NOTIFY is on no list' => sub {
	my ($pdns, $named, $nsd, $knotd) = canaries();
	is_deeply(stopped(propagate()), {}, 'nobody stops');
	$pdns->configure('allow-notify-from' => '192.0.2.9')->restart;
	$nsd->configure(more => $nsd->{with}{more} =~ s/allow-notify: .*//r)->restart;
	$knotd->configure(options => $knotd->{with}{options} =~ s/^\s+acl: canary-notify$//mr)->restart;
	stops('no list', propagate(@short), ns2 => 'notify_refused', ns4 => 'notify_refused', ns5 => 'notify_notauth');
};

done_testing;
