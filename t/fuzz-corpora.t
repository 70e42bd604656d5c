#!/usr/bin/perl
# Every fuzz target is fed its corpus: what once broke a parser does not break it again.

use v5.30;
use warnings;
use DNSReplication::Run;
use File::Basename 'basename';
use Test::More;

for my $target (map { basename($_, '.c') } glob source_dir() . '/t/fuzz/fuzz_*.c') {
	my $program = build_dir() . "/t/fuzz/$target";
	my @inputs = grep { -f } glob source_dir() . '/t/fuzz/corpus/' . $target =~ s/^fuzz_//r . '/*';
	cmp_ok(scalar @inputs, '>', 0, "$target has a corpus") or next;
	my $seen = run([$program, @inputs], timeout => 120);
	my $good = is($seen->{exit} + $seen->{signal}, 0, "$target: " . @inputs . ' inputs');
	diag(substr(("$seen->{out}$seen->{err}"), -4000)) unless $good;
}
done_testing;
