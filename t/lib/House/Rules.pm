package House::Rules;

# The rules of the house, each a function from text to a list of complaints; an empty list is good.
# Nothing here reads a file or runs a program, so that t/00-house.t can show each rule failing on a small made-up input.

use v5.30;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(without_comments floors libraries clock_readers function_lengths file_length open_switches
	closed_enums header_guard sleeps foreign_words symbols_in symbol_list pure_symbols impure read_contract read_table
	contract_of_program contract_of_findings manual_page check_command unlisted);

# --- C -------------------------------------------------------------------------------------------

# Comments and the insides of strings become blanks; line numbers stay.
sub without_comments {
	my ($text) = @_;
	my $blank = sub { $_[0] =~ s/[^\n]/ /gr };
	$text =~ s{
		( /\*.*?\*/ | //[^\n]* )            |   # a comment
		"( (?:[^"\\\n] | \\.)* )"           |   # a string
		('(?:[^'\\\n] | \\.)+')                 # a character
	}{ defined $1 ? $blank->($1) : defined $2 ? '"' . $blank->($2) . '"' : $3 }gesx;
	return $text;
}

my %FLOOR = (base => 0, dns => 1, model => 2, judge => 3, report => 3, net => 3, probe => 4, engine => 4,
	checks => 5, plugins => 6);

sub room { my ($path) = @_; return $path =~ m{^(?:common/)?([a-z]+)/} ? $1 : '' }

# A file includes from its own room and from lower floors, by the full path.
sub floors {
	my ($path, $text) = @_;
	my $room = room($path);
	return "$path: no room '$room' in this house" unless defined $FLOOR{$room};
	my @wrong;
	while ($text =~ /^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/mg) {
		my ($included, $there) = ($1, room($1));
		next if $included eq 'config.h';
		if ($included !~ m{^(?:common/[a-z]+|plugins)/[a-z0-9_]+\.h$} || !defined $FLOOR{$there}) {
			push @wrong, "$path includes \"$included\": write common/ROOM/NAME.h";
		} elsif ($there ne $room && $FLOOR{$there} >= $FLOOR{$room}) {
			push @wrong, "$path (floor $FLOOR{$room}) includes $included (floor $FLOOR{$there})";
		}
	}
	return @wrong;
}

# Each library has one room that knows it.
my %ROOM_OF_LIBRARY = (qr{^ldns/} => 'dns', qr{^openssl/(?!ssl|x509|err)} => 'dns', qr{^openssl/(?:ssl|x509|err)} => 'net', qr{^idn2} => 'dns', qr{^uv\b} => 'net', qr{^tdb\.h} => 'probe',
	qr{^curl/} => 'probe', qr{^mysql} => 'probe', qr{^jansson} => 'probe');

sub libraries {
	my ($path, $text) = @_;
	my @wrong;
	while ($text =~ /^[ \t]*#[ \t]*include[ \t]*<([^>]+)>/mg) {
		my $header = $1;
		for my $library (keys %ROOM_OF_LIBRARY) {
			next unless $header =~ $library;
			my $owner = $ROOM_OF_LIBRARY{$library};
			push @wrong, "$path includes <$header>: that is for common/$owner" unless room($path) eq $owner;
		}
	}
	return @wrong;
}

# Time is an argument; common/base/clock.c is where it comes from.
sub clock_readers {
	my ($path, $text) = @_;
	return if $path eq 'common/base/clock.c';
	# libuv's timers count from the loop's own time; loop.c has to convert.
	$text =~ s/\buv_now\b//g if $path eq 'common/net/loop.c';
	my %seen = map { $_ => 1 } without_comments($text)
		=~ /\b(clock_gettime|gettimeofday|timespec_get|ftime|time|uv_hrtime|uv_now|uv_gettimeofday)\s*\(/g;
	return map { "$path calls $_(): only common/base/clock.c reads the clock" } sort keys %seen;
}

# From the first line of the signature to the closing brace. clang-format puts both braces into column 0.
sub function_lengths {
	my ($path, $text, $most) = @_;
	my @lines = split /\n/, without_comments($text);
	my (@wrong, $begin, $name);
	for my $number (0 .. $#lines) {
		local $_ = $lines[$number];
		if (/^[A-Za-z_].*?\b(\w+)\(/) { ($begin, $name) = ($number, $1) }
		elsif (/^\}\s*$/ && defined $begin) {
			my $length = $number - $begin + 1;
			push @wrong, "$path: $name() has $length lines, $most are the most" if $length > $most;
			undef $begin;
		} elsif (/^\S.*;\s*$/ || /^\};/) { undef $begin }
	}
	return @wrong;
}

sub file_length {
	my ($path, $text, $most) = @_;
	my $lines = () = $text =~ /\n/g;
	return $lines > $most ? "$path has $lines lines, $most are the most" : ();
}

# The constants of enums that we close ourselves. Those named dns_* are numbers of the wire, where anything may come.
sub closed_enums {
	my ($text) = @_;
	my %constants;
	$text = without_comments($text);
	while ($text =~ /\benum\s+(\w+)\s*\{([^}]*)\}/g) {
		my ($name, $body) = ($1, $2);
		next if $name =~ /^dns_/;
		$constants{$_} = $name for map { /^\s*([A-Z]\w+)/ ? $1 : () } split /,/, $body;
	}
	return \%constants;
}

# `default:` beside a constant of a closed enum hides what the compiler would name.
sub open_switches {
	my ($path, $text, $constants) = @_;
	my (@wrong, @open);
	my ($depth, $number) = (0, 0);
	for (split /\n/, without_comments($text)) {
		$number++;
		while (/(\bswitch\b)|\bcase\s+(\w+)\s*(?::|\.\.\.)|\b(default)\s*:|([{])|([}])/g) {
			if ($1) { push @open, { depth => $depth } }
			elsif (defined $2 && @open) { $open[-1]{enum} //= $constants->{$2} }
			elsif ($3 && @open) { $open[-1]{default} = $number }
			elsif ($4) { $depth++ }
			elsif ($5 && --$depth == ($open[-1] // { depth => -1 })->{depth}) {
				my $closed = pop @open;
				push @wrong, "$path:$closed->{default}: default: over enum $closed->{enum}"
					if $closed->{enum} && $closed->{default};
			}
		}
	}
	return @wrong;
}

sub header_guard {
	my ($path, $text) = @_;
	my $guard = uc $path =~ s/\W/_/gr;
	return $text =~ /^#ifndef \Q$guard\E\n#define \Q$guard\E\n.*^#endif[^\n]*\s*\z/ms ? () : "$path: the guard is not $guard";
}

# A test waits for a condition, never for a while; between two looks it may pause for less than 0.1 s.
sub sleeps {
	my ($path, $text) = @_;
	my $pattern = qr/\b(?:u|nano|clock_nano)?sleep\b\s*[(\d\$]|\bselect\s*\(?\s*undef\s*,\s*undef\s*,\s*undef\s*,(?!\s*0\.0\d)/;
	my ($number, @wrong) = (0);
	for (split /\n/, $text) {
		$number++;
		next if m{^\s*(?:#(?!include)|/?\*|//)};
		push @wrong, "$path:$number sleeps: wait for a condition" if /$pattern/;
	}
	return @wrong;
}

# The repository speaks of the project alone: no paths of somebody's machine.
my $FOREIGN = qr{
	(?<![\w.\$\}/-])/(?:home|Users|work)/[\w.-]+ |
	(?<![\w.\$\}/-])/tmp/[a-z]/ |
	\b(?:FIXME|XXX(?!X))\b
}xi;

sub foreign_words {
	my ($path, $text) = @_;
	my ($number, @wrong) = (0);
	for (split /\n/, $text) {
		$number++;
		push @wrong, "$path:$number: '$1'" if /($FOREIGN)/;
	}
	return @wrong;
}

# --- Purity --------------------------------------------------------------------------------------

# Of `nm -u` or `nm --defined-only -g`: names, as a programmer writes them (without the compiler's and the fortified library's decoration).
sub symbols_in {
	my ($text) = @_;
	my %seen;
	for ($text =~ /^\s*[0-9a-f]*\s+[A-Za-z]\s+(\S+)\s*$/mg) {
		s/\@.*//;
		next if /^(?:_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__assert_fail)$/;
		s/^__isoc\d+_//;
		s/^(open|stat|lstat|fstat|fopen|lseek)64$/$1/;
		s/^__(\w+)_chk$/$1/;
		$seen{$_} = 1;
	}
	return sort keys %seen;
}

# What of the lowest room the pure rooms above may call: everything of objects that are pure themselves, and what is listed.
# `objects`: { name => { wanted => [...], defined => [...] } }; `pure`: [ symbols ] that do nothing but compute.
sub pure_symbols {
	my ($objects, $pure, $listed) = @_;
	my %given = map { $_ => 1 } @$pure, @$listed;
	my %left = %$objects;
	for (my $found = 1; $found;) {
		$found = 0;
		for my $name (sort keys %left) {
			my $object = $left{$name};
			my %own = map { $_ => 1 } @{ $object->{defined} };
			next if grep { !$given{$_} && !$own{$_} } @{ $object->{wanted} };
			$given{$_} = 1 for keys %own;
			delete $left{$name};
			$found = 1;
		}
	}
	return \%given;
}

# Lists of names by blanks and lines; '#' comments.
sub symbol_list { my ($text) = @_; return split ' ', $text =~ s/#.*//gr }

# `wanted`: what the objects lack; `given`: {symbol => 1} from below; `allowed`: of t/house/ROOM.symbols.
# A symbol of a library that nobody uses any more has to leave the list, too; what libc calls are left depends on the compiler.
sub impure {
	my ($room, $wanted, $given, $allowed) = @_;
	my %allowed = map { $_ => 1 } @$allowed;
	my %wanted = map { $_ => 1 } @$wanted;
	return (
		(map { "$room calls $_(), which is not in t/house/$room.symbols" } grep { !$given->{$_} && !$allowed{$_} } sort keys %wanted),
		(map { "t/house/$room.symbols allows $_, which nobody calls" } grep { /^(?:ldns_|[A-Z])/ && !$wanted{$_} } sort keys %allowed));
}

# --- The contract --------------------------------------------------------------------------------

# kind, program, name, then as the header line says; '#' comments.
sub read_contract {
	my ($text) = @_;
	my (@rows, @columns);
	for (grep { /\S/ && !/^#/ } split /\n/, $text) {
		my @fields = split /\t/, $_, -1;
		if (!@columns) { @columns = @fields; next }
		my %row;
		@row{@columns} = @fields;
		$row{columns} = scalar @fields;
		push @rows, \%row;
	}
	return \@columns, \@rows;
}

# Tab-separated lines, as --option-table and --finding-table say them (common/base/options.h, common/model/finding.h).
sub read_table {
	my ($text, @columns) = @_;
	return map { my %row; @row{@columns} = split /\t/, $_, -1; \%row } grep { /\S/ } split /\n/, $text;
}

sub compare {
	my ($what, $contract, $built, @columns) = @_;
	my %built = map { $_->{name} => $_ } @$built;
	my %contract = map { $_->{name} => $_ } @$contract;
	my @wrong = ((map { "$what: $_ is in doc/contract.tsv and not built" } grep { !$built{$_} } sort keys %contract),
		(map { "$what: $_ is built and not in doc/contract.tsv" } grep { !$contract{$_} } sort keys %built));
	for my $name (grep { $built{$_} } sort keys %contract) {
		for my $column (@columns) {
			my ($said, $is) = map { $_->{$name}{$column} // '' } \%contract, \%built;
			push @wrong, "$what: $column of $name is '$is', doc/contract.tsv says '$said'" if $said ne $is;
		}
	}
	return @wrong;
}

sub contract_of_program {
	my ($program, $contract, $built) = @_;
	return compare($program, [grep { $_->{kind} eq 'option' && $_->{program} eq $program } @$contract], $built,
		qw(letter alias argument default));
}

sub contract_of_findings {
	my ($contract, $built) = @_;
	return compare('finding', [grep { $_->{kind} eq 'finding' } @$contract], $built, qw(default));
}

sub manual_page {
	my ($path, $text, @names) = @_;
	my $plain = $text =~ s/\\-/-/gr =~ s/\\&//gr;
	return map { "$path does not know --$_" } grep { $plain !~ /(?:--|\bFl -)\Q$_\E(?![\w-])/ } @names;
}

# Every option of the program is an argument of the CheckCommand, with a value or set_if of the name that CONTRACT gives, and a description.
# `rows`: { name, argument }: an option without argument ('-') is a switch.
sub check_command {
	my ($command, $text, @rows) = @_;
	my ($object) = $text =~ /^object CheckCommand "\Q$command\E" \{\n(.*?)^\}/ms;
	return "no CheckCommand \"$command\"" unless defined $object;
	my %argument;
	$argument{$1} = $2 while $object =~ /^\t\t"--([\w-]+)" = \{\n(.*?)^\t\t\}/msg;
	my (@wrong, %known);
	for my $row (@rows) {
		my $name = $row->{name};
		$known{$name} = 1;
		my $body = $argument{$name};
		if (!defined $body) { push @wrong, "$command lacks --$name"; next }
		my $variable = '$' . $command . '_' . $name =~ tr/-/_/r . '$';
		my $key = $row->{argument} eq '-' ? 'set_if' : 'value';
		push @wrong, "$command --$name: $key is not \"$variable\"" unless $body =~ /^\t\t\t$key = "\Q$variable\E"$/m;
		push @wrong, "$command --$name has no description" unless $body =~ /^\t\t\tdescription = "[^"]+"$/m;
	}
	push @wrong, map { "$command has --$_, which the program does not know" } grep { !$known{$_} } sort keys %argument;
	return @wrong;
}

# Files that no local.mk names are never built.
sub unlisted {
	my ($makefiles, @paths) = @_;
	return map { "$_ is in no local.mk" } grep { my ($name) = m{([^/]+)$}; $makefiles !~ m{(?:^|[\s/])\Q$name\E(?:\s|$)}m } @paths;
}

1;
