# What an authoritative server must do (t/lib/DNSReplication/Conformance.pm), asked of axfrd. t/lab/conformance.t asks the servers of others the same.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Conformance;
use DNSReplication::Engine;
use DNSReplication::Run;
use Test::More;
needs('axfrd');

my $axfrd = axfrd(zones => { conformance_zones() }, options => ['--listen=127.0.0.1@0', '--nsid=here']);
my ($port) = ($axfrd->{ready} // '') =~ /\@(\d+)/;
for my $must (conformance_table()) {
	my $wrong = conformance_wrong($must, '127.0.0.1', $port);
	is($wrong, undef, $must->{name}) or diag(ref $must->{ask} ? unpack 'H*', ${ $must->{ask} } : $must->{ask});
}
done_testing;
