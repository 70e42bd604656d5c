/* Key files: what is read, what is refused, and that no fault shows a secret. */
#include "common/dns/tsig.h"
#include "t/unit/tap.h"

#define SECRET "c2VjcmV0IQ==" /* secret! */

static const struct good_story {
	const char *name, *content, *algorithm;
} good_stories[] = {
	{ "as tsig-keygen writes it",
		"key \"Key.Example\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET "\";\n};\n",
		"hmac-sha256." },
	{ "without quotes, in one line",
		"key key.example{algorithm HMAC-SHA512;secret " SECRET ";};", "hmac-sha512." },
	{ "the secret first",
		"KEY key.example. { SECRET \"" SECRET "\"; Algorithm \"hmac-sha1\"; };",
		"hmac-sha1." },
	{ "comments of all three kinds",
		"# one\n// two\n/* three\n * and */ key /**/ \"key.example\" { // x\n algorithm # y\n hmac-sha224;\n"
		"secret /* \"no\"; */ \"" SECRET "\"; };",
		"hmac-sha224." },
	{ "MD5 by its short name",
		"key key.example { algorithm hmac-md5; secret \"" SECRET "\"; };",
		"hmac-md5.sig-alg.reg.int." },
	{ "MD5 by its long name, with a dot",
		"key key.example { algorithm hmac-md5.sig-alg.reg.int.; secret \"" SECRET "\"; };",
		"hmac-md5.sig-alg.reg.int." },
	{ "the first of several keys",
		"key key.example { algorithm hmac-sha384; secret \"" SECRET "\"; }; key other {",
		"hmac-sha384." },
	{ "lines of DOS",
		"key key.example {\r\n\talgorithm hmac-sha256;\r\n\tsecret \"" SECRET
		"\";\r\n};\r\n",
		"hmac-sha256." },
};

static void test_good(void)
{
	for (size_t i = 0; i < sizeof(good_stories) / sizeof(good_stories[0]); i++) {
		const struct good_story *story = &good_stories[i];
		struct tsig_key key;
		struct fault fault = { 0 };
		char text[NAME_TEXT];

		ok(tsig_key_parse(story->content, strlen(story->content), &key, &fault), "%s%s%s",
			story->name, *fault.text ? ": " : "", fault.text);
		is_string(name_to_text(key.name, text), "key.example.", "  name");
		is_string(name_to_text(key.algorithm, text), story->algorithm, "  algorithm");
		ok(key.secret_length == 7 && !memcmp(key.secret, "secret!", 7), "  secret");
	}
}

static void test_secrets(void)
{
	static const struct {
		const char *base64, *secret; /* NULL: refused */
	} stories[] = {
		{ "YQ==", "a" },
		{ "YWI=", "ab" },
		{ "YWJj", "abc" },
		{ "YWJjZA==", "abcd" },
		{ "//8v", "\377\377/" },
		{ "", NULL },
		{ "=", NULL },
		{ "====", NULL },
		{ "Y", NULL },
		{ "YQ", NULL },
		{ "YQ=", NULL },
		{ "Y===", NULL },
		{ "YQ=a", NULL },
		{ "Y=Q=", NULL },
		{ "YQ==YQ==", NULL },
		{ "YW-j", NULL },
		{ "YWJ j", NULL },
		{ "YWJ\303\244", NULL },
	};

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct tsig_key key;
		struct fault fault = { 0 };
		char content[200];
		bool good;

		sprintf(content, "key k { algorithm hmac-sha1; secret \"%s\"; };",
			stories[i].base64);
		good = tsig_key_parse(content, strlen(content), &key, &fault);
		if (stories[i].secret)
			ok(good && key.secret_length == strlen(stories[i].secret) &&
					!memcmp(key.secret, stories[i].secret, key.secret_length),
				"base64 '%s'", stories[i].base64);
		else
			ok(!good && !strcmp(fault.text, "line 1: the secret is no base64"),
				"base64 '%s' is refused", stories[i].base64);
	}
}

static void test_longest_secret(void)
{
	struct tsig_key key;
	struct fault fault = { 0 };
	char content[1000] = "key k { algorithm hmac-sha1; secret \"";
	size_t begin = strlen(content);

	memset(content + begin, 'A', 684);
	strcpy(content + begin + 683, "=\"; };");
	ok(tsig_key_parse(content, strlen(content), &key, &fault) &&
			key.secret_length == TSIG_SECRET,
		"a secret of 512 bytes");
	strcpy(content + begin + 684, "\"; };");
	content[begin + 683] = 'A';
	ok(!tsig_key_parse(content, strlen(content), &key, &fault), "one of 513");
	is_string(fault.text, "line 1: the secret is over 512 bytes", "  is refused");
}

static const struct bad_story {
	const char *content, *want;
} bad_stories[] = {
	{ "", "line 1: no key" },
	{ " \n# nothing\n", "line 3: no key" },
	{ "options { };", "line 1: expected key \"NAME\" { algorithm NAME; secret \"BASE64\"; };" },
	{ "\n\"" SECRET "\"",
		"line 2: expected key \"NAME\" { algorithm NAME; secret \"BASE64\"; };" },
	{ "key", "line 1: the key's name is missing" },
	{ "key {", "line 1: the key's name is missing" },
	{ "key a..b {", "line 1: the key's name: empty label" },
	{ "key k\n;", "line 2: expected {" },
	{ "key k {", "line 1: expected algorithm, secret or }" },
	{ "key k { };", "line 1: the key has no algorithm" },
	{ "key k { algorithm hmac-sha1;\n };", "line 2: the key has no secret" },
	{ "key k { secret \"" SECRET "\"; };", "line 1: the key has no algorithm" },
	{ "key k {\nalgorithm ;", "line 2: the algorithm is missing" },
	{ "key k {\nalgorithm " SECRET ";",
		"line 2: an unknown algorithm (known: hmac-md5, hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, "
		"hmac-sha512)" },
	{ "key k {\nalgorithm hmac-sha256-128;",
		"line 2: an unknown algorithm (known: hmac-md5, hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, "
		"hmac-sha512)" },
	{ "key k { algorithm hmac-sha1; algorithm hmac-sha1;", "line 1: a second algorithm" },
	{ "key k { secret \"" SECRET "\"; secret \"" SECRET "\";", "line 1: a second secret" },
	{ "key k { secret };", "line 1: the secret is missing" },
	{ "key k { secret \"" SECRET "\" };", "line 1: expected ; (is a quote missing?)" },
	{ "key k { secret \"" SECRET "\";\n" SECRET ";",
		"line 2: expected algorithm, secret or }" },
	{ "key k {\n secret \"" SECRET ";\n };", "line 2: a string that does not end in its line" },
	{ "key k {\n secret \"" SECRET, "line 2: a string that does not end" },
	{ "key k {\n secret ab\1cd;", "line 2: a byte that is no text" },
	{ "key k { algorithm hmac-sha1; secret \"" SECRET "\"; }",
		"line 1: expected ; behind the key" },
	{ "\n/* key k {\n\n", "line 2: a comment that does not end" },
	{ "/*/", "line 1: a comment that does not end" },
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad_stories) / sizeof(bad_stories[0]); i++) {
		struct tsig_key key, zeros = { 0 };
		struct fault fault = { 0 };

		ok(!tsig_key_parse(bad_stories[i].content, strlen(bad_stories[i].content), &key,
			   &fault),
			"%s", bad_stories[i].want);
		is_string(fault.text, bad_stories[i].want, "  is said");
		ok(!strstr(fault.text, "c2Vj"), "  without the secret");
		ok(!memcmp(&key, &zeros, sizeof(key)), "  and nothing of it is left");
	}
}

static void test_odd_bytes(void)
{
	struct tsig_key key;
	struct fault fault = { 0 };
	char content[2000] = "key ";

	ok(!tsig_key_parse("key \0k {", 8, &key, &fault) &&
			!strcmp(fault.text, "line 1: a byte that is no text"),
		"a NUL byte at a word's place");
	ok(!tsig_key_parse("key k\0 {", 8, &key, &fault) &&
			!strcmp(fault.text, "line 1: a byte that is no text"),
		"a NUL byte in a word");
	memset(content + 4, 'a', 1500);
	ok(!tsig_key_parse(content, strlen(content), &key, &fault) &&
			!strcmp(fault.text, "line 1: the key's name is too long"),
		"a long name");
}

/* Cut anywhere, it is refused, and nothing is read beyond (the sanitizers look). */
static void test_cut(void)
{
	static const char content[] = "key \"k\" { algorithm hmac-sha1; secret \"" SECRET "\"; };";
	struct tsig_key key;
	struct fault fault;
	unsigned accepted = 0;

	for (size_t length = 0; length < strlen(content); length++)
		accepted += tsig_key_parse(content, length, &key, &fault);
	is_integer(accepted, 0, "a file cut anywhere is refused");
}

int main(void)
{
	test_good();
	test_secrets();
	test_longest_secret();
	test_bad();
	test_odd_bytes();
	test_cut();
	return done_testing();
}
