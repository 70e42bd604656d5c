#include "common/checks/zone_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/checks/dns_backends.h"
#include "common/checks/dns_options.h"
#include "common/checks/zones_by_api.h"
#include "common/dns/name.h"
#include "common/dns/zone_list.h"
#include "common/probe/catalog.h"
#include "common/probe/sibling.h"

enum { PIECE_BYTES = 65536, KILL_AFTER_US = 300000 };

static const struct dns_replication_values *values_of(const struct run *run)
{
	return run->values;
}

/* --- Primaries: each once, however often and however it is written --------------------------- */

static uint32_t add_primary(struct zone_sources *sources, const struct host *host)
{
	const struct run *run = sources->run;
	char text[NAME_TEXT], *place;
	struct host *old = sources->primaries;
	uint32_t index;
	bool was_new;

	if (host->name)
		name_to_text(host->name, text);
	else
		address_to_text(&host->addresses[0], text);
	place = arena_printf(&sources->run->arena, "%s@%u", text,
		host->port ? host->port : (unsigned)run->common->port.value);
	index = *map_put(&sources->by_place, place, strlen(place), (uint32_t)sources->primary_count,
		&was_new);
	if (!was_new)
		return index;
	if (sources->primary_count == sources->primary_capacity) {
		sources->primary_capacity =
			sources->primary_capacity ? sources->primary_capacity * 2 : 4;
		sources->primaries =
			arena_array(&sources->run->arena, sources->primary_capacity, sizeof(*old));
		if (old)
			memcpy(sources->primaries, old, sources->primary_count * sizeof(*old));
	}
	sources->primaries[sources->primary_count++] = *host;
	return index;
}

/* A primary as a list has it; PLAN_NONE with the reason where it is none. */
static uint32_t find_primary(struct zone_sources *sources, const char *text, struct fault *why)
{
	const uint32_t *known = map_get(&sources->by_text, text, strlen(text));
	struct host host;
	char *copy;
	uint32_t index;

	if (known)
		return *known;
	copy = arena_string(&sources->run->arena, text);
	if (!dns_options_host(sources->run, "the primary", copy, &host, why))
		return PLAN_NONE;
	host.option = "--zones-file";
	index = add_primary(sources, &host);
	map_put(&sources->by_text, copy, strlen(copy), index, NULL);
	return index;
}

/* --- Zones ------------------------------------------------------------------------------------ */

/* Room for one more zone; without a primary of its own it has that of -H. */
static void make_room(struct zone_sources *sources, uint32_t zone)
{
	size_t capacity = sources->zone_capacity;
	struct arena *arena = &sources->run->arena;
	uint32_t *primaries, *lines;

	if (zone < capacity)
		return;
	sources->zone_capacity = capacity ? capacity * 2 : 16;
	primaries = arena_array(arena, sources->zone_capacity, sizeof(*primaries));
	lines = arena_array(arena, sources->zone_capacity, sizeof(*lines));
	if (capacity) {
		memcpy(primaries, sources->primary_of, capacity * sizeof(*primaries));
		memcpy(lines, sources->primary_line, capacity * sizeof(*lines));
	}
	for (size_t i = capacity; i < sources->zone_capacity; i++)
		primaries[i] = sources->run->common->hostname ? 0 : PLAN_NONE;
	sources->primary_of = primaries;
	sources->primary_line = lines;
}

uint32_t zone_sources_keep(struct zone_sources *sources, const uint8_t *name)
{
	uint32_t zone = plan_add_zone(&sources->run->plan, name);

	make_room(sources, zone);
	return zone;
}

uint32_t zone_sources_add(struct zone_sources *sources, const uint8_t *name)
{
	return zone_filter_takes(&sources->filter, name) ? zone_sources_keep(sources, name)
							 : PLAN_NONE;
}

void zone_source_mark(struct zone_sources *sources, struct zone_source *source, uint32_t zone,
	unsigned marks)
{
	uint8_t *old = source->marks;
	size_t capacity = source->mark_capacity;

	if (zone >= capacity) {
		source->mark_capacity = sources->zone_capacity;
		source->marks = arena_alloc(&sources->run->arena, source->mark_capacity);
		if (old)
			memcpy(source->marks, old, capacity);
	}
	source->marks[zone] |= (uint8_t)marks;
}

unsigned zone_source_marks(const struct zone_source *source, uint32_t zone)
{
	return zone < source->mark_capacity ? source->marks[zone] : 0;
}

static void set_primary(struct zone_sources *sources, uint32_t zone, uint32_t primary,
	uint64_t line)
{
	char text[NAME_TEXT];

	if (!sources->primary_line[zone]) {
		sources->primary_of[zone] = primary;
		sources->primary_line[zone] = (uint32_t)line;
	} else if (sources->primary_of[zone] != primary && !*sources->conflict.text) {
		fault_set(&sources->conflict,
			"%s: %s has two primaries: %s in line %u, %s in line %llu", sources->place,
			name_to_display(sources->run->plan.zones[zone].name, text),
			sources->primaries[sources->primary_of[zone]].text,
			sources->primary_line[zone], sources->primaries[primary].text,
			(unsigned long long)line);
	}
}

static bool take_entry(void *context, const struct zone_list_entry *entry, struct fault *why)
{
	struct zone_sources *sources = context;
	uint32_t primary = PLAN_NONE, zone;

	if (entry->primary && (primary = find_primary(sources, entry->primary, why)) == PLAN_NONE)
		return false;
	zone = zone_sources_add(sources, entry->zone);
	if (zone != PLAN_NONE && sources->source)
		zone_source_mark(sources, sources->source, zone, ZONE_LISTED);
	if (zone != PLAN_NONE && primary != PLAN_NONE)
		set_primary(sources, zone, primary, entry->line);
	return true;
}

static void take_broken(void *context, uint64_t line, const char *why)
{
	struct zone_sources *sources = context;
	char clean[CLEAN_MOST + 1];

	if (sources->broken_count++ > 0)
		return;
	utf8_clean(why, strlen(why), clean);
	sources->broken_line = line;
	sources->broken_why = arena_string(&sources->run->arena, clean);
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Standard input may be a pipe into which nobody writes: the run's deadline holds for it, too. */
static bool wait_for_bytes(const struct zone_sources *sources, int descriptor, struct fault *fault)
{
	struct pollfd wanted = { .fd = descriptor, .events = POLLIN };
	int count;

	do {
		int64_t left_us = sources->run->deadline_us - clock_monotonic_us();

		count = left_us > 0 ? poll(&wanted, 1, (int)(left_us / 1000) + 1) : 0;
	} while (count < 0 && errno == EINTR);
	return count > 0 ||
		fault_set(fault, "%s: nothing more came before the deadline (--timeout)",
			sources->place);
}

static bool read_lines(struct zone_sources *sources, int descriptor, struct fault *fault)
{
	struct zone_list *list = arena_alloc(&sources->run->arena, sizeof(*list));
	char *bytes = arena_alloc(&sources->run->arena, PIECE_BYTES);
	ssize_t count;

	list->zone = take_entry;
	list->broken = take_broken;
	list->context = sources;
	do {
		if (!wait_for_bytes(sources, descriptor, fault))
			return false;
		count = read(descriptor, bytes, PIECE_BYTES);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fault_set(fault, "cannot read %s: %s", sources->place,
				strerror(errno));
		zone_list_feed(list, bytes, (size_t)count);
	} while (count != 0 && !*sources->conflict.text);
	zone_list_end(list);
	if (*sources->conflict.text)
		return fault_set(fault, "%s", sources->conflict.text);
	if (list->line == 0)
		return fault_set(fault, "%s is empty", sources->place);
	return true;
}

static struct zone_source *add_source(struct zone_sources *sources, enum zone_source_kind kind,
	const char *text)
{
	struct zone_source *source = &sources->items[sources->count++];

	*source = (struct zone_source){ .kind = kind, .text = text };
	return source;
}

static bool read_file(struct zone_sources *sources, const char *path, struct fault *fault)
{
	bool is_input = !strcmp(path, "-"), good;
	int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	sources->place = is_input ? "standard input" : path;
	if (!is_input) /* standard input may be another list the next time */
		sources->source = add_source(sources, ZONE_SOURCE_FILE, path);
	if (descriptor < 0)
		return fault_set(fault, "--zones-file: cannot read %s: %s", path, strerror(errno));
	good = read_lines(sources, descriptor, fault) ||
		fault_set(fault, "--zones-file: %s", fault->text);
	if (!is_input)
		close(descriptor);
	if (good && sources->broken_count)
		sources->run->plan.list_trouble = arena_printf(&sources->run->plan.arena,
			"%llu line%s of %s say%s no zone; the first is line %llu: %s",
			(unsigned long long)sources->broken_count,
			sources->broken_count == 1 ? "" : "s", sources->place,
			sources->broken_count == 1 ? "s" : "",
			(unsigned long long)sources->broken_line, sources->broken_why);
	sources->run->plan.list_broken = sources->broken_count;
	return good;
}

static bool read_options(struct zone_sources *sources, struct fault *fault)
{
	const struct option_list *zones = &values_of(sources->run)->zone;

	for (size_t i = 0; i < zones->count; i++) {
		const uint8_t *name =
			dns_options_name(sources->run, "--zone", zones->items[i], fault);

		if (!name)
			return false;
		zone_sources_add(sources, name);
	}
	return true;
}

static bool add_catalog(struct zone_sources *sources, const char *text, const char *zone,
	struct fault *fault)
{
	const uint8_t *name = dns_options_name(sources->run, "--zones-from", zone, fault);

	if (!name)
		return false;
	if (!sources->run->common->hostname)
		return fault_set(fault,
			"--zones-from=%s: from which server? Name the catalog's primary with --hostname",
			text);
	add_source(sources, ZONE_SOURCE_CATALOG, text)->catalog = name;
	return true;
}

/* Known by the server's name, so that another site's list is another one. */
static bool add_mysql(struct zone_sources *sources, struct fault *fault)
{
	const struct dns_backends *backends = sources->setup->backends;

	if (!backends)
		return fault_set(fault,
			"--zones-from=mysql: from which database? Name the primary's first, e.g. --mysql=ns1.example.com=/etc/icinga2/ns1.cnf");
	add_source(sources, ZONE_SOURCE_MYSQL,
		arena_printf(&sources->run->arena, "mysql:%s", dns_backends_first(backends)));
	return true;
}

/* The same: by what stands before the URL. */
static bool add_pdns(struct zone_sources *sources, struct fault *fault)
{
	const struct option_list *apis = &values_of(sources->run)->pdns_api;
	const char *first = apis->count ? apis->items[0] : NULL;

	if (!first)
		return fault_set(fault,
			"--zones-from=pdns: from which server? Name the primary's API first, e.g. --pdns-api=ns1.example.com=http://192.0.2.1:8081");
	add_source(sources, ZONE_SOURCE_PDNS,
		arena_printf(&sources->run->arena, "pdns:%.*s", (int)strcspn(first, "="), first));
	return true;
}

/* Each is only noted: servers are asked later. */
static bool read_sources(struct zone_sources *sources, struct fault *fault)
{
	const struct option_list *list = &values_of(sources->run)->zones_from;

	for (size_t i = 0; i < list->count; i++) {
		const char *text = list->items[i];

		if (!strncmp(text, "catalog:", 8)) {
			if (!add_catalog(sources, text, text + 8, fault))
				return false;
			continue;
		}
		if (!strcmp(text, "mysql") || !strcmp(text, "pdns")) {
			if (!(*text == 'm' ? add_mysql : add_pdns)(sources, fault))
				return false;
			continue;
		}
		if (strncmp(text, "bind:", 5) || !text[5])
			return fault_set(fault,
				"--zones-from: \"%s\" is neither catalog:ZONE nor bind:URL nor mysql nor pdns, e.g. --zones-from=catalog:catalog.example",
				text);
		add_source(sources, ZONE_SOURCE_BIND, text);
	}
	return true;
}

/* A shard of few zones may well be empty: that is for the report to say. All else is a mistake. */
static bool check_left(const struct zone_sources *sources, struct fault *fault)
{
	const struct run *run = sources->run;
	const struct plan *plan = &run->plan;

	if (plan->zone_count > 0 || sources->filter.elsewhere > 0)
		return true;
	if (sources->filter.excluded)
		return fault_set(fault, "--exclude leaves no zone of the %llu that were named",
			(unsigned long long)sources->filter.excluded);
	if (plan->list_failure)
		return fault_set(fault, "--zones-from=%s", plan->list_failure);
	if (values_of(run)->zones_from.count)
		return fault_set(fault, "--zones-from=%s names no zone",
			values_of(run)->zones_from.items[0]);
	return fault_set(fault, "--zones-file: %s names no zone%s%s", sources->place,
		plan->list_trouble ? ": " : "", plan->list_trouble ? plan->list_trouble : "");
}

static bool check_servers(const struct run *run, const struct discovery *discovery,
	struct fault *fault)
{
	char text[NAME_TEXT];

	if (!discovery->no_ns || discovery->added_count)
		return true;
	for (size_t zone = 0; zone < run->plan.zone_count; zone++) {
		if (discovery->primary_of[zone] == PLAN_NONE)
			return fault_set(fault,
				"--no-ns leaves nobody to ask about %s: name servers with --hostname and --add-server",
				name_to_display(run->plan.zones[zone].name, text));
	}
	return true;
}

/* The plan's zones are complete. */
static bool finish(struct zone_sources *sources, struct fault *fault)
{
	struct discovery *discovery = &sources->setup->discovery;

	discovery->primary_of = sources->primary_of;
	sources->run->plan.zones_elsewhere = sources->filter.elsewhere;
	return check_left(sources, fault) && check_servers(sources->run, discovery, fault);
}

bool zone_sources_read(struct run *run, struct dns_setup *setup, struct fault *fault)
{
	const struct dns_replication_values *values = values_of(run);
	struct zone_sources *sources = arena_alloc(&run->arena, sizeof(*sources));
	bool good;

	if (values->zone.count == 0 && !values->zones_file && values->zones_from.count == 0)
		return fault_set(fault,
			"which zone? e.g. %s --zone=example.com --hostname=192.0.2.1 (--help says more)",
			run->check->options.program);
	*sources = (struct zone_sources){ .run = run, .setup = setup };
	sources->items =
		arena_array(&run->arena, values->zones_from.count + 1, sizeof(*sources->items));
	setup->sources = sources;
	if (setup->hostname)
		add_primary(sources, setup->hostname);
	good = zone_filter_begin(&sources->filter, &values->exclude, values->shard, &run->arena,
		       fault) &&
		read_options(sources, fault) &&
		(!values->zones_file || read_file(sources, values->zones_file, fault)) &&
		read_sources(sources, fault);
	map_free(&sources->by_text);
	map_free(&sources->by_place);
	setup->discovery.primaries = sources->primaries;
	setup->discovery.primary_count = sources->primary_count;
	setup->discovery.primary_of = sources->primary_of;
	return good && (values->zones_from.count > 0 || finish(sources, fault));
}

static void take_catalog(struct zone_sources *sources, struct zone_source *source,
	const struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->count; i++) {
		const struct catalog_member *member = &catalog->members[i];
		uint32_t zone = member->zone ? zone_sources_add(sources, member->zone) : PLAN_NONE;

		if (zone != PLAN_NONE)
			zone_source_mark(sources, source, zone,
				ZONE_LISTED | (member->is_moving ? ZONE_MOVING : 0));
	}
}

static bool fetch_catalog(struct zone_sources *sources, struct zone_source *source,
	struct fault *fault)
{
	struct discovery *discovery = &sources->setup->discovery;
	struct address addresses[16];
	struct catalog catalog = { 0 };
	struct catalog_request request = { .loop = sources->run->loop,
		.zone = source->catalog,
		.addresses = addresses,
		.exchange = &discovery->exchange,
		.key = discovery->key };

	if (!discover_host(discovery, &discovery->primaries[0], addresses, 16, &request.count,
		    fault))
		return false;
	source->has_failed = !probe_catalog(&request, &catalog, &source->why);
	if (!source->has_failed)
		take_catalog(sources, source, &catalog);
	catalog_free(&catalog);
	return true;
}

static bool take_output(void *context, const char *bytes, size_t length)
{
	zone_list_feed(context, bytes, length);
	return true;
}

/* Half of what is left, so that there is time to ask about the zones. */
static void fetch_bind(struct zone_sources *sources, struct zone_source *source)
{
	struct zone_list *list = arena_alloc(&sources->run->arena, sizeof(*list));
	int64_t now_us = clock_monotonic_us(), left_us = (sources->run->deadline_us - now_us) / 2;
	const char *const arguments[] = { source->text + strlen("bind:"),
		arena_printf(&sources->run->arena, "%lld", (long long)(left_us / 1000)), NULL };
	struct sibling sibling = { .program = "bind_zones",
		.arguments = arguments,
		.deadline_us = now_us + left_us + KILL_AFTER_US,
		.output = take_output,
		.context = list };

	list->zone = take_entry;
	list->broken = take_broken;
	list->context = sources;
	sources->place = source->text;
	sources->source = source;
	siblings_end(siblings_start(sources->run->loop, &sibling, 1));
	source->has_failed = sibling.has_failed;
	source->why = sibling.why;
	zone_list_end(list);
}

/* All zones that the first database has, whatever their kind. */
static void fetch_mysql(struct zone_sources *sources, struct zone_source *source)
{
	const struct database_zones *zones;

	dns_backends_wait(sources->setup->backends);
	zones = dns_backends_zones(sources->setup->backends, &source->why);
	source->has_failed = !zones;
	for (size_t i = 0; zones && i < zones->count; i++) {
		uint32_t zone = zone_sources_add(sources, zones->items[i].name);

		if (zone != PLAN_NONE)
			zone_source_mark(sources, source, zone, ZONE_LISTED);
	}
}

bool zone_sources_fetch(struct zone_sources *sources, struct fault *fault)
{
	for (size_t i = 0; i < sources->count; i++) {
		switch (sources->items[i].kind) {
		case ZONE_SOURCE_FILE: /* is read already */
			break;
		case ZONE_SOURCE_CATALOG:
			if (!fetch_catalog(sources, &sources->items[i], fault))
				return false;
			break;
		case ZONE_SOURCE_BIND:
			fetch_bind(sources, &sources->items[i]);
			break;
		case ZONE_SOURCE_MYSQL:
			fetch_mysql(sources, &sources->items[i]);
			break;
		case ZONE_SOURCE_PDNS:
			zones_by_api_fetch(sources, &sources->items[i]);
			break;
		}
	}
	zone_rosters_update(sources);
	return finish(sources, fault);
}
