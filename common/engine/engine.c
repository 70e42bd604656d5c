#include "common/engine/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/dns/serial.h"
#include "common/engine/catalog_zone.h"
#include "common/engine/responder.h"
#include "common/engine/secondary.h"
#include "common/engine/server.h"
#include "common/engine/zone_store.h"
#include "common/net/notify_sender.h"

enum { ZONE_FILE_MOST = 1 << 30, ZONES_DESCRIBED = 10 };

struct engine {
	struct engine_settings settings;
	struct zone_store store;
	struct responder responder;
	struct server *server;
	struct notify_sender *notify;
	uint8_t cookie_secret[COOKIE_SECRET];
	struct secondary **secondaries; /* by zone; NULL for those with a file */
};

__attribute__((format(printf, 2, 3))) static void say(struct engine *self, const char *format, ...)
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
	say(context, "%s", line);
}

/* --- Zones from files ------------------------------------------------------------------------- */

static bool read_include(void *context, const char *path, struct text *content, struct fault *fault)
{
	(void)context;
	return text_read_file(content, path, ZONE_FILE_MOST, fault);
}

static struct zone_version *read_zone(const struct engine_zone *from, struct fault *fault)
{
	struct text content = { 0 };
	struct zone_version *version = NULL;

	if (text_read_file(&content, from->file, ZONE_FILE_MOST, fault))
		version = zone_version_parse(from->file, &content, from->name, read_include, fault);
	text_free(&content);
	return version;
}

/* One version after the other, so that the journal has the steps. */
static bool load_texts(const struct engine_zone *from, struct zone *zone, struct fault *fault)
{
	for (size_t i = 0; i < from->text_count; i++) {
		struct text content = { 0 };
		struct zone_version *version;

		text_add(&content, from->texts[i]);
		version = zone_version_parse("zone", &content, zone->name, NULL, fault);
		text_free(&content);
		if (!version)
			return false;
		zone_put_version(zone, version);
	}
	return true;
}

static bool load(struct engine *self, const struct engine_zone *from, struct zone *zone,
	struct fault *fault)
{
	struct zone_version *version = read_zone(from, fault);
	char name[NAME_TEXT];

	if (!version)
		return false;
	zone_put_version(zone, version);
	say(self, "%s: serial %" PRIu32 ", %zu records from %s", name_to_text(zone->name, name),
		version->serial, version->record_count, from->file);
	return true;
}

/* A pipe would be waited for, while nobody is answered. */
static bool check_file(const char *file, struct fault *fault)
{
	struct stat seen;

	return stat(file, &seen) || S_ISREG(seen.st_mode) ||
		fault_set(fault, "%s is no regular file and can't be read again", file);
}

static void reload(struct engine *self, const struct engine_zone *from, struct zone *zone)
{
	struct fault fault = { 0 };
	uint32_t old = zone->version->serial;
	char name[NAME_TEXT];

	name_to_text(zone->name, name);
	if (fault_set_has(&zone->faults, FAULT_STALE_SERIAL)) {
		say(self, "%s: not read again: a fault keeps serial %" PRIu32, name, old);
		return;
	}
	if (!check_file(from->file, &fault) || !load(self, from, zone, &fault)) {
		say(self, "%s: %s; serial %" PRIu32 " stays", name, fault.text, old);
		return;
	}
	switch (serial_compare(zone->version->serial, old)) {
	case SERIAL_EQUAL:
		say(self, "%s: the serial is as before: secondaries take no change", name);
		return;
	case SERIAL_BEHIND:
	case SERIAL_UNDEFINED:
		say(self,
			"%s: serial %" PRIu32 " is not newer than %" PRIu32
			": secondaries keep theirs",
			name, zone->version->serial, old);
		break;
	case SERIAL_AHEAD:
		break;
	}
	notify_sender_send(self->notify, zone->name, zone->version->serial);
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
		say(self, "%s: NOTIFY from %s refused: %s", name, client, response->reason);
	else if (response->event == EVENT_NOTIFY_DROPPED)
		say(self, "%s: NOTIFY from %s dropped: %s", name, client, response->reason);
	else
		say(self, "%s: NOTIFY from %s:%s asking its primary", name, client, serial);
	for (size_t i = 0; response->event == EVENT_NOTIFY && i < self->store.count; i++)
		if (self->store.zones[i] == response->zone && self->secondaries[i])
			secondary_refresh(self->secondaries[i], from);
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
		say(self, "%s: transfer out to %s refused: %s", name, client, response->reason);
		return;
	case EVENT_SIGNATURE_REFUSED:
		say(self, "%s: question of %s refused: %s", name, client, response->reason);
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
	say(context,
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

	say(context, "TLS with %s failed: %s", address_to_text_port(from, client), reason);
}

static void crowded(void *context, const struct crowd_report *report)
{
	const struct crowd *crowd = report->crowd;
	char client[ADDRESS_TEXT];

	say(context,
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
	say(context, "%s: NOTIFY to %s: serial %" PRIu32 ": %s (%" PRIu32 " sent)", name, target,
		result->serial, how, answer->tries);
}

static void secondary_changed(void *context, struct zone *zone)
{
	notify_sender_send(((struct engine *)context)->notify, zone->name, zone->version->serial);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static struct fault_set faults_of(const struct engine *self, const uint8_t *zone)
{
	struct fault_set set = { 0 };

	for (size_t i = 0; i < self->settings.fault_count; i++) {
		const struct engine_fault_at *at = &self->settings.faults[i];

		if (at->everywhere || (zone && name_equal(at->zone, zone)))
			set = fault_set_join(set, at->set);
	}
	return set;
}

static bool add_zone(struct engine *self, const struct engine_zone *from, struct fault *fault)
{
	struct zone *zone = zone_store_add(&self->store, from->name);
	char name[NAME_TEXT];

	if (!zone)
		return fault_set(fault, "%s is given twice", name_to_text(from->name, name));
	zone->is_secondary = !from->file && !from->text_count;
	zone->primaries = from->primaries;
	zone->primary_count = from->primary_count;
	zone->faults = faults_of(self, zone->name);
	if (from->text_count)
		return load_texts(from, zone, fault);
	return !from->file || load(self, from, zone, fault);
}

/* Its serial is the time, since nothing of it is kept: who consumes it sees each start. */
static bool add_catalog(struct engine *self, struct fault *fault)
{
	const uint8_t *name = self->settings.catalog;
	struct zone_version *version;
	struct zone *zone;
	char text[NAME_TEXT];

	if (!name)
		return true;
	zone = zone_store_add(&self->store, name);
	if (!zone)
		return fault_set(fault, "the catalog %s is a zone, too", name_to_text(name, text));
	version = catalog_zone_make(zone->name, &self->store, (uint32_t)clock_now_s(), fault);
	if (!version)
		return false;
	zone->faults = faults_of(self, zone->name);
	zone_put_version(zone, version);
	return true;
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
		.faults = faults_of(self, NULL),
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
	char name[NAME_TEXT];

	for (size_t i = 0; i < self->settings.fault_count; i++) {
		const struct engine_fault_at *at = &self->settings.faults[i];

		if (!at->everywhere && !zone_store_exact(&self->store, at->zone))
			say(self, "%s: there is a fault for it, but it is not served here",
				name_to_text(at->zone, name));
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

static void start_roles(struct engine *self)
{
	const struct engine_settings *settings = &self->settings;

	start_notify(self);
	for (size_t i = 0; i < self->store.count; i++) {
		struct zone *zone = self->store.zones[i];

		if (zone->is_secondary && i < settings->zone_count && settings->zones[i].only_hears)
			continue;
		if (zone->is_secondary)
			self->secondaries[i] =
				secondary_new(&(struct secondary_settings){ .loop = settings->loop,
					.zone = zone,
					.source4 = source_for(self, 4),
					.source6 = source_for(self, 6),
					.log = pass_line,
					.changed = secondary_changed,
					.context = self });
		else
			notify_sender_send(self->notify, zone->name, zone->version->serial);
	}
}

struct engine *engine_new(const struct engine_settings *settings, struct fault *fault)
{
	struct engine *self = memory_resize(NULL, 1, sizeof(*self));
	size_t count = settings->zone_count;

	*self = (struct engine){ .settings = *settings };
	self->secondaries = memory_resize(NULL, count + 1, sizeof(struct secondary *));
	memset(self->secondaries, 0,
		(count + 1) * sizeof(struct secondary *)); /* the catalog has one, too */
	for (size_t i = 0; i < count; i++)
		if (!add_zone(self, &settings->zones[i], fault)) {
			engine_free(self);
			return NULL;
		}
	if (!add_catalog(self, fault) || !open_server(self, fault)) {
		engine_free(self);
		return NULL;
	}
	say_idle_faults(self);
	start_roles(self);
	return self;
}

void engine_reload(struct engine *self)
{
	for (size_t i = 0; i < self->settings.zone_count; i++) {
		if (self->secondaries[i])
			secondary_refresh(self->secondaries[i], NULL);
		else if (self->settings.zones[i].file)
			reload(self, &self->settings.zones[i], self->store.zones[i]);
	}
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
		secondary_free(self->secondaries[i]);
	notify_sender_free(self->notify);
	server_free(self->server);
	zone_store_free(&self->store);
	free(self->secondaries);
	free(self);
}
