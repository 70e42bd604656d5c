/* What the comparison of two databases' contents came to: zone by zone, or why there is none. */
#include <inttypes.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/dns/name.h"
#include "common/judge/commands.h"
#include "common/judge/database_private.h"
#include "common/model/database_content.h"

enum { ERROR_ACCESS_DENIED_FOR = 1227 };

/* --- There is none -------------------------------------------------------------------------------
 */

/* Whose trouble it is. */
static struct database_facts owner_of(const struct database_facts *facts)
{
	struct database_facts owner = *facts;

	if (!facts->seen->content->is_primary)
		return owner;
	owner.seen = facts->other;
	owner.server = facts->other_server;
	owner.name = facts->other_name;
	owner.expected = DATABASE_IS_PRIMARY;
	return owner;
}

static const char *said(const struct database_content *content, struct findings *findings)
{
	return content->error_number ? arena_printf(&findings->arena, "error %u: %s",
					       content->error_number, content->error)
				     : content->error;
}

/* On one side nothing is denied before a statement says by whom. */
static const char *user_of(const struct database_content *content)
{
	return *content->user ? content->user : "'USER'@'HOST'";
}

static void say_denied(const struct database_facts *owner, const struct database_content *content,
	struct findings *findings)
{
	database_say(owner, findings, FINDING_PRIVILEGE_MISSING,
		"the content was not compared: %s may not read %s%s%s: %s", user_of(content),
		content->schema, *content->table ? "." : "", content->table,
		said(content, findings))
		->advice = arena_printf(&findings->arena,
		"on %s, as an administrator: GRANT SELECT ON `%s`.* TO %s", owner->name,
		content->schema, user_of(content));
}

static void say_no_position(const struct database_facts *owner,
	const struct database_content *content, struct findings *findings)
{
	bool denied = content->error_number == ERROR_ACCESS_DENIED_FOR;

	database_say(owner, findings,
		denied ? FINDING_PRIVILEGE_MISSING : FINDING_CONTENT_NOT_COMPARED,
		"the content was not compared: there is no position to compare at: %s",
		said(content, findings))
		->advice = denied
		? arena_printf(&findings->arena,
			  "on %s, as an administrator: GRANT %s ON *.* TO %s", owner->name,
			  owner->seen->flavour == DATABASE_MARIADB ? "BINLOG MONITOR"
								   : "REPLICATION CLIENT",
			  user_of(content))
		: arena_printf(&findings->arena,
			  "on %s: set log_bin in its configuration, and restart it", owner->name);
}

static void say_not_reached(const struct database_facts *facts, struct findings *findings)
{
	const struct database *seen = facts->seen;
	int64_t delay_s = 0;

	for (size_t i = 0; i < seen->channel_count; i++) {
		if (seen->channels[i].delay_s > delay_s)
			delay_s = seen->channels[i].delay_s;
	}
	database_say(facts, findings, FINDING_CONTENT_NOT_COMPARED,
		delay_s ? "the content was not compared: its configured delay keeps it from being where %s is (%s)"
			: "the content was not compared: it did not come in time to where %s is (%s)",
		facts->other_name, seen->content->position)
		->advice = delay_s
		? arena_printf(&findings->arena,
			  "compare a replica without a delay, or give it longer than that: --timeout=%" PRId64
			  "s",
			  delay_s + 30)
		: database_advise_look(facts, findings);
}

static void say_no_database(const struct database_facts *owner,
	const struct database_content *content, struct findings *findings)
{
	if (content->error_number)
		database_say(owner, findings, FINDING_DATABASE_SCHEMA_BROKEN,
			"the database %s is not there: %s", content->schema,
			said(content, findings))
			->advice = arena_printf(&findings->arena,
			"on %s: SHOW DATABASES; PowerDNS's is called as gmysql-dbname in pdns.conf says (--database)",
			owner->name);
	else
		database_say(owner, findings, FINDING_CONTENT_NOT_COMPARED,
			"the content was not compared: nobody said in which database PowerDNS's tables are")
			->advice =
			"--database=NAME, or database=NAME in the option file: the name that gmysql-dbname in pdns.conf gives";
}

static void say_no_schema(const struct database_facts *owner,
	const struct database_content *content, struct findings *findings)
{
	database_say(owner, findings, FINDING_DATABASE_SCHEMA_BROKEN,
		content->error_number
			? "the database %s lacks PowerDNS's table %s: %s"
			: "the database %s lacks what PowerDNS needs, or this user may not see it: %s%s",
		content->schema, content->table,
		content->error_number ? said(content, findings) : "")
		->advice = arena_printf(&findings->arena,
		"on %s: mariadb %s -e 'SHOW TABLES; SHOW GRANTS'; is it PowerDNS's database (--database)?",
		owner->name, content->schema);
}

static void say_failed(const struct database_facts *owner, const struct database_content *content,
	struct findings *findings)
{
	bool timeout = content->outcome == CONTENT_TIMEOUT;

	database_say(owner, findings, FINDING_CONTENT_NOT_COMPARED,
		timeout ? "the content was not compared before the deadline%s%s"
			: "the content was not compared%s%s",
		*content->error || content->error_number ? ": " : "", said(content, findings))
		->advice = timeout ? "give it more time: --timeout=30s"
				   : database_advise_look(owner, findings);
}

static void say_why_not(const struct database_facts *facts, struct findings *findings)
{
	const struct database_content *content = facts->seen->content;
	struct database_facts owner = owner_of(facts);

	switch (content->outcome) {
	case CONTENT_COMPARED:
	case CONTENT_NOT_ASKED: /* why, was said */
	case CONTENT_OUTCOME_COUNT:
		break;
	case CONTENT_NO_DATABASE:
		say_no_database(&owner, content, findings);
		break;
	case CONTENT_NO_SCHEMA:
		say_no_schema(&owner, content, findings);
		break;
	case CONTENT_DENIED:
		say_denied(&owner, content, findings);
		break;
	case CONTENT_STOPPED:
		database_say(facts, findings, FINDING_CONTENT_NOT_COMPARED,
			"the content was not compared: replication does not run, and it lacks what %s has",
			facts->other_name)
			->advice = database_advise_look(facts, findings);
		break;
	case CONTENT_NO_POSITION:
		say_no_position(&owner, content, findings);
		break;
	case CONTENT_NOT_REACHED:
		say_not_reached(facts, findings);
		break;
	case CONTENT_TIMEOUT:
	case CONTENT_FAILED:
		say_failed(&owner, content, findings);
		break;
	}
}

/* --- What differs --------------------------------------------------------------------------------
 */

/* Where the database's text is no domain name, it has no zone in the plan, and is quoted. */
static uint32_t zone_of(const struct facts *all, const char *text)
{
	static const uint8_t root[] = { 0 };
	uint8_t name[NAME_WIRE];
	struct fault fault = { { 0 } };

	if (!name_from_master(*text ? text : ".", root, name, &fault))
		return PLAN_NONE;
	name_lower(name);
	return plan_find_zone(all->plan, name);
}

static void add_counts(struct text *out, const struct content_difference *difference,
	enum content_part part, const char *what, const char *there)
{
	const struct content_count *count = &difference->parts[part];

	if (count->differs)
		text_addf(out, "%s%s differ (%" PRIu64 " here, %" PRIu64 " on %s)",
			out->length ? ", " : "", what, count->here, count->there, there);
}

static void add_what(struct text *out, const struct content_difference *difference,
	const char *there)
{
	if (!difference->is_here) {
		text_addf(out, "the zone is missing here: %s has it with %" PRIu64 " records",
			there, difference->parts[CONTENT_RECORDS].there);
		return;
	}
	if (!difference->is_there) {
		text_addf(out,
			"the zone is only here, with %" PRIu64 " records: %s does not have it",
			difference->parts[CONTENT_RECORDS].here, there);
		return;
	}
	add_counts(out, difference, CONTENT_RECORDS, "records", there);
	add_counts(out, difference, CONTENT_METADATA, "metadata", there);
	add_counts(out, difference, CONTENT_KEYS, "DNSSEC keys", there);
	if (difference->parts[CONTENT_DOMAIN].differs)
		text_addf(out, "%sits row in domains differs", out->length ? ", " : "");
}

static void add_sample(struct text *out, const struct content_sample *sample)
{
	switch (sample->part) {
	case CONTENT_DOMAIN:
		text_addf(out, "domains.%s", sample->name);
		break;
	case CONTENT_RECORDS:
		text_addf(out, "%s %s", *sample->name ? sample->name : ".",
			*sample->type ? sample->type : "(no type)");
		break;
	case CONTENT_METADATA:
		text_addf(out, "metadata %s", sample->name);
		break;
	case CONTENT_KEYS:
		text_addf(out, "a key with flags %s", sample->name);
		break;
	case CONTENT_PART_COUNT:
		break;
	}
}

/* "only here: a A, b TXT; only on db1: c A; not the same: d MX" */
static void add_samples(struct text *out, const struct content_sample *samples, size_t count,
	const char *there)
{
	const struct {
		const char *lead, *where;
		bool here, there;
	} groups[] = { { "only here", "", true, false }, { "only on ", there, false, true },
		{ "not the same", "", true, true } };

	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		bool first = true;

		for (size_t i = 0; i < count; i++) {
			if (samples[i].here != groups[g].here ||
				samples[i].there != groups[g].there)
				continue;
			if (first)
				text_addf(out, "%s%s%s: ", out->length ? "; " : "", groups[g].lead,
					groups[g].where);
			else
				text_add(out, ", ");
			add_sample(out, &samples[i]);
			first = false;
		}
	}
}

static void add_soa(struct text *out, const char *content, const char *where)
{
	uint32_t serial;

	if (!content)
		text_addf(out, "no SOA record %s", where);
	else if (content_soa_serial(content, &serial))
		text_addf(out, "serial %u %s", serial, where);
	else
		text_addf(out, "the SOA record %s is none: \"%s\"", where, content);
}

static void add_soas(struct text *out, const struct content_difference *difference,
	const char *there)
{
	uint32_t here_serial, there_serial;
	struct text where = { 0 };

	if (!difference->soa_here && !difference->soa_there)
		return;
	text_add(out, out->length ? "; " : "");
	if (difference->soa_here && difference->soa_there &&
		content_soa_serial(difference->soa_here, &here_serial) &&
		content_soa_serial(difference->soa_there, &there_serial) &&
		here_serial == there_serial) {
		text_addf(out, "serial %u on both", here_serial);
		return;
	}
	text_addf(&where, "on %s", there);
	if (difference->is_here)
		add_soa(out, difference->soa_here, "here");
	text_add(out, difference->is_here && difference->is_there ? ", " : "");
	if (difference->is_there)
		add_soa(out, difference->soa_there, text_string(&where));
	text_free(&where);
}

/* NULL where there is nothing to add. */
static const char *detail_of(const struct content_difference *difference, const char *there,
	struct findings *findings)
{
	struct text out = { 0 };
	const char *copy = NULL;

	add_samples(&out, difference->samples, difference->sample_count, there);
	if (difference->has_more_samples)
		text_add(&out, ", …");
	add_soas(&out, difference, there);
	if (out.length)
		copy = arena_string(&findings->arena, text_string(&out));
	text_free(&out);
	return copy;
}

/* Rows to be compared by eye, those that differ; never what is secret in them. */
static const char *query_of(const struct content_difference *difference)
{
	if (!difference->is_here || !difference->is_there)
		return "SELECT * FROM domains d WHERE d.name=\"";
	if (difference->parts[CONTENT_RECORDS].differs)
		return "SELECT t.name, t.type, t.content, t.ttl, t.disabled FROM records t JOIN domains d ON d.id=t.domain_id WHERE d.name=\"";
	if (difference->parts[CONTENT_METADATA].differs)
		return "SELECT t.kind, t.content FROM domainmetadata t JOIN domains d ON d.id=t.domain_id WHERE d.name=\"";
	if (difference->parts[CONTENT_KEYS].differs)
		return "SELECT t.flags, t.active, MD5(t.content) FROM cryptokeys t JOIN domains d ON d.id=t.domain_id WHERE d.name=\"";
	return "SELECT * FROM domains d WHERE d.name=\"";
}

/* To be typed on both: names may be strangers' choice, for SQL as for the shell. */
static const char *advise_zone(const struct database_facts *facts,
	const struct content_difference *difference, struct findings *findings)
{
	struct text statement = { 0 }, out = { 0 };
	const char *copy;

	text_add(&statement, query_of(difference));
	for (const char *zone = difference->zone; *zone; zone++) {
		if (*zone == '"' || *zone == '\\')
			text_add_byte(&statement, '\\');
		text_add_byte(&statement, *zone);
	}
	text_add(&statement, "\" ORDER BY 1, 2");
	text_addf(&out, "on %s and on %s, and compare: %s ", facts->name, facts->other_name,
		facts->seen->flavour == DATABASE_MARIADB ? "mariadb" : "mysql");
	command_word(&out, facts->seen->content->schema);
	text_add(&out, " -e ");
	command_word(&out, text_string(&statement));
	copy = arena_string(&findings->arena, text_string(&out));
	text_free(&statement);
	text_free(&out);
	return copy;
}

static int64_t rows_apart(const struct content_difference *difference)
{
	uint64_t sum = 0;

	for (int part = 0; part < CONTENT_PART_COUNT; part++) {
		const struct content_count *count = &difference->parts[part];

		sum += count->here > count->there ? count->here - count->there
						  : count->there - count->here;
	}
	return sum < INT64_MAX ? (int64_t)sum : INT64_MAX;
}

static struct finding *say_zone(const struct facts *all, const struct database_facts *facts,
	const struct content_difference *difference, struct findings *findings,
	enum finding_code code, const char *what)
{
	uint32_t zone = zone_of(all, difference->zone);
	char clean[CLEAN_MOST + 1];
	struct finding *finding;

	utf8_clean(difference->zone, strlen(difference->zone), clean);
	if (zone == PLAN_NONE)
		finding = database_say(facts, findings, code,
			"zone \"%s\", which is no domain name: %s", clean, what);
	else
		finding = database_say(facts, findings, code, "%s", what);
	finding->zone = zone;
	return finding;
}

static void judge_difference(const struct facts *all, const struct database_facts *facts,
	const struct content_difference *difference, struct findings *findings)
{
	const char *there = facts->other_name;
	struct text what = { 0 };
	struct finding *finding;

	if (difference->relation == CONTENT_UNSETTLED) {
		say_zone(all, facts, difference, findings, FINDING_CONTENT_UNSETTLED,
			arena_printf(&findings->arena,
				"whenever it was compared with %s's, it had changed meanwhile",
				there))
			->advice = "compare again when it is quieter";
		return;
	}
	add_what(&what, difference, there);
	finding = say_zone(all, facts, difference, findings, FINDING_DATABASE_CONTENT_DIFFERS,
		text_string(&what));
	text_free(&what);
	finding->detail = detail_of(difference, there, findings);
	finding->amount = rows_apart(difference);
	finding->has_amount = true;
	finding->advice = advise_zone(facts, difference, findings);
}

/* --- What belongs to no zone ---------------------------------------------------------------------
 */

static const char *tsig_names(const struct database_content *content, const char *there,
	struct findings *findings)
{
	struct text names = { 0 };
	const char *copy = NULL;

	add_samples(&names, content->tsig_samples, content->tsig_sample_count, there);
	if (names.length)
		copy = arena_string(&findings->arena, text_string(&names));
	text_free(&names);
	return copy;
}

static void judge_wholes(const struct database_facts *facts, struct findings *findings)
{
	const struct database_content *content = facts->seen->content;
	const char *there = facts->other_name;
	struct finding *finding;

	if (content->tsig_keys.differs) {
		finding = database_say(facts, findings, FINDING_DATABASE_CONTENT_DIFFERS,
			"TSIG keys differ (%" PRIu64 " here, %" PRIu64 " on %s)",
			content->tsig_keys.here, content->tsig_keys.there, there);
		finding->detail = tsig_names(content, there, findings);
		finding->advice = arena_printf(&findings->arena,
			"on %s and on %s, and compare: pdnsutil list-tsig-keys", facts->name,
			there);
	}
	if (content->orphans.differs)
		database_say(facts, findings, FINDING_DATABASE_CONTENT_DIFFERS,
			"records of no zone differ (%" PRIu64 " here, %" PRIu64 " on %s)",
			content->orphans.here, content->orphans.there, there)
			->advice = arena_printf(&findings->arena,
			"on %s: SELECT * FROM records WHERE domain_id IS NULL OR domain_id NOT IN (SELECT id FROM domains)",
			facts->name);
}

/* `server` has to be brought to where `model` is. */
static void say_columns(const struct database_facts *facts, struct findings *findings,
	const char *text, const char *server, const char *model)
{
	struct finding *finding =
		database_say(facts, findings, FINDING_DATABASE_SCHEMA_BROKEN, "%s", text);

	finding->advice = arena_printf(&findings->arena,
		"on %s: apply the schema's upgrade that %s has (/usr/share/pdns-backend-mysql/schema)",
		server, model);
}

static void judge_columns(const struct database_facts *facts, struct findings *findings)
{
	const struct database_content *content = facts->seen->content;
	struct arena *arena = &findings->arena;
	struct finding *finding;

	if (*content->only_there)
		say_columns(facts, findings,
			arena_printf(arena, "its tables lack columns that %s's have: %s",
				facts->other_name, content->only_there),
			facts->name, facts->other_name);
	if (*content->only_here)
		say_columns(facts, findings,
			arena_printf(arena, "its tables have columns that %s's lack: %s",
				facts->other_name, content->only_here),
			facts->other_name, facts->name);
	if (!*content->uncompared)
		return;
	finding = database_say(facts, findings, FINDING_CONTENT_NOT_COMPARED,
		"this user may not read %s, so that they were not compared", content->uncompared);
	finding->severity = SEVERITY_OK;
}

void judge_database_content(const struct facts *all, const struct database_facts *facts,
	struct findings *findings)
{
	const struct database_content *content = facts->seen->content;

	if (!content || !facts->other)
		return;
	say_why_not(facts, findings);
	for (size_t i = 0; i < content->difference_count; i++)
		judge_difference(all, facts, &content->differences[i], findings);
	if (content->outcome != CONTENT_COMPARED)
		return;
	judge_wholes(facts, findings);
	judge_columns(facts, findings);
}
