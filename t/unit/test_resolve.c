/*
 * Names to addresses: the two files, and servers in threads whose answers the names themselves ask
 * for ("nx", "alias", "servfail", ...).
 */
#include <stdio.h>

#include "common/base/clock.h"
#include "common/net/resolve.h"
#include "t/unit/fake_server.h"

enum { LONG_MS = 5000, SHORT_MS = 40, DEADLINE_MS = 20000 };

/* --- Files --------------------------------------------------------------------------------------
 */

static const char *write_file(const char *content, size_t length)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "test_resolve.%d", (int)getpid());
	file = fopen(path, "w");
	if (!file || fwrite(content, 1, length, file) != length || fclose(file))
		fake_bail(path);
	return path;
}

/* "127.0.0.1 192.0.2.1@5300": all of them in a row. */
static const char *list(const struct address *addresses, size_t count)
{
	static char text[1024];
	char one[ADDRESS_TEXT];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
			address_to_text_port(&addresses[i], one));
	return text;
}

struct file_story {
	const char *name, *content, *want;
};

static const struct file_story resolv_stories[] = {
	{ "one server", "nameserver 192.0.2.53\n", "192.0.2.53" },
	{ "blanks, comments, other keywords",
		"# nameserver 192.0.2.1\n; nameserver 192.0.2.2\nsearch example.com\noptions rotate\n"
		" \tnameserver\t2001:db8::53  # ours\r\n",
		"2001:db8::53" },
	{ "three at most",
		"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4",
		"192.0.2.1 192.0.2.2 192.0.2.3" },
	{ "a link-local one", "nameserver fe80::1%lo\n", "fe80::1%lo" },
	{ "what is no address does not count",
		"nameserver\nnameserver dns.example.com\nnameserver 192.0.2.300\nnameservers "
		"192.0.2.1\nnameserver 192.0.2.9\n",
		"192.0.2.9" },
	{ "none: this machine", "search example.com\n", "127.0.0.1" },
	{ "empty: this machine", "", "127.0.0.1" },
};

static void test_resolv_conf(void)
{
	struct address servers[8];
	char *huge = malloc(3000000);
	size_t count;

	for (size_t i = 0; i < sizeof(resolv_stories) / sizeof(resolv_stories[0]); i++) {
		const struct file_story *story = &resolv_stories[i];
		const char *path = write_file(story->content, strlen(story->content));

		memset(servers, 0xaa, sizeof(servers));
		count = resolve_system_servers(path, servers, 8);
		is_string(list(servers, count), story->want, story->name);
		is_integer(servers[0].port, 53, "its port is 53");
	}
	memset(huge, 'x', 3000000);
	memcpy(huge + 2000000, "\nnameserver 192.0.2.7\n", 22);
	count = resolve_system_servers(write_file(huge, 3000000), servers, 8);
	ok(count == 1, "lines of megabytes do no harm: %s", list(servers, count));
	memset(huge, '\0', 3000000);
	count = resolve_system_servers(write_file(huge, 3000000), servers, 8);
	ok(count == 1, "nor do zeros: %s", list(servers, count));
	is_integer((int64_t)resolve_system_servers("/does/not/exist", servers, 8), 1,
		"no such file");
	is_integer((int64_t)resolve_system_servers("/dev/zero", servers, 8), 1, "an endless file");
	is_integer((int64_t)resolve_system_servers("/", servers, 8), 1, "a directory");
	is_integer((int64_t)resolve_system_servers("/does/not/exist", servers, 0), 0, "no room");
	free(huge);
}

static const char hosts[] = "127.0.0.1\tlocalhost\n"
			    "192.0.2.1 ns1.example.com ns1 # the first\n"
			    "#192.0.2.9 ns1\n"
			    "2001:db8::1   \tNS1.Example.COM.\n"
			    "192.0.2.2 ns2.example.com\n"
			    "nonsense ns1\n"
			    "192.0.2.4\n"
			    "\n"
			    "192.0.2.5@53 ns1\n"
			    "192.0.2.3 ns1.example.com";

static const struct {
	const char *name, *want;
	size_t most;
} hosts_stories[] = {
	{ "ns1.example.com", "192.0.2.1 2001:db8::1 192.0.2.3", 8 },
	{ "NS1.example.com.", "192.0.2.1 2001:db8::1 192.0.2.3", 8 },
	{ "ns1.example.com", "192.0.2.1 2001:db8::1", 2 },
	{ "ns1", "192.0.2.1", 8 },
	{ "ns2.example.com", "192.0.2.2", 8 },
	{ "example.com", "", 8 },
	{ "the", "", 8 },
	{ ".", "", 8 },
	{ "ns1.example.com", "", 0 },
};

static void test_hosts_file(void)
{
	const char *path = write_file(hosts, strlen(hosts));
	struct address addresses[8];
	uint8_t name[NAME_WIRE];
	struct fault fault;

	for (size_t i = 0; i < sizeof(hosts_stories) / sizeof(hosts_stories[0]); i++) {
		name_from_text(hosts_stories[i].name, name, &fault);
		is_string(list(addresses,
				  resolve_hosts_file(path, name, addresses, hosts_stories[i].most)),
			hosts_stories[i].want, hosts_stories[i].name);
	}
	is_integer((int64_t)resolve_hosts_file("/does/not/exist", name, addresses, 8), 0,
		"no such file");
	unlink(path);
}

/* --- Servers
 * -------------------------------------------------------------------------------------- */

/* An answer under construction. */
struct answer {
	struct wire_writer out;
	const uint8_t *query;
	bool ipv6;
	uint16_t flags;
	unsigned counts[4];
};

static const uint8_t elsewhere[] = "\11elsewhere\7example\3net";

static void add(struct answer *answer, unsigned section, const uint8_t *owner, uint16_t type,
	const void *rdata, size_t length)
{
	answer->counts[section]++;
	if (owner)
		wire_write_name(&answer->out, owner);
	else
		wire_write_u16(&answer->out, 0xc00c);
	wire_write_u16(&answer->out, type);
	wire_write_u16(&answer->out, DNS_IN);
	wire_write_u32(&answer->out, 300);
	wire_write_u16(&answer->out, (uint16_t)length);
	wire_write_bytes(&answer->out, rdata, length);
}

static void add_addresses(struct answer *answer, const uint8_t *owner, uint8_t last)
{
	uint8_t bytes[16] = { 192, 0, 2, last };

	if (!answer->ipv6) {
		add(answer, 1, owner, DNS_A, bytes, 4);
		return;
	}
	memcpy(bytes, "\x20\x01\x0d\xb8", 4);
	bytes[15] = last;
	add(answer, 1, owner, DNS_AAAA, bytes, 16);
}

static void add_ns(struct answer *answer)
{
	add(answer, 2, NULL, DNS_NS, elsewhere, sizeof(elsewhere));
}

static void fill(struct answer *answer, const char *wish)
{
	if (!strcmp(wish, "both") || (!strcmp(wish, "four") && !answer->ipv6) ||
		(!strcmp(wish, "six") && answer->ipv6)) {
		add_addresses(answer, NULL, 2);
		add_addresses(answer, NULL, 1);
		add_addresses(answer, NULL, 2);
		add_addresses(answer, elsewhere, 9);
		add(answer, 1, NULL, DNS_TXT, "\3abc", 4);
		add_ns(answer);
	} else if (!strcmp(wish, "nx") || (!strcmp(wish, "nxsix") && answer->ipv6)) {
		answer->flags |= DNS_NXDOMAIN;
	} else if (!strcmp(wish, "nxsix") || !strcmp(wish, "halfbad")) {
		if (answer->ipv6)
			answer->flags |= DNS_SERVFAIL;
		else
			add_addresses(answer, NULL, 5);
	} else if (!strcmp(wish, "nodatabad")) {
		answer->flags |= answer->ipv6 ? DNS_SERVFAIL : 0;
	} else if (!strcmp(wish, "refused")) {
		answer->flags |= DNS_REFUSED;
	} else if (!strcmp(wish, "noaa")) {
		answer->flags = 0;
		add_addresses(answer, NULL, 1);
	} else if (!strcmp(wish, "refer")) {
		answer->flags = 0;
		add_ns(answer);
	}
}

static void fill_aliases(struct answer *answer, const char *wish)
{
	if (!strcmp(wish, "alias")) {
		add_addresses(answer, elsewhere, 7);
		add(answer, 1, NULL, DNS_CNAME, elsewhere, sizeof(elsewhere));
	} else if (!strcmp(wish, "stub")) {
		add(answer, 1, NULL, DNS_CNAME, elsewhere, sizeof(elsewhere));
	} else if (!strcmp(wish, "loop")) {
		add(answer, 1, NULL, DNS_CNAME, elsewhere, sizeof(elsewhere));
		add(answer, 1, elsewhere, DNS_CNAME, "\300\14", 2);
	} else if (!strcmp(wish, "many")) {
		for (unsigned i = 0; i < 100; i++)
			add_addresses(answer, NULL, (uint8_t)i);
	} else if (!strcmp(wish, "short")) {
		add(answer, 1, NULL, DNS_A, "\1\2\3", 3);
	}
}

static size_t make_answer(const uint8_t *query, size_t length, uint8_t *out)
{
	struct message message;
	struct answer answer = { .query = query, .flags = DNS_AA };
	char wish[64] = "";
	size_t end;

	if (!message_parse(query, length, &message))
		fake_bail("not a question");
	memcpy(wish, message.question.owner + 1, message.question.owner[0]);
	answer.ipv6 = message.question.type == DNS_AAAA;
	answer.out = wire_write(out, FAKE_MESSAGE);
	answer.out.length = fake_answer(query, length, 0, out);
	fill(&answer, wish);
	fill_aliases(&answer, wish);
	end = answer.out.length;
	fake_answer(query, length, answer.flags, out);
	for (unsigned i = 1; i < 4; i++)
		wire_patch_u16(&answer.out, 4 + 2 * i, (uint16_t)answer.counts[i]);
	return end;
}

static void udp_zone(struct fake *fake, const uint8_t *query, size_t length,
	const struct sockaddr_storage *from, socklen_t from_length)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, make_answer(query, length, out), from, from_length);
}

static void udp_servfail(struct fake *fake, const uint8_t *query, size_t length,
	const struct sockaddr_storage *from, socklen_t from_length)
{
	uint8_t out[FAKE_MESSAGE];

	fake_send(fake, out, fake_answer(query, length, DNS_SERVFAIL, out), from, from_length);
}

static void udp_silent(struct fake *fake, const uint8_t *query, size_t length,
	const struct sockaddr_storage *from, socklen_t from_length)
{
	(void)fake, (void)query, (void)length, (void)from, (void)from_length;
}

static bool tcp_zone(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	uint8_t out[FAKE_MESSAGE];

	(void)fake;
	fake_write(fd, out, make_answer(query, length, out));
	return true;
}

/* --- Names --------------------------------------------------------------------------------------
 */

struct story {
	const char *wish;
	enum name_status recursive, authoritative;
	const char *addresses;            /* where resolved */
	const char *trouble, *trouble_aa; /* where failed, without the server's address */
};

#define RESOLVED NAME_RESOLVED
#define FAILED   NAME_RESOLVER_FAILED

static const struct story stories[] = {
	{ "both", RESOLVED, RESOLVED, "192.0.2.1 192.0.2.2 2001:db8::1 2001:db8::2", NULL, NULL },
	{ "four", RESOLVED, RESOLVED, "192.0.2.1 192.0.2.2", NULL, NULL },
	{ "six", RESOLVED, RESOLVED, "2001:db8::1 2001:db8::2", NULL, NULL },
	{ "nx", NAME_NXDOMAIN, NAME_NXDOMAIN, "", NULL, NULL },
	{ "nothing", NAME_NODATA, NAME_NODATA, "", NULL, NULL },
	{ "nxsix", RESOLVED, RESOLVED, "192.0.2.5", NULL, NULL },
	{ "halfbad", RESOLVED, RESOLVED, "192.0.2.5", NULL, NULL },
	{ "nodatabad", FAILED, FAILED, "", "answers SERVFAIL", "answers SERVFAIL" },
	{ "refused", FAILED, FAILED, "", "answers REFUSED", "answers REFUSED" },
	{ "noaa", RESOLVED, FAILED, "192.0.2.1 2001:db8::1", NULL, "is not authoritative" },
	{ "refer", FAILED, FAILED, "", "only refers to other servers", "is not authoritative" },
	{ "alias", RESOLVED, RESOLVED, "192.0.2.7 2001:db8::7", NULL, NULL },
	{ "stub", NAME_NODATA, FAILED, "", NULL, "only gives an alias" },
	{ "loop", FAILED, FAILED, "", "gives a loop of aliases", "gives a loop of aliases" },
};

static void set_name(uint8_t name[NAME_WIRE], const char *wish)
{
	char text[128];
	struct fault fault;

	snprintf(text, sizeof(text), "%s.example.com", wish);
	if (!name_from_text(text, name, &fault))
		fake_bail(fault.text);
}

struct asked {
	struct resolve_request request;
	struct exchange_counts counts;
	struct arena arena;
	uint8_t name[NAME_WIRE];
	struct fault fault;
	bool good;
};

static void resolve_one(struct asked *asked, const char *wish, struct resolve_settings settings,
	int64_t most_ms)
{
	struct loop *loop = loop_new(&asked->fault);

	set_name(asked->name, wish);
	asked->request.name = asked->name;
	settings.exchange.deadline_us = clock_monotonic_us() + most_ms * 1000;
	asked->good = resolve_names(loop, &settings, &asked->request, 1, &asked->arena,
		&asked->counts, &asked->fault);
	loop_free(loop);
}

static void check(const struct asked *asked, enum name_status status, const char *addresses,
	const char *trouble, const char *name)
{
	const struct resolve_request *got = &asked->request;

	is_integer(got->status, status, name);
	if (status == NAME_RESOLVED)
		is_string(list(got->addresses, got->count), addresses,
			"with its addresses, sorted");
	else
		is_integer((int64_t)got->count, 0, "without addresses");
	if (status == NAME_RESOLVER_FAILED)
		ok(got->trouble && strstr(got->trouble, trouble), "trouble: %s", trouble);
	else
		ok(!got->trouble, "no trouble");
}

static void test_story(const struct story *story, bool recursive)
{
	struct fake fake = { .udp = udp_zone, .tcp = tcp_zone };
	const struct resolve_settings settings = { .servers = &fake.address,
		.server_count = 1,
		.recursion_desired = recursive,
		.exchange.try_timeout_ms = LONG_MS };
	struct asked asked = { .request = { .want4 = true, .want6 = true } };

	fake_start(&fake);
	resolve_one(&asked, story->wish, settings, DEADLINE_MS);
	ok(asked.good, "%s, %s", story->wish, recursive ? "of a resolver" : "of the zone's server");
	check(&asked, recursive ? story->recursive : story->authoritative, story->addresses,
		recursive ? story->trouble : story->trouble_aa, story->wish);
	is_integer((int64_t)asked.counts.queries, 2, "two questions are counted");
	fake_stop(&fake);
	arena_free(&asked.arena);
}

static void test_family(void)
{
	struct fake fake = { .udp = udp_zone, .tcp = tcp_zone };
	struct resolve_settings settings = { .servers = &fake.address,
		.server_count = 1,
		.recursion_desired = true,
		.exchange.try_timeout_ms = LONG_MS };
	struct asked four = { .request = { .want4 = true } }, none = { 0 }, many = four, cut = four;
	struct asked unasked = { .request = { .want4 = true, .want6 = true } };

	fake_start(&fake);
	resolve_one(&four, "both", settings, DEADLINE_MS);
	check(&four, RESOLVED, "192.0.2.1 192.0.2.2", NULL, "only IPv4 is wanted");
	is_integer((int64_t)four.counts.queries, 1, "so only that is asked");
	resolve_one(&none, "both", settings, DEADLINE_MS);
	check(&none, NAME_UNKNOWN, NULL, NULL, "nothing is wanted");
	resolve_one(&many, "many", settings, DEADLINE_MS);
	is_integer((int64_t)many.request.count, 64, "of a hundred addresses 64");
	resolve_one(&cut, "short", settings, DEADLINE_MS);
	ok(cut.request.status != NAME_RESOLVED, "an address of three bytes is none");
	resolve_one(&unasked, "both", settings, 0);
	check(&unasked, NAME_UNKNOWN, NULL, NULL, "no time to ask");
	settings.server_count = 0;
	resolve_one(&four, "both", settings, DEADLINE_MS);
	check(&four, FAILED, NULL, "no name server", "nobody to ask");
	fake_stop(&fake);
	arena_free(&four.arena);
	arena_free(&none.arena);
	arena_free(&many.arena);
	arena_free(&cut.arena);
	arena_free(&unasked.arena);
}

static void test_next_server(void)
{
	struct fake fakes[4] = { { .udp = udp_silent }, { .udp = udp_servfail, .tcp = tcp_zone },
		{ .udp = NULL }, { .udp = udp_zone, .tcp = tcp_zone } };
	struct address servers[4];
	struct resolve_settings settings = { .servers = servers,
		.server_count = 4,
		.recursion_desired = true,
		.exchange = { .try_timeout_ms = SHORT_MS, .tcp_timeout_ms = SHORT_MS } };
	struct asked all = { .request = { .want4 = true, .want6 = true } }, three = all, late = all;

	for (unsigned i = 0; i < 4; i++) {
		fake_start(&fakes[i]);
		servers[i] = fakes[i].address;
	}
	resolve_one(&all, "both", settings, DEADLINE_MS);
	check(&all, RESOLVED, stories[0].addresses, NULL,
		"silent, failing and closed ones are passed over");
	settings.server_count = 3;
	resolve_one(&three, "both", settings, DEADLINE_MS);
	check(&three, FAILED, NULL, "answers SERVFAIL, ", "none of three is any help");
	ok(strstr(three.request.trouble, "has its port closed") != NULL, "all are named");
	settings.exchange.try_timeout_ms = LONG_MS;
	settings.server_count = 4;
	resolve_one(&late, "both", settings, 30);
	ok(late.request.status != RESOLVED, "the deadline comes before the second is asked");
	for (unsigned i = 0; i < 4; i++)
		fake_stop(&fakes[i]);
	arena_free(&all.arena);
	arena_free(&three.arena);
	arena_free(&late.arena);
}

/* The way a failure of each kind is told. */
static bool tcp_nothing(struct fake *fake, int fd, const uint8_t *query, size_t length)
{
	(void)fake, (void)fd, (void)query, (void)length;
	return false;
}

static void udp_garbage(struct fake *fake, const uint8_t *query, size_t length,
	const struct sockaddr_storage *from, socklen_t from_length)
{
	(void)length;
	fake_send(fake, query, 7, from, from_length);
}

static void test_troubles(void)
{
	static const struct {
		fake_udp *udp;
		fake_tcp *tcp;
		struct address address;
		const char *want;
	} troubles[] = {
		{ udp_silent, NULL, { 0 }, "has its port closed" },
		{ udp_silent, tcp_nothing, { 0 }, "closes the connection" },
		{ udp_garbage, tcp_nothing, { 0 }, "gives a malformed answer" },
		{ NULL, NULL, { .family = 4, .port = 53, .bytes = { 255, 255, 255, 255 } },
			"255.255.255.255 is unreachable" },
		{ NULL, NULL, { .family = 6, .port = 53, .bytes = { 0xfe, 0x80, [15] = 1 } },
			"fe80::1 can't be reached: no route" },
	};

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct fake fake = { .udp = troubles[i].udp, .tcp = troubles[i].tcp };
		struct asked asked = { .request = { .want4 = true } };
		struct address server = troubles[i].address;
		const struct resolve_settings settings = { .servers = &server,
			.server_count = 1,
			.exchange = { .try_timeout_ms = SHORT_MS,
				.retries = 7,
				.tcp_timeout_ms = LONG_MS } };

		fake_start(&fake);
		if (!server.family)
			server = fake.address;
		resolve_one(&asked, "both", settings, DEADLINE_MS);
		check(&asked, FAILED, NULL, troubles[i].want, troubles[i].want);
		fake_stop(&fake);
		arena_free(&asked.arena);
	}
}

static void test_many_names(void)
{
	enum { NAMES = 200 };
	struct fake fake = { .udp = udp_zone, .tcp = tcp_zone };
	static struct resolve_request requests[NAMES];
	static uint8_t names[NAMES][NAME_WIRE];
	struct exchange_counts counts = { 0 };
	struct arena arena = { 0 };
	struct fault fault;
	struct loop *loop = loop_new(&fault);
	struct resolve_settings settings = { .servers = &fake.address,
		.server_count = 1,
		.exchange.try_timeout_ms = LONG_MS };
	unsigned good = 0;

	fake_start(&fake);
	settings.exchange.deadline_us = clock_monotonic_us() + DEADLINE_MS * 1000;
	for (unsigned i = 0; i < NAMES; i++) {
		set_name(names[i], stories[i % 2 ? 0 : 3].wish);
		requests[i] =
			(struct resolve_request){ .name = names[i], .want4 = true, .want6 = true };
	}
	ok(resolve_names(loop, &settings, requests, NAMES, &arena, &counts, &fault),
		"200 names at once");
	for (unsigned i = 0; i < NAMES; i++)
		good += requests[i].status == (i % 2 ? NAME_RESOLVED : NAME_NXDOMAIN);
	is_integer(good, NAMES, "each for itself");
	is_integer((int64_t)counts.queries, 2 * NAMES, "two questions each");
	fake_stop(&fake);
	loop_free(loop);
	arena_free(&arena);
}

int main(void)
{
	test_resolv_conf();
	test_hosts_file();
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		test_story(&stories[i], true);
		test_story(&stories[i], false);
	}
	test_family();
	test_next_server();
	test_troubles();
	test_many_names();
	return done_testing();
}
