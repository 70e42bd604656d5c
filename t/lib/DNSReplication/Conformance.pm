package DNSReplication::Conformance;

# What an authoritative server must do, as one table: question → answer. The same table asks axfrd (t/conformance.t) and the servers of others
# (t/lab/conformance.t), which proves the table itself.
#
#	my %zones = conformance_zones();        NAME => text of the master file
#	for my $must (conformance_table()) { my $wrong = conformance_wrong($must, '127.0.0.1', $port); ... }      undef: as it must be
#
# A question is 'NAME TYPE [words]' (LONGn. makes a name of n bytes of what follows), the words being
#	tcp  rd  cd  z (the reserved bit)  flags=WORD  opcode=N  class=N  qdcount=N
#	tsig (unknown key)  tsigfirst (before OPT)  ednsfirst (before another record)
#	edns  do  size=N  version=N  option=CODE:HEX  edns2 (two OPT records)  ednsowner (not the root's)  ednsflags=WORD
#	serial=N (an SOA in the authority section, for IXFR)  soa=N (in the answer section, for NOTIFY)  trailing=HEX  cut=BYTES
# or, in the form of a reference to a string, the bytes themselves (behind the id 4711, which is put before them); "tcp" then goes first: \"tcp ...".
# An answer is made of these words, all of which must hold:
#	RCODE or RCODE|RCODE  silence  aa tc ra ad rd z opt and the same with ! for "not"  answer=TYPES authority=TYPES (all of them, '' for none)
#	answer~TYPES authority~TYPES additional~TYPES (among others)  answer>N (at least)  additional!TYPE (none)  owner=NAME (of the answer's last record)
#	negttl=N (of the SOA in the authority section)  match=NAME cover=NAME (an NSEC or NSEC3 there says so)  optversion=N  optflags=N  small=BYTES
#	ttl=N (of the answer's first record)  tsigerror=N  questions=N  whole=NAME (it stands there uncompressed)  has=NAME (in a transfer)
#	records=N soas=N (of a transfer)  option=CODE !option=CODE  signed=SECTION (every RRset there has an RRSIG, but for a delegation's NS)
# That the id, the opcode, QR and the question come back goes without saying.

use v5.30;
use warnings;
use DNSReplication::Run;
use Exporter 'import';
use IO::Select;
use IO::Socket::IP;
use Net::DNS;
use Time::HiRes 'time';

our @EXPORT = qw(conformance_zones conformance_table conformance_wrong);

my $ID = 4711;
my @RCODE = ('NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', ('?') x 2, 'NOTAUTH', 'NOTZONE', ('?') x 5, 'BADVERS', ('?') x 6, 'BADCOOKIE');

sub conformance_zones { return map { my $zone = $_; ($zone => slurp(source_dir() . "/t/conformance/$zone.zone")) } qw(plain.test nsec.test nsec3.test) }

# RFC and section; what it says; the question; the answer.
my @MUSTS = (
	# --- RFC 1034, 1035: names, the algorithm, headers
	['1034 4.3.2', 'a name and its records', 'plain.test SOA', 'NOERROR aa !tc !ra answer=SOA'],
	['1034 3.1', 'names have no case', 'WwW.PlAiN.TeSt A', 'NOERROR aa answer=A,CNAME'],
	['1034 4.3.2', 'the name servers, with their addresses', 'plain.test NS', 'NOERROR aa answer=NS,NS additional~A,AAAA,A'],
	['1034 4.3.2 3a', 'CNAMEs are followed', 'chain1.plain.test A', 'NOERROR aa answer=A,CNAME,CNAME,CNAME'],
	['1034 4.3.2 3a', 'but not if they are asked for', 'www.plain.test CNAME', 'NOERROR aa answer=CNAME'],
	['1034 4.3.2 3a', 'out of the zone they end', 'out.plain.test A', 'NOERROR aa answer=CNAME'],
	['1034 3.6.2', 'in a circle they end, too', 'loop.plain.test A', 'NOERROR aa answer~CNAME,CNAME'],
	['6604 3', 'the rcode is that of the last name', 'dead.plain.test A', 'NXDOMAIN aa answer=CNAME authority=SOA'],
	['1034 4.3.2 3b', 'a referral, with the addresses that only it has', 'host.sub.plain.test A', 'NOERROR !aa answer= authority=NS,NS additional~A'],
	['1034 4.3.2 3b', 'at the cut itself', 'sub.plain.test NS', 'NOERROR !aa answer= authority=NS,NS additional~A'],
	['1034 4.2.1', 'glue is not authoritative', 'ns.sub.plain.test A', 'NOERROR !aa authority=NS,NS additional~A'],
	['9471 2', 'no glue without TC', 'host.sub.plain.test A', 'NOERROR !tc additional~A'],
	['1034 4.3.3', 'a wildcard', 'any.wild.plain.test A', 'NOERROR aa answer=A owner=any.wild.plain.test'],
	['4592 2.2.1', 'over several labels', 'a.b.c.wild.plain.test A', 'NOERROR aa answer=A owner=a.b.c.wild.plain.test'],
	['4592 2.2.1', 'not for names that exist', 'here.wild.plain.test A', 'NOERROR aa answer= authority=SOA'],
	['4592 2.2.1', 'nor below those', 'x.here.wild.plain.test A', 'NXDOMAIN aa answer= authority=SOA'],
	['4592 2.2.1', 'without such a record: no data', 'any.wild.plain.test AAAA', 'NOERROR aa answer= authority=SOA'],
	['4592 2.3', 'asked for as such', '*.wild.plain.test TXT', 'NOERROR aa answer=TXT'],
	['4592 2.2', 'with a CNAME', 'any.alias.plain.test A', 'NOERROR aa answer=A,CNAME'],
	['4592 2.2.1', 'the wildcard\'s parent has no records', 'wild.plain.test A', 'NOERROR aa answer= authority=SOA'],
	['6672 3.1', 'DNAME, and its CNAME', 'x.dn.plain.test A', 'NOERROR aa answer=A,CNAME,DNAME'],
	['6672 2.3', 'DNAME concerns names below it only', 'dn.plain.test A', 'NOERROR aa answer= authority=SOA'],
	['1034 4.3.1', 'no recursion is offered', 'plain.test SOA rd', 'NOERROR aa !ra rd answer=SOA'],
	['1035 4.1.1', 'RD comes back as it came', 'plain.test SOA', 'NOERROR !rd'],
	['1035 4.1.1', 'Z is zero', 'plain.test SOA z', 'NOERROR !z answer=SOA'],
	['1035 4.1.1', 'AA, TC and RA of a question mean nothing', 'plain.test A flags=0680', 'NOERROR aa !tc !ra answer= authority=SOA'],
	['1034 4.3.2', 'a zone of others', 'example.invalid SOA', 'REFUSED !aa answer='],
	['1034 4.3.2', 'a parent of ours', 'test SOA', 'REFUSED !aa answer='],
	['1034 3.6', 'a class that nobody has', 'plain.test SOA class=4', 'REFUSED|NOTIMP|FORMERR answer='],
	['8482 4', 'ANY: something', 'plain.test ANY tcp', 'NOERROR aa answer>1'],
	['8482 4', 'ANY of an empty name: no data', 'er.ent.plain.test ANY', 'NOERROR aa answer= authority=SOA'],
	['3425 3', 'IQUERY', 'plain.test SOA opcode=1', 'NOTIMP'],
	['1035 4.1.1', 'STATUS', 'plain.test SOA opcode=2', 'NOTIMP'],
	['1035 4.1.1', 'opcode 3', 'plain.test SOA opcode=3', 'NOTIMP'],
	['1035 4.1.1', 'opcode 15', 'plain.test SOA opcode=15', 'NOTIMP'],
	['2136 2.2', 'UPDATE for no stranger', 'plain.test SOA opcode=5', 'NOTIMP|REFUSED|NOTAUTH'],
	['1035 4.1.1', 'no question', \"\0\0\0\0\0\0\0\0\0\0", 'FORMERR'],
	['9619 4', 'two questions', 'plain.test SOA qdcount=2', 'FORMERR'],
	['1035 4.1.1', 'an answer is not answered', 'plain.test SOA flags=8000', 'silence'],
	['1035 4.1.1', 'half a header is not, either', \"\0\0\0\1\0\0", 'silence'],
	['1035 4.1.2', 'a question that is cut off', 'plain.test SOA cut=3', 'FORMERR'],
	['1035 4.1.4', 'a name that points to itself', \"\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\6\0\1", 'FORMERR|silence'],
	['1035 2.3.4', 'a name of 255 bytes', 'LONG255.plain.test A', 'NXDOMAIN aa authority=SOA'],
	['1035 2.3.4', 'a name of 256 bytes', 'LONG256.plain.test A', 'FORMERR|silence'],
	['1035 4.1.4', 'a label of a kind that there is not', \"\0\0\0\1\0\0\0\0\0\0\x41x\0\0\6\0\1", 'FORMERR|silence'],
	['1035 2.3.3', 'the question comes back as it was asked', 'nOpE.PLAIN.test A', 'NXDOMAIN aa'],
	['6672 2.2', 'a DNAME that makes a name too long', 'LONG253.dn.plain.test A', 'YXDOMAIN answer~DNAME'],
	['1035 4.1.1', 'a count that promises what is not there', \"\0\0\0\1\0\0\0\0\0\1\5plain\4test\0\0\6\0\1", 'FORMERR'],
	['1035 3.2.3', 'MAILA is obsolete', 'plain.test TYPE254', 'NOTIMP|NOERROR|REFUSED|FORMERR answer='],
	# --- RFC 2181
	['2181 5', 'an RRset whole', 'big.plain.test TXT tcp', 'NOERROR aa !tc answer=' . join ',', ('TXT') x 40],
	['2181 9', 'or TC', 'big.plain.test TXT', 'NOERROR tc small=512'],
	['2181 9', 'TC not for what is only additional', 'plain.test NS', 'NOERROR !tc answer=NS,NS'],
	['2181 11', 'labels are any bytes', \"\0\0\0\1\0\0\0\0\0\0\3\0\xff.\5plain\4test\0\0\1\0\1", 'NXDOMAIN aa authority=SOA'],
	['2181 11', 'and are found', \"\0\0\0\1\0\0\0\0\0\0\3a.\xe4\5plain\4test\0\0\x10\0\1", 'NOERROR aa answer=TXT'],
	['2181 6.1', 'the parent\'s NS records are no answer', 'sub.plain.test NS', 'NOERROR !aa answer='],
	['2181 7.2', 'one SOA', 'nope.plain.test SOA', 'NXDOMAIN aa answer= authority=SOA'],
	# --- RFC 2308
	['2308 2.1', 'no such name', 'nope.plain.test A', 'NXDOMAIN aa answer= authority=SOA negttl=60'],
	['2308 2.2', 'no such record', 'mail.plain.test AAAA', 'NOERROR aa answer= authority=SOA negttl=60'],
	['2308 2.2', 'behind an alias', 'www.plain.test AAAA', 'NOERROR aa answer=CNAME authority=SOA negttl=60'],
	['2308 2.1', 'behind an alias, no such name', 'dead.plain.test A', 'NXDOMAIN aa answer=CNAME authority=SOA negttl=60'],
	['2308 5', 'the SOA itself has its own TTL', 'plain.test SOA', 'NOERROR ttl=300'],
	['8020 2', 'an empty name between is a name', 'ent.plain.test A', 'NOERROR aa answer= authority=SOA negttl=60'],
	['8020 2', 'two levels deep', 'er.ent.plain.test A', 'NOERROR aa answer= authority=SOA'],
	['8020 2', 'and nothing beside it', 'x.ent.plain.test A', 'NXDOMAIN aa authority=SOA'],
	# --- RFC 3597
	['3597 3', 'unknown types are served', 'type65280.plain.test TYPE65280', 'NOERROR aa answer=TYPE65280'],
	['3597 3', 'unknown types that are not there', 'plain.test TYPE65281', 'NOERROR aa answer= authority=SOA'],
	['3597 4', 'names in newer types are not compressed', '_dns._tcp.plain.test SRV', 'NOERROR aa answer=SRV whole=mail.plain.test'],
	# --- RFC 4035, 4034: a zone with NSEC
	['4035 3.1', 'signatures with DO', 'sec.nsec.test A do', 'NOERROR aa !ad opt answer=A,RRSIG'],
	['4035 3.1', 'and none without', 'sec.nsec.test A edns', 'NOERROR aa opt answer=A'],
	['4035 3.1.1', 'CNAME and target are signed', 'www.nsec.test A do', 'NOERROR aa answer=A,CNAME,RRSIG,RRSIG'],
	['4035 3.1.6', 'AD is clear', 'sec.nsec.test A do flags=0020', 'NOERROR !ad'],
	['4035 3.1.1', 'keys', 'nsec.test DNSKEY do', 'NOERROR aa answer~DNSKEY,DNSKEY,RRSIG'],
	['4035 3.1.3.1', 'no such record', 'sec.nsec.test TXT do', 'NOERROR aa authority=NSEC,RRSIG,RRSIG,SOA match=sec.nsec.test signed=authority'],
	['4035 3.1.3.1', 'an empty name', 'ent.nsec.test A do', 'NOERROR aa authority=NSEC,RRSIG,RRSIG,SOA cover=ent.nsec.test'],
	['4035 3.1.3.2', 'no such name', 'nope.nsec.test A do', 'NXDOMAIN aa authority~NSEC,RRSIG,SOA cover=nope.nsec.test cover=*.nsec.test signed=authority'],
	['4035 3.1.3.2', 'below a name that exists', 'x.here.wild.nsec.test A do', 'NXDOMAIN aa cover=x.here.wild.nsec.test cover=*.here.wild.nsec.test'],
	['4035 3.1.3.3', 'a wildcard: nothing closer', 'any.wild.nsec.test A do', 'NOERROR aa answer=A,RRSIG authority~NSEC,RRSIG cover=any.wild.nsec.test'],
	['4035 3.1.3.3', 'a wildcard with a CNAME', 'any.alias.nsec.test A do', 'NOERROR aa answer=A,CNAME,RRSIG,RRSIG cover=any.alias.nsec.test'],
	['4035 3.1.3.4', 'a wildcard without such a record', 'any.wild.nsec.test AAAA do', 'NOERROR aa answer= match=*.wild.nsec.test cover=any.wild.nsec.test signed=authority'],
	['4035 3.1.4', 'a signed delegation', 'x.safe.nsec.test A do', 'NOERROR !aa authority=DS,NS,RRSIG'],
	['4035 3.1.4', 'an unsigned delegation', 'x.sub.nsec.test A do', 'NOERROR !aa authority=NS,NS,NSEC,RRSIG match=sub.nsec.test additional~A'],
	['4035 3.1.4', 'not without DO', 'x.sub.nsec.test A edns', 'NOERROR !aa authority=NS,NS'],
	['4035 3.1.4.1', 'DS stands above the cut', 'safe.nsec.test DS do', 'NOERROR aa answer=DS,RRSIG'],
	['4035 3.1.4.1', 'DS that is not there', 'sub.nsec.test DS do', 'NOERROR aa answer= authority=NSEC,RRSIG,RRSIG,SOA match=sub.nsec.test'],
	['4035 3.1.4.1', 'DS at our own top', 'nsec.test DS do', 'NOERROR|REFUSED answer='],
	['4035 3.1', 'NSEC if asked for', 'sec.nsec.test NSEC edns', 'NOERROR aa answer=NSEC'],
	['4035 3.1.1', 'signatures if asked for', 'sec.nsec.test RRSIG edns', 'NOERROR aa answer~RRSIG'],
	['4035 3.1', 'no signatures of keys without DO', 'nsec.test DNSKEY edns', 'NOERROR aa answer=DNSKEY,DNSKEY'],
	['4035 3.1', 'nor NSEC with a referral', 'x.sub.nsec.test A', 'NOERROR !aa authority=NS,NS'],
	['4035 3.1.1', 'the apex NS are signed', 'nsec.test NS do', 'NOERROR aa answer~NS,NS,RRSIG'],
	['4035 3.1', 'DO over TCP', 'nope.nsec.test A tcp do', 'NXDOMAIN aa signed=authority'],
	['4035 3.1', 'the CNAME to nowhere', 'dead.nsec.test A do', 'NXDOMAIN aa answer=CNAME,RRSIG cover=gone.nsec.test cover=*.nsec.test'],
	['6672 5.3.1', 'DNAME is signed, its CNAME is not', 'x.dn.nsec.test A do', 'NOERROR aa answer=A,CNAME,DNAME,RRSIG,RRSIG'],
	['3225 3', 'DO comes back', 'sec.nsec.test A do', 'opt optflags=8000'],
	['3225 3', 'and only then', 'sec.nsec.test A edns', 'opt optflags=0000'],
	# --- RFC 5155: a zone with NSEC3
	['5155 7.2.3', 'no such record', 'sec.nsec3.test TXT do', 'NOERROR aa answer= match=sec.nsec3.test signed=authority'],
	['5155 7.2.3', 'an empty name', 'ent.nsec3.test A do', 'NOERROR aa answer= match=ent.nsec3.test'],
	['5155 7.2.2', 'no such name', 'a.b.nope.nsec3.test A do', 'NXDOMAIN aa answer= match=nsec3.test cover=nope.nsec3.test cover=*.nsec3.test signed=authority'],
	['5155 7.2.2', 'below a name that exists', 'y.x.here.wild.nsec3.test A do', 'NXDOMAIN match=here.wild.nsec3.test cover=x.here.wild.nsec3.test cover=*.here.wild.nsec3.test'],
	['5155 7.2.6', 'a wildcard: nothing closer', 'b.a.wild.nsec3.test A do', 'NOERROR aa answer=A,RRSIG cover=a.wild.nsec3.test signed=authority'],
	['5155 7.2.5', 'a wildcard without such a record', 'any.wild.nsec3.test AAAA do', 'NOERROR aa answer= match=wild.nsec3.test cover=any.wild.nsec3.test match=*.wild.nsec3.test'],
	['5155 7.2.7', 'an unsigned delegation', 'x.sub.nsec3.test A do', 'NOERROR !aa answer= authority~NS,NS,NSEC3,RRSIG match=sub.nsec3.test additional~A'],
	['5155 7.2.4', 'DS that is not there', 'sub.nsec3.test DS do', 'NOERROR aa answer= authority~NSEC3,RRSIG,SOA match=sub.nsec3.test'],
	['5155 7.2.8', 'the hash of a name is no name', 'HASH.nsec3.test A do', 'NXDOMAIN aa answer= authority~NSEC3,SOA'],
	['5155 7.2', 'nothing of this without DO', 'nope.nsec3.test A edns', 'NXDOMAIN aa authority=SOA'],
	['5155 4', 'NSEC3PARAM', 'nsec3.test NSEC3PARAM', 'NOERROR aa answer=NSEC3PARAM'],
	# --- RFC 6891
	['6891 6.1.1', 'OPT if there was one', 'plain.test SOA edns', 'NOERROR aa opt optversion=0 answer=SOA'],
	['6891 6.1.1', 'no OPT if there was none', 'plain.test SOA', 'NOERROR !opt'],
	['6891 6.1.1', 'OPT with errors, too', 'example.invalid SOA edns', 'REFUSED opt'],
	['6891 6.1.1', 'two OPT records', 'plain.test SOA edns edns2', 'FORMERR'],
	['6891 6.1.2', 'OPT is the root\'s', 'plain.test SOA edns ednsowner', 'FORMERR'],
	['6891 6.1.3', 'version 1', 'plain.test SOA edns version=1', 'BADVERS opt optversion=0 answer='],
	['6891 6.1.3', 'version 255', 'plain.test SOA edns version=255', 'BADVERS opt optversion=0 answer='],
	['6891 6.1.2', 'unknown options are ignored', 'plain.test SOA edns option=65001:6869', 'NOERROR aa opt answer=SOA !option=65001'],
	['6891 6.1.4', 'unknown flags are ignored, and zero', 'plain.test SOA edns ednsflags=7fff', 'NOERROR aa opt optflags=0000 answer=SOA'],
	['6891 6.2.3', 'less than 512 is 512', 'plain.test SOA edns size=10', 'NOERROR aa !tc opt answer=SOA'],
	['6891 6.2.3', 'no more than was offered', 'big.plain.test TXT edns size=600', 'NOERROR tc opt small=600'],
	['6891 6.2.5', 'no size concerns TCP', 'big.plain.test TXT tcp edns size=600', 'NOERROR !tc opt answer>40'],
	['6891 6.1.1', 'options that are cut off', 'plain.test SOA edns option=65001:6869 cut=1', 'FORMERR'],
	['6891 6.1.1', 'OPT stands anywhere in its section', 'plain.test SOA edns ednsfirst', 'NOERROR aa opt answer=SOA'],
	['7828 3.2.1', 'tcp-keepalive over UDP is ignored', 'plain.test SOA edns option=11:', 'NOERROR opt answer=SOA !option=11'],
	['7828 3.3.2', 'tcp-keepalive over TCP', 'plain.test SOA tcp edns option=11:', 'NOERROR opt answer=SOA option=11'],
	['7828 3.2.1', 'a time that a client says is ignored', 'plain.test SOA tcp edns option=11:0064', 'NOERROR opt answer=SOA'],
	['7828 3.2.1', 'not for who did not ask', 'plain.test SOA tcp edns', 'NOERROR opt answer=SOA !option=11'],
	# --- RFC 8945
	['8945 5.2.1', 'a key that nobody has', 'plain.test SOA tsig', 'NOTAUTH tsigerror=17'],
	['8945 5.1', 'TSIG stands last', 'plain.test SOA tsigfirst edns', 'FORMERR'],
	['5001 2.2', 'no NSID that nobody asked for', 'plain.test SOA edns', 'opt !option=3'],
	['5001 2.1', 'NSID', 'plain.test SOA edns option=3:', 'NOERROR opt answer=SOA option=3'],
	['7314 2', 'no EXPIRE that nobody asked for', 'plain.test SOA edns', 'opt !option=9'],
	['7314 2', 'EXPIRE of a primary', 'plain.test SOA edns option=9:', 'NOERROR opt answer=SOA option=9'],
	['7873 5.2.2', 'a cookie of a wrong length', 'plain.test SOA edns option=10:01020304', 'FORMERR'],
	['7873 5.2.3', 'a client\'s cookie gets a server\'s', 'plain.test SOA edns option=10:0102030405060708', 'NOERROR opt answer=SOA option=10'],
	['7873 5.2.4', 'a wrong server cookie gets a new one', 'plain.test SOA edns option=10:0102030405060708a1a2a3a4a5a6a7a8', 'NOERROR|BADCOOKIE opt option=10'],
	# --- RFC 1995, 1996, 5936
	['5936 2.2', 'a transfer', 'plain.test AXFR tcp', 'NOERROR aa records=74 soas=2'],
	['5936 2.2', 'a signed zone as it is', 'nsec.test AXFR tcp', 'NOERROR aa records=146 soas=2'],
	['5936 2.2.2', 'the first message has the question', 'plain.test AXFR tcp', 'NOERROR questions=1 authority= soas=2'],
	['5936 2.2.5', 'OPT if there was one', 'plain.test AXFR tcp edns', 'NOERROR opt soas=2'],
	['5936 2.2.5', 'and none if not', 'plain.test AXFR tcp', 'NOERROR !opt soas=2'],
	['5936 3.2', 'delegations and their glue', 'plain.test AXFR tcp', 'NOERROR has=ns.sub.plain.test soas=2'],
	['5936 2.1.2', 'of a class that nobody has', 'plain.test AXFR tcp class=3', 'REFUSED|NOTAUTH|NOTIMP|FORMERR answer='],
	['5936 2.2.1', 'of no zone of ours', 'example.invalid AXFR tcp', 'NOTAUTH|REFUSED answer='],
	['5936 2.2.1', 'of a name within a zone', 'mail.plain.test AXFR tcp', 'NOTAUTH|REFUSED|FORMERR answer='],
	['5936 4.2', 'not over UDP', 'plain.test AXFR', 'REFUSED|NOTIMP|FORMERR answer='],
	['1995 2', 'differences for who has all: an SOA', 'plain.test IXFR serial=2026112201 tcp', 'NOERROR aa records=1 soas=1'],
	['1995 2', 'and for who has more', 'plain.test IXFR serial=2026112202 tcp', 'NOERROR aa records=1 soas=1'],
	['1995 2', 'over UDP, too', 'plain.test IXFR serial=2026112201', 'NOERROR answer=SOA'],
	['1995 4', 'for who has what nobody knows: all', 'plain.test IXFR serial=1 tcp', 'NOERROR aa records=74 soas=2'],
	['1995 2', 'over UDP: an SOA where it is more', 'plain.test IXFR serial=1', 'NOERROR answer~SOA'],
	['1995 3', 'without an SOA', 'plain.test IXFR tcp', 'FORMERR'],
	['1996 3.10', 'NOTIFY from who is no primary', 'plain.test SOA opcode=4 flags=0400', 'REFUSED|NOTAUTH'],
	['1996 3.12', 'NOTIFY of no zone of ours', 'example.invalid SOA opcode=4 flags=0400', 'REFUSED|NOTAUTH'],
	# --- RFC 7766, 9210
	['7766 5', 'TCP says what UDP says: a name', 'chain1.plain.test A tcp', 'NOERROR aa answer=A,CNAME,CNAME,CNAME'],
	['7766 5', 'TCP says what UDP says: no name', 'nope.nsec.test A tcp do', 'NXDOMAIN aa cover=nope.nsec.test cover=*.nsec.test'],
	['7766 5', 'TCP says what UDP says: a referral', 'host.sub.plain.test A tcp', 'NOERROR !aa authority=NS,NS additional~A'],
	['7766 5', 'TCP says what UDP says: an error', 'plain.test SOA opcode=3 tcp', 'NOTIMP'],
	['7766 6.2.1.1', 'several questions at once', \'tcp several', 'several=5'],
	['7766 8', 'a question in pieces', \'tcp pieces', 'several=1'],
	['7766 6.2.1', 'the connection stays for the next question', \'tcp next', 'several=2'],
	['7766 6.2.1.1', 'a transfer and a question', \'tcp transfer', 'several=2'],
	['5936 4.1.1', 'transfers one after the other', \'tcp transfers', 'several=2'],
	['7766 6.2.1', 'errors do not end a connection', \'tcp errors', 'several=3'],
	['9210 3', 'TCP is not limited by what UDP would hold', 'big.plain.test TXT tcp', 'NOERROR !tc answer>39'],
	['9210 3', 'nor wants a question over UDP before', 'plain.test NS tcp', 'NOERROR aa answer=NS,NS'],
);

sub conformance_table {
	my %seen;
	return map { my %must; @must{qw(rfc title ask want)} = @$_; $must{name} = "RFC $must{rfc}: $must{title}"; $must{name} .= ", $must{ask}" if $seen{ $must{name} }++; \%must } @MUSTS;
}

### Questions

sub name_bytes { my ($name) = @_; return join('', map { pack 'C/a*', $_ } split /\./, $name) . "\0" }

sub soa_record { my ($zone, $serial) = @_; return name_bytes($zone) . pack('n n N n/a*', 6, 1, 0, "\0\0" . pack 'N5', $serial, 0, 0, 0, 0) }

# NAME below labels that make it so many bytes on the wire.
sub long_name {
	my ($length, $name) = @_;
	my @labels;
	for (my $left = $length - length name_bytes($name); $left > 0; $left -= 1 + length $labels[-1]) { push @labels, 'l' x ($left == 65 ? 62 : $left > 64 ? 63 : $left - 1) }
	return join '.', @labels, $name;
}

# A signature of a key that nobody has; its time is long ago.
sub tsig_record { return name_bytes('nobody.has') . pack 'n n N n/a*', 250, 255, 0, name_bytes('hmac-sha256') . pack 'n N n n/a* n n n', 0, 1, 300, 'x' x 32, $ID, 0, 0 }

sub hash_owner {
	my ($zone) = @_;
	my %zones = conformance_zones();
	return $zones{$zone} =~ /^(\w{32})\.\Q$zone\E\. \d+ IN NSEC3/m ? $1 : die 'no NSEC3';
}

# ($bytes, %words)
sub question {
	my ($ask) = @_;
	return (pack('n', $ID) . $$ask) if ref $ask;
	my ($name, $type, @words) = split ' ', $ask;
	my %with = map { my ($key, $value) = split /=/, $_, 2; $key => $value // 1 } @words;
	$with{edns} = 1 if $with{do};
	$name =~ s/^HASH\.(.*)/hash_owner($1) . ".$1"/e;
	$name =~ s/^LONG(\d+)\.(.*)/long_name($1, $2)/e;
	my $number = $type =~ /^TYPE(\d+)$/ ? $1 : Net::DNS::Parameters::typebyname($type);
	my $flags = hex($with{flags} // 0) | ($with{opcode} // 0) << 11 | ($with{rd} ? 0x100 : 0) | ($with{cd} ? 0x10 : 0) | ($with{z} ? 0x40 : 0);
	my $asked = name_bytes($name) . pack 'n n', $number, $with{class} // 1;
	my $count = $with{qdcount} // 1;
	my $opts = '';
	if ($with{edns}) {
		my $options = defined $with{option} && $with{option} =~ /^(\d+):(.*)/ ? pack 'n n/a*', $1, pack 'H*', $2 : '';
		my $opt = ($with{ednsowner} ? "\1x\0" : "\0") . pack 'n n C C n n/a*', 41, $with{size} // 1232, 0, $with{version} // 0,
			$with{do} ? 0x8000 : hex($with{ednsflags} // 0), $options;
		$opts = $opt x ($with{edns2} ? 2 : 1);
	}
	my $authority = defined $with{serial} ? soa_record($name, $with{serial}) : '';
	my @additional = grep { length } $with{tsigfirst} ? tsig_record() : '', $opts, $with{ednsfirst} ? name_bytes('x') . pack('n n N n/a*', 1, 1, 0, 'abcd') : '',
		$with{tsig} ? tsig_record() : '';
	my $bytes = pack('n6', $ID, $flags, $count, 0, $authority ? 1 : 0, @additional + ($with{edns2} ? 1 : 0)) . $asked x $count . join '', $authority, @additional;
	substr($bytes, -$with{cut}) = '' if $with{cut};
	return ($bytes, %with);
}

sub socket_to { my ($address, $port, $tcp) = @_;
	return IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Type => $tcp ? Socket::SOCK_STREAM : Socket::SOCK_DGRAM, Timeout => 5) }

sub read_exactly {
	my ($socket, $length, $deadline) = @_;
	my $bytes = '';
	while (length $bytes < $length && IO::Select->new($socket)->can_read($deadline - time)) { sysread $socket, $bytes, $length - length $bytes, length $bytes or last }
	return length $bytes == $length ? $bytes : undef;
}

sub read_message { my ($socket, $seconds) = @_; my $deadline = time + $seconds; my $length = read_exactly($socket, 2, $deadline) // return undef;
	return read_exactly($socket, unpack('n', $length), $deadline) }

# Who ignores a question gets another right behind it: when that is answered, the first will not be.
sub first_answer {
	my ($socket, $bytes, $tcp) = @_;
	my $witness = pack('n6', $ID + 1, 0, 1, 0, 0, 0) . name_bytes('plain.test') . pack 'n n', 6, 1;
	my $send = sub { syswrite $socket, $tcp ? pack 'n/a*', $_[0] : $_[0] };
	my @seen;
	$send->($bytes);
	for my $try (1 .. 5) {
		$send->($witness);
		while (1) {
			my $answer;
			if ($tcp) { $answer = read_message($socket, 2) // last }
			else { IO::Select->new($socket)->can_read(1) or last; sysread $socket, $answer, 65535 or last }
			return \$answer if unpack('n', $answer) == $ID;
			return undef if unpack('n', $answer) == $ID + 1 && $seen[0]++;
			last if unpack('n', $answer) == $ID + 1;
		}
	}
	return undef;
}

### Answers

sub types { return join ',', sort map { $_->type } @_ }

# Are all of these types among those, each as often?
sub among { my ($wanted, @records) = @_; my %left; $left{ $_->type }++ for @records; return !grep { ($left{$_} //= 0)-- <= 0 } split /,/, $wanted }

sub says {
	my ($what, $name, @records) = @_;
	for my $record (grep { $_->type =~ /^NSEC3?$/ } @records) {
		return 1 if $record->type eq 'NSEC3' && ($what eq 'match' ? $record->match($name) : $record->covers($name));
		next if $record->type eq 'NSEC3';
		return 1 if $what eq 'match' ? lc $record->owner eq lc $name : $record->covers($name);
	}
	return 0;
}

sub unsigned {
	my @records = @_;
	my %signed = map { (lc $_->owner . ' ' . $_->typecovered => 1) } grep { $_->type eq 'RRSIG' } @records;
	return grep { $_->type !~ /^(RRSIG|NS|OPT)$/ && !$signed{ lc $_->owner . ' ' . $_->type } } @records;
}

my %FLAG = (aa => 0x400, tc => 0x200, rd => 0x100, ra => 0x80, z => 0x40, ad => 0x20);

# What is wrong with this word, or undef.
sub word_wrong {
	my ($word, $seen) = @_;
	my %section = (answer => $seen->{answer}, authority => $seen->{authority}, additional => $seen->{additional});
	return undef if $word =~ /^[A-Z|]+$/ && grep { $_ eq $seen->{rcode} } split /\|/, $word;
	return $seen->{rcode} if $word =~ /^[A-Z|]+$/;
	if ($word =~ /^(!?)(aa|tc|rd|ra|z|ad)$/) { return ($seen->{flags} & $FLAG{$2} ? 1 : 0) == ($1 ? 0 : 1) ? undef : sprintf 'flags %04x', $seen->{flags} }
	if ($word =~ /^(!?)opt$/) { return ($seen->{opt} ? 1 : 0) == ($1 ? 0 : 1) ? undef : 'OPT' }
	if ($word =~ /^(\w+)=([A-Z0-9,]*)$/ && $section{$1}) {
		my ($records, $wanted) = ($section{$1}, join ',', sort split /,/, $2);
		return types(@$records) eq $wanted ? undef : types(@$records) || 'nothing';
	}
	if ($word =~ /^(\w+)~(.*)$/) { return among($2, @{ $section{$1} }) ? undef : types(@{ $section{$1} }) || 'nothing' }
	if ($word =~ /^answer>(\d+)$/) { return @{ $seen->{answer} } >= $1 ? undef : scalar @{ $seen->{answer} } }
	if ($word =~ /^owner=(.*)$/) { my $owner = $seen->{answer}[-1] ? $seen->{answer}[-1]->owner : 'none'; return lc $owner eq $1 ? undef : $owner }
	if ($word =~ /^negttl=(\d+)$/) { my ($soa) = grep { $_->type eq 'SOA' } @{ $seen->{authority} }; return $soa && $soa->ttl == $1 ? undef : $soa ? $soa->ttl : 'no SOA' }
	if ($word =~ /^(match|cover)=(.*)$/) { return says($1, $2, @{ $seen->{authority} }) ? undef : join ', ', map { $_->plain } grep { /NSEC/ } @{ $seen->{authority} } }
	if ($word =~ /^signed=(\w+)$/) { my ($first) = unsigned(@{ $section{$1} }); return $first ? $first->plain : undef }
	if ($word =~ /^small=(\d+)$/) { return $seen->{length} <= $1 ? undef : "$seen->{length} bytes" }
	if ($word =~ /^optversion=(\d+)$/) { return $seen->{opt}[1] == $1 ? undef : $seen->{opt}[1] }
	if ($word =~ /^optflags=(\w+)$/) { return $seen->{opt}[2] == hex $1 ? undef : sprintf '%04x', $seen->{opt}[2] }
	if ($word =~ /^(!?)option=(\d+)$/) { return exists $seen->{options}{$2} == ($1 ? !1 : !0) ? undef : 'options ' . join ' ', sort keys %{ $seen->{options} } }
	if ($word =~ /^ttl=(\d+)$/) { my ($first) = @{ $seen->{answer} }; return $first && $first->ttl == $1 ? undef : $first ? $first->ttl : 'nothing' }
	if ($word =~ /^tsigerror=(\d+)$/) { my ($tsig) = grep { $_->type eq 'TSIG' } @{ $seen->{additional} }; return $tsig && $seen->{tsigerror} == $1 ? undef : $tsig ? $seen->{tsigerror} : 'no TSIG' }
	if ($word =~ /^questions=(\d+)$/) { return $seen->{counts}[0] == $1 ? undef : $seen->{counts}[0] }
	if ($word =~ /^whole=(\S+)$/) { return index($seen->{bytes}, name_bytes($1)) > 0 ? undef : 'compressed' }
	if ($word =~ /^has=(\S+)$/) { my $name = $1; return (grep { lc $_->owner eq $name } @{ $seen->{all} }) ? undef : 'not there' }
	if ($word =~ /^(records|soas)=(\d+)$/) { return ($seen->{$1} // -1) == $2 ? undef : $seen->{$1} // 'no transfer' }
	return 'a word that the table does not know';
}

# The OPT record: [rcode, version, flags], and its options.
sub opt_of {
	my ($bytes) = @_;
	my $at = rindex $bytes, "\0\0\x29";
	return if $at < 12 || !unpack 'x10 n', $bytes;
	my (undef, undef, undef, $rcode, $version, $flags, $length) = unpack 'C n n C C n n', substr $bytes, $at;
	return if $at + 11 + $length > length $bytes;
	my %options = unpack '(n n/a*)*', substr $bytes, $at + 11, $length;
	return ([$rcode, $version, $flags], \%options);
}

sub seen_of {
	my ($bytes) = @_;
	my ($id, $flags, @counts) = unpack 'n6', $bytes;
	my ($packet, $end) = Net::DNS::Packet->decode(\$bytes);
	return undef if !$packet || length($bytes) > 12 && !defined $end;
	my ($opt, $options) = opt_of($bytes);
	my $rcode = ($flags & 15) | ($opt ? $opt->[0] << 4 : 0);
	return { flags => $flags, rcode => $RCODE[$rcode] // $rcode, opt => $opt, options => $options // {}, length => length $bytes, counts => \@counts,
		bytes => $bytes, tsigerror => unpack('n', substr $bytes, -4), answer => [$packet->answer], authority => [$packet->authority], additional => [grep { $_->type ne 'OPT' } $packet->additional] };
}

# All of a transfer's messages count as one answer.
sub whole_transfer {
	my ($socket, $first) = @_;
	my $seen = seen_of($first) // return undef;
	my @records = @{ $seen->{answer} };
	my $is_whole = sub { @records && $records[0]->type eq 'SOA' && (@records == 1 || $records[-1]->type eq 'SOA') };
	while ($seen->{rcode} eq 'NOERROR' && (!$is_whole->() || @records == 1)) {
		my $more = seen_of(read_message($socket, @records == 1 ? 0.5 : 5) // last) // return undef;
		push @records, @{ $more->{answer} };
	}
	$seen->{all} = \@records;
	$seen->{records} = @records;
	$seen->{soas} = grep { $_->type eq 'SOA' } @records;
	return $seen;
}

# The question as it was asked comes back, with its id and opcode.
sub frame_wrong {
	my ($asked, $answered) = @_;
	my ($flags, $count) = unpack 'x2 n n', $answered;
	return 'no QR' unless $flags & 0x8000;
	return 'another opcode' if ($flags ^ unpack 'x2 n', $asked) & 0x7800;
	return undef if $count != 1 || unpack('x4 n', $asked) != 1;
	my $end = index($asked, "\0", 12) + 5;
	return substr($answered, 12, $end - 12) eq substr($asked, 12, $end - 12) ? undef : 'another question';
}

# Several questions on one connection: who is answered?
sub stream_wrong {
	my ($how, $want, $address, $port) = @_;
	my $socket = socket_to($address, $port, 1) or return 'no connection';
	my $one = sub { my ($id, $type) = @_; pack 'n/a*', pack('n6', $id, 0, 1, 0, 0, 0) . name_bytes('plain.test') . pack 'n n', $type // 6, 1 };
	my %ids;
	my $read = sub { my $message = read_message($socket, 5) // return 0; $ids{ unpack 'n', $message }++; return 1 };
	if ($how eq 'several') { syswrite $socket, join '', map { $one->($_) } 1 .. 5; $read->() for 1 .. 5 }
	elsif ($how eq 'pieces') { for my $piece (split //, $one->(1)) { syswrite $socket, $piece } $read->() }
	elsif ($how eq 'next') { for my $id (1, 2) { syswrite $socket, $one->($id); $read->() } }
	elsif ($how eq 'transfers') { for my $id (1, 2) { syswrite $socket, $one->($id, 252); my $seen = whole_transfer($socket, read_message($socket, 5) // last) // last; $ids{$id}++ if $seen->{records} > 70 } }
	elsif ($how eq 'errors') { syswrite $socket, pack('n/a*', pack('n6', 1, 3 << 11, 1, 0, 0, 0) . name_bytes('plain.test') . pack 'n n', 6, 1) . $one->(2, 65280) . $one->(3); while (!$ids{3}) { $read->() or last } }
	elsif ($how eq 'transfer') { syswrite $socket, $one->(1, 252) . $one->(2); while (!$ids{2}) { $read->() or last } }
	my ($wanted) = $want =~ /several=(\d+)/;
	return keys %ids == $wanted ? undef : 'answered: ' . join ' ', sort keys %ids;
}

sub conformance_wrong {
	my ($must, $address, $port) = @_;
	return stream_wrong($1, $must->{want}, $address, $port) if ref $must->{ask} && ${ $must->{ask} } =~ /^tcp (\w+)$/;
	my ($bytes, %with) = question($must->{ask});
	my $socket = socket_to($address, $port, $with{tcp}) or return 'no connection';
	my $transfer = $must->{want} =~ /\b(?:records|soas)=/;
	my $answer;
	if ($transfer) { syswrite $socket, pack 'n/a*', $bytes; my $first = read_message($socket, 5); $answer = defined $first ? \$first : undef }
	else { $answer = first_answer($socket, $bytes, $with{tcp}) }
	my $may_be_silent = $must->{want} =~ /\bsilence\b/;
	return $may_be_silent ? undef : 'silence' unless $answer;
	return 'an answer' if $must->{want} eq 'silence';
	my $seen = $transfer ? whole_transfer($socket, $$answer) : seen_of($$answer);
	return 'an answer that does not parse: ' . unpack 'H*', $$answer unless $seen;
	my $wrong = frame_wrong($bytes, $$answer);
	return $wrong if $wrong;
	my @words = split ' ', $must->{want};
	$words[0] =~ s/\|?silence\|?//;
	for my $word (@words) { my $why = word_wrong($word, $seen); return "$word, but it is: $why" if defined $why }
	return undef;
}

1;
