# Zones that are signed elsewhere and come to PowerDNS with their signatures (PRESIGNED), and zones that it signs itself, with the serials
# that SOA-EDIT makes: well, behind, with signatures that nobody transferred, and with SOA-EDIT where it does nothing or harm.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use File::Temp 'tempdir';
use POSIX 'strftime';
use Test::More;
needs(qw(check_dns_replication check_pdns_replication));

my $key = 'the-key-of-the-lab';
my $keys = spew('/mnt/key', "$key\n");
chmod 0600, $keys;
sub api { my ($address) = @_; return (api => 'yes', 'api-key' => $key, webserver => 'yes', 'webserver-address' => $address, 'webserver-allow-from' => '0.0.0.0/0') }

# As somebody's signer leaves it: ldns-signzone, from yesterday until then.
my $work = tempdir(CLEANUP => 1, DIR => '/mnt');
my %signer;
sub signed {
	my ($zone, $serial, $until_s) = @_;
	$signer{$zone} //= shell({ directory => $work }, 'ldns-keygen', '-r', '/dev/urandom', '-a', 'ECDSAP256SHA256', '-k', $zone) =~ s/\s+//gr;
	spew("$work/$zone", zone_text($zone, $serial, 2));
	my ($from, $until) = map { strftime('%Y%m%d%H%M%S', gmtime(time + $_)) } -12 * 86400, $until_s;
	shell({ directory => $work }, 'ldns-signzone', '-i', $from, '-e', $until, $zone, $signer{$zone});
	return "$work/$zone.signed";
}

my @zones = qw(elsewhere.test stale.test live.test weekly.test plain.test);
my ($ns1, $ns2) = together {
	pdns('192.0.2.1', api('192.0.2.1'), primary => 'yes', notified => 10, 'allow-axfr-ips' => '192.0.2.2', 'xfr-cycle-interval' => 3600,
		zones => { 'elsewhere.test' => \slurp(signed('elsewhere.test', 10, 14 * 86400)), 'stale.test' => \slurp(signed('stale.test', 10, 2 * 86400)), map { ($_ => \zone_text($_, 10, 2)) } @zones[2 .. 4] },
		told => [['set-presigned', 'elsewhere.test'], ['set-presigned', 'stale.test'], ['secure-zone', 'live.test'], ['secure-zone', 'weekly.test'],
			['set-meta', 'live.test', 'SOA-EDIT', 'INCREMENT-WEEKS'], ['set-meta', 'weekly.test', 'SOA-EDIT', 'INCEPTION-INCREMENT']]),
	pdns('192.0.2.2', api('192.0.2.2'), secondary => 'yes', 'xfr-cycle-interval' => 3600, zones => { map { ($_ => '192.0.2.1') } @zones });
};
sub all_serve { return !grep { (serial_at('192.0.2.1', $_) // -1) != (serial_at('192.0.2.2', $_) // -2) } @zones }
$ns2->control('retrieve', $_) for @zones;
ok(wait_until(30, \&all_serve), 'both serve all of them');

my $kept = tempdir(CLEANUP => 1, DIR => '/mnt');
my @now = ('-w', '0', '-c', '0', '--state-dir', $kept, "--api-key-file=$keys");
sub by_api { return check_json({ program => 'check_pdns_replication' }, @now, (map { "--url=ns$_.example.net=http://192.0.2.$_:8081" } 1, 2), @_) }
sub by_dns { my ($zone, @more) = @_; return check_json('-z', $zone, '-H', '192.0.2.1', @now, (map { "--pdns-api=ns$_.$zone=http://192.0.2.$_:8081" } 1, 2), @more) }
# "zone code:cause" of what is no OK.
sub said { my ($seen) = @_; return join ', ', sort map { my $zone = $_->{zone}; map { "$zone $_->{code}" . ($_->{cause} ? ":$_->{cause}" : '') } grep { $_->{severity} ne 'OK' } @{ $_->{findings} } } @{ $seen->{json}{zones} } }
sub says { my ($seen, $code) = @_; my ($found) = grep { $_->{code} eq $code } findings($seen->{json}, ok => 1); return $found ? "$found->{text}; " . ($found->{evidence} // '') . " -> " . ($found->{advice} // '') : '' }

subtest 'as it should be' => sub {
	is(serial_at('192.0.2.1', 'elsewhere.test'), 10, 'signed elsewhere: the serial that it came with');
	cmp_ok(serial_at('192.0.2.1', $_), '>', 10, "$_: the serial that SOA-EDIT makes") for qw(live.test weekly.test);
	is($ns2->sql("SELECT count(*) FROM domainmetadata WHERE kind='PRESIGNED' AND content='1'"), "4\n", 'the secondary has them as PRESIGNED');
	is(by_dns($_)->{json}{state}, $_ eq 'stale.test' ? 'WARNING' : 'OK', $_) for @zones;
	my $seen = by_api();
	is($seen->{json}{state}, 'OK', 'by the API') or tell_run($seen);
	$seen = by_api('--inspect=weekly.test');
	like(says($seen, 'soa_edit'), qr/^serves \d+ for every change of this week: it has SOA-EDIT=INCEPTION-INCREMENT, and 10 in its database/, 'whose name is said once');
};

subtest 'SOA-EDIT where it does nothing: of what came signed' => sub {
	$_->util('set-meta', 'elsewhere.test', 'SOA-EDIT', 'INCEPTION-INCREMENT') for $ns1, $ns2;
	$ns2->configure('default-soa-edit-signed' => 'INCEPTION-INCREMENT')->restart;
	is(by_dns('elsewhere.test')->{json}{state}, 'OK', 'by DNS');
	my $seen = by_api('-z', 'elsewhere.test', '--inspect=elsewhere.test');
	is(join(' ', $seen->{json}{state}, map { $_->{code} } findings($seen->{json}, ok => 1)), 'OK soa_edit_api_unset', 'by the API') or tell_run($seen);
};

subtest 'SOA-EDIT on a secondary, of what did not come signed' => sub {
	$ns2->configure('default-soa-edit' => 'EPOCH')->restart;
	my $seen = by_dns('plain.test');
	is(said($seen), 'plain.test. secondary_ahead:soa_edit', 'it is ahead, and why') or tell_run($seen);
	like(says($seen, 'secondary_ahead'), qr/it has 10 in its database, as transferred, and makes another serial of it: default-soa-edit=EPOCH.* -> on ns2\.plain\.test: sed -i '\$ a default-soa-edit='/, 'what to type');
	$ns2->configure('default-soa-edit' => '')->restart;
	$ns2->util('set-meta', 'plain.test', 'SOA-EDIT', 'EPOCH');
	$seen = by_dns('plain.test');
	my ($line) = says($seen, 'secondary_ahead') =~ /SOA-EDIT=EPOCH.* -> on ns2\.plain\.test: (?:pdnsutil) (.+)$/;
	ok($line, "the zone's own") or tell_run($seen);
	$ns2->util(split ' ', $line // '');
	is(by_dns('plain.test')->{json}{state}, 'OK', 'what is advised helps');
};

subtest 'signed again elsewhere, at the same serial' => sub {
	$ns1->util('load-zone', 'stale.test', signed('stale.test', 10, 14 * 86400));
	my $seen = by_dns('stale.test');
	is(said($seen), 'stale.test. signature_expiring, stale.test. signature_stale', 'old signatures') or tell_run($seen);
	my $says = says($seen, 'signature_stale');
	like($says, qr/it is signed elsewhere \(PRESIGNED on ns1\.stale\.test\), and that did not raise the serial/, 'why');
	like($says, qr/-> where stale\.test is signed: sign it again with a higher serial, and load it on ns1\.stale\.test; then on ns1\.stale\.test: pdns_control notify stale\.test$/, 'what to do');
	unlike($says, qr/increase-serial|SOA-EDIT/, 'and not what pdnsutil refuses');
	$ns1->util('load-zone', 'stale.test', signed('stale.test', 11, 14 * 86400));
	$ns1->control('notify', 'stale.test');
	ok(serves(11, 'stale.test', '192.0.2.2'), 'it follows');
	is(by_dns('stale.test')->{json}{state}, 'OK', 'that helps');
};

subtest 'behind' => sub {
	my @changed = @zones[0, 2];
	firewall('ip saddr 192.0.2.2 ip daddr 192.0.2.1 tcp dport 53 drop');
	$ns1->util('load-zone', 'elsewhere.test', signed('elsewhere.test', 11, 14 * 86400));
	$ns1->util('increase-serial', 'live.test');
	$ns1->control('notify', $_) for @changed;
	is($ns1->sql("SELECT content FROM records WHERE type='SOA' AND name='live.test'") =~ s/^\S+ \S+ (\d+) .*/$1/sr, serial_at('192.0.2.2', 'live.test'),
		'increase-serial wrote what was served before: by the lists the two are equal');
	for my $zone (@changed) {
		ok(wait_until(10, sub { said(by_dns($zone, '--no-diagnose')) }), "$zone is told");
		my $seen = by_dns($zone);
		is(said($seen), "$zone. secondary_behind", '... by DNS') or tell_run($seen);
		unlike(says($seen, 'secondary_behind'), qr/primary=yes|set-kind/, '... and nothing to set that the API tells is set');
	}
	ok(wait_until(10, sub { said(by_api()) =~ /,/ }), 'both are told');
	my $seen = by_api();
	is(said($seen), join(', ', map { "$_. secondary_behind" } sort @changed), '... by the API') or tell_run($seen);
	like(says($seen, 'secondary_behind'), qr/^has serial 10 for \S+ \(since \S+\), ns1\.example\.net has 11; /, 'signed elsewhere: its own serials');
	is(said(by_api('-z', 'live.test')), 'live.test. secondary_behind', 'and one by itself');
	firewall();
	$ns2->restart;
	$ns2->control('retrieve', $_) for @changed;
	ok(wait_until(30, \&all_serve), 'they follow');
	is(by_api()->{json}{state}, 'OK', 'by the API');
};

done_testing;
