package House::Harness;

# prove's own harness; before its closing lines it counts the TODO tests which do not hold yet.

use strict;
use warnings;
use parent 'TAP::Harness';

sub summary {
	my ($self, $aggregate, @rest) = @_;
	my $left = 0;

	for my $parser ($aggregate->parsers) {
		my %todo = map { $_ => 1 } $parser->todo;
		$left += grep { $todo{$_} } $parser->actual_failed;
	}
	print "TODO left: $left\n";
	return $self->SUPER::summary($aggregate, @rest);
}

1;
