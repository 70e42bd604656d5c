# Anycast: several servers behind one address, told apart by NSID (RFC 5001). The network is nft: it says who gets the question.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use File::Temp;
use Test::More;
needs('check_dns_replication');

my ($zone, $anycast) = ('example.com', '192.0.2.9');
my $text = sub { my ($serial) = @_; return \join "\n", "\$ORIGIN $zone.", '$TTL 300', "@ SOA ns1 hostmaster $serial 600 60 3600 60", '@ NS ns1', '@ NS any', 'ns1 A 192.0.2.1', "any A $anycast", '' };
my $ns1 = named('192.0.2.1', zones => { $zone => $text->(10) });
my $fra = named('192.0.2.3', zones => { $zone => $text->(10) }, options => 'server-id "fra1";');
my $ber = knotd('192.0.2.5', zones => { $zone => $text->(10) });	# its NSID is "knot"
my $state = File::Temp->newdir;
my @asking = ('-z', $zone, '-H', '192.0.2.1', '--state-dir', "$state", '-t', '6s', '-w', '1s', '--no-tcp-probe');

# Where the network takes the questions for the anycast address: to one node, or to these in turn.
sub nearest {
	my @nodes = @_;
	my $to = @nodes == 1 ? $nodes[0] : 'numgen inc mod ' . @nodes . ' map { ' . join(', ', map { "$_ : $nodes[$_]" } 0 .. $#nodes) . ' }';
	my $file = spew(DNSReplication::Lab::directory('anycast') . '/rules', "table ip anycast\ndelete table ip anycast\ntable ip anycast {\n"
		. "chain out { type nat hook output priority -100;\nip daddr $anycast dnat to $to;\n}\n}\n");
	shell('nft', '-f', $file);
}

sub verdict {
	my ($step, $expected_state, @expected) = @_;
	my $seen = check_json(@asking);
	my @said = sort map { "$_->{code} " . ($_->{address} // '-') . ' ' . ($_->{nsid} // '-') } findings($seen->{json});
	is_deeply([$seen->{json}{state}, @said], [$expected_state, sort @expected], "$step: $expected_state @expected") or tell_run(check(@asking));
	return $seen->{json};
}

nearest($fra->{address});
is(server_of(verdict('the node in Frankfurt', 'OK'), $anycast)->{nsid}, 'fra1', 'says who it is');
nearest($ber->{address});
is(server_of(verdict('the one in Berlin', 'OK'), $anycast)->{nsid}, 'knot', 'says who it is, too');

subtest 'one node lost the zone' => sub {
	$fra->stop;
	$fra = named('192.0.2.3', zones => { 'other.test' => $text->(10) }, options => 'server-id "fra1";');
	verdict('Berlin is well', 'OK');
	nearest($fra->{address});
	verdict('Frankfurt refuses', 'CRITICAL', "zone_refused $anycast fra1");
	my $seen = check(@asking);
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{first}, qr/^DNS REPLICATION CRITICAL - example\.com: any\.example\.com \[NSID fra1\] answers REFUSED/, 'the first line names the node');
	like($seen->{text}, qr/^\[CRITICAL\] example\.com any\.example\.com \(192\.0\.2\.9\) \[NSID fra1\]: answers REFUSED/m, 'and so does the finding');

	# Berlin is asked in between: for how long Frankfurt has been refusing, is Frankfurt's own history.
	my ($since) = map { $_->{amount} } findings(check_json(@asking)->{json});
	nearest($ber->{address});
	verdict('Berlin again', 'OK');
	nearest($fra->{address});
	my $later;
	ok(wait_until(15, sub { ($later) = map { $_->{amount} } findings(check_json(@asking)->{json}); ($later // 0) >= ($since // 0) + 2 }), 'it goes on counting')
		or diag "from $since to $later";
};

subtest 'one node is stale' => sub {
	$fra->stop;
	$fra = named('192.0.2.3', zones => { $zone => $text->(9) }, options => 'server-id "fra1";');
	nearest($fra->{address});
	verdict('Frankfurt is stale', 'WARNING', "secondary_behind $anycast fra1");
	nearest($ber->{address});
	verdict('Berlin is not', 'OK');

	# The first question goes to one node, the second to the other: that neither confirms nor clears anybody. (A question that was
	# repeated may have been the second one: that is tried again.)
	for my $turn ([$fra, $ber, 'fra1', 'WARNING', 'secondary_behind fra1'], [$ber, $fra, 'knot', 'OK']) {
		my ($first, $second, $node, @expected) = @$turn;
		my ($json, @said);
		ok(wait_until(60, sub {
			nearest($first->{address}, $second->{address});
			$json = check_json(@asking)->{json};
			@said = findings($json);
			return server_of($json, $anycast)->{nsid} eq $node && (!@said || $said[0]{text} =~ /not confirmed: no second answer of this node/);
		}), "$node answers first, another one then") or diag explain \@said;
		is_deeply([$json->{state}, map { "$_->{code} $_->{nsid}" } @said], \@expected, 'it is judged by what it serves itself');
	}
};

done_testing;
