/*
 * What the databases behind PowerDNS servers (--mysql) tell: their own findings, and of each
 * server's trouble with a zone whether its database is to blame or a cache. NATIVE zones come by
 * the database alone, so nothing is said of NOTIFY there.
 */
#include <string.h>

#include "common/base/text.h"
#include "common/dns/name.h"
#include "common/dns/serial.h"
#include "common/judge/commands.h"
#include "common/judge/database.h"
#include "common/judge/judge.h"
#include "common/model/database_zones.h"

/* The findings about one backend's database, and the worst of those that stop replication. */
struct side {
	const struct backend *backend;
	size_t first, end;
	const struct finding *stopped; /* valid once all databases are judged; NULL */
};

struct inquest {
	const struct facts *facts;
	struct verdict *verdict;
	const struct side *sides;
	const struct side *side, *source;        /* of the server; of the reference. NULL: none */
	const struct database_zone *own, *right; /* their rows; NULL */
	struct finding *finding;
	uint32_t pair;
	const char *zone;
};

bool judge_is_of_database(enum finding_code code)
{
	return code >= FINDING_REPLICA_NOT_CONFIGURED && code <= FINDING_QUERY_CACHE_ON;
}

bool judge_is_told_by_database(const struct facts *facts, const struct finding *finding)
{
	return facts->seen->backend_count && finding->cause != FINDING_NONE &&
		(judge_is_of_database(finding->cause) ||
			(finding->cause == FINDING_CACHE_STALE &&
				backend_of(facts->seen, finding->cause_server)));
}

/* --- The databases themselves ---------------------------------------------------------------- */

static bool is_primary(const struct facts *facts, const struct backend *backend)
{
	if (backend == facts->seen->backends)
		return backend->database->channel_count == 0; /* the first is the primary's */
	for (uint32_t zone = 0; zone < facts->plan->zone_count && backend->server != PLAN_NONE;
		zone++) {
		uint32_t pair = plan_pair(facts->plan, zone, backend->server);

		if (pair != PLAN_NONE && (facts->plan->pair_flags[pair] & PAIR_PRIMARY))
			return backend->database->channel_count == 0;
	}
	return false;
}

static const char prefix[] = "its database: ";

/* What the database itself says, without the prefix. */
static const char *own_text(const struct finding *finding)
{
	return strncmp(finding->text, prefix, strlen(prefix)) ? finding->text
							      : finding->text + strlen(prefix);
}

static void judge_side(const struct facts *facts, struct verdict *verdict, struct side *side)
{
	const struct backend *backend = side->backend;
	struct arena *arena = &verdict->findings.arena;
	struct database_facts database = { .seen = backend->database,
		.server = backend->server,
		.name = arena_printf(arena, "%s's database", backend->name),
		.expected = backend->database->has_galera ? DATABASE_IS_GALERA
			: is_primary(facts, backend)      ? DATABASE_IS_PRIMARY
							  : DATABASE_IS_REPLICA,
		.schema = backend->database->zones ? backend->database->zones->schema : NULL,
		.policy = facts->policy,
		.now_s = facts->now_s };

	side->first = verdict->findings.count;
	judge_database(&database, &verdict->findings);
	side->end = verdict->findings.count;
	for (size_t i = side->first; i < side->end; i++) {
		struct finding *finding = &verdict->findings.items[i];

		if (backend->server == PLAN_NONE)
			finding->text = arena_printf(arena, "%s: %s", backend->name, finding->text);
		else if (!strncmp(finding->text, "the database", 12))
			finding->text = arena_printf(arena, "its%s", finding->text + 3);
		else
			finding->text = arena_printf(arena, "%s%s", prefix, finding->text);
	}
}

/* Only what keeps changes from arriving, the worst first. */
static const struct finding *find_stop(const struct verdict *verdict, const struct side *side)
{
	static const enum finding_code codes[] = { FINDING_REPLICA_SQL_ERROR,
		FINDING_REPLICA_IO_STOPPED, FINDING_REPLICA_IO_CONNECTING,
		FINDING_REPLICA_SQL_STOPPED, FINDING_REPLICA_NOT_CONFIGURED,
		FINDING_REPLICA_HEARTBEAT_STALLED, FINDING_GALERA_NOT_PRIMARY,
		FINDING_GALERA_NOT_READY, FINDING_GALERA_NOT_SYNCED,
		FINDING_GROUP_MEMBER_NOT_ONLINE, FINDING_GROUP_NO_MAJORITY, FINDING_REPLICA_LAG,
		FINDING_REPLICA_LAG_UNKNOWN, FINDING_REPLICA_FILTERED, FINDING_GTID_ERRANT };

	for (size_t code = 0; code < sizeof(codes) / sizeof(*codes); code++) {
		for (size_t i = side->first; i < side->end; i++) {
			if (verdict->findings.items[i].code == codes[code])
				return &verdict->findings.items[i];
		}
	}
	return NULL;
}

/* --- The rows of one finding ----------------------------------------------------------------- */

static const struct side *side_of(const struct inquest *self, uint32_t server)
{
	const struct backend *backend = backend_of(self->facts->seen, server);

	return backend ? &self->sides[backend - self->facts->seen->backends] : NULL;
}

static const struct database_zone *row_of(const struct side *side, uint32_t zone)
{
	return side && side->backend->of_zone ? side->backend->of_zone[zone] : NULL;
}

/* Whose rows are right: the reference's, else the first database's. */
static void find_source(struct inquest *self)
{
	uint32_t zone = self->finding->zone, pair = self->verdict->zones[zone].reference.pair;

	self->source = pair == PLAN_NONE ? NULL : side_of(self, self->facts->plan->assigned[pair]);
	if (!self->source)
		self->source = &self->sides[0];
	self->right = row_of(self->source, zone);
}

static bool is_native(const struct inquest *self)
{
	const struct database_zone *row = self->right ? self->right : self->own;

	/* Of the one database of --dns it is enough that it lacks the zone. */
	return row ? row->kind == ZONE_KIND_NATIVE : self->facts->seen->databases != NULL;
}

static const char *name_of(const struct inquest *self)
{
	return self->facts->plan->servers[self->finding->server].display;
}

static void explain(struct inquest *self, enum finding_code cause, const char *why,
	const char *advice)
{
	self->finding->cause = cause;
	self->finding->cause_server = self->finding->server;
	self->finding->why = why;
	self->finding->advice = advice;
}

/* PowerDNS is what reads the database. */
static const char *purge(struct inquest *self, const char *name, const char *until)
{
	struct text zone = { 0 };
	const char *advice;

	command_word(&zone, arena_printf(&self->verdict->findings.arena, "%s$", self->zone));
	advice = arena_printf(&self->verdict->findings.arena,
		"on %s: pdns_control purge %s, or wait until %s", name, text_string(&zone), until);
	text_free(&zone);
	return advice;
}

/* --- What is to be said ---------------------------------------------------------------------- */

/* Has the server's database all that the reference's has, or (where that is not known) all that
 * the reference serves? */
static bool has_change(const struct inquest *self)
{
	const struct reference *reference = &self->verdict->zones[self->finding->zone].reference;
	uint32_t wanted =
		self->right && self->right->has_serial ? self->right->serial : reference->serial;

	return self->own && self->own->has_serial &&
		serial_compare(self->own->serial, wanted) != SERIAL_BEHIND;
}

static void blame_cache(struct inquest *self)
{
	struct arena *arena = &self->verdict->findings.arena;

	explain(self, FINDING_CACHE_STALE,
		arena_printf(arena,
			"its database has %u already: a packet or query cache of its PowerDNS still holds %u",
			self->own->serial, self->facts->seen->soa[self->pair].serial),
		purge(self, name_of(self),
			"its caches let it go (cache-ttl and query-cache-ttl, 20 s each)"));
}

static const char *advise_comparison(struct inquest *self)
{
	if (self->facts->seen->databases)
		return "compare its data with the primary's: --primary=DATABASE-OF-THE-PRIMARY --content";
	return arena_printf(&self->verdict->findings.arena,
		"compare its data with the primary's: check_mysql_replication -H DATABASE-OF-%s --defaults-file=OPTION-FILE --primary=DATABASE-OF-THE-PRIMARY",
		name_of(self));
}

/* "its database stopped at 7: the SQL thread stopped: error 1062: ..." */
static void blame_database(struct inquest *self, const char *state)
{
	struct arena *arena = &self->verdict->findings.arena;
	const struct finding *stopped = self->side->stopped;

	if (stopped)
		explain(self, stopped->code,
			arena_printf(arena, "%s: %s", state, own_text(stopped)),
			arena_printf(arena, "%s; then %s", stopped->advice,
				purge(self, name_of(self), "its caches let it go")));
	else if (!self->side->backend->database->channel_count && self->facts->seen->databases)
		explain(self, FINDING_NONE, state,
			arena_printf(arena, "on %s: pdnsutil list-all-zones; is the name right?",
				name_of(self)));
	else
		explain(self, FINDING_NONE,
			arena_printf(arena, "%s, although replication is said to run", state),
			advise_comparison(self));
}

/* No row to look at: the database itself says why, or nobody named it. */
static void blame_unknown(struct inquest *self)
{
	struct arena *arena = &self->verdict->findings.arena;
	const struct finding *first = self->side && self->side->first < self->side->end
		? &self->verdict->findings.items[self->side->first]
		: NULL;

	if (self->facts->seen->databases &&
		self->facts->seen->databases->outcome == DATABASE_ANSWERED)
		return; /* that it does not show its zones is said of it */
	if (first)
		explain(self, first->code, first->text, first->advice);
	else if (self->side)
		explain(self, FINDING_NONE,
			"the zone is NATIVE, so only its database can bring it, and that does not show its zones",
			arena_printf(arena,
				"GRANT SELECT on PowerDNS's domains, records and domainmetadata to the user of %s's option file (--mysql)",
				name_of(self)));
	else
		explain(self, FINDING_NONE,
			"the zone is NATIVE: only its database can bring the change",
			arena_printf(arena,
				"on %s: is the replication of its database well? --mysql=%s=OPTION-FILE asks it, check_mysql_replication, too",
				name_of(self), name_of(self)));
}

static void inquire_stale(struct inquest *self)
{
	struct arena *arena = &self->verdict->findings.arena;

	if (has_change(self))
		blame_cache(self);
	else if (!is_native(self))
		return; /* NOTIFY and AXFR bring it: judge/cause.c */
	else if (!self->side || !self->side->backend->of_zone)
		blame_unknown(self);
	else if (self->own && self->own->has_serial)
		blame_database(self,
			arena_printf(arena, "its database stopped at %u", self->own->serial));
	else
		blame_database(self,
			self->own ? "in its database the zone has no SOA record"
				  : "its database does not have the zone");
}

static void inquire_absent(struct inquest *self)
{
	if (self->own && self->own->has_serial &&
		self->facts->seen->soa[self->pair].outcome == OUTCOME_REFUSED)
		explain(self, FINDING_CACHE_STALE,
			arena_printf(&self->verdict->findings.arena,
				"its database has the zone (serial %u): its PowerDNS has not looked for new zones since",
				self->own->serial),
			arena_printf(&self->verdict->findings.arena,
				"on %s: pdns_control rediscover, or wait (zone-cache-refresh-interval, 300 s); where it stays so: does its PowerDNS read this database?",
				name_of(self)));
	else if (!self->own || !self->own->has_serial)
		inquire_stale(self);
}

/* The primary's own answer is old, or the secondary's database was written to. */
static void inquire_ahead(struct inquest *self)
{
	struct arena *arena = &self->verdict->findings.arena;
	uint32_t served = self->facts->seen->soa[self->pair].serial;
	uint32_t pair = self->verdict->zones[self->finding->zone].reference.pair;
	const char *primary = self->facts->plan->servers[self->facts->plan->assigned[pair]].display;

	if (!self->right || !self->right->has_serial || !self->own || !self->own->has_serial)
		return;
	if (serial_compare(self->own->serial, self->right->serial) == SERIAL_AHEAD) {
		explain(self, self->side->stopped ? self->side->stopped->code : FINDING_NONE,
			arena_printf(arena,
				"its database has %u, the primary's %u: it was written to here, or the primary's was set back",
				self->own->serial, self->right->serial),
			arena_printf(arena,
				"find who wrote to %s's database (mariadb-binlog) and undo it there; or, to keep nothing of it, on %s: pdnsutil increase-serial %s, until it is above %u",
				name_of(self), primary, self->zone, served));
	} else if (side_of(self, self->facts->plan->assigned[pair]) &&
		serial_compare(self->right->serial,
			self->verdict->zones[self->finding->zone].reference.serial) ==
			SERIAL_AHEAD) {
		explain(self, FINDING_CACHE_STALE,
			arena_printf(arena,
				"the database of %s has %u, too: it still answers from a cache",
				primary, served),
			purge(self, primary, "its caches let it go (20 s each)"));
		self->finding->cause_server = self->facts->plan->assigned[pair];
		self->finding->severity = SEVERITY_WARNING;
	}
}

/* A PowerDNS without its database closes connections that it can't serve. */
static void inquire_connection(struct inquest *self)
{
	if (self->side && self->side->backend->database->outcome != DATABASE_ANSWERED &&
		self->side->first < self->side->end)
		blame_unknown(self);
}

static void inquire(struct inquest *self)
{
	static void (*const inquiries[FINDING_COUNT])(struct inquest * self) = {
		[FINDING_SECONDARY_BEHIND] = inquire_stale,
		[FINDING_SECONDARY_AHEAD] = inquire_ahead,
		[FINDING_ZONE_REFUSED] = inquire_absent,
		[FINDING_ZONE_NOTAUTH] = inquire_absent,
		[FINDING_ZONE_NXDOMAIN] = inquire_absent,
		[FINDING_ZONE_SERVFAIL] = inquire_absent,
		[FINDING_NO_SOA] = inquire_absent,
		[FINDING_TCP_UNREACHABLE] = inquire_connection,
	};

	if (inquiries[self->finding->code])
		inquiries[self->finding->code](self);
}

static void explain_finding(const struct facts *facts, struct verdict *verdict,
	const struct side *sides, struct finding *finding)
{
	struct inquest self = { .facts = facts,
		.verdict = verdict,
		.sides = sides,
		.finding = finding };
	char text[NAME_TEXT];

	if (finding->zone == PLAN_NONE || finding->server == PLAN_NONE || finding->why)
		return;
	self.pair = plan_pair(facts->plan, finding->zone, finding->server);
	self.side = side_of(&self, finding->server);
	self.own = row_of(self.side, finding->zone);
	self.zone = name_to_display(facts->plan->zones[finding->zone].name, text);
	find_source(&self);
	inquire(&self);
}

/* --- Served, and not what the database has --------------------------------------------------- */

/* PowerDNS's defaults: packet and query cache, and in front of new and deleted zones the zone cache
 * (https://doc.powerdns.com/authoritative/performance.html). */
enum { CACHES_S = 20 + 20, ZONE_CACHE_S = 300 };

/* What stands for longer is no cache. */
static bool is_beyond_caches(const struct facts *facts, const struct database_zone *row,
	const struct serial_gap *gap)
{
	return gap && facts->now_s - gap->since_s > (row ? CACHES_S : CACHES_S + ZONE_CACHE_S);
}

static const char *state_of(const struct database_zone *row, struct arena *arena)
{
	if (!row)
		return "does not have the zone";
	return row->has_serial ? arena_printf(arena, "has %u", row->serial)
			       : "has no SOA record of the zone";
}

static void say_since(const struct facts *facts, const struct serial_gap *gap, struct text *out)
{
	if (!gap || facts->now_s <= gap->since_s)
		return;
	text_add(out, " for ");
	judge_since_text(out, facts->now_s - gap->since_s, gap->since_s, true);
}

static void advise_difference(const struct facts *facts, struct verdict *verdict,
	struct finding *finding, const struct database_zone *row, bool is_beyond)
{
	struct arena *arena = &verdict->findings.arena;
	const char *name = facts->plan->servers[finding->server].display;

	finding->cause_server = finding->server;
	if (!is_beyond)
		finding->why = "a change on its way, or a cache of its PowerDNS";
	else if (row)
		finding->why =
			"longer than its packet and query cache may hold it (20 s each); SOA-EDIT does not make it, either";
	else
		finding->why =
			"longer than its caches may hold it (zone-cache-refresh-interval, 300 s)";
	finding->advice = arena_printf(arena,
		"on %s: pdns_control purge; if it stays: grep gmysql- /etc/powerdns/pdns.conf (does its PowerDNS read %s?), and pdns_control current-config for cache-ttl and default-soa-edit",
		name, facts->seen->databases ? "this database" : "the database that --mysql names");
}

static void say_differing(const struct facts *facts, struct verdict *verdict, uint32_t zone,
	uint32_t pair, const struct database_zone *row)
{
	const struct serial_gap *gap = history_gap(facts->past, zone, facts->plan->assigned[pair]);
	bool is_beyond = is_beyond_caches(facts, row, gap);
	struct text since = { 0 };
	struct finding *finding;

	say_since(facts, gap, &since);
	finding = judge_say(facts, verdict, FINDING_DATABASE_SERIAL_DIFFERS, zone, pair,
		"serves %u although its database %s%s", facts->seen->soa[pair].serial,
		state_of(row, &verdict->findings.arena), text_string(&since));
	text_free(&since);
	finding->severity = is_beyond ? SEVERITY_WARNING : SEVERITY_OK;
	finding->amount = gap ? facts->now_s - gap->since_s : 0;
	finding->has_amount = gap != NULL;
	advise_difference(facts, verdict, finding, row, is_beyond);
}

static bool differs(const struct facts *facts, const struct reference *reference, uint32_t zone,
	uint32_t pair)
{
	uint32_t server = facts->plan->assigned[pair];
	const struct backend *backend = backend_of(facts->seen, server);
	const struct soa_observation *seen = &facts->seen->soa[pair];
	const struct database_zone *row;

	if (!backend || !backend->of_zone || !judge_has_serial(seen) ||
		facts->plan->servers[server].independent ||
		(!facts->seen->databases &&
			judge_relation(facts, reference, pair) == RELATION_BEHIND))
		return false;
	row = backend->of_zone[zone];
	return !row || !row->has_serial ||
		!soa_edit_allows((enum soa_edit)row->soa_edit, row->serial, seen->serial,
			facts->now_s);
}

size_t judge_database_doubts(const struct facts *facts, struct doubt *doubts, size_t most)
{
	size_t count = 0;

	for (uint32_t zone = 0; zone < facts->plan->zone_count && facts->seen->backend_count;
		zone++) {
		const struct zone *at = &facts->plan->zones[zone];
		struct reference reference = judge_reference(facts, zone);

		for (uint32_t i = 0; i < at->pair_count && count < most; i++) {
			if (differs(facts, &reference, zone, at->first_pair + i))
				doubts[count++] = (struct doubt){ zone, at->first_pair + i };
		}
	}
	return count;
}

static void judge_zone(const struct facts *facts, struct verdict *verdict, uint32_t zone)
{
	const struct zone *at = &facts->plan->zones[zone];

	for (uint32_t pair = at->first_pair; pair < at->first_pair + at->pair_count; pair++) {
		if (differs(facts, &verdict->zones[zone].reference, zone, pair))
			say_differing(facts, verdict, zone, pair,
				backend_of(facts->seen, facts->plan->assigned[pair])->of_zone[zone]);
	}
}

void judge_backends(const struct facts *facts, struct verdict *verdict)
{
	size_t count = facts->seen->backend_count, last;
	struct side *sides = arena_array(&verdict->findings.arena, count, sizeof(*sides));

	if (!count)
		return;
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++)
		judge_zone(facts, verdict, zone);
	last = verdict->findings.count;
	for (size_t i = 0; i < count; i++) {
		sides[i].backend = &facts->seen->backends[i];
		judge_side(facts, verdict, &sides[i]);
	}
	for (size_t i = 0; i < count; i++)
		sides[i].stopped = find_stop(verdict, &sides[i]);
	for (size_t i = 0; i < last; i++)
		explain_finding(facts, verdict, sides, &verdict->findings.items[i]);
}

/* Addresses that --dns did not come to: there is no server to say it of. */
static void say_unresolved(struct verdict *verdict, const struct plan_name *name)
{
	struct arena *arena = &verdict->findings.arena;
	struct finding *finding = finding_add(&verdict->findings, FINDING_NS_UNRESOLVABLE);
	size_t length = strlen(name->text);
	int shown = (int)(length > 1 ? length - 1 : length); /* without the final dot */

	finding->text = arena_printf(arena, "%s: %.*s has no address (%s), so nothing was asked",
		name->option ? name->option : "--dns", shown, name->text,
		name->fate == NAME_FATE_NODATA ? "NODATA" : "NXDOMAIN");
	finding->advice = "is the name right? an address will do, e.g. --dns=192.0.2.2";
}

static void judge_unresolved(const struct facts *facts, struct verdict *verdict)
{
	for (size_t i = 0; i < facts->plan->name_count; i++) {
		const struct plan_name *name = &facts->plan->names[i];

		if (name->fate == NAME_FATE_NXDOMAIN || name->fate == NAME_FATE_NODATA)
			say_unresolved(verdict, name);
	}
}

void judge_served(const struct facts *facts, struct verdict *verdict)
{
	struct side side = { .backend = facts->seen->backends, .end = verdict->findings.count };
	size_t last;

	judge_unresolved(facts, verdict);
	judge_resolver(facts, verdict);
	if (!facts->seen->backend_count)
		return;
	judge_reachability(facts, verdict);
	for (uint32_t pair = 0; pair < facts->plan->pair_count; pair++)
		verdict->pairs[pair].role = ROLE_SECONDARY; /* of the database, if of anything */
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		judge_answers(facts, verdict, zone);
		judge_zone(facts, verdict, zone);
	}
	last = verdict->findings.count;
	side.stopped = find_stop(verdict, &side);
	for (size_t i = side.end; i < last; i++)
		explain_finding(facts, verdict, &side, &verdict->findings.items[i]);
}
