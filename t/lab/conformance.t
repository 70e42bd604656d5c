# The table of t/conformance.t, asked of BIND, NSD and Knot: what all of them do as the table says, the table says rightly. Where one of them does otherwise it
# stands here, with the reason; a deviation that is none any more fails.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Conformance;
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;

my %DEVIATES = (
	named => {
		'RFC 1034 3.6.2: in a circle they end, too' => 'SERVFAIL with the CNAMEs; no RFC names an rcode',
		'RFC 1996 3.10: NOTIFY from who is no primary' => 'a primary says NOERROR and does nothing',
	},
	nsd => {
		'RFC 7314 2: EXPIRE of a primary' => 'NSD 4.6 does not know EXPIRE',
		'RFC 6891 6.1.1: OPT stands anywhere in its section' => 'FORMERR where it is not the last record',
		'RFC 7828 3.3.2: tcp-keepalive over TCP' => 'NSD 4.6 does not know it',
		'RFC 1995 3: without an SOA' => 'NSD answers, with a damaged question',
		'RFC 1996 3.12: NOTIFY of no zone of ours' => 'NXDOMAIN',
	},
	knotd => {
		'RFC 9619 4: two questions' => 'silence',
		'RFC 1035 4.1.2: a question that is cut off' => 'silence',
		'RFC 6891 6.1.2: OPT is the root\'s' => 'the owner is not looked at',
		'RFC 7873 5.2.2: a cookie of a wrong length' => 'cookies want a module that is not loaded',
		'RFC 7873 5.2.3: a client\'s cookie gets a server\'s' => 'the same',
		'RFC 7873 5.2.4: a wrong server cookie gets a new one' => 'the same',
		'RFC 5936 2.2: a transfer' => 'Knot 3.2 leaves AA out of transfers',
		'RFC 5936 2.2: a signed zone as it is' => 'the same',
		'RFC 1995 2: differences for who has all: an SOA' => 'the same',
		'RFC 1995 4: for who has what nobody knows: all' => 'the same',
		'RFC 1995 2: and for who has more' => 'the same',
		'RFC 7828 3.3.2: tcp-keepalive over TCP' => 'Knot 3.2 does not know it',
		'RFC 1996 3.10: NOTIFY from who is no primary' => 'the lab lets everybody notify Knot',
	},
);

my %text = conformance_zones();
my %zones = map { my $text = $text{$_}; ($_ => \$text) } keys %text;
my %server = (
	named => named('192.0.2.1', zones => \%zones, options => 'server-id "here"; minimal-responses no;'),
	nsd => nsd('192.0.2.2', zones => \%zones, options => " nsid: \"ascii_here\"\n answer-cookie: yes\n"),
	knotd => knotd('192.0.2.3', zones => \%zones),
);
my @table = conformance_table();
for my $name (sort keys %server) {
	subtest $name => sub {
		my %left = %{ $DEVIATES{$name} };
		for my $must (@table) {
			my $wrong = conformance_wrong($must, $server{$name}{address}, 53);
			my $reason = delete $left{ $must->{name} };
			if (defined $reason) { ok(defined $wrong, "$must->{name}: otherwise: $reason") }
			else { is($wrong, undef, $must->{name}) }
		}
		is_deeply([sort keys %left], [], 'every deviation is of the table');
	};
}
done_testing;
