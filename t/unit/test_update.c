/* The canary record of a real zone: its UPDATE (RFC 2136) byte by byte, and what it holds. */
#include "common/dns/update.h"

#include "common/dns/canary_token.h"
#include "t/unit/packet.h"
#include "t/unit/tap.h"

#define APEX          "\7example"
#define RECORD        "\6canary\7example"
#define BYTES(string) string, sizeof(string) - 1

static const uint8_t zone[] = APEX, name[] = RECORD;

static void messages(void)
{
	static const struct {
		const char *story;
		struct update_rdata before, after;
		const char *bytes;
		size_t length;
	} stories[] = {
		{ "a first record", { NULL, 0 }, { (const uint8_t *)"\1a", 2 },
			BYTES("\x12\x34\x28\0\0\1\0\2\0\2\0\0" APEX "\0\0\6\0\1"
				/* neither TXT nor CNAME must be there */
				RECORD "\0\0\x10\0\xfe\0\0\0\0\0\0" RECORD
			      "\0\0\5\0\xfe\0\0\0\0\0\0"
				/* delete the RRset, add the record */
				RECORD "\0\0\x10\0\xff\0\0\0\0\0\0" RECORD
			      "\0\0\x10\0\1\0\0\0\7\0\2\1a") },
		{ "another one in its place", { (const uint8_t *)"\1a", 2 },
			{ (const uint8_t *)"\1b", 2 },
			BYTES("\x12\x34\x28\0\0\1\0\1\0\2\0\0" APEX "\0\0\6\0\1" RECORD
			      "\0\0\x10\0\1\0\0\0\0\0\2\1a" RECORD
			      "\0\0\x10\0\xff\0\0\0\0\0\0" RECORD "\0\0\x10\0\1\0\0\0\7\0\2\1b") },
		{ "its end", { (const uint8_t *)"\1a", 2 }, { NULL, 0 },
			BYTES("\x12\x34\x28\0\0\1\0\1\0\1\0\0" APEX "\0\0\6\0\1" RECORD
			      "\0\0\x10\0\1\0\0\0\0\0\2\1a" RECORD "\0\0\x10\0\xff\0\0\0\0\0\0") },
	};
	uint8_t bytes[MESSAGE_QUESTION];

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct update update = { zone, name, DNS_TXT, 7, stories[i].before,
			stories[i].after };
		size_t length = update_message(&update, 0x1234, bytes, sizeof(bytes));

		is_integer((int64_t)length, (int64_t)stories[i].length, stories[i].story);
		ok(length == stories[i].length && !memcmp(bytes, stories[i].bytes, length),
			"  its bytes");
		is_integer((int64_t)update_message(&update, 1, bytes, length - 1), 0,
			"  no room, no message");
	}
}

static void tokens(void)
{
	struct canary_token token = { 1795324740123456, 0x9f86d081884c7d65 }, read;
	struct canary_token later = { 1795324740123457, 0 }, other = { token.time_us, 1 };
	uint8_t rdata[CANARY_RDATA];
	uint16_t length = canary_token_write(&token, rdata);
	char text[CANARY_TEXT];

	ok(length == 57 &&
			!memcmp(rdata,
				"\26dns-replication-canary\0201795324740123456\0209f86d081884c7d65",
				length),
		"what it holds");
	canary_token_text(&token, text);
	is_string(text, "\"dns-replication-canary\" \"1795324740123456\" \"9f86d081884c7d65\"",
		"a token in a zone file");
	ok(canary_token_read(rdata, length, &read) && read.time_us == token.time_us &&
			read.random == token.random,
		"and reads back");
	ok(!canary_token_read(rdata, length - 1u, &read), "cut off");
	rdata[length] = 0;
	ok(!canary_token_read(rdata, length + 1u, &read), "a string more");
	rdata[length - 1] = 'X';
	ok(!canary_token_read(rdata, length, &read), "no hexadecimal digit");
	ok(canary_token_covers(&token, &token), "it is there");
	ok(canary_token_covers(&later, &token), "a later one took its place");
	ok(!canary_token_covers(&token, &later), "an earlier one did not");
	ok(!canary_token_covers(&other, &token), "nor did another one of the same time");
}

/* What answers to the question for the record say. */
static void answers(void)
{
	static const struct canary_token token = { 1795324740123456, 7 };
	static const struct {
		const char *story;
		const char *types; /* of the answer's records: token, other text, signature, alias
		                    */
		enum canary_answer said;
	} stories[] = {
		{ "no record", "", CANARY_NONE },
		{ "a token", "t", CANARY_TOKEN },
		{ "a signed one", "ts", CANARY_TOKEN },
		{ "with the signature before it", "st", CANARY_TOKEN },
		{ "a signature alone", "s", CANARY_NONE },
		{ "somebody's text", "o", CANARY_FOREIGN },
		{ "two tokens", "tt", CANARY_FOREIGN },
		{ "an alias", "a", CANARY_FOREIGN },
	};
	uint8_t rdata[CANARY_RDATA], there[CANARY_RDATA];
	uint16_t length = canary_token_write(&token, rdata), found_length;

	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct canary_token found = { 0 };
		struct packet packet;
		struct message message;
		enum canary_answer said;

		begin(&packet, 0x8400);
		add_question(&packet, name, DNS_TXT);
		for (const char *type = stories[i].types; *type; type++) {
			if (*type == 't')
				add(&packet, MESSAGE_ANSWER, name, DNS_TXT, rdata, length);
			else if (*type == 'o')
				add(&packet, MESSAGE_ANSWER, name, DNS_TXT, "\1x", 2);
			else if (*type == 's')
				add(&packet, MESSAGE_ANSWER, name, DNS_RRSIG, "\0\x10", 2);
			else
				add(&packet, MESSAGE_ANSWER, name, DNS_CNAME, "\300\14", 2);
		}
		parse(&packet, &message);
		said = canary_token_find(&message, name, &found, there, &found_length);
		is_integer(said, stories[i].said, stories[i].story);
		if (said == CANARY_TOKEN)
			ok(found.random == 7 && found_length == length &&
					!memcmp(there, rdata, length),
				"  and the record");
	}
}

int main(void)
{
	messages();
	tokens();
	answers();
	return done_testing();
}
