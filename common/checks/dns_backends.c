#include "common/checks/dns_backends.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/checks/scenario_databases.h"
#include "common/dns/name.h"
#include "common/judge/judge.h"
#include "common/probe/sibling.h"

enum { ZONES_NAMED = 32, ARGUMENTS = ZONES_NAMED + 8, KILL_AFTER_US = 300000 };

struct one {
	const char *name, *file, *group;
	const char *arguments[ARGUMENTS];
	size_t argument_count;
	struct observed observed;
	struct scenario_databases seen;
	struct database *database; /* what it came to; NULL: it is still asked */
};

struct dns_backends {
	struct one *items;
	struct sibling *siblings; /* as many */
	size_t count;
	struct siblings *running;
	struct arena *arena;
};

/* --- The option ------------------------------------------------------------------------------ */

static bool read_one(struct run *run, const char *text, struct one *one, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char *file, *colon;

	if (!equals || equals == text || !equals[1])
		return fault_set(fault,
			"--mysql: \"%s\" is not NAME=OPTION-FILE[:GROUP], e.g. --mysql=ns2.example.com=/etc/icinga2/ns2.cnf",
			text);
	*one = (struct one){ .name = arena_printf(&run->arena, "%.*s", (int)(equals - text), text),
		.seen = { .arena = &run->arena } };
	file = arena_string(&run->arena, equals + 1);
	colon = strrchr(file, ':');
	if (colon && colon != file && colon[1] && !strchr(colon, '/')) {
		*colon = '\0';
		one->group = colon + 1;
	}
	one->file = file;
	return !access(file, R_OK) ||
		fault_set(fault, "--mysql: cannot read %s: %s", file, strerror(errno));
}

bool dns_backends_read(struct run *run, const struct option_list *list,
	struct dns_backends **backends, struct fault *fault)
{
	struct dns_backends *self = arena_alloc(&run->arena, sizeof(*self));

	*backends = list->count ? self : NULL;
	if (list->count > DATABASES_MOST)
		return fault_set(fault, "--mysql: more than %d", DATABASES_MOST);
	self->arena = &run->arena;
	self->items = arena_array(&run->arena, list->count, sizeof(*self->items));
	self->siblings = arena_array(&run->arena, list->count, sizeof(*self->siblings));
	for (; self->count < list->count; self->count++) {
		struct one *one = &self->items[self->count];

		if (!read_one(run, list->items[self->count], one, fault))
			return false;
		for (size_t i = 0; i < self->count; i++) {
			if (!strcmp(self->items[i].name, one->name))
				return fault_set(fault, "--mysql names %s twice", one->name);
		}
	}
	return true;
}

/* --- Asking ---------------------------------------------------------------------------------- */

static bool take_database(void *context, struct scenario_line *line)
{
	return scenario_read_database(line, context);
}

static bool take_of_database(void *context, struct scenario_line *line)
{
	return scenario_read_of_database(line, context);
}

const struct observed_kind dns_backends_kinds[] = {
	{ "database", take_database },
	{ "channel", take_of_database },
	{ "database_zones", take_of_database },
	{ "database_zone", take_of_database },
	{ NULL, NULL },
};

static void add_argument(struct one *one, const char *argument)
{
	one->arguments[one->argument_count++] = argument;
}

/* A few zones are named; of more all rows are taken. */
static void add_zones(struct run *run, struct one *one)
{
	char text[NAME_TEXT];

	if (run->plan.zone_count > ZONES_NAMED)
		return;
	for (size_t i = 0; i < run->plan.zone_count; i++)
		add_argument(one,
			arena_printf(&run->arena, "--zone=%s",
				name_to_text(run->plan.zones[i].name, text)));
}

/* What it keeps between runs stands beside what this run keeps. */
static void set_arguments(struct run *run, struct one *one, int64_t budget_us)
{
	add_argument(one, "--observe");
	add_argument(one, arena_printf(&run->arena, "--defaults-file=%s", one->file));
	if (one->group)
		add_argument(one, arena_printf(&run->arena, "--defaults-group=%s", one->group));
	/* Its questions end a second earlier. */
	add_argument(one,
		arena_printf(&run->arena, "--timeout=%.3fs", (double)budget_us / 1e6 + 1));
	if (run->common->no_state)
		add_argument(one, "--no-state");
	else if (run->common->state_dir)
		add_argument(one,
			arena_printf(&run->arena, "--state-dir=%s", run->common->state_dir));
}

void dns_backends_start(struct run *run, struct dns_backends *self, bool zones_are_known)
{
	int64_t now_us = clock_monotonic_us(), budget_us = (run->deadline_us - now_us) / 2;

	if (!self)
		return;
	for (size_t i = 0; i < self->count; i++) {
		struct one *one = &self->items[i];

		set_arguments(run, one, budget_us);
		if (zones_are_known)
			add_zones(run, one);
		observed_begin(&one->observed, dns_backends_kinds, &one->seen);
		self->siblings[i] = (struct sibling){ .program = "check_mysql_replication",
			.arguments = one->arguments,
			.deadline_us = now_us + budget_us + KILL_AFTER_US,
			.output = observed_feed,
			.context = &one->observed };
	}
	self->running = siblings_start(run->loop, self->siblings, self->count);
}

/* That it tells nothing is an observation. */
static struct database *conclude(struct dns_backends *self, size_t index)
{
	struct one *one = &self->items[index];
	struct database *database;
	struct fault why = { { 0 } };

	if (observed_end(&one->observed, &self->siblings[index], &why)) {
		if (one->seen.count)
			return one->seen.items;
		fault_set(&why, "check_mysql_replication says nothing of it");
	}
	database = arena_alloc(self->arena, sizeof(*database));
	database->outcome = DATABASE_FAILED;
	database->error = arena_string(self->arena, why.text);
	database->status_error = database->user = "";
	return database;
}

void dns_backends_wait(struct dns_backends *self)
{
	if (!self || !self->running)
		return;
	siblings_end(self->running);
	self->running = NULL;
	for (size_t i = 0; i < self->count; i++)
		self->items[i].database = conclude(self, i);
}

/* --- What it came to ------------------------------------------------------------------------- */

const char *dns_backends_first(const struct dns_backends *self)
{
	return self->items[0].name;
}

const struct database_zones *dns_backends_zones(const struct dns_backends *self, struct fault *why)
{
	const struct database *database = self->items[0].database;

	if (database->outcome != DATABASE_ANSWERED)
		fault_set(why, "the database: %s", database->error);
	else if (!database->zones)
		fault_set(why, "the database does not tell");
	else if (database->zones->error)
		fault_set(why, "the database: %s", database->zones->error);
	else
		return database->zones;
	return NULL;
}

void dns_backends_place(struct run *run, struct dns_backends *self)
{
	if (!self)
		return;
	dns_backends_wait(self);
	run->seen.backend_count = self->count;
	run->seen.backends =
		arena_array(&run->seen.arena, self->count, sizeof(*run->seen.backends));
	for (size_t i = 0; i < self->count; i++)
		run->seen.backends[i] = (struct backend){ .name = self->items[i].name,
			.database = self->items[i].database };
	backends_place(&run->plan, &run->seen);
}
