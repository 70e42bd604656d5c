# NS names of the customer's own for the addresses of the provider's servers: check_pdns_replication asks the resolver what they mean, so
# that a zone which a secondary lacks is told, and nobody is said to be left out of NOTIFY who is not.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs(qw(check_pdns_replication check_dns_replication));

my $zone = 'customer.test';
my $keys = spew('/mnt/key', "the-key-of-the-lab\n");
chmod 0600, $keys;
sub api { my ($address) = @_; return (api => 'yes', 'api-key' => 'the-key-of-the-lab', webserver => 'yes', 'webserver-address' => $address, 'webserver-allow-from' => '0.0.0.0/0') }
my $resolver = named('192.0.2.53', zones => { $zone => \zone_text($zone, 10, 2) });
my $ns1 = pdns('192.0.2.1', api('192.0.2.1'), primary => 'yes', notified => 10, 'allow-axfr-ips' => '192.0.2.2', 'xfr-cycle-interval' => 3600, zones => { $zone => \zone_text($zone, 10, 2) });
my $ns2 = pdns('192.0.2.2', api('192.0.2.2'), secondary => 'yes', autosecondary => 'yes', 'xfr-cycle-interval' => 3600, told => [['add-autoprimary', '192.0.2.1', 'ns2.example.net']]);

sub by_api { return check_json({ program => 'check_pdns_replication' }, '--no-state', "--api-key-file=$keys", (map { "--url=ns$_.example.net=http://192.0.2.$_:8081" } 1, 2), @_) }
sub codes { my ($seen) = @_; return join ' ', sort map { $_->{code} . ($_->{cause} ? ":$_->{cause}" : '') } findings($seen->{json}) }
sub says { my ($seen, $code) = @_; my ($found) = grep { $_->{code} eq $code } findings($seen->{json}); return $found ? "$found->{text}; " . ($found->{evidence} // '') . " -> $found->{advice}" : '' }

subtest 'a zone that the secondary lacks, and that calls it by another name' => sub {
	my $seen = by_api();
	is(codes($seen), 'autoprimary_wrong_name zone_missing_on_secondary:autoprimary_wrong_name', 'is told, and why') or tell_run($seen);
	like(says($seen, 'zone_missing_on_secondary'), qr/^does not have the zone, and ns1\.example\.net has it; it has the autoprimary 192\.0\.2\.1 with the name ns2\.example\.net, which is none of the zone's NS names/, 'in words');
	my ($add, $notify) = says($seen, 'zone_missing_on_secondary')
		=~ /-> on ns2\.example\.net: pdnsutil (add-autoprimary 192\.0\.2\.1 ns2\.customer\.test); then on ns1\.example\.net: pdns_control (notify customer\.test); or, for this zone alone, on ns2\.example\.net: pdnsutil create-secondary-zone customer\.test 192\.0\.2\.1; pdns_control retrieve customer\.test$/;
	ok($add, 'what to type') or return tell_run($seen);
	$ns2->util(split ' ', $add);
	$ns1->control(split ' ', $notify);
	ok(serves(10, $zone, '192.0.2.2'), 'helps');
	is(by_api()->{json}{state}, 'OK', 'and all is well') or tell_run($seen);
};

subtest 'behind' => sub {
	firewall('ip saddr 192.0.2.2 ip daddr 192.0.2.1 tcp dport 53 drop');
	$ns1->util('increase-serial', $zone);
	my $seen = by_api();
	is(codes($seen), 'secondary_behind:notify_pending', 'by a NOTIFY that was not sent yet') or tell_run($seen);
	$ns1->control('notify', $zone);
	ok(wait_until(20, sub { codes($seen = by_api()) eq 'secondary_behind' }), 'now it was sent') or tell_run($seen);
	unlike(says($seen, 'secondary_behind'), qr/no NS record|ALSO-NOTIFY/, 'and nobody is said to be left out');
	firewall('ip saddr 192.0.2.2 ip daddr 192.0.2.1 tcp dport 53 drop', 'ip daddr 192.0.2.53 drop');
	is(codes($seen = by_api()), 'secondary_behind', 'nor where no resolver tells') or tell_run($seen);
	unlike(says($seen, 'secondary_behind'), qr/no NS record|ALSO-NOTIFY/, 'what the names mean');
	cmp_ok($seen->{seconds}, '<', 6, 'which does not take all the time');
	firewall('ip saddr 192.0.2.2 ip daddr 192.0.2.1 tcp dport 53 drop');
	$resolver->stop;
	named('192.0.2.53', zones => { $zone => \(zone_text($zone, 10, 2) =~ s/192\.0\.2\.2/198.51.100.2/r) });
	like(says(by_api(), 'secondary_behind'), qr/no NS record names it, nor do also-notify and ALSO-NOTIFY, so no NOTIFY goes there/, 'where they mean another server it is');
};

# Two zones of one server: by the first one's NS set check_dns_replication knows it as ns2.provider.test.
subtest 'what check_dns_replication learns from the APIs' => sub {
	my @asked = qw(provider.test own.test);
	my %text = map { ($_ => zone_text($_, 10, 2) =~ s/(192\.0\.2\.)([12])/$1 . ($2 + 2)/ger) } @asked;
	my $resolver = named('192.0.2.53', zones => { 'own.test' => \$text{'own.test'} });
	my $primary = pdns('192.0.2.3', api('192.0.2.3'), primary => 'yes', notified => 10, 'allow-axfr-ips' => '192.0.2.4', zones => { map { ($_ => \$text{$_}) } @asked });
	my $secondary = pdns('192.0.2.4', api('192.0.2.4'), secondary => 'yes', autosecondary => 'yes', zones => { 'provider.test' => '192.0.2.3' }, told => [['add-autoprimary', '192.0.2.3', 'ns2.provider.test']]);
	$secondary->control('retrieve', 'provider.test');
	ok(serves(10, 'provider.test', '192.0.2.4'), 'one zone is there');
	my $by_dns = sub { return check_json('-H', '192.0.2.3', '--no-state', "--api-key-file=$keys", '--pdns-api=ns1.provider.test=http://192.0.2.3:8081', '--pdns-api=ns2.provider.test=http://192.0.2.4:8081', map { ('-z', $_) } @_) };
	my $row = qr/it has the autoprimary 192\.0\.2\.3 with the name ns2\.provider\.test, which is none of the zone's NS names -> /;
	for my $zones (['own.test'], \@asked) {
		my $seen = $by_dns->(@$zones);
		is(codes($seen), 'zone_refused:autoprimary_wrong_name', "@$zones: who and why") or tell_run($seen);
		like(says($seen, 'zone_refused'), qr/${row}on ns2\.\S+: pdnsutil add-autoprimary 192\.0\.2\.3 ns2\.own\.test; then on ns1\.\S+: pdns_control notify own\.test; or, for this zone alone/, '... and what to type');
	}
	firewall('ip daddr 192.0.2.53 drop');
	my $seen = $by_dns->(@asked);
	is(codes($seen), 'zone_refused:autoprimary_wrong_name', 'no resolver tells: who and why') or tell_run($seen);
	my ($create, $retrieve) = says($seen, 'zone_refused') =~ /${row}on ns2\.provider\.test: pdnsutil (create-secondary-zone own\.test 192\.0\.2\.3); pdns_control (retrieve own\.test)$/;
	ok($create, '... and no row that is there already') or return tell_run($seen);
	cmp_ok($seen->{seconds}, '<', 7, '... in time');
	$secondary->util(split ' ', $create);
	$secondary->control(split ' ', $retrieve);
	ok(serves(10, 'own.test', '192.0.2.4'), 'what is advised helps');
	is($by_dns->(@asked)->{json}{state}, 'OK', 'and all is well');
};

done_testing;
