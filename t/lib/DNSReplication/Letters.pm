package DNSReplication::Letters;

# The failure catalogue, letter by letter, as the check sees it from outside: every letter is a zone of its own with a PowerDNS of
# its own as primary (ns1), and all zones have the same four secondaries at once (ns2 PowerDNS, ns3 BIND, ns4 NSD, ns5 Knot).
#
#	letter 'c', 'AXFR is denied',
#		break => sub { my ($letter) = @_; ... },          # what goes wrong
#		says => ['', ('secondary_behind') x 4],           # codes at ns1, PowerDNS, BIND, NSD, Knot: these and no others
#		first => qr/.../, ...;
#	play();
#
# Of a letter: primary => {settings of its PowerDNS}, prepare => sub, soa => 'refresh retry expire minimum', listed => [who has an NS
# record], unresolvable => [whose NS name has no address], never => 1 (the secondaries do not have it at first), absent => 1 (they
# are not configured for it), keyed => 1 (they transfer with a key), apart => 1 (they have other addresses for this zone, so that
# firewall => [rules] hits nothing else; PRIMARY, SECONDARIES and MONITOR in them are filled in), asking => [options, or subs that
# make them], limits => [-w and -c; 0 s unless given], settled => sub, until when the check waits, or the servers that
# get the change, now => 1 (judged at once; else a run before has seen the change), run => codes about no server, mixed => 1
# (advice names more than the server's own software),
# advice => qr//, or per server; after => sub.
#
# Then everybody is asked once more, with the APIs of ns1 and PowerDNS: told => codes and causes as says has them (where nothing is
# told: the same), told_advice => qr// of PowerDNS's, told_state where it is another one, again => sub, before that, for what a diagnosis heals, own => { settings } (a PowerDNS of its own at ns2, with these from the start),
# pdns => what check_pdns_replication says of the zone, sorted.
#
# LETTERS='^v' in the environment plays those only whose name matches.

use v5.30;
use warnings;
use DNSReplication::Lab;
use DNSReplication::Run;
use Exporter 'import';
use File::Temp 'tempdir';
use Net::DNS;
use POSIX ();
use Test::More;

our @EXPORT = qw(letter play changed at secondaries serial_becomes asked apis %SECRET);

our %SECRET = (old => 'b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w=', new => 'bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU=');
my @KIND = ('nobody', 'ns1', qw(PowerDNS BIND NSD Knot));
my @letters;
my $key = 'a-key-that-nobody-may-see';
my %API = (api => 'yes', 'api-key' => $key, webserver => 'yes', 'webserver-allow-from' => '0.0.0.0/0', 'webserver-address' => '0.0.0.0');

sub letter {
	my ($name, $what, %with) = @_;
	return if $name !~ ($ENV{LETTERS} // qr/^/);
	my $number = 1 + @letters;
	# BIND tells a network of clients who it is three times a second: every letter has a monitor in another one.
	push @letters, { name => $name, what => $what, zone => "$name.test", monitor => "10.$number.0.100", at => [undef, "198.51.100.$number", map {
		$with{apart} || ($with{own} && $_ == 2) ? "203.0.113." . (5 * $number + $_) : "192.0.2.$_" } 2 .. 5], %with };
}

sub at { my ($letter, @who) = @_; return map { $letter->{at}[$_] } @who }
sub secondaries { my ($letter) = @_; return at($letter, 2 .. 5) }

sub text {
	my ($letter) = @_;
	my %unresolvable = map { $_ => 1 } @{ $letter->{unresolvable} // [] };
	return join "\n", "\$ORIGIN $letter->{zone}.", '$TTL 300', '@ SOA ns1 hostmaster 10 ' . ($letter->{soa} // '600 60 3600 60'),
		(map { "\@ NS ns$_" } @{ $letter->{listed} // [1 .. 5] }), (map { $unresolvable{$_} ? () : "ns$_ A $letter->{at}[$_]" } 1 .. 5), '';
}

# As an operator does it.
sub changed {
	my ($letter) = @_;
	$letter->{ns1}->util('increase-serial', $letter->{zone});
	$letter->{ns1}->control('notify', $letter->{zone});
}

# Behind PowerDNS's back.
sub serial_becomes {
	my ($letter, $serial, $server) = @_;
	($server // $letter->{ns1})->sql("UPDATE records SET content = 'ns1.$letter->{zone} hostmaster.$letter->{zone} $serial "
		. ($letter->{soa} // '600 60 3600 60') . "' WHERE type = 'SOA'");
}

sub start_primaries {
	my @primaries = together {
		map {
			my $letter = $_;
			# Else NOTIFYs of the start, sent again after 3, 8 and 17 s, would come in between.
			$letter->{ns1} = pdns($letter->{at}[1], notified => 10, 'allow-axfr-ips' => join(',', (map { "192.0.2.$_" } 2 .. 5), $letter->{own} ? $letter->{at}[2] : ()), zones => { $letter->{zone} => \text($letter) },
				%API, 'webserver-address' => $letter->{at}[1],
				$letter->{keyed} ? (keys => { 'transfer.key' => $SECRET{old} }, only_with => 'transfer.key') : (), %{ $letter->{primary} // {} });
		} @letters
	};
	$_->{prepare} and $_->{prepare}->($_) for @letters;
}

my @servers; # 2 .. 5

sub start_own {
	my ($letter) = @_;
	my $address = $letter->{at}[2];
	return pdns($address, secondary => 'yes', $letter->{absent} || $letter->{lacking} ? () : (zones => { $letter->{zone} => $letter->{at}[1] }), %API,
		'webserver-address' => $address, %{ $letter->{own} });
}

sub start_secondaries {
	my %zones = map { ($_->{zone} => $_->{keyed} ? [$_->{at}[1], 'transfer.key'] : $_->{at}[1]) } grep { !$_->{absent} } @letters;
	my @make = (undef, undef, \&pdns, \&named, \&nsd, \&knotd);
	my @own = grep { $_->{own} } @letters;
	my @started = together {
		map {
			my $who = $_;
			$make[$who]->(join(',', "192.0.2.$who", map { $_->{at}[$who] } grep { $_->{apart} } @letters), zones => \%zones,
				keys => { 'transfer.key' => $SECRET{old} }, $who == 4 ? (options => ' verbosity: 2') : $who == 2 ? (%API, 'webserver-address' => '192.0.2.2') : ());
		} 2 .. 5
	};
	@servers = (undef, undef, @started);
	my @theirs = together { map { start_own($_) } @own };
	$own[$_]{ns2} = $theirs[$_] for 0 .. $#own;
}

sub all_have {
	my ($letter) = @_;
	my $serial = serial_at($letter->{at}[1], $letter->{zone});
	return ok(serves($serial, $letter->{zone}, at($letter, grep { !($letter->{lacking} && $_ == 2) } 2 .. 5)), "$letter->{name}: all serve $serial");
}

# Where the APIs of ns1 and PowerDNS are.
sub apis {
	my ($letter, $option) = @_;
	return ((map { "--$option=ns$_.$letter->{zone}=http://@{[ $_ == 2 && !$letter->{own} ? '192.0.2.2' : $letter->{at}[$_] ]}:8081" } 1, 2), '--api-key-file=/mnt/api.key');
}

sub asked {
	my ($letter, @more) = @_;
	return check('-z', $letter->{zone}, '-H', $letter->{at}[1], @more, "--source=$letter->{monitor}", '--state-dir', $letter->{kept} //= tempdir(CLEANUP => 1, DIR => '/mnt'),
		@{ $letter->{limits} // [qw(-w 0 -c 0)] }, '--write=json:/mnt/' . "$letter->{name}.json", map { ref ? $_->($letter) : $_ } @{ $letter->{asking} // [] });
}

# Several at once, so that those that wait for silent servers wait together; what each said as { out, json }.
sub ask_all {
	my @asked = @_;
	my $how = ref $asked[0] ? '' : shift @asked; # 'told', or an option
	my @left = @asked;
	my %running;
	while (@left || %running) {
		while (@left && keys %running < 8) {
			my $letter = shift @left;
			$letter->{kept} //= tempdir(CLEANUP => 1, DIR => '/mnt');
			unlink "/mnt/$letter->{name}.json";
			my $pid = fork // die "fork: $!";
			if (!$pid) {
				my $seen = asked($letter, $how eq 'told' ? apis($letter, 'pdns-api') : $how || ());
				spew("/mnt/$letter->{name}.out", $seen->{out} . $seen->{err});
				POSIX::_exit(0);
			}
			$running{$pid} = 1;
		}
		delete $running{ wait() };
	}
	for my $letter (@asked) {
		$letter->{out} = slurp("/mnt/$letter->{name}.out");
		$letter->{json} = decode(slurp("/mnt/$letter->{name}.json"));
	}
}

# The codes said about ns1 .. ns5 and, first, about none of them; those of severity ok in brackets.
sub said {
	my ($letter) = @_;
	my @said = map { [] } 0 .. 5;
	for my $finding (findings($letter->{json}, ok => 1)) {
		my ($who) = ($finding->{server} // '') =~ /^ns([1-5])\.\Q$letter->{zone}\E\.$/;
		push @{ $said[$who // 0] }, ($finding->{severity} eq 'OK' ? "($finding->{code})" : $finding->{code}) . ($finding->{cause} ? ":$finding->{cause}" : '');
	}
	return map { join ' ', sort @$_ } @said;
}

# What to type, in the words of that server: the others' words are not there.
my @RETRANSFER = (undef, undef, 'pdns_control retrieve ZONE', 'rndc retransfer ZONE', 'nsd-control force_transfer ZONE', 'knotc zone-retransfer ZONE');
my @WORDS = (undef, qr/pdns_?(?:control|util)/, qr/pdns_?(?:control|util)/, qr/rndc|named/, qr/nsd-control|nsd\.conf/, qr/knotc|knot\.conf/);

sub advised {
	my ($letter, $who, $advice) = @_;
	my $expected = ref $letter->{advice} eq 'HASH' ? $letter->{advice}{ $KIND[$who] } : $letter->{advice};
	return 1 unless defined $expected;
	my $own = $RETRANSFER[$who] // '';
	$expected = quotemeta $own if $expected eq 'retransfer';
	$expected =~ s/ZONE/\Q$letter->{zone}\E/g;
	return $advice =~ $expected;
}

# And once more, told by the APIs.
sub told {
	my ($letter) = @_;
	ask_all('told', $letter) unless $letter->{is_told};
	subtest "$letter->{name}: $letter->{what}, told by the API" => sub {
		my @said = said($letter);
		my @expected = ($letter->{run} // '', @{ $letter->{told} // $letter->{says} });
		my @wrong = grep { ref $expected[$_] ? $said[$_] !~ $expected[$_] : $said[$_] ne $expected[$_] } 0 .. 5;
		my $good = is(join(', ', map { "$KIND[$_] $said[$_]" } @wrong), '', 'who has what, and why');
		$good &= is($letter->{json}{state}, $letter->{told_state} // $letter->{without}, 'the state' . ($letter->{told_state} ? '' : ' is the same'));
		my ($advice) = map { $_->{advice} // '' } grep { ($_->{server} // '') =~ /^ns2\./ && $_->{code} ne 'ns_unresolvable' } findings($letter->{json}, ok => 1);
		$good &= like($advice, qr/@{[ $letter->{told_advice} =~ s{ZONE}{\Q$letter->{zone}\E}gr ]}/, 'what to type') if $letter->{told_advice};
		$good &= unlike($letter->{out}, qr/\Q$key\E/, 'no key');
		$good &= pdns_says($letter) if defined $letter->{pdns};
		$good ? note($letter->{out} =~ s/ \|[^\n]*//r) : diag($letter->{out} =~ s/ \|[^\n]*//r);
	};
}

sub pdns_says {
	my ($letter) = @_;
	my $seen = check_json({ program => 'check_pdns_replication' }, apis($letter, 'url'), '-z', $letter->{zone}, '--inspect', $letter->{zone});
	my @said = sort map { "$_->{code}" . ($_->{cause} ? ":$_->{cause}" : '') } findings($seen->{json}, ok => 1);
	return is("@said", $letter->{pdns}, 'check_pdns_replication') || (diag($seen->{out}), 0)[1];
}

sub judged {
	my ($letter) = @_;
	$letter->{without} = $letter->{json}{state};
	subtest "$letter->{name}: $letter->{what}" => sub {
		my @said = said($letter);
		my @expected = ($letter->{run} // '', @{ $letter->{says} });
		my @wrong = grep { ref $expected[$_] ? $said[$_] !~ $expected[$_] : $said[$_] ne $expected[$_] } 0 .. 5;
		my $good = is(join(', ', map { "$KIND[$_] $said[$_]" } @wrong), '', 'who has what, and nobody anything else');
		$good &= is($letter->{json}{state}, $letter->{state} // 'CRITICAL', 'state');
		my ($first) = $letter->{out} =~ /^DNS REPLICATION [A-Z]+ - (.*?) \|/;
		$good &= like($first, $letter->{first}, 'first line');
		for my $finding (findings($letter->{json}, ok => 1)) {
			my ($who) = ($finding->{server} // '') =~ /^ns([1-5])\./;
			next unless $who && defined $letter->{advice};
			$good &= ok(advised($letter, $who, $finding->{advice} // ''), "$finding->{code} at $KIND[$who]: what to type");
			my @foreign = $letter->{mixed} ? () : grep { $who > 1 && $_ > 2 && $_ != $who && $finding->{advice} =~ $WORDS[$_] } 2 .. 5;
			$good &= is_deeply(\@foreign, [], '... in its own words');
		}
		$good ? note($letter->{out} =~ s/ \|[^\n]*//r) : diag($letter->{out} =~ s/ \|[^\n]*//r);
	};
}

sub settled {
	my ($letter) = @_;
	my $settled = $letter->{settled} or return;
	return $settled->($letter) if ref $settled eq 'CODE';
	ok(serves(11, $letter->{zone}, at($letter, @$settled)), "$letter->{name}: ns@$settled have the change");
}

# A server is stopped for one letter: while nobody else looks.
sub play_stopped {
	my ($letter) = @_;
	my $server = ($letter->{ns1}, @servers[2 .. 5])[$letter->{stops} - 1];
	$server->stop;
	ask_all($letter);
	judged($letter);
	$server->again->ready;
}

sub play {
	spew('/mnt/api.key', "$key\n");
	chmod 0600, '/mnt/api.key';
	addresses(map { ($_->{monitor}, $_->{apart} ? @{ $_->{at} }[1 .. 5] : @{ $_->{at} }[1, $_->{own} ? 2 : ()]) } @letters);
	start_primaries();
	start_secondaries();
	my @have = grep { !$_->{never} && !$_->{absent} } @letters;
	all_have($_) for @have;
	ask_all(my @well = grep { !$_->{unwell} } @have);
	is($_->{json}{state}, 'OK', "$_->{name}: well before") or diag($_->{out}) for @well;
	firewall(map { my $letter = $_; map { s/PRIMARY/$letter->{at}[1]/gr =~ s/MONITOR/$letter->{monitor}/gr =~ s/SECONDARIES/'{ ' . join(', ', secondaries($letter)) . ' }'/ger } @{ $letter->{firewall} // [] } } @letters);
	my @broken = grep { !$_->{stops} } @letters;
	$_->{break} and $_->{break}->($_) for @broken;
	settled($_) for @broken;
	ask_all(grep { $_->{now} } @broken);
	ask_all('--no-diagnose', my @twice = grep { !$_->{now} } @broken);
	ask_all(@twice);
	judged($_) for @broken;
	$_->{again} and $_->{again}->($_) for @broken;
	ask_all('told', my @told = grep { !$_->{now} && !$_->{stops} } @broken);
	$_->{is_told} = 1 for @told;
	told($_) for @told;
	play_stopped($_) for grep { $_->{stops} } @letters;
	$_->{after} and $_->{after}->($_) for @letters;
}

1;
