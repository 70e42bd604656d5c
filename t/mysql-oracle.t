# What asks databases compiles against Oracle's client library, too, whose headers differ (t/oracle).
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Run;
use File::Temp 'tempdir';
use Test::More;

my ($top, $directory) = (source_dir(), tempdir(CLEANUP => 1));
sub compiles {
	my ($config, $file) = @_;
	spew("$directory/config.h", $config);
	return run(['cc', qw(-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only), "-I$directory", "-I$top/t/oracle", "-I$top", "$top/$file"]);
}

my $oracle = "#define HAVE_DECL_MYSQL_OPT_SSL_MODE 1\n#define HAVE_DECL_MYSQL_OPT_SSL_ENFORCE 0\n";
for my $file (map { s{^\Q$top\E/}{}r } glob "$top/common/probe/mysql_*.c") {
	my $seen = compiles($oracle, $file);
	is("$seen->{exit}$seen->{err}", '0', $file);
}
# The test itself can fail: what only MariaDB's library has is not there.
my $seen = compiles("#define HAVE_MY_BOOL 1\n#define HAVE_DECL_MYSQL_OPT_SSL_ENFORCE 1\n", 'common/probe/mysql_session.c');
isnt($seen->{exit}, 0, 'my_bool is not there');
like($seen->{err}, qr/my_bool/, 'and is missed');

done_testing();
