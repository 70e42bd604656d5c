package DNSReplication::World;

# What tests of whole worlds share: the exact verdict, the first line as it reads, zones whose servers one names.
#
#	my $json = verdict('all is well', ['-z', 'example.com', '-H', '192.0.2.1'], 'OK');
#	verdict('stale', \@asking, 'WARNING', 'secondary_behind ns2', ...);	names inside the zone without it; "-" is about the run
#	first_line(\@asking, 'OK', qr/on 2 of 2 servers/);
#	serve(10, 'example.com', 2, 3);		waits until 192.0.2.2 and .3 do
#	zone_with('example.com', 10, 'ns1', hosts(1, 2), 'www A 192.0.2.80');	reference to a text with MNAME ns1

use v5.30;
use warnings;
use DNSReplication::Lab;
use DNSReplication::Run;
use Exporter 'import';
use Test::More;

our @EXPORT = qw(verdict first_line serve zone_with hosts);

# The state and all findings, those of severity ok too; nothing else may be said.
sub verdict {
	my ($step, $asking, $expected_state, @expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($zone) = map { $asking->[$_] eq '-z' ? $asking->[$_ + 1] : () } 0 .. $#$asking;
	my @asking = grep({ /^--(?:no-state|state-dir)/ } @$asking) ? @$asking : ('--no-state', @$asking);
	my $seen = check_json(@asking);
	my @said = sort map { my $who = $_->{server} // $_->{address} // '-'; "$_->{code} " . ($who =~ s/\.\z//r =~ s/\.\Q$zone\E\z//r) } findings($seen->{json}, ok => 1);
	is_deeply([$seen->{json}{state}, @said], [$expected_state, sort @expected], join ' ', "$step: $expected_state", @expected) or tell_run(check(@asking));
	return $seen->{json};
}

sub first_line {
	my ($asking, $state, $expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $seen = check(@$asking);
	is_plugin_output($seen, $state);
	note $seen->{text};
	like($seen->{first}, $expected, 'and so it reads') or tell_run($seen);
	return $seen;
}

sub serve { my ($serial, $zone, @hosts) = @_; return wait_until(30, sub { !grep { (serial_at("192.0.2.$_", $zone) // -1) != $serial } @hosts }) }

sub zone_with { my ($zone, $serial, $mname, @lines) = @_; return \join "\n", "\$ORIGIN $zone.", '$TTL 300', "@ SOA $mname hostmaster $serial 600 60 3600 60", @lines, '' }
# NS records of nsN at 192.0.2.N.
sub hosts { return map { ("\@ NS ns$_", "ns$_ A 192.0.2.$_") } @_ }

1;
