# A dynamic zone that changes four times a second, its secondaries told by NOTIFY: 200 runs, no alarm. And servers that restart while
# they are asked: what is said is true of that moment, and nothing else is said.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Lab;
use DNSReplication::Run;
use DNSReplication::World;
use File::Temp;
use IO::Handle;
use IO::Select;
use Net::DNS;
use POSIX ();
use Test::More;
needs('check_dns_replication');

my ($WORKERS, $RUNS) = (20, 10);
my $zone = 'busy.example';
my $state = File::Temp->newdir;
my @asking = ('-z', $zone, '-H', '192.0.2.1', '--state-dir', "$state");

my $ns1 = named('192.0.2.1', zones => { $zone => zone_with($zone, 10, 'ns1', hosts(1 .. 5)) }, options => 'allow-update { any; }; notify-delay 1;');
my $pdns = pdns('192.0.2.2', secondary => 'yes');
$pdns->util('create-secondary-zone', $zone, '192.0.2.1');
my @others = (named('192.0.2.3', zones => { $zone => '192.0.2.1' }), nsd('192.0.2.4', zones => { $zone => '192.0.2.1' }), knotd('192.0.2.5', zones => { $zone => '192.0.2.1' }));
$pdns->control('retrieve', $zone);
ok(serve(10, $zone, 1 .. 5), 'all have it');
verdict('before the first change', \@asking, 'OK');

# Until its end of the pipe is closed, in a process of its own.
sub change_all_the_time {
	pipe(my $told, my $tell) or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	return ($pid, $tell) if $pid;
	close $tell;
	my $resolver = Net::DNS::Resolver->new(nameservers => ['192.0.2.1'], retry => 1, udp_timeout => 5, config_file => '/dev/null');
	my $pause = IO::Select->new($told);
	for (my $count = 1; !$pause->can_read(0.25); $count++) {
		my $update = Net::DNS::Update->new($zone);
		$update->push(update => rr_del("changing.$zone. TXT"), rr_add("changing.$zone. 60 TXT \"$count\""));
		$resolver->send($update);
	}
	POSIX::_exit(0);
}

# Each worker's runs, a line each: state, exit, serial, servers in sync, lag, seconds; then all of it where that is not OK.
sub worker {
	my ($number) = @_;
	my $file = DNSReplication::Lab::directory('runs') . "/$number";
	my $pid = fork // die "fork: $!";
	return ($pid, $file) if $pid;
	my @lines;
	for (1 .. $RUNS) {
		my $seen = check(@asking);
		my %of = map { $_ => $seen->{perfdata}{of}{$_}{value} // -1 } qw(serial in_sync lag);
		push @lines, join(' ', state_of($seen) || 'NONE', $seen->{exit}, @of{qw(serial in_sync lag)}, $seen->{seconds}, @{ $seen->{perfdata}{problems} }) . ($seen->{exit} ? " $seen->{out}$seen->{err}" : '') =~ s/\n/ /gr;
	}
	spew($file, join '', map { "$_\n" } @lines);
	POSIX::_exit(0);
}

subtest 'a zone that never rests' => sub {
	my ($changer, $tell) = change_all_the_time();
	ok(wait_until(20, sub { (serial_at('192.0.2.1', $zone) // 0) > 12 }), 'it is changing');
	my %file = map { worker($_) } 1 .. $WORKERS;
	waitpid $_, 0 for keys %file;
	close $tell;
	waitpid $changer, 0;
	my @runs = map { split /\n/, slurp($_) } values %file;
	is(scalar @runs, $WORKERS * $RUNS, 'runs');
	is_deeply([grep { !/^OK 0 / } @runs], [], 'not one alarm');
	my @seen = map { [split / /] } @runs;
	my @serials = sort { $a <=> $b } map { $_->[2] } @seen;
	cmp_ok($serials[-1] - $serials[0], '>=', 5, "the serial went from $serials[0] to $serials[-1] meanwhile");
	my ($late) = sort { $b <=> $a } map { $_->[4] } @seen;
	my $twice = grep { $_->[5] >= 1 } @seen;
	cmp_ok($twice, '>=', 20, "$twice runs saw a change on its way, and asked again");
	note scalar(grep { $_->[3] < 5 } @seen), " runs saw somebody behind even then, at most for $late s";
	cmp_ok($late, '<', 60, 'nobody was late');
};

subtest 'and comes to rest' => sub {
	my $last = serial_at('192.0.2.1', $zone);
	ok(serve($last, $zone, 2 .. 5), 'everybody has the last change');
	verdict('afterwards', \@asking, 'OK');
	first_line(\@asking, 'OK', qr/busy\.example serial $last on 5 of 5 servers/);
};

subtest 'servers restart while they are asked' => sub {
	# What a server may say, or not say, while it goes down and comes up.
	my %momentary = map { $_ => 1 } qw(server_port_closed server_timeout zone_servfail zone_not_loaded zone_refused zone_notauth tcp_unreachable udp_unreachable);
	my ($count, @wrong, %said) = (0);
	my $last = serial_at('192.0.2.1', $zone);
	for my $server ($pdns, @others, $ns1) {
		pipe(my $done, my $end) or die "pipe: $!";
		my $pid = fork // die "fork: $!";
		if (!$pid) {
			close $done;
			my @lines;
			print $end "started\n";
			$end->flush;
			# Runs one after the other until the server is back, and two more.
			for (my $more = 2; $more;) {
				my $seen = check_json(@asking, '-t', '4s');
				$more-- if -e "$state/back-$server->{address}";
				for my $finding (findings($seen->{json})) {
					push @lines, "SAID $finding->{code} $finding->{text}";
					push @lines, "WRONG $finding->{code} at " . ($finding->{address} // '-') . " while $server->{address} restarts: $finding->{text}"
						if !$momentary{ $finding->{code} } || ($finding->{address} // '') ne $server->{address};
				}
				push @lines, "WRONG state $seen->{json}{state}" if ($seen->{json}{state} // '') !~ /^(OK|WARNING|CRITICAL)$/;
				push @lines, "WRONG $seen->{err}" if length $seen->{err};
				push @lines, 'RUN';
			}
			print $end "$_\n" for @lines;
			close $end;
			POSIX::_exit(0);
		}
		close $end;
		readline $done;
		$server->restart for 1 .. 2;
		ok(serve($last, $zone, $server->{address} =~ /(\d+)\z/), "$server->{address} serves the zone again");
		spew("$state/back-$server->{address}", '');
		while (defined(my $line = readline $done)) {
			chomp $line;
			$count++ if $line eq 'RUN';
			push @wrong, $line if $line =~ /^WRONG/;
			$said{$1} = $2 if $line =~ /^SAID (\S+) (.*)/;
		}
		waitpid $pid, 0;
	}
	cmp_ok($count, '>=', 15, "$count runs");
	is_deeply(\@wrong, [], 'only the server that restarts is blamed, for what it does');
	note map { "$_: $said{$_}\n" } sort keys %said;
	verdict('up again', \@asking, 'OK');
};

done_testing;
