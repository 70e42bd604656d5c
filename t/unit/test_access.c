/*
 * Who may, and who is talked to: prefixes, rules, keys, peers.
 */
#include "common/engine/access.h"
#include "common/engine/peer.h"
#include "common/engine/tls_peers.h"
#include "t/unit/tap.h"

static void test_prefixes(void)
{
	static const struct {
		const char *prefix, *address;
		bool holds;
	} stories[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "192.0.2.7/31", "192.0.2.6", true },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "::1", "::1", true },
		{ "::1", "::2", false },
		{ "any", "192.0.2.1", true },
		{ "any", "::1", true },
		{ "none", "127.0.0.1", false },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct prefix prefix;
		struct address address;
		struct fault fault = { 0 };

		address_from_text(stories[i].address, &address);
		ok(prefix_parse(stories[i].prefix, &prefix, &fault) &&
				prefix_holds(&prefix, &address) == stories[i].holds,
			"%s %s %s", stories[i].prefix, stories[i].holds ? "holds" : "does not hold",
			stories[i].address);
	}
}

static void test_wrong(void)
{
	static const char *const wrong[] = { "", "/", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1",
		"192.0.2.0/2x", "::/129", "example.com", "192.0.2.1@53", "192.0.2.1@53/32", "all",
		("1111111111222222222233333333334444444444555555555566666666667777777777888888888899999999990000000000/1234567890"
		 "1234567890123456789012345678901234567890") };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct prefix prefix;
		struct fault fault = { 0 };

		ok(!prefix_parse(wrong[i], &prefix, &fault) && fault.text[0], "\"%s\": %s",
			wrong[i], fault.text);
	}
}

static const char key_file[] =
	"key first { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n# another\n"
	"key \"Second.Test\" { algorithm hmac-sha1; secret \"c2VjcmV0\"; };\n";

static struct arena arena;
static struct key_ring ring;

static const struct tsig_key *key_named(const char *name)
{
	struct key_choice choice;
	struct fault fault = { 0 };

	return *name && key_choice_parse(name, &ring, &choice, &fault) ? choice.key : NULL;
}

/* Rules, parted by blanks, for whoever asks. */
static void test_rules(void)
{
	static const struct {
		const char *rules;
		bool keyless; /* no keys are known */
		const char *zone, *client, *key, *refusal;
	} stories[] = {
		{ "", true, "a.test", "127.0.0.1", "", NULL },
		{ "", true, "a.test", "192.0.2.1", "", "address not allowed" },
		{ "", false, "a.test", "127.0.0.1", "", "not signed" },
		{ "", false, "a.test", "127.0.0.1", "first", NULL },
		{ "", false, "a.test", "192.0.2.1", "first", "address not allowed" },
		{ "198.51.100.0/24 192.0.2.0/24", true, "a.test", "192.0.2.1", "", NULL },
		{ "198.51.100.0/24", true, "a.test", "127.0.0.1", "", "address not allowed" },
		{ "none", true, "a.test", "127.0.0.1", "", "address not allowed" },
		{ "any", false, "a.test", "192.0.2.1", "", "not signed" },
		{ "any", false, "a.test", "192.0.2.1", "second.test", NULL },
		{ "any=first", false, "a.test", "192.0.2.1", "first", NULL },
		{ "any=first", false, "a.test", "192.0.2.1", "second.test",
			"signed with another key" },
		{ "any=first", false, "a.test", "192.0.2.1", "", "not signed" },
		{ "any=FIRST.", false, "a.test", "192.0.2.1", "first", NULL },
		{ "192.0.2.0/24=first 192.0.2.1=second.test", false, "a.test", "192.0.2.1",
			"second.test", NULL },
		{ "192.0.2.0/24=first 192.0.2.1=second.test", false, "a.test", "192.0.2.2",
			"second.test", "signed with another key" },
		{ "::1=NOKEY", false, "a.test", "::1", "", NULL },
		{ "::1=NOKEY", false, "a.test", "::1", "first", NULL },
		{ "A.Test=192.0.2.0/24=first any", false, "a.test", "192.0.2.1", "first", NULL },
		{ "A.Test=192.0.2.0/24=first any", false, "a.test", "198.51.100.1", "first",
			"address not allowed" },
		{ "a.test=192.0.2.0/24=first any", false, "b.test", "198.51.100.1", "second.test",
			NULL },
		{ "a.test=192.0.2.0/24", true, "a.test", "192.0.2.1", "", NULL },
		{ "a.test=192.0.2.0/24", true, "b.test", "192.0.2.1", "", "address not allowed" },
		{ "a.test=192.0.2.0/24", true, "b.test", "127.0.0.1", "", NULL },
		{ "a.test=none", true, "a.test", "127.0.0.1", "", "address not allowed" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct access_rule rules[4];
		struct access_list list = { rules, 0 };
		struct key_ring none = { 0 };
		struct address client;
		struct fault fault = { 0 };
		uint8_t zone[NAME_WIRE];
		char *copy = arena_string(&arena, stories[i].rules), *rule;
		const char *refusal;

		while ((rule = strsep(&copy, " ")))
			if (*rule && !access_rule_parse(rule, &ring, &rules[list.count++], &fault))
				ok(false, "%s", fault.text);
		address_from_text(stories[i].client, &client);
		name_from_text(stories[i].zone, zone, &fault);
		refusal = access_refusal(&list, stories[i].keyless ? &none : &ring, zone, &client,
			key_named(stories[i].key));
		is_string(refusal ? refusal : "may",
			stories[i].refusal ? stories[i].refusal : "may", stories[i].rules);
	}
}

static void test_wrong_rules(void)
{
	static const struct {
		const char *text, *fault;
	} stories[] = {
		{ "192.0.2.0/24=third", "there is no key third in the files of --tsig-key-file" },
		{ "192.0.2.0/24=a..b", "the key's name \"a..b\": empty label" },
		{ "a..b=192.0.2.1", "a..b=192.0.2.1: zone \"a..b\": empty label" },
		{ "a.test=b.test",
			"not a prefix: b.test (192.0.2.0/24, 2001:db8::/32, any, none)" },
		{ "a.test=any=first=x", "a.test=any=first=x: too many \"=\"" },
		{ "a.test=any=", "the key's name \"\": empty name" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct access_rule rule;
		struct fault fault = { 0 };

		ok(!access_rule_parse(stories[i].text, &ring, &rule, &fault), "%s is refused",
			stories[i].text);
		is_string(fault.text, stories[i].fault, "  with the reason");
	}
}

static void test_peers(void)
{
	static const struct {
		const char *text, *seen; /* what is made of it, or the fault */
	} stories[] = {
		{ "192.0.2.1", "192.0.2.1 53 first" },
		{ "192.0.2.1@5300", "192.0.2.1 5300 first" },
		{ "tls:192.0.2.1", "tls 192.0.2.1 853 first" },
		{ "tls:2001:db8::1@8853=second.test", "tls 2001:db8::1 8853 second.test" },
		{ "192.0.2.1=NOKEY", "192.0.2.1 53" },
		{ "a.test=192.0.2.1@54=second.test", "a.test 192.0.2.1 54 second.test" },
		{ "a.test=192.0.2.1", "a.test 192.0.2.1 53 first" },
		{ "ns1.a.test", "ns1.a.test is no ADDRESS@PORT, as 127.0.0.1@5300 or ::1@5300 is" },
		{ "192.0.2.1=third", "there is no key third in the files of --tsig-key-file" },
		{ "1=2=3=4", "1=2=3=4: too many \"=\"" },
		{ "", " is no ADDRESS@PORT, as 127.0.0.1@5300 or ::1@5300 is" },
	};
	struct text seen = { 0 };

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct peer_at at;
		struct fault fault = { 0 };
		char zone[NAME_TEXT] = "", key[NAME_TEXT] = "", address[ADDRESS_TEXT];

		text_cut(&seen, 0);
		if (!peer_at_parse(stories[i].text, &ring, &at, &fault)) {
			is_string(fault.text, stories[i].seen, stories[i].text);
			continue;
		}
		if (!at.everywhere)
			text_addf(&seen, "%s ", name_to_text(at.zone, zone));
		if (at.peer.is_tls)
			text_add(&seen, "tls ");
		text_addf(&seen, "%s %u", address_to_text(&at.peer.address, address),
			at.peer.address.port);
		if (at.peer.key)
			text_addf(&seen, " %s", name_to_text(at.peer.key->name, key));
		for (char *dot = seen.bytes; (dot = strstr(dot, "test.")); dot++)
			memmove(dot + 4, dot + 5, strlen(dot + 4));
		if (at.peer.key == ring.keys)
			text_cut(&seen, strlen(text_string(&seen)) - 1);
		is_string(seen.bytes, stories[i].seen, stories[i].text);
	}
	text_free(&seen);
}

static void test_hostnames(void)
{
	static const struct {
		const char *text, *seen;
	} stories[] = {
		{ "ns1.example.com", "any ns1.example.com" },
		{ "192.0.2.1=ns1.example.com", "192.0.2.1 ns1.example.com" },
		{ "192.0.2.1=", "192.0.2.1=: the name is missing" },
		{ "", ": the name is missing" },
		{ "ns1=ns1.example.com", "ns1=ns1.example.com: right is NAME or ADDRESS=NAME" },
		{ "1111111111222222222233333333334444444444555555555566666666667777777777888888888899=n",
			"1111111111222222222233333333334444444444555555555566666666667777777777888888888899=n: "
			"right is NAME or ADDRESS=NAME" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct tls_hostname hostname;
		struct fault fault = { 0 };
		char address[ADDRESS_TEXT], seen[2048];

		if (tls_hostname_parse(stories[i].text, &hostname, &fault))
			snprintf(seen, sizeof(seen), "%s %s",
				hostname.address.family
					? address_to_text(&hostname.address, address)
					: "any",
				hostname.name);
		else
			snprintf(seen, sizeof(seen), "%s", fault.text);
		is_string(seen, stories[i].seen, stories[i].text);
	}
}

static void test_key_rings(void)
{
	static const struct {
		const char *content, *fault;
	} stories[] = {
		{ "key third { algorithm hmac-md5; secret \"c2VjcmV0\"; }; # the end", NULL },
		{ "key FIRST { algorithm hmac-md5; secret \"c2VjcmV0\"; };",
			"the key first. is there already" },
		{ "key x { algorithm hmac-md5; secret \"c2VjcmV0\"; };\nkey\n",
			"line 3: the key's name is missing" },
		{ "key y { algorithm hmac-md5; secret \"c2VjcmV0\"; };\n/*\n",
			"line 2: a comment that does not end" },
		{ "", "line 1: no key" },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct key_ring more = ring;
		struct fault fault = { 0 };
		bool good = key_ring_add(&more, stories[i].content, strlen(stories[i].content),
			&arena, &fault);

		is_string(good ? "good" : fault.text, stories[i].fault ? stories[i].fault : "good",
			stories[i].content);
	}
}

int main(void)
{
	struct fault fault = { 0 };

	ok(key_ring_add(&ring, key_file, strlen(key_file), &arena, &fault) && ring.count == 2,
		"a file of two keys %s", fault.text);
	test_prefixes();
	test_wrong();
	test_rules();
	test_wrong_rules();
	test_peers();
	test_hostnames();
	test_key_rings();
	arena_free(&arena);
	return done_testing();
}
