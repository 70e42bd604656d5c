#include "common/checks/zone_sources.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "common/dns/name.h"
#include "common/dns/zone_list.h"

enum { PIECE_BYTES = 65536 };

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

/* Its index, or PLAN_NONE: it is not this run's. `name` in lower case. */
static uint32_t add_zone(struct zone_sources *sources, const uint8_t *name)
{
	uint32_t zone;

	if (!zone_filter_takes(&sources->filter, name))
		return PLAN_NONE;
	zone = plan_add_zone(&sources->run->plan, name);
	make_room(sources, zone);
	return zone;
}

static void set_primary(struct zone_sources *sources, uint32_t zone, uint32_t primary,
	uint64_t line)
{
	if (!sources->primary_line[zone]) {
		sources->primary_of[zone] = primary;
		sources->primary_line[zone] = (uint32_t)line;
	} else if (sources->primary_of[zone] != primary && !*sources->conflict.text) {
		fault_set(&sources->conflict,
			"%s: %s has two primaries: %s in line %u, %s in line %llu", sources->place,
			sources->run->plan.zones[zone].display,
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
	zone = add_zone(sources, entry->zone);
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

static bool read_file(struct zone_sources *sources, const char *path, struct fault *fault)
{
	bool is_input = !strcmp(path, "-"), good;
	int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	sources->place = is_input ? "standard input" : path;
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
		uint8_t name[NAME_WIRE];
		struct fault why = { { 0 } };

		if (!name_from_text(zones->items[i], name, &why))
			return fault_set(fault, "--zone: \"%s\" is no domain name: %s",
				zones->items[i], why.text);
		name_lower(name);
		add_zone(sources, name);
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
	return fault_set(fault, "--zones-file: %s names no zone%s%s", sources->place,
		plan->list_trouble ? ": " : "", plan->list_trouble ? plan->list_trouble : "");
}

static bool check_servers(const struct run *run, const struct discovery *discovery,
	struct fault *fault)
{
	if (!discovery->no_ns || discovery->added_count)
		return true;
	for (size_t zone = 0; zone < run->plan.zone_count; zone++) {
		if (discovery->primary_of[zone] == PLAN_NONE)
			return fault_set(fault,
				"--no-ns leaves nobody to ask about %s: name servers with --hostname and --add-server",
				run->plan.zones[zone].display);
	}
	return true;
}

bool zone_sources_read(struct run *run, struct dns_setup *setup, struct fault *fault)
{
	const struct dns_replication_values *values = values_of(run);
	struct zone_sources sources = { .run = run };
	bool good;

	if (values->zone.count == 0 && !values->zones_file)
		return fault_set(fault,
			"which zone? e.g. %s --zone=example.com --hostname=192.0.2.1 (--help says more)",
			run->check->options.program);
	if (setup->hostname)
		add_primary(&sources, setup->hostname);
	good = zone_filter_begin(&sources.filter, &values->exclude, values->shard, &run->arena,
		       fault) &&
		read_options(&sources, fault) &&
		(!values->zones_file || read_file(&sources, values->zones_file, fault)) &&
		check_left(&sources, fault);
	map_free(&sources.by_text);
	map_free(&sources.by_place);
	setup->discovery.primaries = sources.primaries;
	setup->discovery.primary_count = sources.primary_count;
	setup->discovery.primary_of = sources.primary_of;
	run->plan.zones_elsewhere = sources.filter.elsewhere;
	return good && check_servers(run, &setup->discovery, fault);
}
