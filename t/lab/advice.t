# The walk-through with everything set wrong, and an operator who does nothing but type what the check advises, as it is printed:
# that leads to OK. A key is needed all the while, and is seen nowhere.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');
needs('check_pdns_replication');

my $zone = 'example.com';
my $key = 'a-key-that-nobody-may-see';
my %at = map { ("ns$_.$zone" => "192.0.2.$_") } 1, 2;
my @api = (api => 'yes', 'api-key' => $key, webserver => 'yes', 'webserver-allow-from' => '0.0.0.0/0');
my %server = (
	"ns1.$zone" => pdns('192.0.2.1', @api, 'webserver-address' => '192.0.2.1', primary => 'no', 'allow-axfr-ips' => '127.0.0.0/8'),
	"ns2.$zone" => pdns('192.0.2.2', @api, 'webserver-address' => '192.0.2.2', secondary => 'yes', autosecondary => 'no'),
);
chmod 0600, my $file = spew('/mnt/api.key', "$key\n");
my @apis = map { "ns$_.$zone=http://192.0.2.$_:8081" } 1, 2;
my @asking = ('-z', $zone, '-H', '192.0.2.1', '-w', '0', '-c', '0', '-t', '8s', "--api-key-file=$file", map { "--pdns-api=$_" } @apis);
my %seen_text;

sub asked {
	my $seen = check_json(@asking);
	$seen_text{ $seen->{out} . $seen->{err} } = 1;
	my ($finding) = grep { ($_->{server} // '') eq "ns2.$zone." } findings($seen->{json});
	return ($seen->{json}{state}, $finding ? "$finding->{code}:" . ($finding->{cause} // '') : '', $finding ? $finding->{advice} : '');
}

# On that server: its configuration is where Debian has it.
sub typed {
	my ($name, $line) = @_;
	my $server = $server{$name} or return fail("nobody is called $name");
	shell('mount', '--bind', $server->{directory}, '/etc/powerdns');
	for my $command (split / && |; /, $line) {
		note("$name# $command");
		if ($command eq 'systemctl restart pdns') { $server->restart }
		else { run(['sh', '-c', $command], timeout => 30) }
	}
	shell('umount', '/etc/powerdns');
}

# "on NAME: COMMANDS; then on NAME: COMMANDS"; what begins with "or" is another way.
sub follow {
	my ($advice) = @_;
	$advice =~ s/; or, for this zone alone.*//;
	$advice =~ s/; then: /; /g;
	for my $part (split /; then (?=on )/, $advice) {
		my ($name, $line) = $part =~ /^on (\S+): (.+)$/ or return fail("not to be typed: $part");
		typed($name, $line);
	}
}

$server{"ns1.$zone"}->util('create-zone', $zone, "ns1.$zone");
$server{"ns1.$zone"}->util('add-record', $zone, '@', 'NS', "ns2.$zone");
$server{"ns1.$zone"}->util('add-record', $zone, "ns$_", 'A', "192.0.2.$_") for 1, 2;

my @causes;
for (1 .. 8) {
	my ($state, $what, $advice) = asked();
	last if $state eq 'OK';
	push @causes, $what;
	follow($advice);
	wait_until(10, sub { my ($now, $then) = asked(); $now eq 'OK' || $then ne $what });
}
is((asked())[0], 'OK', 'what was advised leads to OK');
# NOTIFY may still be on its way when it is asked again.
is_deeply([grep { !/zone_missing_on_secondary/ } @causes], [map { "zone_refused:$_" } qw(autosecondary_disabled primary_disabled axfr_denied)], 'step by step');

# A change that nobody calls for, then one that can't be fetched.
$server{"ns1.$zone"}->util('set-kind', $zone, 'native');
$server{"ns1.$zone"}->util('increase-serial', $zone);
my ($state, $what, $advice) = asked();
is("$state $what", 'WARNING secondary_behind:zone_kind_native', 'Native by mistake');
follow($advice);
ok(wait_until(15, sub { (asked())[0] eq 'OK' }), 'and typed away');

my $typed = check('-v', @asking);
my $observed = check({ program => 'check_pdns_replication' }, '--observe', (map { "--url=$_" } @apis), "--api-key-file=$file");
like($observed->{out}, qr/^pdns ns1\.\Q$zone\E /m, 'what was observed');
unlike(join('', keys %seen_text, $typed->{out}, $typed->{err}, $observed->{out}, $observed->{err}), qr/\Q$key\E/, 'the key is nowhere');

done_testing;
