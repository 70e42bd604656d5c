# A zone of a million records both ways: from axfrd to BIND, NSD, Knot and PowerDNS, and from each of them to axfrd; check_zone_transfer finds the contents
# equal, and as many as there should be. What each takes is told with -v. RECORDS=10000 for a quick look.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd);
use DNSReplication::Lab qw(pdns named nsd knotd together addresses serial_at zone_text);
use DNSReplication::Run;
use Test::More;
use Time::HiRes 'time';
needs('axfrd', 'check_zone_transfer');

my $records = $ENV{RECORDS} || 1_000_000;
my $patience = 60 + $records / 5_000;
my $zone = 'large.test';
addresses(map { "192.0.2.$_" } 11 .. 14, 20 .. 24);
my $hosts = join "\n", map { "h$_ A 192.0." . ($_ >> 8 & 255) . '.' . ($_ & 255) } 1 .. $records;
sub large { my ($name, $serial) = @_; return zone_text($name, $serial, 2, $hosts) }

my $before = time;
sub took { my ($what) = @_; note(sprintf '%5.1f s: %s', time - $before, $what); $before = time }

sub equal {
	my ($one, $other, $of, $name) = @_;
	my $seen = run([program('check_zone_transfer'), '-t', "${patience}s", '-z', $of, '-H', $one, "--compare=$other", "--min-records=$records", '-o', 'json'], timeout => $patience + 20);
	is(decode($seen->{out})->{state}, 'OK', $name) or tell_run($seen);
	took($name);
}

sub arrives {
	my ($address, $of, $serial, $name) = @_;
	ok(wait_until($patience, sub { (serial_at($address, $of) // -1) == $serial }), $name);
	took($name);
}

my %server = (named => \&named, nsd => \&nsd, knotd => \&knotd, pdns => \&pdns);
my %more = (nsd => [ixfr => 1], pdns => ['allow-axfr-ips' => '192.0.2.0/24']);
my @names = qw(named nsd knotd pdns);

my $primary = axfrd(zones => { $zone => large($zone, 10) }, options => ['--listen=192.0.2.1@53', '--allow-transfer=any', map { "--notify=192.0.2.$_\@53" } 3 .. 6]);
took("axfrd reads $records records");
for my $number (0 .. $#names) {
	my ($name, $at) = ($names[$number], '192.0.2.' . (3 + $number));
	my ($secondary) = together { $server{$name}->($at, zones => { $zone => '192.0.2.1' }, @{ $more{$name} // [] }) };
	arrives($at, $zone, 10, "$name has it");
	equal('192.0.2.1', $at, $zone, "$name has all of it");
	$secondary->stop;
}
$primary->stop;

for my $number (0 .. $#names) {
	my ($name, $from) = ($names[$number], '192.0.2.' . (11 + $number));
	my $of = "$name.test";
	my ($other) = together { $server{$name}->($from, zones => { $of => \large($of, 20) }, @{ $more{$name} // [] }) };
	arrives($from, $of, 20, "$name reads it");
	my $secondary = axfrd(options => ['--listen=192.0.2.20@53', '--allow-transfer=any', "--secondary=$of=$from\@53"]);
	arrives('192.0.2.20', $of, 20, "axfrd has it from $name");
	equal($from, '192.0.2.20', $of, "axfrd has all of it from $name");
	$secondary->stop;
	$other->stop;
}
done_testing;
