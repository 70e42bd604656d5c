#include "common/checks/canary_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/engine/engine.h"
#include "common/engine/peer.h"
#include "common/model/propagation.h"
#include "common/net/udp_question.h"

enum { STRANGERS = 4 };

struct canary_engine {
	struct canary_engine_settings settings;
	struct engine *engine;
	struct published *published;
	bool is_watched;
	int64_t changed_us;
	char *texts[CANARY_SERIALS];
	struct engine_zone zone;
	struct peer_at *targets;   /* whom NOTIFY is sent to: by pair */
	struct access_rule *rules; /* who may transfer */
	size_t rule_count;
	struct peer *primaries;
	struct address strangers[STRANGERS];
	size_t stranger_count;
	struct text strangers_text;
};

static struct propagation *seen_of(const struct canary_engine *self, uint32_t pair)
{
	return &self->settings.run->seen.propagations[pair];
}

static const struct canary_sources *sources_of(const struct canary_engine *self, uint32_t pair)
{
	return &self->settings.sources[self->settings.run->plan.assigned[pair]];
}

static bool is_source(const struct canary_sources *sources, const struct address *address)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (same_host(&sources->addresses[i], address))
			return true;
	}
	return false;
}

/* The servers of one name are one machine: what it does from one address it does for all. */
static bool is_same(const struct canary_sources *a, const struct canary_sources *b)
{
	return a->name && b->name && name_equal(a->name, b->name);
}

static bool is_from(const struct canary_engine *self, uint32_t pair, const struct address *address)
{
	const struct canary_sources *own = sources_of(self, pair);

	if (is_source(own, address))
		return true;
	for (uint32_t i = 0; i < self->settings.run->plan.pair_count; i++) {
		if (is_same(own, sources_of(self, i)) && is_source(sources_of(self, i), address))
			return true;
	}
	return false;
}

static void note_stranger(struct canary_engine *self, const struct engine_event *event)
{
	char address[ADDRESS_TEXT];

	for (size_t i = 0; i < self->stranger_count; i++) {
		if (same_host(&self->strangers[i], event->other))
			return;
	}
	if (self->stranger_count == STRANGERS)
		return;
	self->strangers[self->stranger_count++] = *event->other;
	text_addf(&self->strangers_text, "%s%s (after %.3f s%s%s)",
		self->strangers_text.length ? ", " : "", address_to_text(event->other, address),
		(double)(event->at_us - self->changed_us) / 1e6, event->reason ? ": " : "",
		event->reason ? event->reason : "");
}

static void set_first(int64_t *slot, int64_t at_us)
{
	if (*slot == PROPAGATION_NEVER)
		*slot = at_us;
}

static void note_request(const struct canary_engine *self, struct propagation *seen,
	const struct engine_event *event, int64_t at_us)
{
	const struct canary_zone *zone = self->settings.zone;

	set_first(&seen->request_us, at_us);
	seen->asked_incremental = event->is_incremental;
	seen->asked_from = event->serial;
	seen->knows_from = false;
	for (size_t i = 0; zone && i + 1 < zone->count; i++)
		seen->knows_from |= zone->serials[i] == event->serial;
}

static void note_failure(struct propagation *seen, const char *reason)
{
	seen->failures++;
	seen->trouble = reason ? reason : "";
}

/* Has the transfer begun and ended well? */
static void note_end(const struct canary_engine *self, uint32_t pair, struct propagation *seen,
	const struct engine_event *event, int64_t at_us)
{
	if (event->reason) {
		note_failure(seen, event->reason);
		return;
	}
	set_first(&seen->transfer_us, at_us);
	seen->got_differences = event->is_incremental;
	if (self->published)
		published_expect(self->published, pair);
}

static void note_event(struct canary_engine *self, uint32_t pair, const struct engine_event *event)
{
	struct propagation *seen = seen_of(self, pair);
	int64_t at_us = event->at_us - self->changed_us;

	switch (event->kind) {
	case ENGINE_SOA_ASKED:
		set_first(&seen->soa_us, at_us);
		break;
	case ENGINE_TRANSFER_ASKED:
		note_request(self, seen, event, at_us);
		break;
	case ENGINE_TRANSFER_REFUSED:
	case ENGINE_SIGNATURE_REFUSED:
		note_failure(seen, event->reason);
		break;
	case ENGINE_TRANSFER_ENDED:
		note_end(self, pair, seen, event, at_us);
		break;
	case ENGINE_NOTIFY_ENDED:
	case ENGINE_NOTIFY_HEARD:
		break;
	}
}

static void note_notify(struct canary_engine *self, const struct engine_event *event)
{
	for (uint32_t pair = 0; pair < self->settings.run->plan.pair_count; pair++) {
		struct propagation *seen = seen_of(self, pair);

		if (!address_equal(&self->targets[pair].peer.address, event->other))
			continue;
		seen->notify_outcome = (uint8_t)event->answer->outcome;
		seen->notify_tries = (uint8_t)event->answer->tries;
		if (!event->answer->message)
			continue;
		seen->notify_rcode = event->answer->message->rcode;
		seen->notify_us = event->at_us - self->changed_us;
	}
}

static void heard_notify(const struct canary_engine *self, const struct engine_event *event)
{
	struct change *change = self->settings.run->seen.change;

	if (!self->settings.zone && change->notify_us == PROPAGATION_NEVER)
		change->notify_us = event->at_us - self->changed_us;
}

static void observe(void *context, const struct engine_event *event)
{
	struct canary_engine *self = context;
	bool is_known = false;

	if (!self->is_watched)
		return;
	if (event->kind == ENGINE_NOTIFY_ENDED) {
		note_notify(self, event);
		return;
	}
	if (event->kind == ENGINE_NOTIFY_HEARD) {
		heard_notify(self, event);
		return;
	}
	for (uint32_t pair = 0; pair < self->settings.run->plan.pair_count; pair++) {
		if (!is_from(self, pair, event->other))
			continue;
		is_known = true;
		if (self->settings.zone)
			note_event(self, pair, event);
	}
	if (!is_known)
		note_stranger(self, event);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void make_texts(struct canary_engine *self)
{
	const struct canary_zone *zone = self->settings.zone;
	size_t first = self->settings.only_whole ? zone->count - 1 : 0;

	for (size_t i = first; i < zone->count; i++) {
		struct text text = { 0 };

		canary_zone_text(zone, zone->serials[i], &text);
		self->texts[self->zone.text_count++] =
			arena_string(&self->settings.run->arena, text_string(&text));
		text_free(&text);
	}
	self->zone.texts = (const char *const *)self->texts;
}

static void allow(struct canary_engine *self, const struct address *address)
{
	struct access_rule *rule = &self->rules[self->rule_count++];

	rule->everywhere = true;
	rule->prefix.address = *address;
	rule->prefix.bits = address->family == 4 ? 32 : 128;
}

/* Those that are known; with a key whoever has it. */
static void make_rules(struct canary_engine *self)
{
	static const struct address any;
	const struct plan *plan = &self->settings.run->plan;
	size_t most = 1;

	for (uint32_t pair = 0; pair < plan->pair_count; pair++)
		most += sources_of(self, pair)->count;
	self->rules = arena_array(&self->settings.run->arena, most, sizeof(*self->rules));
	if (self->settings.key) {
		allow(self, &any);
		self->rules[0].prefix.bits = 0;
		return;
	}
	for (uint32_t pair = 0; pair < plan->pair_count; pair++) {
		const struct canary_sources *sources = sources_of(self, pair);

		for (size_t i = 0; i < sources->count; i++)
			allow(self, &sources->addresses[i]);
	}
}

static void make_targets(struct canary_engine *self)
{
	const struct plan *plan = &self->settings.run->plan;

	self->targets =
		arena_array(&self->settings.run->arena, plan->pair_count, sizeof(*self->targets));
	for (size_t pair = 0; pair < plan->pair_count; pair++) {
		self->targets[pair].everywhere = true;
		self->targets[pair].peer.address = plan->servers[plan->assigned[pair]].address;
		self->targets[pair].peer.key = self->settings.key;
	}
}

static void make_zone(struct canary_engine *self)
{
	const struct canary_engine_settings *settings = &self->settings;

	memcpy(self->zone.name, settings->run->plan.zones[0].name,
		name_length(settings->run->plan.zones[0].name));
	if (settings->zone) {
		make_texts(self);
		return;
	}
	self->primaries = arena_array(&settings->run->arena, settings->primary_count,
		sizeof(*self->primaries));
	for (size_t i = 0; i < settings->primary_count && i < ZONE_PRIMARIES; i++) {
		self->primaries[i].address = settings->primaries[i];
		self->primaries[i].key = settings->key;
		self->zone.primary_count++;
	}
	self->zone.primaries = self->primaries;
	self->zone.only_hears = true;
}

struct canary_engine *canary_engine_new(const struct canary_engine_settings *settings,
	struct fault *fault)
{
	struct canary_engine *self = memory_resize(NULL, 1, sizeof(*self));
	struct engine_settings engine;

	*self = (struct canary_engine){ .settings = *settings };
	make_zone(self);
	make_rules(self);
	make_targets(self);
	engine = (struct engine_settings){ .loop = settings->run->loop,
		.listen = &self->settings.listen,
		.listen_count = 1,
		.zones = &self->zone,
		.zone_count = 1,
		.notify = self->targets,
		.notify_count = settings->zone ? settings->run->plan.pair_count : 0,
		.transfer_to = { self->rules, self->rule_count },
		.keys = { self->settings.key, self->settings.key != NULL },
		.version = "check_dns_propagation",
		.observe = observe,
		.context = self };
	self->engine = engine_new(&engine, fault);
	if (self->engine)
		return self;
	canary_engine_free(self);
	return NULL;
}

void canary_engine_watch(struct canary_engine *self, int64_t changed_us,
	struct published *published)
{
	self->changed_us = changed_us;
	self->published = published;
	self->is_watched = true;
}

void canary_engine_free(struct canary_engine *self)
{
	struct observations *seen;

	if (!self)
		return;
	self->is_watched = false; /* what breaks off now is no observation */
	engine_free(self->engine);
	seen = &self->settings.run->seen;
	if (self->strangers_text.length)
		seen->change->strangers =
			arena_string(&seen->arena, text_string(&self->strangers_text));
	text_free(&self->strangers_text);
	free(self);
}
