# Deliver 3: --plan says who would be asked what, from where, and sends nothing.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $fake = cluster([10, 10]);
my $seen = check($fake->arguments, '--plan', '-a', 'ns9.example.net=127.0.0.9',
	'--source=127.0.0.8');
is(length $seen->{err}, 0, 'stderr is empty');
like($seen->{out}, qr/example\.com/, 'the zone');
like($seen->{out}, qr/127\.0\.0\.1/, 'the primary');
like($seen->{out}, qr/ns9\.example\.net.*127\.0\.0\.9|127\.0\.0\.9.*ns9\.example\.net/,
	'an added server');
like($seen->{out}, qr/127\.0\.0\.8/, 'from where');
like($seen->{out}, qr/\bSOA\b/, 'asked for SOA');
like($seen->{out}, qr/\bNS\b/, 'and NS');
is($seen->{exit}, 0, 'exit 0') or tell_run($seen);
cmp_ok(scalar @{ $seen->{lines} }, '<', 20, 'short');
is(scalar(my @asked = $fake->asked), 0, 'nothing was sent');
unlike($seen->{out}, qr/<|(\|.*\|)/s, 'output as monitoring wants it');

done_testing;
