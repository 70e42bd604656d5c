/*
 * Names in answers are compressed, and read back as they were, whatever was written before them,
 * taken back, or forgotten.
 */
#include <stdlib.h>
#include <string.h>

#include "common/engine/reply.h"
#include "t/unit/tap.h"

enum { ROUNDS = 20000, RECORDS = 12 };

/* From few labels, so that names share ends; letters of either case. */
static void any_name(uint8_t name[NAME_WIRE])
{
	static const char *const labels[] = { "a", "b", "www", "Example", "example", "COM", "com",
		"n\300\014", "" };
	size_t length = 0;

	for (unsigned left = (unsigned)rand() % 6; left; left--) {
		const char *label = labels[(unsigned)rand() % 8];

		name[length++] = (uint8_t)strlen(label);
		memcpy(name + length, label, strlen(label));
		length += strlen(label);
	}
	name[length] = 0;
}

static bool same(const struct reply *reply, const uint8_t *one, const uint8_t *other)
{
	return reply->keeps_case ? !memcmp(one, other, name_length(other)) : name_equal(one, other);
}

struct written {
	uint8_t owner[NAME_WIRE], target[NAME_WIRE];
};

static bool is_there(const struct reply *reply, const uint8_t *bytes, size_t length,
	const uint8_t *question, const struct written *written, unsigned count)
{
	struct message message;
	struct record_cursor cursor;
	struct record record;
	enum message_section section;
	uint8_t rdata[NAME_WIRE];

	if (!message_parse(bytes, length, &message) ||
		!same(reply, message.question.owner, question))
		return false;
	cursor = message_records(&message);
	for (unsigned i = 0; i < count; i++)
		if (!message_next(&cursor, &record, &section) ||
			!same(reply, record.owner, written[i].owner) ||
			record_rdata(&message, &record, rdata, sizeof(rdata)) !=
				name_length(written[i].target) ||
			!same(reply, rdata, written[i].target))
			return false;
	return !message_next(&cursor, &record, &section);
}

/* One message of any size, perhaps begun anew in the middle. */
static bool round_trip(void)
{
	struct reply reply;
	uint8_t out[2000], question[NAME_WIRE];
	struct written written[RECORDS];
	size_t capacity = (size_t)(100 + rand() % 1900);
	unsigned count = 0;

	any_name(question);
	reply_begin(&reply, out, capacity, 1, DNS_QR);
	reply.keeps_case = rand() % 2;
	reply_question(&reply, question, DNS_NS, DNS_IN);
	for (unsigned i = 0; i < RECORDS; i++) {
		struct written *at = &written[count];
		struct zone_record record = { at->owner, DNS_NS, DNS_IN, 1, at->target, 0 };

		if (rand() % 20 == 0) {
			reply_empty(&reply);
			count = 0;
			continue;
		}
		any_name(at->owner);
		any_name(at->target);
		record.rdata_length = (uint16_t)name_length(at->target);
		count += reply_rdata(&reply, MESSAGE_ANSWER, &record);
		if (rand() % 20 == 0)
			reply_forget_names(&reply);
	}
	return is_there(&reply, out, reply_end(&reply), question, written, count);
}

static void test_sizes(void)
{
	static const uint8_t question[] = "\7example\3com", inside[] = "\3ns1\7example\3com",
			     other[] = "\3NS1\7EXAMPLE\3com";
	struct zone_record record = { question, DNS_NS, DNS_IN, 1, inside, sizeof(inside) };
	uint8_t out[512];
	struct reply reply;
	size_t before;

	reply_begin(&reply, out, sizeof(out), 1, DNS_QR);
	reply_question(&reply, question, DNS_NS, DNS_IN);
	before = reply.writer.length;
	ok(reply_rdata(&reply, MESSAGE_ANSWER, &record) &&
			reply.writer.length == before + 2 + 10 + 4 + 2,
		"the question's name takes two bytes, also at another one's end");
	record.owner = other;
	before = reply.writer.length;
	ok(reply_rdata(&reply, MESSAGE_ANSWER, &record) &&
			reply.writer.length == before + 2 + 10 + 2,
		"so does one that stands in an earlier record, in whatever letters");
	reply.keeps_case = true;
	before = reply.writer.length;
	ok(reply_rdata(&reply, MESSAGE_ANSWER, &record) &&
			reply.writer.length == before + 14 + 10 + 2,
		"unless letters count");
}

int main(void)
{
	bool good = true;

	test_sizes();
	for (unsigned i = 0; i < ROUNDS && good; i++)
		good = round_trip();
	ok(good, "what is written is read back");
	return done_testing();
}
