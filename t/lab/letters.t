# The failure catalogue seen from outside: letter × server. What looks alike there, and the API tells apart, is in letters-api.t.
#
# Everything here is asked with the API, too (told); without a word about it the same must be said. It has nothing to add where DNS
# itself shows all: j (no address), l and l2 (serials), m1 to m4 (ways), o (who has which key is not told), r (deleted), p where even
# the SOAs are equal (nothing is wrong for DNS, so nobody is asked; check_pdns_replication names SOA-EDIT), and n: a last_check is
# old after max(refresh, 300) + 2 × max(retry, 500) seconds, which no test waits for (t/unit/test_api.c).
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Letters;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my @NOTHING = ('') x 4;
my $since = qr/for (?:at least )?\d+s \(since \d\d:\d\d:\d\dZ\)/;

letter 'ok', 'all is well', state => 'OK', first => qr/^ok\.test serial 10 on 5 of 5 servers$/, says => ['', @NOTHING];

letter 'c', 'AXFR is denied',
	break => sub { my ($letter) = @_; $letter->{ns1}->configure('allow-axfr-ips' => '127.0.0.1')->restart; changed($letter) },
	says => ['', ('secondary_behind') x 4], advice => 'retransfer', first => qr/^c\.test: ns2\.c\.test 1 serial behind $since/,
	told => ['', ('secondary_behind:axfr_denied') x 4], told_advice => qr/on ns1\.ZONE: pdnsutil add-meta ZONE ALLOW-AXFR-FROM 192\.0\.2\.2; then on ns2\.ZONE: pdns_control retrieve ZONE/,
	pdns => 'axfr_denied secondary_behind:axfr_denied soa_edit_api_unset';

letter 'c2', 'AXFR is denied, and the zone is new', never => 1, primary => { 'allow-axfr-ips' => '127.0.0.1' },
	says => ['', qw(zone_refused zone_servfail zone_not_loaded zone_expired)], advice => 'retransfer', first => qr/^c2\.test: ns2\.c2\.test answers REFUSED/,
	told => ['', map { "$_:axfr_denied" } qw(zone_refused zone_servfail zone_not_loaded zone_expired)], pdns => 'axfr_denied never_transferred:axfr_denied soa_edit_api_unset';

# Two of the four each time: the others show that nothing is said about them.
for my $in ([2, 3], [4, 5]) {
	my @out = grep { $_ != $in->[0] && $_ != $in->[1] } 2 .. 5;
	my ($i, $j) = ("i-$out[0]", "j-$out[0]");
	letter $i, "ns@out have no NS record", listed => [1, @$in], break => \&changed, settled => $in,
		asking => [map { my $who = $_; ('-a', sub { "ns$who.$i.test=192.0.2.$who" }) } @out],
		says => ['', map { $out[0] == $_ || $out[1] == $_ ? 'secondary_behind' : '' } 2 .. 5], advice => 'retransfer',
		$out[0] == 2 ? (told_advice => qr/on ns1\.ZONE: pdnsutil add-meta ZONE ALSO-NOTIFY 192\.0\.2\.2 && pdns_control notify ZONE/) : (),
		first => qr/^$i\.test: ns$out[0]\.$i\.test 1 serial behind $since/;
	letter $j, "the NS names ns@out do not resolve", unresolvable => \@out, unwell => 1, break => \&changed, settled => $in, state => 'WARNING',
		says => ['', map { $out[0] == $_ || $out[1] == $_ ? 'ns_unresolvable' : '' } 2 .. 5], mixed => 1, advice => qr/add records for the name/,
		first => qr/^$j\.test: NS name ns$out[0]\.$j\.test does not exist \(NXDOMAIN\) \(\+1 more\)$/;
}

letter 'l', 'the secondaries are ahead',
	break => sub {
		my ($letter) = @_;
		serial_becomes($letter, 20);
		$letter->{ns1}->control('notify', $letter->{zone});
		ok(serves(20, $letter->{zone}, secondaries($letter)), 'l: all serve 20');
		serial_becomes($letter, 10);
		$letter->{ns1}->control('notify', $letter->{zone});
	},
	says => ['', ('secondary_ahead') x 4], advice => 'retransfer', first => qr/^l\.test: ns2\.l\.test 10 serials ahead of the primary/;

letter 'l2', 'exactly 2^31 apart: PowerDNS and BIND keep what they have, NSD and Knot transfer',
	break => sub { my ($letter) = @_; serial_becomes($letter, 10 + 2**31); $letter->{ns1}->control('notify', $letter->{zone}) },
	settled => sub { my ($letter) = @_; ok(serves(10 + 2**31, $letter->{zone}, at($letter, 4, 5)), 'l2: NSD and Knot transfer') },
	says => ['', qw(serial_undefined serial_undefined), '', ''], advice => 'retransfer',
	first => qr/^l2\.test: ns2\.l2\.test serves 10, half the number space apart from 2147483658/;

letter "m1-$_", "ns$_ is down", stops => $_, says => [('') x ($_ - 1), 'server_port_closed', ('') x (5 - $_)], advice => qr/start/,
	mixed => 1, first => qr/^m1-$_\.test: ns$_\.m1-$_\.test does not listen on port 53 \(connection refused\)$/ for 1, 2, 3, 5;
# NSD is the last one: one that was stopped before it wrote its zones to files may answer SERVFAIL with EDE 14 afterwards.
letter 'm1-4', 'ns4 is down', stops => 4, says => ['', '', '', 'server_port_closed', ''], advice => qr/start/, mixed => 1,
	first => qr/^m1-4\.test: ns4\.m1-4\.test does not listen on port 53 \(connection refused\)$/;

my @tcp = ('m2', 'TCP is dropped', 'drop', qr/answers by UDP, but not by TCP/);
my @reset = ('m3', 'TCP is reset', 'reject with tcp reset', qr/answers by UDP, but refuses TCP connections/);
for my $story (\@tcp, \@reset) {
	my ($name, $what, $verdict, $words) = @$story;
	letter "$name-primary", "$what at the primary", firewall => ["ip daddr PRIMARY tcp dport 53 $verdict"], break => \&changed,
		says => ['tcp_unreachable', ('secondary_behind:tcp_unreachable') x 4], advice => qr/open TCP port 53/, mixed => 1,
		first => qr/^$name-primary\.test: ns2\.$name-primary\.test 1 serial behind $since: ns1\.$name-primary\.test does not answer by TCP, so nothing can be transferred/;
	letter "$name-secondaries", "$what at the secondaries", apart => 1, firewall => ["ip daddr SECONDARIES tcp dport 53 $verdict"], break => \&changed,
		settled => [2 .. 5], says => ['', ('tcp_unreachable') x 4], advice => qr/open TCP port 53/,
		first => qr/^$name-secondaries\.test: ns2\.$name-secondaries\.test $words/;
}
letter 'm2-between', 'TCP is dropped between primary and secondaries only', firewall => ['ip saddr != MONITOR ip daddr PRIMARY tcp dport 53 drop'],
	break => \&changed, says => ['', ('secondary_behind') x 4], advice => 'retransfer',
	first => qr/^m2-between\.test: ns2\.m2-between\.test 1 serial behind $since/;

# Questions are lost, or answers: PowerDNS asks for the SOA by UDP only, BIND asks again by TCP, NSD and Knot by TCP at once.
for my $story (['m4-primary', 'questions to the primary', 'ip daddr PRIMARY udp dport 53 drop'], ['m4-primary-answers', 'answers of the primary', 'ip saddr PRIMARY udp sport 53 drop']) {
	my ($name, $what, $rule) = @$story;
	letter $name, "UDP is dropped: $what", firewall => [$rule], break => \&changed, settled => [3 .. 5],
		says => [qw(udp_unreachable secondary_behind:udp_unreachable), '', '', ''], mixed => 1, advice => { ns1 => qr/open UDP port 53/, PowerDNS => 'retransfer' },
		first => qr/^$name\.test: ns2\.$name\.test 1 serial behind $since/;
}
letter 'm4-secondaries', 'UDP is dropped: questions to the secondaries, and NOTIFY', apart => 1, firewall => ['ip daddr SECONDARIES udp dport 53 drop'],
	break => \&changed, says => ['', ('secondary_behind:udp_unreachable udp_unreachable') x 4], advice => qr/open UDP port 53|ZONE/,
	first => qr/^m4-secondaries\.test: ns2\.m4-secondaries\.test 1 serial behind $since/;
letter 'm4-secondaries-answers', 'UDP is dropped: answers of the secondaries', apart => 1, firewall => ['ip saddr SECONDARIES udp sport 53 drop'],
	break => \&changed, says => ['', ('udp_unreachable') x 4], advice => qr/open UDP port 53/,
	settled => sub {
		my ($letter) = @_;
		for my $server (secondaries($letter)) {
			ok(wait_until(60, sub { (serial_at($server, $letter->{zone}, tcp => 1) // 0) == 11 }), "m4-secondaries-answers: $server has the change");
		}
	},
	first => qr/^m4-secondaries-answers\.test: ns2\.m4-secondaries-answers\.test answers by TCP, but not by UDP/;

letter 'n', 'expired; PowerDNS does not let zones expire', soa => '2 2 12 60', unwell => 1, firewall => ['ip saddr != MONITOR ip daddr PRIMARY reject'],
	settled => sub {
		my ($letter) = @_;
		for my $server (at($letter, 3 .. 5)) {
			ok(wait_until(60, sub { my $answer = ask($server, $letter->{zone}, 'SOA'); $answer && $answer->header->rcode eq 'SERVFAIL' }), "n: expired on $server");
		}
	},
	says => ['', '', qw(zone_servfail zone_expired zone_expired)], advice => 'retransfer', first => qr/^n\.test: ns3\.n\.test answers SERVFAIL/;

# The primary has a new key, the secondaries the old one. The monitor has none, the one, the other.
my %o = (keyed => 1, break => sub {
	my ($letter) = @_;
	$letter->{ns1}->sql("UPDATE tsigkeys SET secret = '$SECRET{new}'");
	changed($letter);
});
letter 'o', 'another TSIG key at the primary', %o, says => ['', ('secondary_behind') x 4], advice => 'retransfer',
	first => qr/^o\.test: ns2\.o\.test 1 serial behind $since/;
letter 'o-old', 'the same, asked with the key of the secondaries', %o, asking => ['-k', key_file('transfer.key', $SECRET{old})],
	says => ['tsig_failed', @NOTHING], advice => qr/compare the key's name, algorithm and secret/, first => qr/^o-old\.test: ns1\.o-old\.test answers NOTAUTH, unsigned: it does not accept our TSIG key$/;
letter 'o-new', 'the same, asked with the key of the primary', %o, unwell => 1, asking => ['-k', key_file('transfer.key', $SECRET{new})],
	says => ['', ('tsig_failed') x 4], advice => qr/compare the key's name, algorithm and secret/, first => qr/^o-new\.test: ns2\.o-new\.test answers NOTAUTH, unsigned: it does not accept our TSIG key \(\+3 more\)$/;

# On Thursdays at midnight serials and signatures change: not while the test runs.
my $to_sunday_s = (time - (3 * 86400 + 43200)) % (7 * 86400);
letter 'p', 'SOA-EDIT hides a change: equal serials, other contents, which no SOA record shows', state => 'OK', primary => { clock => "-${to_sunday_s}s" },
	prepare => sub { my ($letter) = @_; $letter->{ns1}->util('secure-zone', $letter->{zone}); $letter->{ns1}->util('set-meta', $letter->{zone}, 'SOA-EDIT', 'INCEPTION-INCREMENT') },
	break => sub { my ($letter) = @_; $letter->{ns1}->util('add-record', $letter->{zone}, 'www', 'A', '192.0.2.80'); serial_becomes($letter, 11); $letter->{ns1}->control('notify', $letter->{zone}) },
	settled => sub {
		my ($letter) = @_;
		my %has = map { my $answer = ask($_, "www.$letter->{zone}", 'A'); ($_ => $answer && $answer->answer ? 1 : 0) } at($letter, 1 .. 5);
		is_deeply(\%has, { map { ($_ => $_ eq $letter->{at}[1] ? 1 : 0) } at($letter, 1 .. 5) }, 'p: the primary alone has the change');
	},
	says => ['', @NOTHING], first => qr/^p\.test serial \d+ on 5 of 5 servers$/, pdns => 'soa_edit soa_edit_api_unset';

# PowerDNS's signatures end at midnight: in the hour after it whole days have passed.
letter 'p2', 'signed again without a higher serial: PowerDNS notices', unwell => 1, primary => { clock => '-28d' },
	prepare => sub { my ($letter) = @_; $letter->{ns1}->util('secure-zone', $letter->{zone}) },
	break => sub { my ($letter) = @_; $letter->{ns1}->clock('+0'); $letter->{ns1}->restart; $letter->{ns1}->control('notify', $letter->{zone}) },
	settled => sub {
		my ($letter) = @_;
		my $signed = sub { my ($signature) = grep { $_->type eq 'RRSIG' } ask($_[0], $letter->{zone}, 'SOA', dnssec => 1)->answer; return $signature ? $signature->sigexpiration : '' };
		ok(wait_until(60, sub { $signed->($letter->{at}[2]) eq $signed->($letter->{at}[1]) }), 'p2: PowerDNS has the new signatures');
	},
	says => ['', '', ('signature_expired signature_stale') x 3], advice => qr/pdnsutil increase-serial ZONE && pdns_control notify ZONE/,
	told => ['', '', ('signature_expired:soa_edit signature_stale:soa_edit') x 3], pdns => 'soa_edit_api_unset',
	first => qr/^p2\.test: ns3\.p2\.test serves an SOA whose signature expired \d+d(?: \d+h)? ago \(at .*Z\): validating resolvers answer SERVFAIL \(\+5 more\)$/;

letter 'r', 'deleted on the primary', break => sub { my ($letter) = @_; $letter->{ns1}->util('delete-zone', $letter->{zone}) },
	says => ['zone_refused', ('orphan_zone:zone_refused') x 4], first => qr/^r\.test: ns1\.r\.test answers REFUSED: it does not serve the zone/,
	advice => { PowerDNS => qr/pdnsutil delete-zone ZONE/, BIND => qr/named\.conf/, NSD => qr/nsd\.conf/, Knot => qr/knot\.conf/ };

letter 's', 'not configured on the secondaries', absent => 1, told => ['', 'zone_refused:autosecondary_disabled', ('zone_refused') x 3], says => ['', ('zone_refused') x 4], first => qr/^s\.test: ns2\.s\.test answers REFUSED: it does not serve the zone/,
	advice => { PowerDNS => qr/pdnsutil create-secondary-zone ZONE/, BIND => qr/named\.conf.*rndc reconfig/, NSD => qr/nsd\.conf.*nsd-control reconfig/, Knot => qr/knot\.conf.*knotc reload/ };

letter 'q', 'no NOTIFY is sent: the primary finds the change in its next cycle', limits => [], now => 1, state => 'OK', primary => { 'xfr-cycle-interval' => 20 },
	settled => sub {
		my ($letter) = @_;
		serial_becomes($letter, 11);
		ok(serves(11, $letter->{zone}, secondaries($letter)), 'q: a cycle has just been');
		serial_becomes($letter, 12);
	},
	says => ['', ('(secondary_behind)') x 4], first => qr/^q\.test serial 12 on 1 of 5 servers, ns2\.q\.test 1 serial behind $since/,
	after => sub {
		my ($letter) = @_;
		ok(serves(12, $letter->{zone}, secondaries($letter)), 'q: the next one does its work');
		is_plugin_output(asked($letter), 'OK');
	};

letter 'u', "caches: the primary's old answers are nobody's fault", limits => [], now => 1, state => 'OK', primary => { 'cache-ttl' => 20, 'query-cache-ttl' => 20 },
	settled => sub { my ($letter) = @_; serial_at($letter->{at}[1], $letter->{zone}); changed($letter) },
	says => ['', (qr/^(?:\(secondary_behind\))?$/) x 4], first => qr/^u\.test serial 1[01] on [1-5] of 5 servers/,
	after => sub {
		my ($letter) = @_;
		$letter->{ns1}->control('purge', "$letter->{zone}\$");
		$letter->{ns1}->control('notify', $letter->{zone});
		ok(serves(11, $letter->{zone}, secondaries($letter)), 'u: all follow where the caches are purged before the NOTIFY');
		is_plugin_output(asked($letter), 'OK');
	};

play();
done_testing;
