# What axfrd does as root only: it gives its privileges up once port 53 is open, and goes on serving.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine qw(axfrd zone_file);
use DNSReplication::Lab qw(serial_at);
use DNSReplication::Run;
use Test::More;
needs('axfrd');

my $zone = 'example.com';
my $axfrd = axfrd(zones => { $zone => zone_file($zone, 10, 1) }, options => ['--listen=192.0.2.1@53', '--user=nobody']);
is(serial_at('192.0.2.1', $zone), 10, 'it serves on port 53');
my $status = slurp("/proc/$axfrd->{pid}/status");
my ($uid, $gid) = (getpwnam 'nobody')[2, 3];
like($status, qr/^Uid:\t$uid\t$uid\t$uid\t$uid$/m, 'as nobody, with no way back');
like($status, qr/^Gid:\t$gid\t$gid\t$gid\t$gid$/m, 'and its group');
like($status, qr/^Groups:\t$gid ?$/m, 'and none of root\'s');
like($status, qr/^Cap(?:Prm|Eff):\t0+$/m, 'without capabilities');
like($status, qr/^NoNewPrivs:\t1$/m, 'nor will it get any');
$axfrd->change($zone => zone_file($zone, 11, 1));
ok(wait_until(5, sub { $axfrd->errors =~ /cannot read|Permission denied/ }), 'a file that it may not read is said');
like($axfrd->errors, qr/\Q$axfrd->{directory}\E.*serial 10 stays/, 'and the old version stays');
chmod 0755, $axfrd->{directory};
$axfrd->change($zone => zone_file($zone, 12, 1));
ok(wait_until(5, sub { (serial_at('192.0.2.1', $zone) // 0) == 12 }), 'one that it may is read again');
done_testing;
