#include "common/checks/canary_record.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/dns/update.h"
#include "common/net/udp_question.h"

enum {
	TRIES = 2, /* datagrams: half a second, one; then TCP */
	FIRST_TIMEOUT_MS = 500,
	TCP_TIMEOUT_MS = 3000,
	ROUNDS = 4, /* others may change the record at the same time */
	RECORD_TTL_S = 1,
	AT_ONCE_US = 5000000, /* where there was no record: as far as clocks differ */
};

/* What came back. */
struct heard {
	struct loop *loop;
	const uint8_t *name;
	enum outcome outcome;
	uint16_t rcode;
	bool is_over;
	enum canary_answer found;
	struct canary_token token;
	uint8_t rdata[CANARY_RDATA];
	uint16_t length;
};

bool canary_record_name(struct canary_record *record)
{
	static const uint8_t label[] = "\023_replication-canary";
	size_t own = sizeof(label) - 1, zone = name_length(record->zone);

	if (own + zone > NAME_WIRE)
		return false;
	memcpy(record->name, label, own);
	memcpy(record->name + own, record->zone, zone);
	return true;
}

static void take(void *context, const struct udp_answer *answer)
{
	struct heard *heard = context;

	heard->outcome = answer->outcome;
	heard->is_over = true;
	if (answer->message) {
		heard->rcode = answer->message->rcode;
		heard->found = canary_token_find(answer->message, heard->name, &heard->token,
			heard->rdata, &heard->length);
	}
	loop_stop(heard->loop);
}

static void too_late(void *context)
{
	loop_stop(((struct heard *)context)->loop);
}

/* One question and its answer, while the loop runs. */
static struct heard ask(const struct canary_record *record,
	const struct udp_question_settings *about)
{
	struct udp_question_settings settings = *about;
	struct heard heard = { .loop = record->loop,
		.name = record->name,
		.outcome = OUTCOME_TIMEOUT };
	struct loop_timer *timer = loop_timer_new(record->loop, too_late, &heard);
	struct udp_question *question;

	settings.loop = record->loop;
	settings.server = record->primary;
	settings.source = record->source;
	settings.key = record->key;
	settings.tries = TRIES;
	settings.first_timeout_ms = FIRST_TIMEOUT_MS;
	settings.tcp_timeout_ms = TCP_TIMEOUT_MS;
	settings.impatient = true;
	settings.done = take;
	settings.context = &heard;
	loop_timer_set(timer, record->deadline_us);
	question = udp_question_new(&settings);
	while (!heard.is_over && clock_monotonic_us() < record->deadline_us)
		loop_run(record->loop);
	udp_question_free(question);
	loop_timer_free(timer);
	return heard;
}

static struct heard read_record(const struct canary_record *record)
{
	return ask(record,
		&(struct udp_question_settings){
			.question = { .name = record->name, .type = DNS_TXT, .edns = true } });
}

static struct heard send_update(const struct canary_record *record, const struct heard *before,
	const uint8_t *rdata, uint16_t length)
{
	uint8_t bytes[MESSAGE_QUESTION];
	struct update update = { .zone = record->zone,
		.name = record->name,
		.type = DNS_TXT,
		.ttl = RECORD_TTL_S,
		.after = { rdata, length } };
	size_t size;

	if (before->found == CANARY_TOKEN)
		update.before = (struct update_rdata){ before->rdata, before->length };
	size = update_message(&update, 0, bytes, sizeof(bytes));
	if (!size)
		return (struct heard){ .outcome = OUTCOME_NOT_ASKED };
	return ask(record,
		&(struct udp_question_settings){ .message = bytes,
			.message_length = size,
			.question = { .name = record->zone,
				.type = DNS_SOA,
				.opcode = DNS_UPDATE } });
}

static bool complain(struct canary_record *record, const struct heard *heard, const char *of_what)
{
	const char *trouble = outcome_trouble(heard->outcome);
	char rcode[16];

	if (heard->outcome != OUTCOME_ANSWERED && heard->outcome != OUTCOME_TSIG_FAILED) {
		text_addf(&record->trouble, "does not answer %s, by UDP nor by TCP", of_what);
		if (trouble && heard->outcome != OUTCOME_TIMEOUT)
			text_addf(&record->trouble, ": it %s", trouble);
		return false;
	}
	text_addf(&record->trouble, "answers %s to %s", rcode_text(heard->rcode, rcode), of_what);
	if (heard->outcome == OUTCOME_TSIG_FAILED)
		text_add(&record->trouble, ": the signature fails; is it the right key?");
	else if (!record->key)
		text_add(&record->trouble, ", which is not signed (--tsig-key-file)");
	return false;
}

static bool can_be_read(struct canary_record *record, const struct heard *heard)
{
	if (heard->outcome != OUTCOME_ANSWERED ||
		(heard->rcode != DNS_NOERROR && heard->rcode != DNS_NXDOMAIN))
		return complain(record, heard, "the question for its canary record");
	if (heard->found != CANARY_FOREIGN)
		return true;
	text_add(&record->trouble,
		"has records at _replication-canary that are none of this check's: nothing was changed");
	return false;
}

/* Later than what is there, whatever the clocks are. */
static void make_token(struct canary_record *record, const struct heard *before)
{
	record->token.time_us = record->now_us;
	if (before->found == CANARY_TOKEN && before->token.time_us >= record->now_us)
		record->token.time_us = before->token.time_us + 1;
	random_bytes(&record->token.random, sizeof(record->token.random));
}

static bool is_ours(const struct canary_record *record, const struct heard *there)
{
	return there->found == CANARY_TOKEN && there->token.time_us == record->token.time_us &&
		there->token.random == record->token.random;
}

/* The prerequisites: somebody else was quicker, or an earlier datagram of ours was taken and its
 * answer lost. */
static bool is_outrun(const struct heard *heard)
{
	return heard->outcome == OUTCOME_ANSWERED &&
		(heard->rcode == DNS_YXRRSET || heard->rcode == DNS_NXRRSET ||
			heard->rcode == DNS_YXDOMAIN);
}

static bool change_by_update(struct canary_record *record, bool remove)
{
	struct heard there = read_record(record), heard = { .outcome = OUTCOME_NOT_ASKED };
	uint8_t rdata[CANARY_RDATA];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint16_t length = 0;

		if (!can_be_read(record, &there))
			return false;
		if (remove ? there.found == CANARY_NONE : is_ours(record, &there))
			return true;
		if (!remove) {
			make_token(record, &there);
			length = canary_token_write(&record->token, rdata);
		}
		heard = send_update(record, &there, remove ? NULL : rdata, length);
		if (heard.outcome == OUTCOME_ANSWERED && heard.rcode == DNS_NOERROR)
			return true;
		if (!is_outrun(&heard))
			return complain(record, &heard, "the UPDATE");
		there = read_record(record);
	}
	return complain(record, &heard, "the UPDATE");
}

/* --- By the API ------------------------------------------------------------------------------- */

static bool change_by_api(struct canary_record *record, bool remove)
{
	struct heard there = read_record(record);
	char content[CANARY_TEXT];

	if (!can_be_read(record, &there))
		return false;
	if (remove && there.found == CANARY_NONE)
		return true;
	make_token(record, &there);
	record->newer_than_us = there.found == CANARY_TOKEN ? there.token.time_us
							    : record->token.time_us - AT_ONCE_US;
	canary_token_text(&record->token, content);
	return canary_api_change(record->api, record, remove ? NULL : content, &record->made_us,
		&record->trouble);
}

bool canary_record_change(struct canary_record *record, bool remove)
{
	bool was_made;

	record->newer_than_us = INT64_MAX;
	was_made = record->api ? change_by_api(record, remove) : change_by_update(record, remove);
	if (!record->made_us)
		record->made_us = clock_monotonic_us();
	return was_made;
}

bool canary_record_is_shown(const struct canary_record *record, const struct canary_token *token)
{
	return canary_token_covers(token, &record->token) || token->time_us > record->newer_than_us;
}
