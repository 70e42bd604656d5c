# NRPE as Debian has it: complete commands, however long their output is, whatever is in it.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Callers '/usr/sbin/nrpe', '/usr/lib/nagios/plugins/check_nrpe';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $home = DNSReplication::Lab::directory('nrpe');
my $plugins = plugin_directory();
my @scenes = scenes();

# What a shell gives a meaning is quoted, and $ is doubled, as contrib/nrpe says.
sub quoted { return join ' ', map { "'" . s/'/'\\''/gr =~ s/\$/\$\$/gr . "'" } @_ }

# A line of NRPE's configuration holds 2,047 bytes; whoever has more to say has --extra-opts.
for my $scene (grep { length quoted(@{ $_->{arguments} }) > 1800 } @scenes) {
	my ($ini, @left) = ("[$scene->{name}]\n", @{ $scene->{arguments} });
	while (defined(my $option = shift @left)) { $ini .= ($option =~ s/^--?//r) . (@left && $left[0] !~ /^-/ ? '=' . shift @left : '') . "\n" }
	$scene->{arguments} = ["--extra-opts=$scene->{name}\@" . spew("$home/$scene->{name}.ini", $ini)];
}

# The example of contrib, with the path of the plugin as it is here and a name server of ours.
my $example = slurp(source_dir() . '/contrib/nrpe/dns-replication.cfg') =~ s{/usr/lib/nagios/plugins}{$plugins}gr
	=~ s/--hostname=192\.0\.2\.1/"--hostname=" . example_servers()/er;
like($example, qr/^command\[check_dns_replication_example_com\]=\S+check_dns_replication --hostname=127/m, 'the example is there');
spew("$home/nrpe.cfg", <<"END" . $example . join '', map { "command[$_->{name}]=$plugins/check_dns_replication @{[ quoted(@{ $_->{arguments} }) ]}\n" } @scenes);
server_address=127.0.0.1
server_port=5666
allowed_hosts=127.0.0.1
log_file=$home/log
pid_file=$home/pid
nrpe_user=nobody
nrpe_group=nogroup
dont_blame_nrpe=0
command_timeout=60
connection_timeout=60
END
chmod 0777, $home;
my $server = daemon('/usr/sbin/nrpe', '-c', "$home/nrpe.cfg", '-f');

sub check_nrpe { return run(['/usr/lib/nagios/plugins/check_nrpe', '-H', '127.0.0.1', '-t', 30, @_], timeout => 40) }

ok(wait_until(30, sub { check_nrpe()->{out} =~ /^NRPE v4/ }), 'nrpe answers, version 4') or diag slurp("$home/log");

for my $scene (@scenes) {
	subtest $scene->{name} => sub {
		my $seen = check_nrpe('-c', $scene->{name});
		my $run = run_of(@{ $scene->{arguments} }) // { said => '', exit => -1 };
		is($run->{exit}, $scene->{exit}, "exit $scene->{exit}") or diag $run->{said}, $run->{errors};
		is($seen->{exit}, $scene->{exit}, 'is what check_nrpe exits with');
		same_text($seen->{out}, $run->{said}, 'all of ' . length($run->{said}) . ' bytes arrive');
		is_deeply([missing_in($seen->{out}, @{ $scene->{about} })], [], 'with what they are about');
		cmp_ok(length $seen->{out}, '>', $scene->{long}, 'however long') if $scene->{long};
	};
}

subtest 'the example of contrib' => sub {
	my $seen = check_nrpe('-c', 'check_dns_replication_example_com');
	is($seen->{exit}, 0, 'OK') or tell_run($seen);
	is_plugin_output($seen, 'OK');
};

subtest 'the older protocols' => sub {
	my ($well, $long) = map { my $name = $_; grep { $_->{name} eq $name } @scenes } 'well', 'long';
	for my $version (2, 3) {
		for my $scene ($well, $long) {
			my $seen = check_nrpe("-$version", '-c', $scene->{name});
			my $said = run_of(@{ $scene->{arguments} })->{said};
			is($seen->{exit}, $scene->{exit}, "version $version: the exit code of $scene->{name}");
			same_text($seen->{out} =~ s/\n\z//r, substr($said, 0, 1023) =~ s/\n\z//r, 'and as much as fits');
		}
	}
};

# dont_blame_nrpe=0: nobody outside chooses what is asked of whom.
my $refused = check_nrpe('-c', 'well', '-a', '--zone=example.net');
is($refused->{exit}, 3, 'arguments are refused') or tell_run($refused);

done_testing;
