#include "common/engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/engine/engine_private.h"
#include "common/engine/secondary.h"

enum { ZONES_DESCRIBED = 10 };

void engine_say(struct engine *self, const char *format, ...)
{
	struct text line = { 0 };
	va_list arguments;

	if (!self->settings.log)
		return;
	va_start(arguments, format);
	text_vaddf(&line, format, arguments);
	va_end(arguments);
	self->settings.log(self->settings.context, text_string(&line));
	text_free(&line);
}

static void pass_line(void *context, const char *line)
{
	engine_say(context, "%s", line);
}

/* --- What the server heard -------------------------------------------------------------------- */

static void heard_notify(struct engine *self, const struct response *response, const char *name,
	const struct address *from)
{
	char client[ADDRESS_TEXT];

	char serial[32] = "";

	address_to_text_port(from, client);
	if (response->has_serial)
		snprintf(serial, sizeof(serial), " serial %" PRIu32, response->serial);
	if (response->event == EVENT_NOTIFY_REFUSED)
		engine_say(self, "%s: NOTIFY from %s refused: %s", name, client, response->reason);
	else if (response->event == EVENT_NOTIFY_DROPPED)
		engine_say(self, "%s: NOTIFY from %s dropped: %s", name, client, response->reason);
	else
		engine_say(self, "%s: NOTIFY from %s:%s asking its primary", name, client, serial);
	if (response->event == EVENT_NOTIFY && response->zone->secondary)
		secondary_refresh(response->zone->secondary, from);
}

/* For the owner, in the engine's own words; `event` has the rest. */
static void observe(struct engine *self, enum engine_event_kind kind, struct engine_event event)
{
	event.kind = kind;
	event.at_us = clock_monotonic_us();
	if (self->settings.observe)
		self->settings.observe(self->settings.context, &event);
}

static void observe_heard(struct engine *self, const struct request *request,
	const struct response *response)
{
	struct engine_event event = { .zone = response->name,
		.other = &request->client,
		.is_incremental = response->type == DNS_IXFR,
		.serial = response->serial,
		.reason = response->reason };

	switch (response->event) {
	case EVENT_NOTIFY:
	case EVENT_NOTIFY_REFUSED:
		observe(self, ENGINE_NOTIFY_HEARD, event);
		break;
	case EVENT_TRANSFER:
		observe(self, ENGINE_TRANSFER_ASKED, event);
		break;
	case EVENT_IXFR_WHOLE:
		observe(self, ENGINE_TRANSFER_ASKED, event);
		observe(self, ENGINE_TRANSFER_ENDED, event);
		break;
	case EVENT_TRANSFER_REFUSED:
		observe(self, ENGINE_TRANSFER_REFUSED, event);
		break;
	case EVENT_SOA:
		observe(self, ENGINE_SOA_ASKED, event);
		break;
	case EVENT_SIGNATURE_REFUSED:
		observe(self, ENGINE_SIGNATURE_REFUSED, event);
		break;
	case EVENT_NOTIFY_DROPPED:
	case EVENT_NONE:
		break;
	}
}

static void heard(void *context, const struct request *request, const struct response *response)
{
	struct engine *self = context;
	char name[NAME_TEXT], client[ADDRESS_TEXT];

	observe_heard(self, request, response);
	if (response->event == EVENT_SOA) /* as frequent as questions are: no line for it */
		return;
	name_to_text(response->name, name);
	address_to_text_port(&request->client, client);
	switch (response->event) {
	case EVENT_NOTIFY:
	case EVENT_NOTIFY_REFUSED:
	case EVENT_NOTIFY_DROPPED:
		heard_notify(self, response, name, &request->client);
		return;
	case EVENT_TRANSFER_REFUSED:
		engine_say(self, "%s: transfer out to %s refused: %s", name, client,
			response->reason);
		return;
	case EVENT_SIGNATURE_REFUSED:
		engine_say(self, "%s: question of %s refused: %s", name, client, response->reason);
		return;
	case EVENT_TRANSFER:
	case EVENT_IXFR_WHOLE:
	case EVENT_SOA:
	case EVENT_NONE:
		return;
	}
}

static void transferred(void *context, const struct transfer_report *report)
{
	char name[NAME_TEXT], client[ADDRESS_TEXT], from[32] = "";

	observe(context, ENGINE_TRANSFER_ENDED,
		(struct engine_event){ .zone = report->version->apex,
			.other = &report->client,
			.is_incremental = report->is_incremental,
			.serial = report->version->serial,
			.reason = report->trouble });

	name_to_text(report->version->apex, name);
	address_to_text_port(&report->client, client);
	if (report->is_incremental)
		snprintf(from, sizeof(from), " from %" PRIu32 " by IXFR", report->from);
	engine_say(context,
		"%s: transfer out to %s%s%s: serial %" PRIu32 "%s, %zu records, %" PRIu64
		" bytes, %.1f ms",
		name, client, report->trouble ? " failed: " : "",
		report->trouble ? report->trouble : "", report->version->serial, from,
		report->is_incremental ? report->records : report->version->record_count,
		report->bytes, (double)report->duration_us / 1000);
}

static void no_session(void *context, const struct address *from, const char *reason)
{
	char client[ADDRESS_TEXT];

	engine_say(context, "TLS with %s failed: %s", address_to_text_port(from, client), reason);
}

static void crowded(void *context, const struct crowd_report *report)
{
	const struct crowd *crowd = report->crowd;
	char client[ADDRESS_TEXT];

	engine_say(context,
		"too many connections: %zu closed to make room, the last one of %s, which had %zu "
		"(at most %zu, %zu of one client, and %zu MB); `ss -tn` shows whose they are",
		report->closed, address_to_text(&report->client, client), report->of_client,
		crowd->most, crowd->most_of_client, crowd->most_bytes >> 20);
}

static void notified(void *context, const struct notify_result *result)
{
	char name[NAME_TEXT], target[ADDRESS_TEXT], rcode[16];
	const struct udp_answer *answer = result->answer;
	const char *how = "no answer";

	observe(context, ENGINE_NOTIFY_ENDED,
		(struct engine_event){ .zone = result->zone,
			.other = result->target,
			.serial = result->serial,
			.answer = answer });
	name_to_text(result->zone, name);
	address_to_text_port(result->target, target);
	if (answer->outcome == OUTCOME_TSIG_FAILED)
		how = "the answer's signature is wrong, or ours for it";
	else if (answer->message)
		how = rcode_text(answer->message->rcode, rcode);
	else if (answer->outcome == OUTCOME_PORT_CLOSED)
		how = "its port is closed";
	else if (answer->outcome == OUTCOME_UNREACHABLE || answer->outcome == OUTCOME_NO_ROUTE)
		how = "it is unreachable";
	else if (answer->outcome == OUTCOME_NOT_ASKED)
		how = "no socket for it";
	engine_say(context, "%s: NOTIFY to %s: serial %" PRIu32 ": %s (%" PRIu32 " sent)", name,
		target, result->serial, how, answer->tries);
}

static void secondary_changed(void *context, struct zone *zone)
{
	struct engine *self = context;

	notify_sender_send(self->notify, zone->name, zone->version->serial);
	if (zone->is_catalog)
		engine_take_members(self, zone);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

struct fault_set engine_faults_of(const struct engine *self, const uint8_t *zone)
{
	struct fault_set set = { 0 };

	for (size_t i = 0; i < self->settings.fault_count; i++) {
		const struct engine_fault_at *at = &self->settings.faults[i];

		if (at->everywhere || (zone && name_equal(at->zone, zone)))
			set = fault_set_join(set, at->set);
	}
	return set;
}

/* Whence we ask: the first address that we listen on, of that family. */
static struct address source_for(const struct engine *self, uint8_t family)
{
	static const struct address any;
	struct address source = any;

	for (size_t i = 0; i < self->settings.listen_count && !source.family; i++)
		if (self->settings.listen[i].family == family &&
			memcmp(self->settings.listen[i].bytes, any.bytes, sizeof(any.bytes)))
			source = self->settings.listen[i];
	source.port = 0;
	return source;
}

static bool open_server(struct engine *self, struct fault *fault)
{
	const struct engine_settings *settings = &self->settings;
	struct server_settings server;

	random_bytes(self->cookie_secret, sizeof(self->cookie_secret));
	self->responder = (struct responder){
		.zones = &self->store,
		.keys = settings->keys,
		.transfer_to = settings->transfer_to,
		.notify_from = settings->notify_from,
		.faults = engine_faults_of(self, NULL),
		.version = settings->version,
		.nsid = settings->nsid,
		.cookie_secret = self->cookie_secret,
		.tcp_idle_ms = SERVER_IDLE_MS,
	};
	server = (struct server_settings){
		.loop = settings->loop,
		.responder = &self->responder,
		.listen = settings->listen,
		.listen_count = settings->listen_count,
		.tls_listen = settings->tls_listen,
		.tls_listen_count = settings->tls_listen_count,
		.tls = settings->tls,
		.no_udp = fault_set_has(&self->responder.faults, FAULT_NO_UDP),
		.no_tcp = fault_set_has(&self->responder.faults, FAULT_NO_TCP),
		.most_connections = settings->most_connections,
		.observer = { heard, transferred, self, no_session, crowded },
	};
	self->server = server_new(&server, fault);
	return self->server != NULL;
}

/* Harmless, and perhaps a mistyped name. */
static void say_idle_faults(struct engine *self)
{
	bool may_come = self->settings.zones_file;
	char name[NAME_TEXT];

	for (size_t i = 0; i < self->settings.zone_count; i++)
		may_come = may_come || self->settings.zones[i].is_catalog;

	for (size_t i = 0; i < self->settings.fault_count; i++) {
		const struct engine_fault_at *at = &self->settings.faults[i];

		if (!at->everywhere && !may_come && !zone_store_exact(&self->store, at->zone))
			engine_say(self,
				"%s: there is a fault for it (%s), but it is not served here",
				name_to_text(at->zone, name),
				fault_name(fault_set_first(&at->set)));
	}
}

static void start_notify(struct engine *self)
{
	size_t count = self->settings.notify_count;
	struct notify_target *targets = memory_resize(NULL, count + 1, sizeof(*targets));

	for (size_t i = 0; i < count; i++) {
		const struct peer_at *at = &self->settings.notify[i];

		targets[i] = (struct notify_target){ at->everywhere ? NULL : at->zone,
			at->peer.address, at->peer.key };
	}
	self->notify =
		notify_sender_new(&(struct notify_sender_settings){ .loop = self->settings.loop,
			.targets = targets,
			.target_count = count,
			.source4 = source_for(self, 4),
			.source6 = source_for(self, 6),
			.ended = notified,
			.context = self });
	free(targets);
}

void engine_start_zone(struct engine *self, struct zone *zone)
{
	if (!zone->is_secondary) {
		notify_sender_send(self->notify, zone->name, zone->version->serial);
		return;
	}
	if (zone->only_hears)
		return;
	zone->secondary = secondary_new(&(struct secondary_settings){ .loop = self->settings.loop,
		.zone = zone,
		.source4 = source_for(self, 4),
		.source6 = source_for(self, 6),
		.log = pass_line,
		.changed = secondary_changed,
		.context = self });
}

struct engine *engine_new(const struct engine_settings *settings, struct fault *fault)
{
	struct engine *self = memory_resize(NULL, 1, sizeof(*self));

	*self = (struct engine){ .settings = *settings };
	if (!engine_load(self, fault) || !open_server(self, fault)) {
		engine_free(self);
		return NULL;
	}
	say_idle_faults(self);
	start_notify(self);
	for (size_t i = 0; i < self->store.count; i++)
		engine_start_zone(self, self->store.zones[i]);
	return self;
}

void engine_describe(const struct engine *self, struct text *out)
{
	const struct address *addresses = server_addresses(self->server);
	char text[NAME_TEXT];

	size_t plain = self->settings.listen_count, all = plain + self->settings.tls_listen_count;

	for (size_t i = 0; i < all; i++)
		text_addf(out, "%s%s%s@%u", i ? " " : "",
			i < plain ? "" : "tls:", address_to_text(&addresses[i], text),
			addresses[i].port);
	for (size_t i = 0; i < self->store.count && i < ZONES_DESCRIBED; i++) {
		const struct zone *zone = self->store.zones[i];

		text_addf(out, "%s%s ", i ? ", " : " ", name_to_text(zone->name, text));
		if (zone->version)
			text_addf(out, "serial %" PRIu32, zone->version->serial);
		else
			text_addf(out, "from %s", peer_to_text(&zone->primaries[0], text));
	}
	if (self->store.count > ZONES_DESCRIBED)
		text_addf(out, ", %zu more zones", self->store.count - ZONES_DESCRIBED);
}

void engine_free(struct engine *self)
{
	if (!self)
		return;
	for (size_t i = 0; i < self->store.count; i++)
		secondary_free(self->store.zones[i]->secondary);
	notify_sender_free(self->notify);
	server_free(self->server);
	zone_store_free(&self->store);
	free(self);
}
