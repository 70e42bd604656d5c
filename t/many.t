# What is said about many zones: scenarios of 1 to 10,000 zones and three servers, each with one kind
# of trouble. The first line names what matters, the text is bounded, JSON is complete.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my $now = 1795324740; # 2026-11-22T05:19:00Z
my $well = 'outcome=answered serial=20 fields=1 round_trip_us=1200 tries=1';
my $dead = 'outcome=timeout udp_outcome=timeout transport=1 tries=3';
my $refused = 'outcome=refused rcode=5 round_trip_us=800 tries=1';
my $expired = 'outcome=servfail rcode=2 ede_code=24 round_trip_us=800 tries=1';
sub behind { my ($by) = @_; return "outcome=answered serial=@{[ 20 - $by ]} earlier_serial=@{[ 20 - $by ]} confirmed=1 fields=1 round_trip_us=1200 tries=1" }

# $seen->(zone, server), zones and servers from 0, server 0 is the primary; undef: all is well.
sub scenario {
	my ($count, $seen) = @_;
	my @zones = $count == 1 ? 'example.com.' : map { "z$_.example." } 1 .. $count;
	my $text = "scenario 1\noption --hostname=192.0.2.1\nrun now=$now queries=" . (3 * $count + 3) . " retries=0\n";
	$text .= "zone $_ ns_source=primary known=1 primary=1\n" for @zones;
	$text .= "server ns$_.example.net. 192.0.2.$_\@53 tcp_outcome=answered\n" for 1 .. 3;
	$text .= "fields ns1.example.net. hostmaster.example.net. 7200 3600 1209600 3600\n";
	for my $zone (0 .. $count - 1) {
		$text .= "pair zone=$zone server=$_ flags=" . ($_ ? 'listed ' : 'primary ') . ($seen->($zone, $_) // ($_ ? $well : "$well confirmed=1 earlier_serial=20")) . "\n" for 0 .. 2;
		# Serial 20 is two hours old, those before it a minute more each.
		$text .= "serial zone=$zone $_ " . ($now - 7200 - 60 * (20 - $_)) . "\n" for 10 .. 20;
	}
	return $text;
}
sub comma { my ($number) = @_; 1 while $number =~ s/^(\d+)(\d{3})/$1,$2/; return $number }

# What is seen; what the first line must say of COUNT zones (after "COUNT of COUNT zones ... servers: "), of 1, and of many.
my $silent = 'does not answer, neither by UDP nor by TCP';
my $refuses = 'answers REFUSED: it does not serve the zone';
my $is_expired = 'answers SERVFAIL: the zone has expired there, or was never transferred, EDE 24 Invalid Data';
my @stories = (
	{ name => 'all is well', seen => sub { undef }, state => 'OK', lines => 0,
		one => 'example.com serial 20 on 3 of 3 servers', many => sub { "$_[0] zones in sync on 3 servers" } },
	{ name => 'one server dead', seen => sub { $_[1] == 1 ? $dead : undef }, lines => 1,
		one => "example.com: ns2.example.net $silent", many => sub { "$_[0] of $_[0] zones out of sync on 1 of 3 servers: ns2.example.net $silent: " . comma($_[0]) . ' zones' } },
	{ name => 'the primary dead', seen => sub { $_[1] == 0 ? $dead : undef }, lines => 1,
		one => "example.com: ns1.example.net $silent", many => sub { "$_[0] of $_[0] zones out of sync on 1 of 3 servers: ns1.example.net $silent: " . comma($_[0]) . ' zones' } },
	{ name => 'all dead', seen => sub { $dead }, lines => 3, one => "example.com: ns1.example.net $silent (+2 more)",
		many => sub { "$_[0] of $_[0] zones out of sync on 3 of 3 servers: ns1.example.net $silent: " . comma($_[0]) . ' zones; ns2.example.net, too; ns3.example.net, too' } },
	{ name => '1 % behind on one server', from => 1000, seen => sub { $_[1] == 1 && $_[0] % 100 == 5 ? behind(1 + $_[0] % 7) : undef }, lines => 1,
		many => sub { $_[0] / 100 . " of $_[0] zones out of sync on 1 of 3 servers: ns2.example.net in " . $_[0] / 100 . ' zones, worst z406.example: 7 serials behind for 2h 6m (since 03:13Z)' } },
	{ name => '1 % behind on two servers', from => 1000, seen => sub { $_[1] >= 1 && $_[0] % 100 == 5 ? behind(1 + $_[0] % 7) : undef }, lines => 2,
		many => sub { $_[0] / 100 . " of $_[0] zones out of sync on 2 of 3 servers: ns2.example.net in " . $_[0] / 100
			. ' zones, worst z406.example: 7 serials behind for 2h 6m (since 03:13Z); ns3.example.net, too' } },
	{ name => 'all behind on one server', seen => sub { $_[1] == 2 ? behind(3) : undef }, lines => 1, one => 'example.com: ns3.example.net 3 serials behind for 2h 2m (since 03:17Z)',
		many => sub { "$_[0] of $_[0] zones out of sync on 1 of 3 servers: ns3.example.net 3 serials behind for 2h 2m (since 03:17Z): " . comma($_[0]) . ' zones' } },
	{ name => 'one zone expired', seen => sub { $_[0] == 0 && $_[1] == 2 ? $expired : undef }, lines => 1, one => "example.com: ns3.example.net $is_expired",
		many => sub { "1 of $_[0] zones out of sync on 1 of 3 servers: z1.example ns3.example.net $is_expired" } },
	{ name => 'one server refuses all zones', seen => sub { $_[1] == 2 ? $refused : undef }, lines => 1, one => "example.com: ns3.example.net $refuses",
		many => sub { "$_[0] of $_[0] zones out of sync on 1 of 3 servers: ns3.example.net $refuses: " . comma($_[0]) . ' zones' } },
	{ name => 'mixed', from => 1000, lines => 3, seen => sub {
			my ($zone, $server) = @_;
			return $server == 2 ? ($zone == 7 ? $expired : $zone % 100 == 3 ? behind(2) : undef) : $server == 1 && $zone % 10 == 0 ? $refused : undef;
		}, many => sub { $_[0] * 0.11 + 1 . " of $_[0] zones out of sync on 2 of 3 servers: ns2.example.net $refuses: " . comma($_[0] / 10)
			. ' zones; ns3.example.net 2 serials behind for 2h 1m (since 03:18Z): ' . $_[0] / 100 . " zones; z8.example ns3.example.net $is_expired" } },
);

my $directory = File::Temp->newdir;
my $file = "$directory/many.scenario";
for my $story (@stories) {
	subtest $story->{name} => sub {
		for my $count (1, 3, 1000, 10_000) {
			next if $count < ($story->{from} // 1) || ($count == 3 && !$story->{seen}->(2, 0) && $story->{name} =~ /behind|refuses/);
			spew($file, scenario($count, $story->{seen}));
			my $seen = check("--replay=$file");
			is_plugin_output($seen, $story->{state} // 'CRITICAL', "$count zones");
			my $said = $seen->{first} =~ /^DNS REPLICATION \w+ - (.*?) \|/ ? $1 : '';
			is($said, $count == 1 ? $story->{one} : $story->{many}->($count), 'the first line');
			my @lines = @{ $seen->{lines} }[1 .. $#{ $seen->{lines} }];
			is(scalar @lines, $story->{lines}, 'a line for each trouble, not for each zone') or tell_run($seen);
			is(scalar(grep { !/^\[CRITICAL\] .* → \S/ } @lines), 0, 'each with advice');
			cmp_ok(length $seen->{out}, '<=', 8192, 'Icinga, Nagios and NRPE 4 show all of it');
			next if $count == 1;
			my $first = index $seen->{first}, '|';
			cmp_ok($first, '<', 420, 'NRPE 2 shows what matters');
			is(join(' ', @{ $seen->{perfdata}{order} }), join(' ', qw(zones zones_ok zones_warning zones_critical zones_unknown),
				($story->{name} eq 'all dead' ? () : 'lag_max'), qw(servers queries retries time), map { ("behind_ns${_}_example_net", "unanswered_ns${_}_example_net") } 1 .. 3), 'perfdata');
		}
	};
}

subtest 'which zones' => sub {
	spew($file, scenario(1000, sub { $_[1] == 1 && $_[0] % 100 == 5 ? behind(1 + $_[0] % 7) : undef }));
	my $seen = check("--replay=$file");
	like($seen->{lines}[1], qr/^\[CRITICAL\] ns2\.example\.net \(192\.0\.2\.2\): in 10 zones \(z406\.example, z6\.example, z106\.example, z206\.example, z306\.example, z506\.example, z606\.example, z706\.example, z806\.example, z906\.example\), worst z406\.example: 7 serials behind for 2h 6m \(since 03:13Z\); serves 13, should be 20 → /,
		'ten are named, the worst first') or tell_run($seen);
	spew($file, scenario(1000, sub { $_[1] == 2 ? behind(3) : undef }));
	like(check("--replay=$file", '--top=2')->{lines}[1], qr/: 3 serials behind for 2h 2m \(since 03:17Z\): 1,000 zones \(z1\.example, z2\.example and 998 more\); z1\.example: serves 17, should be 20 → on ns3/, '--top names fewer');
	$seen = check("--replay=$file", '--top=1000');
	is_plugin_output($seen, 'CRITICAL', 'many names are cut');
	like($seen->{lines}[1], qr/z40\.example.* and 9\d\d more\); .* → on ns3/, 'but not the advice') or tell_run($seen);
	like(check("--replay=$file", '-v')->{out}, qr/\nz1\.example: reference primary.*\n.*\n.*\n  ns3/, '-v shows zones');
	spew($file, scenario(3000, sub { $_[0] == 2999 && $_[1] == 2 ? $expired : undef }));
	$seen = check("--replay=$file", '-v');
	like($seen->{lines}[2], qr/^z3000\.example: reference/, 'those in trouble first') or tell_run($seen);
	is_plugin_output($seen, 'CRITICAL', 'and bounded');
};

subtest 'more troubles than are shown' => sub {
	# Zone N is behind by N serials on the second server, and each tenth refused by the third.
	spew($file, scenario(3, sub { $_[1] == 1 ? behind(1 + $_[0]) : $_[1] == 2 ? $refused : undef }));
	my $seen = check("--replay=$file", '--top=2');
	is(scalar @{ $seen->{lines} }, 4, 'two lines and a note');
	is($seen->{lines}[3], '… and 4 more (--top=11 shows more; -o json is complete)', 'which says how many') or tell_run($seen);
};

subtest 'more bytes than are shown' => sub {
	# Each zone lacks another number of serials, which takes a line of half a kilobyte.
	spew($file, scenario(3, sub { $_[1] ? behind(1 + $_[0]) : undef }) =~ s/\bz(\d)\.example/"z$1." . join('.', ('a' x 60) x 3) . '.example'/gre);
	my $seen = check("--replay=$file");
	cmp_ok(length $seen->{out}, '<=', 8192, 'bounded');
	like($seen->{lines}[-1], qr/^… and \d+ more \(--top=11 shows more; -o json is complete\)$/, 'what has no room is counted') or tell_run($seen);
	my $all = check("--replay=$file", '--top=11');
	is(scalar @{ $all->{lines} }, 7, 'and there is room for it') or tell_run($all);
};

subtest 'JSON is complete' => sub {
	spew($file, scenario(10_000, $stories[-1]{seen}));
	my $json = check_json("--replay=$file")->{json};
	is(scalar @{ $json->{zones} }, 10_000, 'every zone');
	my %count; $count{$_->{code}}++ for findings($json);
	is_deeply(\%count, { zone_refused => 1000, secondary_behind => 100, zone_expired => 1 }, 'every finding');
	is(scalar(grep { !@{ $_->{findings} } != ($_->{state} eq 'OK') } @{ $json->{zones} }), 0, 'in its zone');
};

done_testing;
