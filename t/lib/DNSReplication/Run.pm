package DNSReplication::Run;

# Runs a program with a deadline and looks at what it said with the eyes of Icinga, Nagios and their graphers.
#
#	my $seen = check('-z', 'example.com', '-H', '127.0.0.1@5300');
#	is_plugin_output($seen, 'CRITICAL');
#	is($seen->{exit}, 2);
#
# A result is { out, err, exit, signal, timed_out, seconds, first (line), text (without perfdata), lines, perfdata }.

use v5.30;
use warnings;
use Exporter 'import';
use File::Basename 'dirname';
use File::Spec;
use IO::Select;
use JSON::PP ();
use POSIX ':sys_wait_h';
use Test::More;
use Time::HiRes 'time';

our @EXPORT = qw(source_dir build_dir program run check check_json check_transfer decode perfdata perfdata_of wait_until needs
	is_plugin_output is_usage_error findings findings_of server_of state_of slurp spew tell_run);

our %EXIT = (OK => 0, WARNING => 1, CRITICAL => 2, UNKNOWN => 3);
my %UNIT = map { $_ => 1 } '', qw(s ms us % B KB MB GB TB KiB MiB GiB c);

sub source_dir { $ENV{SRCDIR} // File::Spec->rel2abs(dirname(__FILE__) . '/../../..') }

sub build_dir {
	return File::Spec->rel2abs($ENV{BUILDDIR}) if $ENV{BUILDDIR};
	my ($with_programs) = grep { -d "$_/plugins" && -x "$_/config.status" } source_dir() . '/build', source_dir();
	return $with_programs // source_dir();
}

# The programs that a test is about; without them it is no test.
sub needs {
	my @missing = grep { !-x } map { program($_) } @_;
	die "not built: @missing\n" if @missing;
}

sub program { build_dir() . "/plugins/$_[0]" }

# run([program, arguments ...], timeout => seconds, env => {}, stdin => text, directory => path)
sub run {
	my ($command, %with) = @_;
	pipe(my $out_read, my $out_write) or die "pipe: $!";
	pipe(my $err_read, my $err_write) or die "pipe: $!";
	pipe(my $in_read, my $in_write) or die "pipe: $!";
	my $began = time;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		setpgrp;
		my %env = %{ $with{env} // {} };
		defined $env{$_} ? ($ENV{$_} = $env{$_}) : delete $ENV{$_} for keys %env;
		open STDIN, '<&', $in_read;
		open STDOUT, '>&', $out_write;
		open STDERR, '>&', $err_write;
		close $_ for $in_read, $in_write, $out_read, $out_write, $err_read, $err_write;
		chdir $with{directory} if $with{directory};
		no warnings 'exec';
		exec { $command->[0] } @$command or print STDERR "cannot run $command->[0]: $!\n";
		POSIX::_exit(127);
	}
	close $_ for $in_read, $out_write, $err_write;
	local $SIG{PIPE} = 'IGNORE';
	print $in_write $with{stdin} // '';
	close $in_write;
	my $seen = { command => $command, out => '', err => '', timed_out => 0 };
	my %into = (fileno $out_read, \$seen->{out}, fileno $err_read, \$seen->{err});
	my $select = IO::Select->new($out_read, $err_read);
	my $deadline = $began + ($with{timeout} // 120); # longer than any -t of the tests: only what hangs is ended
	while ($select->count) {
		my $left = $deadline - time;
		my @ready = $left > 0 ? $select->can_read($left) : ();
		if (!@ready && time >= $deadline) { $seen->{timed_out} = 1; kill KILL => -$pid; last }
		for my $handle (@ready) {
			my $got = sysread $handle, ${ $into{ fileno $handle } }, 65536, length ${ $into{ fileno $handle } };
			$select->remove($handle) unless $got;
		}
	}
	waitpid $pid, 0;
	$seen->{exit} = $? >> 8;
	$seen->{signal} = $? & 127;
	$seen->{seconds} = time - $began;
	$seen->{lines} = [split /\n/, $seen->{out}];
	$seen->{first} = $seen->{lines}[0] // '';
	$seen->{text} = $seen->{out} =~ s/ ?\|.*//rs . ($seen->{out} =~ /\|[^\n]*\n(.*)\z/s ? "\n$1" : '');
	$seen->{perfdata} = perfdata($seen->{out} =~ /\|([^\n]*)/ ? $1 : '');
	return $seen;
}

# Without --state-dir a run of ours must not depend on what other runs left on this machine.
sub check {
	my @arguments = @_;
	my %with = ref $arguments[0] eq 'HASH' ? %{ shift @arguments } : ();
	unshift @arguments, '--no-state' unless grep { /^--(state-dir|no-state)/ } @arguments or delete $with{as_is};
	return run([program(delete $with{program} // 'check_dns_replication'), @arguments], %with);
}

# The same of check_zone_transfer, with {json} where --output-format=json is among the arguments.
sub check_transfer {
	my @arguments = @_;
	my %with = ref $arguments[0] eq 'HASH' ? %{ shift @arguments } : ();
	my $seen = check({ %with, program => 'check_zone_transfer' }, @arguments);
	$seen->{json} = length $seen->{out} ? decode($seen->{out}) : {} if grep { $_ eq '--output-format=json' } @arguments;
	return $seen;
}

sub decode {
	my ($text) = @_;
	my $decoded = eval { JSON::PP->new->utf8->decode($text) };
	fail("not JSON: $@") unless defined $decoded;
	return $decoded // {};
}

# The run with --output-format=json; {json} holds what it said, under {} so that a missing program fails tests instead of ending them.
sub check_json {
	my @options = ref $_[0] eq 'HASH' ? shift : ();
	my $seen = check(@options, '--output-format=json', @_);
	$seen->{json} = length $seen->{out} ? decode($seen->{out}) : {};
	return $seen;
}

# 'label'=value[unit];[warning];[critical];[minimum];[maximum], single blanks between; {problems} lists what is against the rules.
sub perfdata {
	my ($text) = @_;
	my %seen = (order => [], of => {}, problems => []);
	$text =~ s/^ //;
	push @{ $seen{problems} }, "blanks: '$text'" if $text =~ /^ |  | $|\t/;
	my %starts;
	for my $word (split ' ', $text) {
		my ($label, $value, $unit, $rest) = $word =~ /^([^=]+)=(-?\d+(?:\.\d+)?)([A-Za-z%]*)((?:;[^;]*){0,4})$/;
		if (!defined $label) { push @{ $seen{problems} }, "does not parse: $word"; next }
		push @{ $seen{problems} }, "label $label" unless $label =~ /^[a-z0-9_]+$/;
		push @{ $seen{problems} }, "label $label twice" if $seen{of}{$label};
		push @{ $seen{problems} }, "unit $unit of $label" unless $UNIT{$unit};
		my (undef, $warning, $critical, $minimum, $maximum) = split /;/, $rest, -1;
		for my $bound ($warning, $critical, $minimum, $maximum) {
			push @{ $seen{problems} }, "bound $bound of $label" if length($bound // '') && $bound !~ /^-?\d+(\.\d+)?$/;
		}
		push @{ $seen{order} }, $label;
		$seen{of}{$label} = { value => $value, unit => $unit, warning => $warning // '', critical => $critical // '',
			minimum => $minimum // '', maximum => $maximum // '', word => $word };
	}
	return \%seen;
}

sub perfdata_of { my ($seen, $label) = @_; return $seen->{perfdata}{of}{$label}{word} // '' }

sub state_of { my ($seen) = @_; return $seen->{first} =~ /^(?:DNS REPLICATION|ZONE TRANSFER|DNS PROPAGATION|MYSQL REPLICATION|PDNS REPLICATION) ([A-Z]+)\b/ ? $1 : '' }

# What each output must meet, whatever it says. $state: the word that is expected, or undef for any.
sub is_plugin_output {
	my ($seen, $state, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @wrong;
	push @wrong, "ran into the test's deadline" if $seen->{timed_out};
	push @wrong, "ended by signal $seen->{signal}" if $seen->{signal};
	push @wrong, "on stderr: $seen->{err}" if length $seen->{err};
	my $word = state_of($seen);
	push @wrong, "no state word in '$seen->{first}'" unless exists $EXIT{$word};
	push @wrong, "says $word, expected $state" if defined $state && $word ne $state;
	push @wrong, "exit $seen->{exit} with $word" if exists $EXIT{$word} && $seen->{exit} != $EXIT{$word};
	push @wrong, "first line: '$seen->{first}'" unless $seen->{first} =~ /^(?:DNS REPLICATION|ZONE TRANSFER|DNS PROPAGATION|MYSQL REPLICATION|PDNS REPLICATION) [A-Z]+ - \S/;
	push @wrong, 'more than one |' if ($seen->{out} =~ tr/|//) > 1;
	push @wrong, '| not on the first line' if $seen->{out} =~ /\|/ && $seen->{first} !~ /\|/;
	push @wrong, '< in the text' if $seen->{text} =~ /</;
	push @wrong, 'control bytes' if $seen->{out} =~ /[^\n\x20-\x7e\x80-\xff]/;
	push @wrong, 'not UTF-8' unless utf8::decode(my $copy = $seen->{out});
	push @wrong, length($seen->{out}) . ' bytes' if length $seen->{out} > 61440;
	push @wrong, 'no newline at the end' unless $seen->{out} =~ /[^\n]\n\z/;
	push @wrong, @{ $seen->{perfdata}{problems} };
	my $ok = ok(!@wrong, $name // 'output as monitoring wants it' . (defined $state ? ", $state" : ''));
	if (!$ok) { diag($_) for @wrong; tell_run($seen) }
	return $ok;
}

# A wrong use: exit 3, what was wrong and the right form, all on stdout, nothing asked.
sub is_usage_error {
	my ($seen, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $good = $seen->{exit} == 3 && !$seen->{signal} && !length $seen->{err} && $seen->{out} =~ /$expected/
		&& $seen->{first} =~ /^(?:DNS REPLICATION|ZONE TRANSFER|DNS PROPAGATION|MYSQL REPLICATION|PDNS REPLICATION) UNKNOWN - / && $seen->{out} !~ /\|/ && length $seen->{out} < 2000;
	ok($good, $name // "wrong use says $expected") or tell_run($seen);
	return $good;
}

sub tell_run {
	my ($seen) = @_;
	diag(join ' ', map { /[^\w.,:=@\/-]/ ? "'$_'" : $_ } @{ $seen->{command} });
	diag("exit $seen->{exit}" . ($seen->{signal} ? " signal $seen->{signal}" : '') . sprintf(' after %.2f s', $seen->{seconds}));
	diag("stdout: " . substr $seen->{out}, 0, 6000);
	diag("stderr: " . substr $seen->{err}, 0, 3000) if length $seen->{err};
}

# All findings of a JSON report, those of the run too, without those of severity ok unless asked for.
sub findings {
	my ($json, %with) = @_;
	my @all = (@{ $json->{findings} // [] }, map { @{ $_->{findings} // [] } } @{ $json->{zones} // [] });
	return grep { $with{ok} || ($_->{severity} // '') ne 'OK' } @all;
}

# The codes said about a server (by name without the final dot, or address), sorted; '' is whatever names no server.
sub findings_of {
	my ($json, $server, %with) = @_;
	return [sort map { $_->{code} } grep {
		my $named = ($_->{server} // '') =~ s/\.$//r;
		$server eq '' ? !length($named) && !defined $_->{address} : $named eq $server || ($_->{address} // '') eq $server
	} findings($json, %with)];
}

sub server_of {
	my ($json, $server) = @_;
	my ($found) = grep { $_->{name} =~ s/\.$//r eq $server || $_->{address} eq $server }
		map { @{ $_->{servers} // [] } } @{ $json->{zones} // [] };
	return $found // {};
}

# Waits for a condition with a deadline; false when that comes first.
sub wait_until {
	my ($seconds, $condition) = @_;
	my $deadline = time + $seconds;
	until (my $met = $condition->()) {
		return $met if time > $deadline;
		select undef, undef, undef, 0.02;
	}
	return 1;
}

# '' where there is no such file: that fails tests, and they go on.
sub slurp { my ($path) = @_; local $/; open my $file, '<:raw', $path or return ''; return readline($file) // '' }
sub spew { my ($path, $text) = @_; open my $file, '>:raw', $path or die "$path: $!"; print $file $text; close $file or die "$path: $!"; return $path }

1;
