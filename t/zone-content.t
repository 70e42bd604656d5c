# check_zone_transfer's comparison of contents, against axfrd: what is equal and what is not, serials that differ, zones that change
# meanwhile, --diff, --ignore, --with-ttl, ZONEMD.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use File::Temp 'tempdir';
use IO::Select;
use IO::Socket::IP;
use Net::DNS;
use POSIX ();
use Socket 'SOCK_DGRAM';
use Test::More;
needs('check_zone_transfer', 'check_dns_replication', 'axfrd');

my @addresses = map { "127.0.0.$_" } 1 .. 3;
my $port = free_port(@addresses);
my $directory = tempdir('dns-replication-content-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @hosts = map { "host$_ A 192.0.2." . ($_ % 250) } 1 .. 3000;
my $zone = zone_file('example.com', 10, 2, @hosts);
my @asking = ('-t', '30s', '-z', 'example.com', '-H', "127.0.0.1\@$port", "--compare=127.0.0.2\@$port");
my @json = ('--output-format=json');
my $ns1 = primary($port, 'example.com' => $zone);

sub other { my ($text, %with) = @_; return primary($port, 'example.com' => $text, number => 2, %with) }
sub codes { my ($seen) = @_; return [map { $_->{code} } findings($seen->{json})] }
sub comparison { my ($seen, $number) = @_; return (grep { $_->{address} eq "127.0.0.$number" } @{ $seen->{json}{transfers} })[0]{comparison} // {} }
sub sample { my ($seen) = @_; return [map { tr/\t/ /r } @{ comparison($seen, 2)->{sample} // [] }] }

subtest 'equal, in another order and other letters' => sub {
	my $server = other(zone_file('example.com', 10, 2, map { ucfirst } reverse @hosts));
	my $seen = check_transfer(@asking);
	is_plugin_output($seen, 'OK');
	like($seen->{first}, qr/^ZONE TRANSFER OK - example\.com has equal content on 2 of 2 servers; serial 10 by AXFR from 127\.0\.0\.1\@$port: 3005 records, /, 'the first line');
	like(check_transfer(@asking, '-v')->{out}, qr/127\.0\.0\.2\@$port: complete, serial 10, .*, content equal$/m, '-v');
	$seen = check_transfer(@asking, @json);
	is(comparison($seen, 1)->{result}, 'reference', 'the reference');
	is(comparison($seen, 2)->{result}, 'equal', 'equal');
	is(comparison($seen, 2)->{tries}, 1, 'at once');
};

for my $story (
	['one changed', sub { s/^host77 A .*$/host77 A 198.51.100.1/mr }, ['- host77.example.com. 300 IN A 192.0.2.77', '+ host77.example.com. 300 IN A 198.51.100.1'], 1, 1],
	['one added', sub { "${_}new TXT \"hello, world\"\n" }, ['+ new.example.com. 300 IN TXT "hello, world"'], 0, 1],
	['one removed', sub { s/^host5 A .*\n//mr }, ['- host5.example.com. 300 IN A 192.0.2.5'], 1, 0],
	['another SOA field', sub { s/ 10 600 60 / 10 600 61 /r }, ['- example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 10 600 60 604800 60',
		'+ example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 10 600 61 604800 60'], 1, 1],
	['letters in a string', sub { "${_}t TXT Text\n" }, ['+ t.example.com. 300 IN TXT "Text"', '- t.example.com. 300 IN TXT "text"'], 1, 1, sub { "${_}t TXT text\n" }],
) {
	my ($name, $change, $sample, $here, $there, $base) = @$story;
	subtest $name => sub {
		local $_ = $zone;
		my $first = $base ? $base->() : undef;
		$ns1->stop if $first;
		my $instead = $first ? primary($port, 'example.com' => $first) : undef;
		my $server = other($change->());
		my $seen = check_transfer(@asking, @json);
		is_deeply(codes($seen), ['content_differs'], 'content_differs') or tell_run($seen);
		is_deeply([@{ comparison($seen, 2) }{qw(result only_on_reference only_on_server)}], ['different', $here, $there], 'counted');
		is_deeply(sample($seen), $sample, 'and shown');
		is_plugin_output(check_transfer(@asking), 'CRITICAL');
		if ($instead) { $instead->stop; $ns1 = primary($port, 'example.com' => $zone) }
	};
}

subtest 'as text' => sub {
	my $server = other($zone =~ s/^host(\d*7) A .*$/host$1 A 198.51.100.1/gmr);
	my $seen = check_transfer(@asking);
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/^\[CRITICAL\] example\.com 127\.0\.0\.2\@$port: has the same serial 10 as 127\.0\.0\.1\@$port, but other content: 300 records only on 127\.0\.0\.1\@$port, 300 records only on 127\.0\.0\.2\@$port → on 127\.0\.0\.1\@?\S* raise the serial and notify: pdnsutil increase-serial example\.com && pdns_control notify example\.com/m, 'the finding and the advice') or tell_run($seen);
	like($seen->{out}, qr/^Only on 127\.0\.0\.1\@$port \(-\) or 127\.0\.0\.2\@$port \(\+\):\n(?:  [-+] host\d+\.example\.com\. 300 IN A \S+\n){10}  … and 590 more \(--diff=FILE takes them all\)\n/m, 'a sample') or tell_run($seen);
	is(scalar(grep { /^  [-+] / } @{ check_transfer(@asking, '--top=3')->{lines} }), 3, '--top bounds it');
};

subtest '--diff' => sub {
	my $server = other($zone =~ s/^host(\d*7) A .*$/host$1 A 198.51.100.1/gmr);
	my $file = "$directory/diff";
	is(state_of(check_transfer(@asking, "--diff=$file")), 'CRITICAL', 'compared');
	my @lines = split /\n/, slurp($file);
	is(shift @lines, "; example.com serial 10: - 127.0.0.1\@$port, + 127.0.0.2\@$port", 'whose lines they are');
	is(scalar @lines, 600, 'all records');
	is(scalar(grep { /^- host\d*7\.example\.com\.\t300\tIN\tA\t192\.0\.2\.\d+$/ } @lines), 300, 'those of the reference');
	is(scalar(grep { /^\+ host\d*7\.example\.com\.\t300\tIN\tA\t198\.51\.100\.1$/ } @lines), 300, 'those of the other');
	$server->stop;
	$server = other($zone);
	is(state_of(check_transfer(@asking, "--diff=$file")), 'OK', 'equal again');
	is(slurp($file), '', 'and nothing stands there');
	is_usage_error(check_transfer('-z', 'example.com', '-H', '127.0.0.1', "--diff=$file"), qr/--diff belongs to --compare=HOST/);
	my $seen = check_transfer(@asking, "--diff=$directory/none/diff");
	is($seen->{exit}, 3, 'a folder that is not there: UNKNOWN');
	like($seen->{first}, qr{cannot write \Q$directory\E/none/diff}, 'and said') or tell_run($seen);
};

subtest 'TTLs, types that are ignored' => sub {
	my $server = other($zone =~ s/\$TTL 300/\$TTL 301/r);
	is(state_of(check_transfer(@asking)), 'OK', 'TTLs alone are no difference');
	my $seen = check_transfer(@asking, '--with-ttl', @json);
	is_deeply(codes($seen), ['content_differs'], 'with --with-ttl they are');
	is(comparison($seen, 2)->{only_on_server}, 3005, 'all of them');
	$server->stop;
	$server = other("${zone}t TXT more\ns TYPE65280 \\# 1 00\n");
	is(comparison(check_transfer(@asking, @json), 2)->{only_on_server}, 2, 'two records more');
	is(comparison(check_transfer(@asking, '--ignore=TXT', @json), 2)->{only_on_server}, 1, 'one is ignored');
	is(state_of(check_transfer(@asking, '--ignore=TXT,TYPE65280')), 'OK', 'both are');
	is_usage_error(check_transfer(@asking, '--ignore=TXT,NONE'), qr/--ignore: NONE is no type of records/);
	is_usage_error(check_transfer('-z', 'example.com', '-H', '127.0.0.1', '--with-ttl'), qr/--with-ttl belongs to --compare=HOST/);
	is_usage_error(check_transfer(@asking, '--ixfr=3'), qr/--compare and --zonemd want whole zones: not with --ixfr/);
	is_usage_error(check_transfer(@asking, '--expect=refused'), qr/--compare and --zonemd want whole zones: not with --expect=refused/);
};

subtest 'other serials' => sub {
	my $server = other(zone_file('example.com', 8, 2, @hosts));
	my $seen = check_transfer(@asking, @json);
	is_deeply(codes($seen), ['secondary_behind'], 'behind');
	is_deeply([@{ comparison($seen, 2) }{qw(result serial reference_serial tries)}], ['other_serial', 8, 10, 1], 'known at once');
	like(check_transfer(@asking)->{out}, qr/127\.0\.0\.2\@$port: is 2 serials behind 127\.0\.0\.1\@$port: 8 instead of 10, so the contents were not compared/, 'and said');
	$server->stop;
	$server = other(zone_file('example.com', 11, 2, @hosts));
	is_deeply(codes(check_transfer(@asking, @json)), ['secondary_ahead'], 'ahead');
	$server->stop;
	$server = other(zone_file('example.com', 10 + 2**31, 2, @hosts));
	is_deeply(codes(check_transfer(@asking, @json)), ['serial_undefined'], 'neither');
};

subtest 'several servers' => sub {
	my $second = other($zone);
	my $third = primary($port, 'example.com' => "${zone}t TXT more\n", number => 3);
	my $seen = check_transfer(@asking, "--compare=127.0.0.3\@$port", @json);
	is_deeply([map { comparison($seen, $_)->{result} } 1 .. 3], ['reference', 'equal', 'different'], 'each by itself');
	is_deeply(findings_of($seen->{json}, '127.0.0.3'), ['content_differs'], 'one is blamed');
	is_deeply(findings_of($seen->{json}, '127.0.0.2'), [], 'the other is not');
	$third->stop;
	$third = primary($port, 'example.com' => $zone, number => 3, options => ['--fault=refuse-axfr']);
	$seen = check_transfer(@asking, "--compare=127.0.0.3\@$port", @json);
	is_deeply(codes($seen), ['transfer_refused'], 'who refuses is said to');
	is(comparison($seen, 2)->{result}, 'equal', 'the others are compared');
};

subtest 'the reference fails' => sub {
	my $server = other($zone);
	$ns1->stop;
	my $seen = check_transfer(@asking, @json);
	is_deeply(codes($seen), ['server_port_closed'], 'only that is said');
	is_deeply(comparison($seen, 2), {}, 'nothing is compared');
	$ns1 = primary($port, 'example.com' => $zone);
};

# A server of one zone whose serial and records depend on how often it was transferred: $tell->(NUMBER) gives them, for the SOA question
# beside it $tell->(NUMBER SO FAR, 1); 'silent' accepts and says nothing.
my @children;
END { my $status = $?; kill KILL => @children; waitpid $_, 0 for @children; $? = $status }
sub moving {
	my ($number, $tell) = @_;
	my @at = (LocalAddr => "127.0.0.$number", LocalPort => $port, ReuseAddr => 1);
	my $tcp = IO::Socket::IP->new(@at, Listen => 8) or die "listen: $@";
	my $udp = IO::Socket::IP->new(@at, Type => SOCK_DGRAM, Proto => 'udp') or die "udp: $@";
	my $pid = fork // die "fork: $!";
	if (!$pid) { eval { serve_moving($tcp, $udp, $tell) }; POSIX::_exit(0) }
	push @children, $pid;
	return $pid;
}
sub gone { my ($pid) = @_; kill KILL => $pid; waitpid $pid, 0; @children = grep { $_ != $pid } @children }
sub answer_to {
	my ($bytes, @records) = @_;
	my $question = Net::DNS::Packet->new(\$bytes);
	my $answer = $question->reply;
	$answer->header->aa(1);
	$answer->header->rcode('NOERROR');
	$answer->push(answer => map { Net::DNS::RR->new($_) } @records);
	return ($answer->data, ($question->question)[0]->qtype);
}
sub soa_of { my ($serial) = @_; return "example.com. 300 IN SOA ns1.example.com. h.example.com. $serial 600 60 604800 60" }
sub serve_moving {
	my ($tcp, $udp, $tell) = @_;
	my $select = IO::Select->new($tcp, $udp);
	my ($count, @open) = (0);
	while (1) {
		for my $socket ($select->can_read) {
			if ($socket == $udp) {
				my $peer = $udp->recv(my $bytes, 4096) // next;
				$udp->send((answer_to($bytes, soa_of(($tell->($count, 1))[0])))[0], 0, $peer);
				next;
			}
			my $client = $tcp->accept or next;
			push @open, $client;
			sysread $client, my $bytes, 4096;
			my ($serial, @records) = $tell->(++$count);
			next if $serial eq 'silent';
			my ($message) = answer_to(substr($bytes, 2), soa_of($serial), @records, soa_of($serial));
			syswrite $client, pack 'n/a*', $message;
		}
	}
}
my @a = ('example.com. 300 IN NS ns1.example.com.', 'a.example.com. 300 IN A 192.0.2.1');
my @b = (@a, 'b.example.com. 300 IN A 192.0.2.2');

for my $story (
	['a record twice', sub { (10, @a, $a[1]) }, sub { (10, @a) }, 'content_differs', 1, 'different'],
	['the secondary was just about to follow', sub { (11, @b) }, sub { $_[0] == 1 && !$_[1] ? (10, @a) : (11, @b) }, '', 2, 'equal'],
	['the primary has moved on', sub { $_[0] == 1 && !$_[1] ? (10, @a) : (11, @b) }, sub { (11, @b) }, '', 2, 'equal'],
	['it changes with every look', sub { (10 + 2 * $_[0] + ($_[1] // 0), @a) }, sub { (9 + 2 * $_[0], @a) }, 'content_unsettled', 3, 'unsettled'],
	['it is changed at both while it is compared', sub { $_[0] == 1 ? (10, @a) : (11, @b) }, sub { $_[0] == 1 ? (10, @b) : (11, @b) }, '', 2, 'equal'],
	['its content is put right without a new serial', sub { (10, @a) }, sub { $_[0] == 1 ? (10, @b) : (10, @a) }, '', 2, 'equal'],
	['the second look fails', sub { $_[0] == 1 ? (10, @a) : ('silent') }, sub { (10, @b) }, 'content_differs', 1, 'different'],
	['a cache answers the SOA question', sub { (11, @b) }, sub { $_[1] ? (9) : (10, @a) }, 'secondary_behind', 1, 'other_serial'],
) {
	my ($name, $first, $second, $code, $tries, $result) = @$story;
	subtest $name => sub {
		$ns1->stop if $ns1;
		undef $ns1;
		my @moving = (moving(1, $first), moving(2, $second));
		my $seen = check_transfer(@asking, '-t', '4s', @json);
		is(join(' ', @{ codes($seen) }), $code, $code || 'all well') or tell_run($seen);
		is_deeply([@{ comparison($seen, 2) }{qw(result tries)}], [$result, $tries], "$result, at try $tries") or tell_run($seen);
		gone($_) for @moving;
	};
}
$ns1 = primary($port, 'example.com' => $zone);

# check_dns_replication's diagnosis of equal serials with different SOAs: is it the SOA alone?
subtest 'a diagnosis' => sub {
	my $said = sub {
		my ($first, $second, @more) = @_;
		$ns1->stop;
		$ns1 = primary($port, 'example.com' => $first);
		my $server = other($second);
		my $seen = check_json('-z', 'example.com', '-H', "127.0.0.1\@$port", '-n', '-a', "ns2.test=127.0.0.2\@$port", @more);
		my ($finding) = grep { $_->{code} eq 'soa_differs' } findings($seen->{json});
		return ($finding // {})->{text} // '';
	};
	my $changed = $zone =~ s/ 10 600 60 / 10 600 61 /r;
	my $differs = qr/^has the same serial 10, but another SOA: retry 61 instead of 60/;
	like($said->($zone, $changed), qr/$differs; all other records are the same/, 'the SOA alone');
	my $text = $said->($zone, $changed =~ s/^host77 A .*$/host77 A 198.51.100.1/mr);
	like($text, qr/$differs; besides, 1 record only on 127\.0\.0\.1\@$port \(-\), 1 only here \(\+\): - host77\.example\.com\. 300 IN A 192\.0\.2\.77; \+ host77\.example\.com\. 300 IN A 198\.51\.100\.1/, 'others, too');
	unlike($said->($zone, "${changed}t TXT x\n", '--no-diagnose'), qr/besides/, 'not with --no-diagnose');
	my $large = join '', map { my $t = $_; "t$t TXT " . join(' ', map { '"' . chr(97 + $t % 26) x 250 . '"' } 1 .. 200) . "\n" } 1 .. 180;
	unlike($said->($zone . $large, "$changed${large}t TXT x\n"), qr/besides|other records/, 'not of a large zone');
	$ns1->stop;
	$ns1 = primary($port, 'example.com' => $zone);
};

subtest '--plan' => sub {
	like(check_transfer(@asking, '--plan')->{out}, qr/server 127\.0\.0\.1\@$port, port $port\n  compared with 127\.0\.0\.2\@$port, port $port\n/, 'names the other');
};

# RFC 8976 A.1
my $digest = 'c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c';
my $example = "\$ORIGIN example.\n@ 86400 SOA ns1 admin 2018031900 1800 900 604800 86400\n@ 86400 NS ns1\n@ 86400 NS ns2\nns1 3600 A 203.0.113.63\n"
	. "ns2 3600 AAAA 2001:db8::63\n";
sub zonemd { my ($rest, @more) = @_; my $server = primary($port, 'example' => "$example$rest\n", number => 2); return check_transfer('-z', 'example', '-H', "127.0.0.2\@$port", '--zonemd', @more) }
subtest 'ZONEMD' => sub {
	my $seen = zonemd("@ 86400 ZONEMD 2018031900 1 1 $digest", @json);
	is_deeply([$seen->{json}{state}, $seen->{json}{transfers}[0]{zonemd}{result}], ['OK', 'good'], 'good') or tell_run($seen);
	like(zonemd("@ 86400 ZONEMD 2018031900 1 1 $digest", '-v')->{out}, qr/ZONEMD good \(SHA-384\)/, '-v says so');
	$seen = zonemd("@ 86400 ZONEMD 2018031900 1 1 $digest\nx 1 TXT more");
	is_plugin_output($seen, 'CRITICAL');
	like($seen->{out}, qr/serves content that its ZONEMD record does not fit: serial 2018031900, 7 records \(SIMPLE, SHA-384\)/, 'a record more');
	like(zonemd("@ 86400 ZONEMD 2018031899 1 1 $digest")->{out}, qr/has a ZONEMD record of serial 2018031899, but the zone's serial is 2018031900/, 'another serial');
	$seen = zonemd('', @json);
	is($seen->{json}{state}, 'OK', 'none: OK');
	is_deeply([map { $_->{code} } findings($seen->{json}, ok => 1)], ['zonemd_missing'], 'and said');
	like(zonemd("@ 86400 ZONEMD 2018031900 1 240 e2d523f654b9422a96c5a8f44607bbee", '-v')->{out}, qr/of no scheme and hash that can be verified \(SIMPLE, hash algorithm 240\)/, 'unknown ones');
	like(zonemd("@ 86400 ZONEMD 2018031900 1 1 $digest\n@ 86400 ZONEMD 2018031900 1 1 ${digest}00")->{out}, qr/several ZONEMD records of one scheme and hash/, 'two of a kind');
};

done_testing;
