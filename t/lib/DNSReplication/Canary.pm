package DNSReplication::Canary;

# check_dns_propagation in the lab: servers that are told of the canary zone by the snippets of contrib/canary, as they are.
#
#	my ($pdns, $named, $nsd, $knotd) = canaries(signed => 1);	# at 192.0.2.2 .. 5, as ns2.example.com .. ns5.example.com
#	my $seen = propagate('-w', '5s');				# from 192.0.2.10, {json} is there, {steps} by name without the domain

use v5.30;
use warnings;
use DNSReplication::Engine 'key_file';
use DNSReplication::Lab;
use DNSReplication::Run;
use Exporter 'import';
use Test::More;

our @EXPORT = qw(canaries canary_at propagate stopped stops everywhere processes_of monitor_key $canary $monitor %at);
our $canary = 'canary.example.com';
our $monitor = '192.0.2.10';
our %at = (ns2 => '192.0.2.2', ns3 => '192.0.2.3', ns4 => '192.0.2.4', ns5 => '192.0.2.5');

my $secret = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
my %make = (ns2 => \&powerdns, ns3 => \&bind, ns4 => \&nsd_here, ns5 => \&knot);

sub snippet {
	my ($file, %with) = @_;
	$file =~ s/(?=\.)/-signed/ if $with{signed};
	my $text = slurp(source_dir() . "/contrib/canary/$file");
	die "contrib/canary/$file: nothing in it\n" unless length $text;
	return $with{edit} ? $with{edit}->($text) : $text;
}

sub keys_of { my (%with) = @_; return $with{signed} ? (keys => { canary => $with{secret} // $secret }) : () }
sub monitor_key { return key_file(canary => $secret) }

# Each pdnsutil line as the shell would run it.
sub powerdns {
	my ($address, %with) = @_;
	my $file = delete $with{autosecondary} ? 'powerdns-autosecondary.sh' : 'powerdns.sh';
	my $text = snippet($file, %with);
	return pdns($address, secondary => 'yes', keys_of(%with), %{ $with{pdns} // {} }, told => [map { [split] } $text =~ /^pdnsutil (.*)$/mg]);
}
sub bind { my ($address, %with) = @_; return named($address, keys_of(%with), more => snippet('named.conf', %with), %{ $with{named} // {} }) }
# All addresses are this host's: NSD and Knot have to be told to ask from their own.
sub nsd_here { my ($address, %with) = @_; return nsd($address, keys_of(%with), more => snippet('nsd.conf', %with) . "\toutgoing-interface: $address\n", %{ $with{nsd} // {} }) }
sub knot {
	my ($address, %with) = @_;
	return knotd($address, keys_of(%with), options => snippet('knot.conf', %with) =~ s/^(remote:.*?address: \S+\n)/$1    via: $address\n/smr, %{ $with{knotd} // {} });
}

sub canary_at { my ($name, %with) = @_; return $make{$name}->($at{$name}, %with) }
sub canaries { my (%with) = @_; return together { map { canary_at($_, %with) } sort keys %at } }

sub propagate {
	my (@arguments) = @_;
	my %with = ref $arguments[0] eq 'HASH' ? %{ shift @arguments } : ();
	my @who = @{ $with{who} // [sort keys %at] };
	my $seen = check_json({ program => 'check_dns_propagation', timeout => 60 }, '-z', $canary, "--listen=$monitor", (map { ('-S', "$_.example.com=$at{$_}") } @who), ($with{as} ? ('-S', $with{as}) : ()), @arguments);
	$seen->{steps} = { map { $_->{server} =~ s/\..*//r => $_ } @{ $seen->{json}{steps} // [] } };
	return $seen;
}

# Which finding of a step is said of whom: { ns2 => 'notify_refused', ... }
sub stopped {
	my ($seen) = @_;
	return { map { (($_->{server} // '') =~ s/\..*//r) => $_->{code} } findings($seen->{json}) };
}

# Each server stops at the step named for it, and only there; its finding has something to type.
sub stops {
	my ($name, $seen, %expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply(stopped($seen), \%expected, "$name: the step of each") or tell_run($seen);
	ok($_->{advice} =~ /\bon ns\d\.example\.com: \S/, "$name: what to do on $_->{server}") or diag($_->{advice}) for findings($seen->{json});
}
sub everywhere { my ($code, %other) = @_; return ((map { $_ => $code } sort keys %at), %other) }

# A server's own process and all that it began.
sub processes_of {
	my ($pid) = @_;
	return ($pid, map { processes_of($_) } split ' ', join ' ', map { slurp($_) } glob "/proc/$pid/task/*/children");
}

addresses($monitor);

1;
