# axfrd over TLS: transfers as check_zone_transfer and kdig take them, questions after questions, and clients that do not speak it.
use v5.30;
use warnings;
use lib ($ENV{SRCDIR} // '.') . '/t/lib';
use DNSReplication::Engine;
use DNSReplication::Fake;
use DNSReplication::Run;
use DNSReplication::Stream ();
use File::Temp;
use IO::Select;
use IO::Socket::IP;
use Test::More;
needs('axfrd', 'check_zone_transfer');

my $zone = 'example.com';
my $ca = DNSReplication::Stream::authority('The Test');
my $good = DNSReplication::Stream::certificate(names => 'IP:127.0.0.1,DNS:ns1.example.com', ca => $ca);
my $other = DNSReplication::Stream::certificate(names => 'IP:127.0.0.1', ca => $ca);
my @tls = ("--tls-certificate=$good->{certificate}", "--tls-key=$good->{key}");
my $text = zone_file($zone, 10, 2, map { "host$_ TXT \"" . 'x' x 200 . '"' } 1 .. 5000);
my $axfrd = axfrd(zones => { $zone => $text }, options => ['--listen=127.0.0.1@0', '--tls-listen=127.0.0.1@0', @tls]);
my ($plain, $port) = ($axfrd->{ready} // '') =~ /^axfrd ready: 127\.0\.0\.1\@(\d+) tls:127\.0\.0\.1\@(\d+) example\.com\. serial 10$/;
ok($port, 'the ready line says where') or diag($axfrd->{ready} // $axfrd->errors);

sub transfer { my (@more) = @_; return run([program('check_zone_transfer'), '-t', '20s', '-z', $zone, '-H', "127.0.0.1\@$port", '--tls', @more], timeout => 30) }

my $seen = transfer("--tls-ca=$ca->{certificate}", '--compare', "127.0.0.1\@$port");
is_plugin_output($seen, 'OK');
like($seen->{out}, qr/500[0-9]/, 'the whole zone, over TLS') or tell_run($seen);
$seen = transfer("--tls-ca=$ca->{certificate}", '--tls-hostname=ns1.example.com');
is_plugin_output($seen, 'OK');
$seen = transfer("--tls-ca=$ca->{certificate}", '--tls-hostname=ns9.example.com');
is($seen->{exit}, 2, 'who wants another name gets nothing') or tell_run($seen);
ok(wait_until(5, sub { $axfrd->errors =~ /TLS with 127\.0\.0\.1\@\d+ failed: / }), 'which is said') or diag($axfrd->errors);

my @kdig = ('kdig', '@127.0.0.1', '-p', $port, '+tls');
$seen = run([@kdig, $zone, 'SOA', $zone, 'NS'], timeout => 10);
is(scalar(() = $seen->{out} =~ /status: NOERROR/g), 2, 'kdig: questions') or tell_run($seen);
$seen = run([@kdig, "+tls-ca=$ca->{certificate}", '+tls-hostname=ns1.example.com', $zone, 'AXFR'], timeout => 10);
like(substr($seen->{out}, -300), qr/;; Received \d+ B \(\d+ messages, 5006 records\)/, 'kdig: AXFR');

# Who speaks plain DNS to the port of TLS is closed, and disturbs nobody.
my $wrong = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Timeout => 3);
syswrite $wrong, pack 'n/a*', pack('n6', 7, 0, 1, 0, 0, 0) . "\7example\3com\0\0\6\0\1";
my $silent = IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port, Timeout => 3);
ok(wait_until(15, sub { IO::Select->new($wrong)->can_read(0.1) && !sysread($wrong, my $bytes, 4096) }), 'plain DNS is closed');
$seen = transfer("--tls-ca=$ca->{certificate}");
is_plugin_output($seen, 'OK');
ok(wait_until(15, sub { IO::Select->new($silent)->can_read(0.1) && !sysread($silent, my $bytes, 4096) }), 'so is, after a while, who says nothing');

# What cannot be.
my $file = spew(File::Temp->newdir->dirname . '/not-a-certificate-' . $$, "rubbish\n");
for my $story (
	[2, qr/--tls-listen wants --tls-certificate=FILE and --tls-key=FILE/, "--tls-certificate=$good->{certificate}"],
	[1, qr/\Q$file\E holds no certificate \(PEM\)/, "--tls-certificate=$file", "--tls-key=$good->{key}"],
	[1, qr/\Q$other->{key}\E holds no key \(PEM\) for the certificate of \Q$good->{certificate}\E/, "--tls-certificate=$good->{certificate}", "--tls-key=$other->{key}"],
) {
	my ($exit, $reason, @arguments) = @$story;
	my $zone_file = "$axfrd->{directory}/$zone";
	my $refused = run([program('axfrd'), '--tls-listen=127.0.0.1@0', "--zone=$zone=$zone_file", @arguments], timeout => 5);
	ok($refused->{exit} == $exit && $refused->{err} =~ $reason, "exit $exit: $reason") or tell_run($refused);
}
unlink $file;
done_testing;
