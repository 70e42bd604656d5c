#include "common/probe/diagnose.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/model/software.h"

struct diagnose {
	const struct soa_probe *probe;
	const struct plan *plan;
	struct observations *seen;
	const struct diagnose_question *questions;
	size_t count;
	uint8_t *asked; /* parallel to the questions */
};

const uint8_t software_question[] = "\7version\4bind";

void software_observe(struct observations *seen, uint32_t server, const struct message *message)
{
	uint8_t bytes[CHAOS_TEXT];
	size_t length = message_chaos_text(message, software_question, bytes);
	const char *said = observations_string(seen, bytes, length);
	char name[SOFTWARE_NAME];

	if (said && software_name(said, name))
		seen->servers[server].software = arena_string(&seen->arena, name);
}

static const uint8_t *chaos_name(enum diagnosis kind)
{
	static const uint8_t identity[] = "\2id\6server";

	return kind == DIAGNOSIS_SOFTWARE ? software_question : identity;
}

static struct question question_of(const struct diagnose *self,
	const struct diagnose_question *wanted)
{
	struct question question = { .name = self->plan->zones[wanted->zone].name,
		.class = DNS_IN };

	switch (wanted->kind) {
	case DIAGNOSIS_TRANSFER:
		question.type = DNS_AXFR;
		break;
	case DIAGNOSIS_SOA_BY_TCP:
		question.type = DNS_SOA;
		question.edns = true;
		break;
	case DIAGNOSIS_NS:
		question.type = DNS_NS;
		question.edns = true;
		break;
	case DIAGNOSIS_SOFTWARE:
	case DIAGNOSIS_IDENTITY:
		question.name = chaos_name(wanted->kind);
		question.type = DNS_TXT;
		question.class = DNS_CH;
		break;
	case DIAGNOSIS_COUNT:
		break;
	}
	return question;
}

/* Questions about the server itself are often thrown away on purpose: silence is no reason to try
 * TCP. */
static void fill(const struct diagnose *self, size_t index, struct ask *ask)
{
	const struct diagnose_question *wanted = &self->questions[index];
	bool no_udp = self->seen->servers[self->plan->assigned[wanted->pair]].udp_outcome !=
		OUTCOME_NOT_ASKED;
	bool about_itself =
		wanted->kind == DIAGNOSIS_SOFTWARE || wanted->kind == DIAGNOSIS_IDENTITY;

	*ask = (struct ask){
		.question = question_of(self, wanted),
		.tag = index,
		.tcp = self->probe->tcp_only || no_udp || wanted->kind == DIAGNOSIS_TRANSFER ||
			wanted->kind == DIAGNOSIS_SOA_BY_TCP,
		.udp_only = about_itself,
		.key = self->probe->key,
	};
}

/* A few dozen questions at most: no order is kept, every server looks for its next one. */
static bool next_question(void *context, uint32_t server, struct ask *ask)
{
	struct diagnose *self = context;

	for (size_t i = 0; i < self->count; i++) {
		if (self->asked[i] || self->plan->assigned[self->questions[i].pair] != server)
			continue;
		self->asked[i] = 1;
		fill(self, i, ask);
		return true;
	}
	return false;
}

static void take_transfer(struct diagnose *self, const struct diagnose_question *wanted,
	const struct reply *reply)
{
	struct observations *seen = self->seen;
	struct soa_observation answer = { .outcome = (uint8_t)reply->outcome,
		.ede_code = EDE_NONE,
		.expire_s = EXPIRE_NONE };

	if (reply->outcome == OUTCOME_NOT_ASKED)
		return;
	if (reply->outcome == OUTCOME_ANSWERED && reply->message)
		soa_observe(seen, reply->message, self->plan->zones[wanted->zone].name, &answer);
	seen->transfers[seen->transfer_count++] = (struct transfer_observation){
		.zone = wanted->zone,
		.server = self->plan->assigned[wanted->pair],
		.outcome = answer.outcome,
		.soa = wanted->kind == DIAGNOSIS_SOA_BY_TCP,
		.rcode = answer.rcode,
		.ede_code = answer.ede_code,
		.ede_text = answer.ede_text,
		.tsig_error = reply->outcome == OUTCOME_TSIG_FAILED
			? soa_tsig_error(reply->tsig_error)
			: 0,
		.serial = answer.serial,
	};
	/* Nothing but a transfer begins with the SOA, whatever its flags are (RFC 5936 2.2.1). */
	if (wanted->kind == DIAGNOSIS_TRANSFER && answer.outcome == OUTCOME_NOT_AUTHORITATIVE)
		seen->transfers[seen->transfer_count - 1].outcome = OUTCOME_ANSWERED;
}

static void take_ns(struct diagnose *self, const struct diagnose_question *wanted,
	const struct reply *reply)
{
	struct soa_observation *into = &self->seen->soa[wanted->pair];

	if (reply->outcome != OUTCOME_ANSWERED || !reply->message)
		return;
	into->ns_outcome = OUTCOME_ANSWERED;
	into->ns_set = ns_observe(self->seen, reply->message, self->plan->zones[wanted->zone].name);
}

static void take_chaos(struct diagnose *self, const struct diagnose_question *wanted,
	const struct reply *reply)
{
	uint32_t server = self->plan->assigned[wanted->pair];
	uint8_t bytes[CHAOS_TEXT];
	size_t length;

	if (reply->outcome != OUTCOME_ANSWERED || !reply->message)
		return;
	if (wanted->kind == DIAGNOSIS_SOFTWARE) {
		software_observe(self->seen, server, reply->message);
		return;
	}
	length = message_chaos_text(reply->message, chaos_name(wanted->kind), bytes);
	self->seen->servers[server].identity = observations_string(self->seen, bytes, length);
}

static void take_answer(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct diagnose *self = context;
	const struct diagnose_question *wanted = &self->questions[ask->tag];

	(void)server;
	switch (wanted->kind) {
	case DIAGNOSIS_TRANSFER:
	case DIAGNOSIS_SOA_BY_TCP:
		take_transfer(self, wanted, reply);
		break;
	case DIAGNOSIS_NS:
		take_ns(self, wanted, reply);
		break;
	case DIAGNOSIS_SOFTWARE:
	case DIAGNOSIS_IDENTITY:
		take_chaos(self, wanted, reply);
		break;
	case DIAGNOSIS_COUNT:
		break;
	}
}

static bool diagnose_run(struct diagnose *self, struct arena *arena, struct fault *fault)
{
	struct exchange_source source = { next_question, take_answer, self };
	struct exchange_settings settings = self->probe->exchange;
	struct address *addresses =
		arena_array(arena, self->plan->server_count, sizeof(*addresses));
	struct exchange *exchange;
	struct exchange_counts counts;
	bool good;

	if (settings.retries > 1)
		settings.retries = 1;
	for (size_t s = 0; s < self->plan->server_count; s++)
		addresses[s] = self->plan->servers[s].address;
	exchange = exchange_new(self->probe->loop, &settings, addresses, self->plan->server_count,
		&source);
	good = exchange_run(exchange, fault);
	counts = exchange_counts(exchange);
	self->seen->queries += counts.queries;
	self->seen->retries += counts.retries;
	exchange_free(exchange);
	return good;
}

bool probe_diagnose(const struct soa_probe *probe, const struct diagnose_question *questions,
	size_t count, struct fault *fault)
{
	struct diagnose self = { probe, probe->plan, probe->seen, questions, count, NULL };
	struct observations *seen = probe->seen;
	struct transfer_observation *room =
		arena_array(&seen->arena, seen->transfer_count + count, sizeof(*room));
	struct arena arena = { 0 };
	bool good;

	if (seen->transfer_count)
		memcpy(room, seen->transfers, seen->transfer_count * sizeof(*room));
	seen->transfers = room;
	self.asked = arena_array(&arena, count, sizeof(*self.asked));
	good = diagnose_run(&self, &arena, fault);
	arena_free(&arena);
	return good;
}
