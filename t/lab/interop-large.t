# A large zone both ways: from axfrd to BIND, NSD, Knot and PowerDNS, and from each of them to axfrd; check_zone_transfer finds the contents equal.
# RECORDS=1000000 for the real size: 100,000 is what a run of the whole lab has time for.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd);
use DNSReplication::Lab qw(pdns named nsd knotd together addresses serial_at zone_text);
use DNSReplication::Run;
use Test::More;
needs('axfrd', 'check_zone_transfer');

my $records = $ENV{RECORDS} || 100_000;
my $patience = 20 + $records / 10_000;
my $zone = 'large.test';
addresses(map { "192.0.2.$_" } 11 .. 14, 20 .. 24);
sub large { my ($name, $serial) = @_; return zone_text($name, $serial, 2, map { "h$_ A 192.0." . ($_ >> 8 & 255) . '.' . ($_ & 255) } 1 .. $records) }

sub equal {
	my ($one, $other, $of, $name) = @_;
	my $seen = run([program('check_zone_transfer'), '-t', '120s', '-z', $of, '-H', $one, "--compare=$other", "--min-records=$records", '-o', 'json'], timeout => 130);
	is(decode($seen->{out})->{state}, 'OK', $name) or tell_run($seen);
}

sub arrives { my ($address, $of, $serial, $name) = @_; ok(wait_until($patience, sub { (serial_at($address, $of) // -1) == $serial }), $name) }

my $primary = axfrd(zones => { $zone => large($zone, 10) }, options => ['--listen=192.0.2.1@53', '--allow-transfer=any', map { "--notify=192.0.2.$_\@53" } 3 .. 6]);
my %as = (zones => { $zone => '192.0.2.1' });
my @names = qw(named nsd knotd pdns);
my %at;
@at{@names} = map { "192.0.2.$_" } 3 .. 6;
my @secondaries = together { named($at{named}, %as), nsd($at{nsd}, %as, ixfr => 1), knotd($at{knotd}, %as), pdns($at{pdns}, %as, 'allow-axfr-ips' => '192.0.2.0/24') };
arrives($at{$_}, $zone, 10, "$_ has it") for @names;
equal('192.0.2.1', $at{$_}, $zone, "$_ has all of it") for @names;
$_->stop for @secondaries;

my %from;
@from{@names} = map { "192.0.2.$_" } 11 .. 14;
my $own = sub { my ($name) = @_; return ($from{$name}, zones => { "$name.test" => \large("$name.test", 20) }) };
my @primaries = together { named($own->('named')), nsd($own->('nsd')), knotd($own->('knotd')), pdns($own->('pdns'), 'allow-axfr-ips' => '192.0.2.0/24') };
$primary->stop;
my $secondary = axfrd(options => ['--listen=192.0.2.20@53', '--allow-transfer=any', map { "--secondary=$_.test=$from{$_}\@53" } @names]);
arrives('192.0.2.20', "$_.test", 20, "it has that of $_") for @names;
equal($from{$_}, '192.0.2.20', "$_.test", "all of it") for @names;
done_testing;
