/* Master files: every record as text, or the fault. */
#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/zone_file.h"
#include "t/unit/tap.h"

#define ORIGIN ((const uint8_t *)"\7example\3com")

/* What a zone's records come to: their lines, each with a newline. */
struct reading {
	struct text lines;
	unsigned left; /* records until the callback says no; 0: never */
};

static bool take_record(void *context, const struct zone_record *record, struct fault *fault)
{
	struct reading *reading = context;

	if (reading->left && !--reading->left)
		return fault_set(fault, "enough");
	zone_record_text(record, &reading->lines);
	text_add_byte(&reading->lines, '\n');
	return true;
}

static bool include_file(void *context, const char *path, struct text *content, struct fault *fault)
{
	(void)context;
	if (!strcmp(path, "one"))
		text_add(content, "$TTL 60\n$ORIGIN one.\na A 192.0.2.1\nb A 192.0.2.2\n");
	else if (!strcmp(path, "a file"))
		text_add(content, "@ A 192.0.2.3\n");
	else if (!strcmp(path, "self"))
		text_add(content, "@ 1 A 192.0.2.4\n$INCLUDE self\n");
	else if (!strcmp(path, "bad"))
		text_add(content, "\n@ 1 A 192.0.2\n");
	else if (strcmp(path, "empty"))
		return fault_set(fault, "cannot read %s: No such file or directory", path);
	return true;
}

/* The lines, or the fault; the caller frees reading->lines. */
static const char *read_bytes(struct reading *reading, const char *content, size_t length,
	struct fault *fault)
{
	struct zone_file_reader reader = {
		.include = include_file,
		.record = take_record,
		.context = reading,
	};

	*fault = (struct fault){ .text = "unset" };
	if (!zone_file_read("zone", content, length, ORIGIN, &reader, fault))
		return fault->text;
	return text_string(&reading->lines);
}

static void is_read(const char *content, size_t length, const char *want, const char *name)
{
	struct reading reading = { 0 };
	struct fault fault;

	is_string(read_bytes(&reading, content, length, &fault), want, name);
	text_free(&reading.lines);
}

static const struct file_story {
	const char *name, *content, *want;
} file_stories[] = {
	{ "nothing", "", "" },
	{ "blanks and comments", "\n  \n; x\n\t; y ( \" \n\r\n", "" },
	{ "TTL and class", "a 60 IN A 192.0.2.1\n", "a.example.com.\t60\tIN\tA\t192.0.2.1\n" },
	{ "class and TTL", "a IN 60 A 192.0.2.1\n", "a.example.com.\t60\tIN\tA\t192.0.2.1\n" },
	{ "units", "a 1h30m A 192.0.2.1\na 1W1d1H1M1s A 192.0.2.1",
		"a.example.com.\t5400\tIN\tA\t192.0.2.1\n"
		"a.example.com.\t694861\tIN\tA\t192.0.2.1\n" },
	{ "no newline at the end", "a 60 A 192.0.2.1", "a.example.com.\t60\tIN\tA\t192.0.2.1\n" },
	{ "lines of DOS", "$TTL 60\r\na A 192.0.2.1\r\n  A 192.0.2.2\r\n",
		"a.example.com.\t60\tIN\tA\t192.0.2.1\na.example.com.\t60\tIN\tA\t192.0.2.2\n" },
	{ "the owner before, over blank lines and comments",
		"a 60 A 192.0.2.1\n\n; x\n\tA 192.0.2.2\n ; y\n A 192.0.2.3",
		"a.example.com.\t60\tIN\tA\t192.0.2.1\na.example.com.\t60\tIN\tA\t192.0.2.2\n"
		"a.example.com.\t60\tIN\tA\t192.0.2.3\n" },
	{ "the origin", "@ 60 NS @\n", "example.com.\t60\tIN\tNS\texample.com.\n" },
	{ "another origin", "$ORIGIN sub\n@ 60 NS a\n$ORIGIN net.\nb 60 NS @",
		"sub.example.com.\t60\tIN\tNS\ta.sub.example.com.\nb.net.\t60\tIN\tNS\tnet.\n" },
	{ "the owner before stays when the origin changes",
		"a 60 A 192.0.2.1\n$ORIGIN net.\n A 192.0.2.2",
		"a.example.com.\t60\tIN\tA\t192.0.2.1\na.example.com.\t60\tIN\tA\t192.0.2.2\n" },
	{ "the root as origin", "$ORIGIN .\ncom 60 NS a.gtld", "com.\t60\tIN\tNS\ta.gtld.\n" },
	{ "$TTL goes before the last TTL",
		"$TTL 60\na 90 A 192.0.2.1\na A 192.0.2.2\n$TTL 70\na A 192.0.2.3",
		"a.example.com.\t90\tIN\tA\t192.0.2.1\na.example.com.\t60\tIN\tA\t192.0.2.2\n"
		"a.example.com.\t70\tIN\tA\t192.0.2.3\n" },
	{ "the last TTL where there is no $TTL",
		"a 90 A 192.0.2.1\na A 192.0.2.2\nb 0 A 192.0.2.3\nb A 192.0.2.4",
		"a.example.com.\t90\tIN\tA\t192.0.2.1\na.example.com.\t90\tIN\tA\t192.0.2.2\n"
		"b.example.com.\t0\tIN\tA\t192.0.2.3\nb.example.com.\t0\tIN\tA\t192.0.2.4\n" },
	{ "the SOA's minimum where nothing is said", "@ SOA a b 1 2 3 4 5\n@ NS a",
		"example.com.\t5\tIN\tSOA\ta.example.com. b.example.com. 1 2 3 4 5\nexample.com.\t5\tIN\tNS\ta.example.com.\n" },
	{ "the longest TTL", "a 2147483647 A 192.0.2.1\n",
		"a.example.com.\t2147483647\tIN\tA\t192.0.2.1\n" },
	{ "parentheses, comments and strings in them",
		"@ 60 IN SOA ns1 host ( ; one ) (\n\t2026112201 ; serial\n 3h 1h\n1w 5m )\n  TXT ( \"a;b\"\n\"(c\" )\n",
		"example.com.\t60\tIN\tSOA\tns1.example.com. host.example.com. 2026112201 10800 3600 604800 300\n"
		"example.com.\t60\tIN\tTXT\t\"a;b\" \"(c\"\n" },
	{ "parentheses around anything", "( a\n60 ) ( A ) ( 192.0.2.1 )\n",
		"a.example.com.\t60\tIN\tA\t192.0.2.1\n" },
	{ "escapes in owners",
		"a\\.b 60 A 192.0.2.1\n\\@ 60 A 192.0.2.1\n\\$x 60 A 192.0.2.1\na\\ b 60 A 192.0.2.1\n"
		"a\\;b 60 A 192.0.2.1\n\\065 60 A 192.0.2.1\n",
		"a\\.b.example.com.\t60\tIN\tA\t192.0.2.1\n\\@.example.com.\t60\tIN\tA\t192.0.2.1\n"
		"\\$x.example.com.\t60\tIN\tA\t192.0.2.1\na\\032b.example.com.\t60\tIN\tA\t192.0.2.1\n"
		"a\\;b.example.com.\t60\tIN\tA\t192.0.2.1\nA.example.com.\t60\tIN\tA\t192.0.2.1\n" },
	{ "types and classes as owners",
		"a 60 A 192.0.2.1\nIN A 192.0.2.2\nA IN A 192.0.2.3\n60 A 192.0.2.4",
		"a.example.com.\t60\tIN\tA\t192.0.2.1\nIN.example.com.\t60\tIN\tA\t192.0.2.2\n"
		"A.example.com.\t60\tIN\tA\t192.0.2.3\n60.example.com.\t60\tIN\tA\t192.0.2.4\n" },
	{ "wildcards and underscores", "* 60 CNAME a\n_sip._tcp 60 SRV 0 5 5060 sip",
		"*.example.com.\t60\tIN\tCNAME\ta.example.com.\n"
		"_sip._tcp.example.com.\t60\tIN\tSRV\t0 5 5060 sip.example.com.\n" },
	{ "another class", "version.bind. 0 CH TXT \"x\"\nb A \\# 1 00\nc HS TXT y\nd CH NSEC a A",
		"version.bind.\t0\tCH\tTXT\t\"x\"\nb.example.com.\t0\tCH\tA\t\\# 1 00\nc.example.com.\t0\tHS\tTXT\t\"y\"\n"
		"d.example.com.\t0\tCH\tNSEC\ta.example.com. A\n" },
	{ "$INCLUDE: $TTL stays, origin and owner do not",
		"a 5 A 192.0.2.9\n$INCLUDE one ; x\n A 192.0.2.8\n@ A 192.0.2.7",
		"a.example.com.\t5\tIN\tA\t192.0.2.9\na.one.\t60\tIN\tA\t192.0.2.1\nb.one.\t60\tIN\tA\t192.0.2.2\n"
		"a.example.com.\t60\tIN\tA\t192.0.2.8\nexample.com.\t60\tIN\tA\t192.0.2.7\n" },
	{ "$INCLUDE with an origin, the path in quotes",
		"$TTL 1\n$include \"a file\" sub\n$INCLUDE empty",
		"sub.example.com.\t1\tIN\tA\t192.0.2.3\n" },
	{ "no TTL", "a A 192.0.2.1", "zone:1: no TTL here, and no $TTL before" },
	{ "no owner", "\n A 192.0.2.1", "zone:2: no owner here, and none before" },
	{ "no type", "a 60 IN", "zone:1: a type is missing" },
	{ "an owner only", "a", "zone:1: a type is missing" },
	{ "an unknown type", "a 60 FOO x", "zone:1: FOO is no type" },
	{ "two TTLs", "a 60 70 A 192.0.2.1", "zone:1: 70 is no type" },
	{ "two classes", "a IN IN A 192.0.2.1", "zone:1: IN is no type" },
	{ "a TTL over 2^31 - 1", "a 2147483648 A 192.0.2.1", "zone:1: 2147483648 is no TTL" },
	{ "a TTL in another unit", "a 1y A 192.0.2.1", "zone:1: 1y is no TTL" },
	{ "a TTL of eleven digits", "a 00000000001 A 192.0.2.1", "zone:1: 00000000001 is no TTL" },
	{ "a unit without number", "a 1hm A 192.0.2.1", "zone:1: 1hm is no TTL" },
	{ "a meta type", "a 60 AXFR", "zone:1: AXFR can't be in a zone" },
	{ "OPT", "a 60 OPT x", "zone:1: OPT can't be in a zone" },
	{ "a bad owner", "\n\na..b 60 A 192.0.2.1", "zone:3: owner: empty label" },
	{ "a bad origin", "$ORIGIN a..b", "zone:1: $ORIGIN: empty label" },
	{ "no origin", "$ORIGIN ; x", "zone:1: $ORIGIN without a name" },
	{ "two origins", "$ORIGIN a b", "zone:1: a word too many" },
	{ "no $TTL", "$TTL", "zone:1: $TTL without a time up to 2147483647 seconds" },
	{ "a bad $TTL", "$TTL x", "zone:1: $TTL without a time up to 2147483647 seconds" },
	{ "two $TTL", "$TTL 1 2", "zone:1: a word too many" },
	{ "$GENERATE", "$GENERATE 1-2 a A 192.0.2.$", "zone:1: $GENERATE is not known here" },
	{ "no file", "$INCLUDE", "zone:1: $INCLUDE without a file" },
	{ "a file that can't be read", "\n$INCLUDE nowhere",
		"zone:2: cannot read nowhere: No such file or directory" },
	{ "a file too many", "$INCLUDE one a b", "zone:1: a word too many" },
	{ "a file with a bad origin", "$INCLUDE one a..b", "zone:1: $INCLUDE: empty label" },
	{ "a fault in an included file", "$INCLUDE bad",
		"bad:2: A: could not parse the RR's rdata" },
	{ "a file that includes itself", "$INCLUDE self", "self:2: $INCLUDE over 10 deep" },
	{ "( without )", "\n@ 60 SOA a b (\n1\n2\n", "zone:2: ( without )" },
	{ ") without (", "\n@ 60 A 192.0.2.1 )", "zone:2: ) without (" },
	{ "nothing but parentheses", "(\n)\n", "" },
	{ "a string without end", "a 60 TXT \"x\nb 60 TXT \"y\"",
		"zone:1: a string that does not end in its line" },
	{ "a string without end at the file's end", "a 60 TXT \"x",
		"zone:1: a string that does not end in its line" },
	{ "a backslash at the line's end", "a 60 TXT x\\\n",
		"zone:1: a backslash at the line's end" },
	{ "a backslash at the file's end", "a 60 TXT x\\",
		"zone:1: a backslash at the line's end" },
	{ "a backslash at a string's end", "a 60 TXT \"x\\\n\"",
		"zone:1: a backslash at the line's end" },
	{ "lines are counted over parentheses and comments",
		"@ 60 SOA a b (\n1 2 ; (\n3 4 5)\n\n;\n@ 60 A x\n",
		"zone:6: A: could not parse the RR's rdata" },
};

static void test_files(void)
{
	for (size_t i = 0; i < sizeof(file_stories) / sizeof(file_stories[0]); i++)
		is_read(file_stories[i].content, strlen(file_stories[i].content),
			file_stories[i].want, file_stories[i].name);
	is_read("a 60 A 192.0.2.1\0", 17, "zone:1: a NUL byte", "a NUL byte");
	is_read("a 60 TXT \"\0\"", 12, "zone:1: a string that does not end in its line",
		"a NUL byte in a string");
	is_read("a 60 TXT \\\0", 11, "zone:1: a NUL byte", "a NUL byte escaped");
}

/* "a 60 " before, "a.example.com.\t60\tIN\t" before what is wanted; NULL: the same as given; "!": a
 * fault. */
static const struct rdata_story {
	const char *text, *want;
} rdata_stories[] = {
	{ "A 192.0.2.1", "A\t192.0.2.1" },
	{ "A 192.0.2", "!A: could not parse the RR's rdata" },
	{ "A 192.0.2.256", "!A: could not parse the RR's rdata" },
	{ "A", "!A: rdata is missing" },
	{ "A 192.0.2.1 x", "!A: superfluous text present" },
	{ "AAAA 2001:DB8::1", "AAAA\t2001:db8::1" },
	{ "AAAA 2001:db8", "!AAAA: could not parse the RR's rdata" },
	{ "NS b", "NS\tb.example.com." },
	{ "NS b.", "NS\tb." },
	{ "NS .", "NS\t." },
	{ "NS \\@.", "NS\t@." },
	{ "NS b\\.c.", "NS\tb\\.c." },
	{ "NS", "!NS: rdata is missing" },
	{ "NS b c", "!NS: a field too many" },
	{ "NS \"b\"", "!NS: a name in quotes" },
	{ "NS b..c", "!NS: empty label" },
	{ "CNAME \303\244", "CNAME\t\\195\\164.example.com." },
	{ "MX 10 mail", "MX\t10 mail.example.com." },
	{ "MX 0 .", "MX\t0 ." },
	{ "MX 65535 @", "MX\t65535 example.com." },
	{ "MX 65536 mail", "!MX: a number up to 65535 is expected" },
	{ "MX 1h mail", "!MX: a number is expected" },
	{ "MX -1 mail", "!MX: a number is expected" },
	{ "MX mail", "!MX: a number is expected" },
	{ "MX 10", "!MX: a field is missing" },
	{ "SRV 1 2 3 sip", "SRV\t1 2 3 sip.example.com." },
	{ "RP a b", "RP\ta.example.com. b.example.com." },
	{ "AFSDB 1 a", "AFSDB\t1 a.example.com." },
	{ "DNAME x.", "DNAME\tx." },
	{ "SOA a b 4294967295 1 2 3 4", "SOA\ta.example.com. b.example.com. 4294967295 1 2 3 4" },
	{ "SOA a b 4294967296 1 2 3 4", "!SOA: a number up to 4294967295 is expected" },
	{ "SOA a b 1 1h 2m 3d 1w2d",
		"SOA\ta.example.com. b.example.com. 1 3600 120 259200 777600" },
	{ "SOA a b 1 2 3 4", "!SOA: a field is missing" },
	{ "SOA a b 1 2 3 4 5 6", "!SOA: a field too many" },
	{ "SOA a b x 2 3 4 5", "!SOA: a number up to 4294967295 is expected" },
	{ "TXT a", "TXT\t\"a\"" },
	{ "TXT \"a b\" c \"\"", "TXT\t\"a b\" \"c\" \"\"" },
	{ "TXT \"a;(b)\"", "TXT\t\"a;(b)\"" },
	{ "TXT a\\;b", "TXT\t\"a;b\"" },
	{ "TXT \"a\\\"b\\\\\" c", "TXT\t\"a\\\"b\\\\\" \"c\"" },
	{ "TXT \"a\\\";(\" c", "TXT\t\"a\\\";(\" \"c\"" },
	{ "TXT \"\\000\\255\"", "TXT\t\"\\000\\255\"" },
	{ "TXT \"\303\244\"", "TXT\t\"\\195\\164\"" },
	{ "TXT \"tab\tin\"", "TXT\t\"tab\tin\"" },
	{ "TXT", "!TXT: rdata is missing" },
	{ "HINFO PC \"Linux 5\"", "HINFO\t\"PC\" \"Linux 5\"" },
	{ "CAA 0 issue \"ca.example; x=y\"", "CAA\t0 issue \"ca.example; x=y\"" },
	{ "CAA 0 issue \";\"", "CAA\t0 issue \";\"" },
	{ "NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:x@example.com!\" .",
		"NAPTR\t100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:x@example.com!\" ." },
	{ "DS 60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118",
		"DS\t60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118" },
	{ "DNSKEY 256 3 13 AQPSKmynfzW4 kyBv015MUG2D",
		"DNSKEY\t256 3 13 AQPSKmynfzW4kyBv015MUG2D" },
	{ "RRSIG A 13 3 86400 20260322173103 20260220173103 2642 example.com. oJB1W6WN Gv+l",
		"RRSIG\tA 13 3 86400 20260322173103 20260220173103 2642 example.com. oJB1W6WNGv+l" },
	{ "NSEC b A MX RRSIG NSEC TYPE1234", "NSEC\tb.example.com. A MX RRSIG NSEC TYPE1234" },
	{ "NSEC3 1 1 12 AABBCCDD 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS",
		"NSEC3\t1 1 12 aabbccdd  2t7b4g4vsa5smi47k61mv5bv1a22bojr NS MX DNSKEY" },
	{ "NSEC3PARAM 1 0 0 -", "NSEC3PARAM\t1 0 0 -" },
	{ "TLSA 3 1 1 aabb", "TLSA\t3 1 1 aabb" },
	{ "SSHFP 1 1 aabb", "SSHFP\t1 1 aabb" },
	{ "ZONEMD 1 1 1 aabb", "ZONEMD\t1 1 1 aabb" },
	{ "SVCB 1 svc port=53", "SVCB\t1 svc.example.com. port=53" },
	{ "HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1", "HTTPS\t1 . alpn=h2,h3 ipv4hint=192.0.2.1" },
	{ "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
		"LOC\t52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m" },
	{ "URI 10 1 \"http://a/\"", "URI\t10 1 \"http://a/\"" },
	{ "EUI48 00-00-5e-00-53-2a", "EUI48\t00-00-5e-00-53-2a" },
	{ "NSEC b A YPE6", "!NSEC: YPE6 is no type" },
	{ "NSEC b", "NSEC\tb.example.com." },
	{ "NSEC", "!NSEC: rdata is missing" },
	{ "NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A FOO", "!NSEC3: FOO is no type" },
	{ "NSEC3 256 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A",
		"!NSEC3: a number up to 255 is expected" },
	{ "NSEC3PARAM 1 0 65536 -", "!NSEC3PARAM: a number up to 65535 is expected" },
	{ "CSYNC 66 3 A NS", "CSYNC\t66 3 A NS" },
	{ "CSYNC 66 3 A FOO", "!CSYNC: FOO is no type" },
	{ "CSYNC 4294967296 3 A", "!CSYNC: a number up to 4294967295 is expected" },
	{ "RRSIG FOO 13 3 86400 20260322173103 20260220173103 2642 example.com. oJB1",
		"!RRSIG: FOO is no type" },
	{ "RRSIG A 13 3 4294967296 20260322173103 20260220173103 2642 example.com. oJB1",
		"!RRSIG: a number up to 4294967295 is expected" },
	{ "RRSIG A 13 3 86400 20260322173103 20260220173103 65536 example.com. oJB1",
		"!RRSIG: a number up to 65535 is expected" },
	{ "DS 65536 13 2 aa", "!DS: a number up to 65535 is expected" },
	{ "DS 1 ECDSAP256SHA256 2 aa", "DS\t1 13 2 aa" },
	{ "CAA 256 issue \"ca\"", "!CAA: a number up to 255 is expected" },
	{ "CAA -1 issue \"ca\"", "!CAA: a number up to 255 is expected" },
	{ "CAA 0", "!CAA: value expected" },
	{ "CAA 0 issue", "!CAA: value expected" },
	{ "TYPE65280", "!TYPE65280: rdata is missing" },
	{ "APL", "APL\t\\# 0" },
	{ "APL 1:192.0.2.0/24", "APL\t1:192.0.2.0/24" },
	{ "TYPE65280 \\# 3 abcdef", "TYPE65280\t\\# 3 abcdef" },
	{ "TYPE65280 \\# 3 AB (\n cdEF )", "TYPE65280\t\\# 3 abcdef" },
	{ "TYPE65280 \\# 0", "TYPE65280\t\\# 0" },
	{ "TYPE1 \\# 4 c0000201", "A\t192.0.2.1" },
	{ "A \\# 4 c0000201", "A\t192.0.2.1" },
	{ "A \\# 3 c00002", "!A: rdata of the wrong shape" },
	{ "NS \\# 2 c000", "!NS: rdata of the wrong shape" },
	{ "A \\# 4 c000020", "!A: pairs of hexadecimal digits are expected" },
	{ "A \\# 4 c00002zz", "!A: pairs of hexadecimal digits are expected" },
	{ "A \\# 5 c0000201", "!A: \\# announces another length" },
	{ "A \\# 65536 c0000201", "!A: a length is expected behind \\#" },
	{ "A \\# 1h", "!A: a length is expected behind \\#" },
	{ "A \\#", "!A: a length is expected behind \\#" },
	{ "TYPE65280 abc", "!TYPE65280: could not parse the RR's rdata" },
	{ "SVCB \\# 3 0001c0", "SVCB\t\\# 3 0001c0" },
};

static void test_rdata(void)
{
	char content[400], want[400];

	for (size_t i = 0; i < sizeof(rdata_stories) / sizeof(rdata_stories[0]); i++) {
		const struct rdata_story *story = &rdata_stories[i];

		snprintf(content, sizeof(content), "a 60 %s\n", story->text);
		if (*story->want == '!')
			snprintf(want, sizeof(want), "zone:1: %s", story->want + 1);
		else
			snprintf(want, sizeof(want), "a.example.com.\t60\tIN\t%s\n", story->want);
		is_read(content, strlen(content), want, story->text);
		if (*story->want != '!')
			is_read(want, strlen(want), want, "  and read again");
	}
}

/* Strings and hexadecimal digits up to what a record holds. */
static void test_long(void)
{
	struct text content = { 0 }, want = { 0 };
	struct reading reading = { 0 };
	struct fault fault;

	text_add(&content, "a 60 TXT \"");
	for (unsigned i = 0; i < 255; i++)
		text_add_byte(&content, 'x');
	text_add(&content, "\"\n");
	read_bytes(&reading, content.bytes, content.length, &fault);
	is_integer((int64_t)reading.lines.length, 20 + 4 + 257 + 2, "a string of 255 bytes");
	content.bytes[content.length - 2] = 'x';
	content.bytes[content.length - 1] = '"';
	is_string(read_bytes(&reading, content.bytes, content.length, &fault),
		"zone:1: TXT: could not parse the RR's rdata", "one of 256 is refused");
	text_cut(&content, 9);
	while (content.length < 66000)
		text_add(&content, "\"yyyyyyyyyyyyyyy\" ");
	is_string(read_bytes(&reading, content.bytes, content.length, &fault),
		"zone:1: TXT: rdata over 65534 bytes of text",
		"over 65,534 bytes of text are refused");
	text_cut(&content, 0);
	text_add(&content, "a 60 TYPE65280 \\# 65535 ");
	for (unsigned i = 0; i < 65535; i++)
		text_add(&content, "0f");
	text_add(&content, "\n");
	read_bytes(&reading, content.bytes, content.length, &fault);
	ok(reading.lines.length > 2 * 65535 && !*fault.text, "rdata of 65,535 bytes");
	content.bytes[content.length - 1] = '0';
	text_add(&content, "0");
	is_string(read_bytes(&reading, content.bytes, content.length, &fault),
		"zone:1: TYPE65280: \\# announces another length", "of 65,536: refused");
	text_free(&content);
	text_free(&want);
	text_free(&reading.lines);
}

static void test_callbacks(void)
{
	struct reading reading = { .left = 2 };
	struct fault fault;
	static const char content[] = "a 60 A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n";

	is_string(read_bytes(&reading, content, strlen(content), &fault), "zone:2: enough",
		"a callback ends the reading, and its fault gets its place");
	is_string(text_string(&reading.lines), "a.example.com.\t60\tIN\tA\t192.0.2.1\n",
		"after the first record");
	text_free(&reading.lines);
	ok(!zone_file_read("zone", "$INCLUDE one", 12, ORIGIN,
		   &(struct zone_file_reader){ .record = take_record }, &fault),
		"no reader for includes");
	is_string(fault.text, "zone:1: $INCLUDE is not allowed here", "is a fault");
}

/* Rdata that no master file gives, but a server may. */
static void test_texts(void)
{
	static const struct {
		const char *name;
		struct zone_record record;
		const char *want;
	} stories[] = {
		{ "a malformed A",
			{ .owner = ORIGIN,
				.type = DNS_A,
				.class = DNS_IN,
				.rdata = (const uint8_t *)"abc",
				.rdata_length = 3 },
			"example.com.\t0\tIN\tA\t\\# 3 616263" },
		{ "an empty A",
			{ .owner = ORIGIN,
				.type = DNS_A,
				.class = DNS_IN,
				.rdata = (const uint8_t *)"" },
			"example.com.\t0\tIN\tA\t\\# 0" },
		{ "an unknown class",
			{ .owner = ORIGIN,
				.type = DNS_A,
				.class = 77,
				.ttl = 0xffffffff,
				.rdata = (const uint8_t *)"abcd",
				.rdata_length = 4 },
			"example.com.\t4294967295\tCLASS77\tA\t97.98.99.100" },
		{ "an unknown type",
			{ .owner = (const uint8_t *)"",
				.type = 65281,
				.class = DNS_IN,
				.rdata = (const uint8_t *)"\t\n",
				.rdata_length = 2 },
			".\t0\tIN\tTYPE65281\t\\# 2 090a" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct text out = { 0 };

		zone_record_text(&stories[i].record, &out);
		is_string(text_string(&out), stories[i].want, stories[i].name);
		text_free(&out);
	}
}

int main(void)
{
	test_files();
	test_rdata();
	test_long();
	test_callbacks();
	test_texts();
	return done_testing();
}
