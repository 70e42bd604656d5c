# Deliver 5: servers that answer garbage, from the wrong address, with the wrong id, question or
# class, too long, too short, compressed in loops.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Fake;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my @names = lies();
# These are no forgery but a broken server: the answer is from the right place and to the question.
my %says = (soa_of_another => qr/^(no_soa|malformed_answer)$/, two_soas => qr/^malformed_answer$/,
	wrong_answer_class => qr/^(no_soa|malformed_answer)$/);
my $silence = qr/^(malformed_answer|server_timeout|zone_timeout|udp_unreachable)$/;

sub story { my ($lie, %more) = @_; return { name => $lie =~ tr/_/-/r, lie => $lie, %more } }

subtest 'lies by UDP and TCP: each server is CRITICAL, and never is its serial believed' => sub {
	my $fake = stories(map { story($_) } @names);
	my $seen = check_json('-t', '4s', $fake->listing);
	is($seen->{json}{state}, 'CRITICAL', 'CRITICAL');
	cmp_ok($seen->{seconds}, '<', 4.2, 'in time');
	for my $lie (grep { !/^wrong_(address|port)$/ } @names) {
		my $server = ($lie =~ tr/_/-/r) . '.test';
		my @codes = @{ findings_of($seen->{json}, $server) };
		my $expected = $says{$lie} // $silence;
		is(scalar(grep { $_ =~ $expected } @codes), 1, "$lie: one finding")
			or diag("@codes");
		isnt(server_of($seen->{json}, $server)->{serial} // 'none', 4_000_000_000,
			"$lie: not believed");
		isnt(server_of($seen->{json}, $server)->{outcome}, 'answered', "$lie: no answer");
	}
	is_deeply(findings_of($seen->{json}, 'primary.test'), [], 'the primary is not blamed');
	is($seen->{json}{zones}[0]{reference}{serial}, 10, 'and its serial stands');
};

subtest 'lies by UDP only: TCP tells the serial, and the server is not fine' => sub {
	my @udp = grep { !$says{$_} } @names;
	my $fake = stories(map { story($_, lie_by => 'udp') } @udp);
	my $seen = check_json('-t', '5s', $fake->listing);
	for my $lie (@udp) {
		my $server = ($lie =~ tr/_/-/r) . '.test';
		my @codes = @{ findings_of($seen->{json}, $server) };
		like("@codes", qr/^(udp_unreachable|malformed_answer)$/, "$lie: seen");
		is(server_of($seen->{json}, $server)->{serial}, 10, "$lie: the serial by TCP")
			if "@codes" eq 'udp_unreachable';
	}
};

subtest 'a forged packet before the true answer ends no question' => sub {
	my @forged = qw(garbage garbage_after_id empty one_byte too_short wrong_id wrong_question wrong_type wrong_class wrong_address wrong_port question_back wrong_opcode
		pointer_to_itself pointer_circle label_of_64 cut_off counts_too_high);
	my $fake = stories(map { story($_, lie_by => 'udp', then_truth => 1) } @forged);
	my $seen = check_json('-t', '5s', $fake->listing);
	is($seen->{json}{state}, 'OK', 'OK') or tell_run($seen);
	for my $lie (@forged) {
		my $server = server_of($seen->{json}, ($lie =~ tr/_/-/r) . '.test');
		is_deeply([@$server{qw(outcome serial transport tries)}],
			['answered', 10, 'udp', 1], "$lie: waited past");
	}
	cmp_ok($seen->{seconds}, '<', 2, 'without delay');
};

subtest 'lies by TCP only: UDP tells the serial, TCP is said to be broken' => sub {
	my @tcp = grep { !/address|port|two_questions|soa_of_another|two_soas|wrong_answer_class|rdata|name_of|cut|trailing|long|counts|pointer|label/ } @names;
	my $fake = stories(map { story($_, lie_by => 'tcp') } @tcp);
	my $seen = check_json('-t', '4s', $fake->listing);
	for my $lie (@tcp) {
		my $server = ($lie =~ tr/_/-/r) . '.test';
		is(server_of($seen->{json}, $server)->{serial}, 10, "$lie: the serial by UDP");
		is_deeply(findings_of($seen->{json}, $server), ['tcp_unreachable'],
			"$lie: TCP does not work");
	}
};

subtest 'a primary that lies' => sub {
	my $fake = cluster([10, 10, 10], 1 => { lie => 'garbage_after_id' });
	my $seen = check_json('-t', '3s', $fake->arguments, '-n',
		map { ('-a', "ns$_.example.com=127.0.0.$_") } 2, 3);
	is($seen->{json}{state}, 'CRITICAL', 'CRITICAL, never UNKNOWN') or tell_run($seen);
	like("@{ findings_of($seen->{json}, '127.0.0.1') }", $silence, 'the primary is named');
	is(server_of($seen->{json}, "ns$_.example.com")->{serial}, 10, "ns$_ is judged") for 2, 3;
};

done_testing;
