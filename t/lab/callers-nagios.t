# Nagios 4 as Debian has it runs the commands of contrib/nagios: state, output and perfdata in its status file are the plugin's.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Callers '/usr/sbin/nagios4';
use DNSReplication::Lab;
use DNSReplication::Run;
use Test::More;
needs('check_dns_replication');

my $home = DNSReplication::Lab::directory('nagios');
my $plugins = plugin_directory();
my @scenes = scenes();
mkdir "$home/$_" for qw(spool rw);

# In a command's argument: for the shell that runs it, for "!", which separates arguments, and for macros. A ; begins a comment in Nagios' files.
sub argument { return join ' ', map { "'" . s/'/'\\''/gr =~ s/\$/\$\$/gr =~ s/!/\\!/gr =~ s/;/\\;/gr . "'" } @_ }

my %common = (max_check_attempts => 1, check_period => 'always', notification_period => 'always', notifications_enabled => 0, contacts => 'nobody', check_interval => 1440,
	retry_interval => 1440, notification_interval => 0);
sub object { my ($type, %fields) = @_; return "define $type {\n" . join('', map { "\t$_\t$fields{$_}\n" } sort keys %fields) . "}\n" }
sub service { my ($name, $command) = @_; return object(service => %common, host_name => 'ns1', service_description => $name, check_command => $command, active_checks_enabled => 0) }

spew("$home/objects.cfg", join '', object(timeperiod => timeperiod_name => 'always', alias => 'always', map { $_ => '00:00-24:00' } qw(monday tuesday wednesday thursday friday saturday sunday)),
	object(command => command_name => 'nothing', command_line => '/bin/true'),
	object(contact => contact_name => 'nobody', map({ ("${_}_notifications_enabled" => 0, "${_}_notification_commands" => 'nothing', "${_}_notification_period" => 'always') } qw(host service))),
	object(host => %common, host_name => 'ns1', address => example_servers(), active_checks_enabled => 0),
	(map { service($_->{name}, 'check_dns_replication_options!' . argument(@{ $_->{arguments} })) } @scenes),
	service('plain', 'check_dns_replication!example.com'), service('with-lag', 'check_dns_replication_lag!example.com!15m!2h'));
spew("$home/resource.cfg", "\$USER1\$=$plugins\n");
spew("$home/nagios.cfg", <<"END");
cfg_file=$home/objects.cfg
cfg_file=@{[ source_dir() ]}/contrib/nagios/dns-replication.cfg
resource_file=$home/resource.cfg
log_file=$home/log
object_cache_file=$home/objects.cache
precached_object_file=$home/objects.precache
status_file=$home/status.dat
status_update_interval=1
nagios_user=root
nagios_group=root
command_file=$home/rw/nagios.cmd
lock_file=$home/pid
temp_file=$home/temporary
temp_path=$home
log_archive_path=$home
check_result_path=$home/spool
query_socket=$home/query
retain_state_information=0
use_syslog=0
check_workers=2
illegal_macro_output_chars=`~\$&|'"<>
END
my $verified = run(['nagios4', '-v', "$home/nagios.cfg"]);
is($verified->{exit}, 0, 'nagios4 -v takes the configuration') or diag $verified->{out};
like($verified->{out}, qr/Total Warnings: 0/, 'without a warning') or diag $verified->{out};

daemon('nagios4', "$home/nagios.cfg");
ok(wait_until(30, sub { -p "$home/rw/nagios.cmd" }), 'nagios4 takes commands') or diag slurp("$home/log");
my @names = ((map { $_->{name} } @scenes), 'plain', 'with-lag');
my $when = time;
open my $commands, '>', "$home/rw/nagios.cmd" or die "nagios.cmd: $!";
print $commands map { "[$when] SCHEDULE_FORCED_SVC_CHECK;ns1;$_;$when\n" } @names;
close $commands;

# The status file's services: { NAME => { field => value } }.
sub status {
	my %status;
	for my $block (slurp("$home/status.dat") =~ /^servicestatus \{\n(.*?)^\t\}/msg) {
		my %field = map { /^\t([a-z_]+)=(.*)/ ? ($1, $2) : () } split /\n/, $block;
		$status{ $field{service_description} } = \%field;
	}
	return \%status;
}

my $status;
ok(wait_until(60, sub { $status = status(); !grep { !$status->{$_}{has_been_checked} } @names }), 'all have run') or diag slurp("$home/log");

# Line ends are written as \n, and a backslash as two.
sub unescaped { return $_[0] =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger }

for my $scene (@scenes) {
	subtest $scene->{name} => sub {
		my $shown = $status->{ $scene->{name} };
		my $run = run_of(@{ $scene->{arguments} }) // { said => '', exit => -1 };
		is($run->{exit}, $scene->{exit}, "exit $scene->{exit}") or diag $run->{said};
		is($shown->{current_state}, $scene->{exit}, 'is the state that Nagios shows');
		my ($first, $perfdata, $more) = $run->{said} =~ /^([^|\n]*)(?:\| ?([^\n]*))?\n(.*)/s;
		is($shown->{plugin_output}, $first =~ s/ +\z//r =~ tr/;/:/r, 'the first line; Nagios writes : for ; there, which separates the fields of its log');
		same_text(unescaped($shown->{long_plugin_output}) =~ s/\s+\z//r, $more =~ s/\s+\z//r, 'what follows, to the last byte');
		is($shown->{performance_data}, $perfdata // '', 'perfdata');
	};
}

subtest 'the examples of contrib' => sub {
	for my $name ('plain', 'with-lag') {
		my $shown = $status->{$name};
		is($shown->{current_state}, 0, "$name: OK") or diag $shown->{plugin_output};
		like($shown->{performance_data}, $name eq 'with-lag' ? qr/^lag=0s;900;7200;0 / : qr/^lag=0s;300;3600;0 /, "$name: its thresholds");
	}
};

done_testing;
