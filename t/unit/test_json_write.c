/* Streaming JSON: nesting, commas, escapes, numbers, and misuse that asserts. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/json_write.h"
#include "t/unit/tap.h"

static void document(void)
{
	struct text out = { 0 };
	struct json_writer json;

	json_write_begin(&json, &out);
	json_write_object(&json);
	json_write_key(&json, "empty");
	json_write_object(&json);
	json_write_object_end(&json);
	json_write_key(&json, "list");
	json_write_array(&json);
	json_write_integer(&json, INT64_MIN);
	json_write_number(&json, 0.012);
	json_write_bool(&json, true);
	json_write_bool(&json, false);
	json_write_null(&json);
	json_write_string(&json, NULL);
	json_write_string(&json, "x");
	json_write_array(&json);
	json_write_array_end(&json);
	json_write_object(&json);
	json_write_key(&json, "a\"b");
	json_write_number(&json, NAN);
	json_write_key(&json, "");
	json_write_number(&json, -INFINITY);
	json_write_object_end(&json);
	json_write_array_end(&json);
	json_write_key(&json, "last");
	json_write_string(&json, "");
	json_write_object_end(&json);
	is_string(text_string(&out),
		"{\"empty\":{},\"list\":[-9223372036854775808,0.012,true,false,null,null,\"x\",[],"
		"{\"a\\\"b\":null,\"\":null}],\"last\":\"\"}",
		"a document of everything");
	text_free(&out);
}

static void streaming(void)
{
	struct text out = { 0 }, whole = { 0 };
	struct json_writer json;
	unsigned at;

	json_write_begin(&json, &out);
	json_write_array(&json);
	for (at = 0; at < 5; at++) {
		json_write_integer(&json, at);
		text_add(&whole, text_string(&out));
		text_cut(&out, 0);
	}
	json_write_array_end(&json);
	text_add(&whole, text_string(&out));
	is_string(text_string(&whole), "[0,1,2,3,4]", "the text may be emptied in between");
	text_free(&whole);
	text_cut(&out, 0);
	json_write_begin(&json, &out);
	json_write_integer(&json, 1);
	json_write_integer(&json, 2);
	is_string(text_string(&out), "12", "between documents there is no comma");
	text_free(&out);
}

static void strings(void)
{
	static const struct {
		const char *name, *in, *out;
	} table[] = {
		{ "plain", "example.com.", "\"example.com.\"" },
		{ "quotes and backslashes", "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "control bytes", "\b\f\n\r\t\x01\x1f\x7f",
			"\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"" },
		{ "umlaut, euro, face", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
			"\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "Latin 1", "M\xfcnchen", "\"M\xef\xbf\xbdnchen\"" },
		{ "an end in the middle of a character", "a\xe2\x82",
			"\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "overlong", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	size_t at;

	for (at = 0; at < sizeof(table) / sizeof(*table); at++) {
		struct text out = { 0 };
		struct json_writer json;

		json_write_begin(&json, &out);
		json_write_string(&json, table[at].in);
		is_string(text_string(&out), table[at].out, table[at].name);
		text_free(&out);
	}
}

static void depth(void)
{
	struct text out = { 0 };
	struct json_writer json;
	unsigned at;

	json_write_begin(&json, &out);
	for (at = 0; at < JSON_DEPTH - 1; at++)
		json_write_array(&json);
	for (at = 0; at < JSON_DEPTH - 1; at++)
		json_write_array_end(&json);
	is_integer((int64_t)out.length, 2 * (JSON_DEPTH - 1), "as deep as it goes");
	text_free(&out);
}

enum misuse {
	VALUE_WITHOUT_KEY,
	KEY_IN_ARRAY,
	KEY_AFTER_KEY,
	END_AFTER_KEY,
	WRONG_END,
	END_OF_NOTHING,
	TOO_DEEP,
	MISUSES
};

static void misuse(enum misuse how)
{
	struct text out = { 0 };
	struct json_writer json;
	unsigned at;

	json_write_begin(&json, &out);
	switch (how) {
	case VALUE_WITHOUT_KEY:
		json_write_object(&json);
		json_write_null(&json);
		break;
	case KEY_IN_ARRAY:
		json_write_array(&json);
		json_write_key(&json, "a");
		break;
	case KEY_AFTER_KEY:
		json_write_object(&json);
		json_write_key(&json, "a");
		json_write_key(&json, "b");
		break;
	case END_AFTER_KEY:
		json_write_object(&json);
		json_write_key(&json, "a");
		json_write_object_end(&json);
		break;
	case WRONG_END:
		json_write_object(&json);
		json_write_array_end(&json);
		break;
	case END_OF_NOTHING:
		json_write_array_end(&json);
		break;
	case TOO_DEEP:
		for (at = 0; at < JSON_DEPTH; at++)
			json_write_array(&json);
		break;
	case MISUSES:
		break;
	}
}

static void misuse_asserts(void)
{
#ifndef NDEBUG
	enum misuse how;

	for (how = 0; how < MISUSES; how++) {
		int status = 0;
		pid_t child;

		fflush(stdout);
		child = fork();
		if (!child) {
			static const struct rlimit no_core;

			setrlimit(RLIMIT_CORE, &no_core);
			signal(SIGABRT, SIG_DFL);
			if (!freopen("/dev/null", "w", stderr))
				_exit(1);
			misuse(how);
			_exit(0);
		}
		waitpid(child, &status, 0);
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "misuse %u asserts",
			(unsigned)how);
	}
#endif
}

int main(void)
{
	document();
	streaming();
	strings();
	depth();
	misuse_asserts();
	return done_testing();
}
