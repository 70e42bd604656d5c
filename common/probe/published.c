#include "common/probe/published.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/model/propagation.h"
#include "common/net/udp_question.h"
#include "common/probe/diagnose.h"
#include "common/probe/soa.h"

enum {
	ON_THE_WAY = 32, /* questions to one server at once: as many as a long way needs */
	ANSWER_WAIT_MS = 1000,
	SCOUT_WAIT_MS = 500, /* for UDP; one that comes later is heard as well */
	THRIFTY_FROM = 150,  /* questions; what is left is spread over the time that is left */
	SOFTWARE_TRIES = 2,
};

struct asking;

/* One question on its way. */
struct flight {
	struct asking *asking;
	struct udp_question *question; /* NULL: free */
	int64_t sent_us;
};

/* One server. */
struct asking {
	struct published *all;
	uint32_t pair;
	struct loop_timer *timer;
	bool is_expected;
	int64_t expected_us;
	unsigned next; /* flight to use */
	struct flight flights[ON_THE_WAY];
	struct flight scout; /* the one that may go on by TCP */
	bool heard_by_udp;   /* a whole answer */
	bool asks_by_tcp;    /* which works, and UDP does not: one question after the other */
	struct udp_question *software;
};

struct published {
	struct published_settings settings;
	struct asking *askings; /* pair_count */
	struct loop_timer *deadline;
	uint32_t missing;
};

static struct propagation *propagation_of(const struct asking *asking)
{
	return &asking->all->settings.seen->propagations[asking->pair];
}

static void stop_asking(struct asking *asking)
{
	loop_timer_stop(asking->timer);
	for (unsigned i = 0; i < ON_THE_WAY; i++) {
		udp_question_free(asking->flights[i].question);
		asking->flights[i].question = NULL;
	}
	udp_question_free(asking->scout.question);
	asking->scout.question = NULL;
}

static void note_answer(const struct asking *asking, const struct udp_answer *answer)
{
	const struct published_settings *settings = &asking->all->settings;
	struct soa_observation *soa = &settings->seen->soa[asking->pair];

	if (settings->type != DNS_SOA)
		return;
	soa_observe(settings->seen, answer->message, settings->name, soa);
	soa->transport = answer->by_tcp ? TRANSPORT_TCP : TRANSPORT_UDP;
}

/* What is truncated tells nothing of the change. */
static bool is_whole(const struct udp_answer *answer)
{
	return answer->outcome == OUTCOME_ANSWERED && answer->message &&
		(answer->by_tcp || !(answer->message->flags & DNS_TC));
}

/* UDP it is, but for servers that truncate or that never said anything by it. Who does not answer
 * by TCP any more is asked both ways again. */
static void choose_transport(struct flight *flight, const struct udp_answer *answer)
{
	struct asking *asking = flight->asking;

	if (!answer->by_tcp)
		asking->heard_by_udp |= is_whole(answer);
	if (flight != &asking->scout)
		return;
	if (answer->by_tcp)
		asking->asks_by_tcp |= answer->was_truncated || !asking->heard_by_udp;
	else if (!is_whole(answer))
		asking->asks_by_tcp = false;
}

static void answered(void *context, const struct udp_answer *answer)
{
	struct flight *flight = context;
	struct asking *asking = flight->asking;
	struct published *self = asking->all;
	struct propagation *seen = propagation_of(asking);
	int64_t sent_us = flight->sent_us - self->settings.changed_us;
	bool whole = is_whole(answer);
	bool shows = whole &&
		self->settings.shows(self->settings.context, asking->pair, answer->message);

	if (whole)
		note_answer(asking, answer);
	choose_transport(flight, answer);
	udp_question_free(flight->question);
	flight->question = NULL;
	if (!shows && whole && sent_us > seen->lacked_us)
		seen->lacked_us = sent_us;
	if (!shows)
		return;
	seen->publish_us = clock_monotonic_us() - self->settings.changed_us;
	stop_asking(asking);
	if (--self->missing == 0)
		self->settings.ended(self->settings.context);
}

static const struct server *server_of(const struct asking *asking)
{
	const struct plan *plan = asking->all->settings.plan;

	return &plan->servers[plan->assigned[asking->pair]];
}

static struct udp_question_settings question_to(const struct asking *asking)
{
	const struct published_settings *settings = &asking->all->settings;
	const struct server *server = server_of(asking);

	return (struct udp_question_settings){
		.loop = settings->loop,
		.server = server->address,
		.source = server->address.family == 4 ? settings->source4 : settings->source6,
		.tries = 1,
		.first_timeout_ms = ANSWER_WAIT_MS,
		.impatient = true,
	};
}

/* A scout goes out each second, and finds out whether TCP helps; then there are only scouts. */
static bool wants_scout(const struct asking *asking, int64_t now_us)
{
	const struct flight *scout = &asking->scout;

	return !scout->question &&
		(asking->asks_by_tcp || !scout->sent_us ||
			now_us - scout->sent_us >= (int64_t)ANSWER_WAIT_MS * 1000);
}

static void send_question(struct asking *asking, struct flight *flight, int64_t now_us)
{
	struct udp_question_settings settings = question_to(asking);

	if (flight == &asking->scout) {
		settings.tries = asking->asks_by_tcp ? 0 : 1;
		settings.first_timeout_ms = SCOUT_WAIT_MS;
		settings.tcp_timeout_ms = ANSWER_WAIT_MS;
	}
	settings.key = asking->all->settings.key;
	settings.question = (struct question){ .name = asking->all->settings.name,
		.type = asking->all->settings.type,
		.edns = true };
	settings.done = answered;
	settings.context = flight;
	udp_question_free(flight->question);
	flight->sent_us = now_us;
	flight->question = udp_question_new(&settings);
	propagation_of(asking)->questions++;
}

static void ask_once(struct asking *asking)
{
	int64_t now_us = clock_monotonic_us();

	if (wants_scout(asking, now_us)) {
		send_question(asking, &asking->scout, now_us);
	} else if (!asking->asks_by_tcp) {
		send_question(asking, &asking->flights[asking->next], now_us);
		asking->next = (asking->next + 1) % ON_THE_WAY;
	}
}

static int64_t wait_us(const struct asking *asking, int64_t now_us)
{
	const struct published_settings *settings = &asking->all->settings;
	int64_t since_us =
		now_us - (asking->is_expected ? asking->expected_us : settings->changed_us);
	int64_t wait_us = propagation_wait_us(since_us, asking->is_expected);
	uint32_t asked = propagation_of(asking)->questions;
	int64_t thrifty_us = 0;

	if (asked >= THRIFTY_FROM && asked < PROPAGATION_QUESTIONS)
		thrifty_us = (settings->deadline_us - now_us) / (PROPAGATION_QUESTIONS - asked);
	return wait_us > thrifty_us ? wait_us : thrifty_us;
}

static void is_due(void *context)
{
	struct asking *asking = context;
	int64_t now_us = clock_monotonic_us();

	if (propagation_of(asking)->questions >= PROPAGATION_QUESTIONS)
		return;
	ask_once(asking);
	loop_timer_set(asking->timer, now_us + wait_us(asking, now_us));
}

static void deadline_is_there(void *context)
{
	struct published *self = context;

	self->settings.ended(self->settings.context);
}

/* Advice is in the server's own words, and NSD's way has a step less. */
static void take_software(void *context, const struct udp_answer *answer)
{
	struct asking *asking = context;
	const struct published_settings *settings = &asking->all->settings;

	if (answer->outcome == OUTCOME_ANSWERED && answer->message)
		software_observe(settings->seen, settings->plan->assigned[asking->pair],
			answer->message);
}

static void ask_software(struct asking *asking)
{
	struct udp_question_settings settings = question_to(asking);

	settings.tries = SOFTWARE_TRIES;
	settings.tcp_timeout_ms = ANSWER_WAIT_MS;
	settings.question =
		(struct question){ .name = software_question, .type = DNS_TXT, .class = DNS_CH };
	settings.done = take_software;
	settings.context = asking;
	asking->software = udp_question_new(&settings);
	propagation_of(asking)->questions++;
}

/* What was asked before the change has shown already that UDP does not do. */
static bool is_heard_by_tcp(const struct soa_observation *before)
{
	return before->transport == TRANSPORT_TCP &&
		(before->outcome == OUTCOME_ANSWERED ||
			before->outcome == OUTCOME_NOT_AUTHORITATIVE);
}

struct published *published_new(const struct published_settings *settings)
{
	struct published *self = memory_resize(NULL, 1, sizeof(*self));
	size_t count = settings->plan->pair_count;

	*self = (struct published){ .settings = *settings, .missing = (uint32_t)count };
	self->askings = memory_resize(NULL, count ? count : 1, sizeof(*self->askings));
	memset(self->askings, 0, count * sizeof(*self->askings));
	self->deadline = loop_timer_new(settings->loop, deadline_is_there, self);
	loop_timer_set(self->deadline, settings->deadline_us);
	for (uint32_t pair = 0; pair < count; pair++) {
		struct asking *asking = &self->askings[pair];

		*asking = (struct asking){ .all = self,
			.pair = pair,
			.asks_by_tcp = is_heard_by_tcp(&settings->seen->soa[pair]),
			.is_expected = settings->is_expected,
			.expected_us = settings->changed_us };
		for (unsigned i = 0; i < ON_THE_WAY; i++)
			asking->flights[i].asking = asking;
		asking->scout.asking = asking;
		asking->timer = loop_timer_new(settings->loop, is_due, asking);
		ask_software(asking);
		loop_timer_set(asking->timer,
			settings->changed_us + propagation_wait_us(0, settings->is_expected));
	}
	return self;
}

void published_expect(struct published *self, uint32_t pair)
{
	struct asking *asking = &self->askings[pair];

	if (asking->is_expected || propagation_of(asking)->publish_us != PROPAGATION_NEVER)
		return;
	asking->is_expected = true;
	asking->expected_us = clock_monotonic_us();
	loop_timer_set(asking->timer, asking->expected_us);
}

void published_free(struct published *self)
{
	for (uint32_t pair = 0; self && pair < self->settings.plan->pair_count; pair++) {
		stop_asking(&self->askings[pair]);
		udp_question_free(self->askings[pair].software);
		loop_timer_free(self->askings[pair].timer);
	}
	if (!self)
		return;
	loop_timer_free(self->deadline);
	free(self->askings);
	free(self);
}
