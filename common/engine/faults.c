#include "common/engine/faults.h"

#include <stdlib.h>
#include <string.h>

struct fault_row {
	const char *name;
	const char *argument; /* what the number after "=" is, NULL: none */
	uint32_t most;
	const char *does;
};

static const struct fault_row rows[FAULT_COUNT] = {
	[FAULT_REFUSE_AXFR] = { "refuse-axfr", NULL, 0, "transfers are answered REFUSED" },
	[FAULT_TRUNCATE_TRANSFER] = { "truncate-transfer", NULL, 0, "transfers end halfway" },
	[FAULT_RESET_TRANSFER] = { "reset-transfer", NULL, 0, "transfers are reset halfway" },
	[FAULT_NO_IXFR] = { "no-ixfr", NULL, 0, "IXFR is answered with the whole zone" },
	[FAULT_DROP_NOTIFY] = { "drop-notify", NULL, 0, "NOTIFY is neither answered nor followed" },
	[FAULT_STALE_SERIAL] = { "stale-serial", NULL, 0,
		"the first version loaded is kept, whatever changes later" },
	[FAULT_WRONG_TSIG] = { "wrong-tsig", NULL, 0, "signatures of answers are wrong" },
	[FAULT_LAME] = { "lame", NULL, 0, "REFUSED, as if the zone were not configured" },
	[FAULT_SERVFAIL] = { "servfail", NULL, 0, "SERVFAIL" },
	[FAULT_EXPIRED] = { "expired", NULL, 0, "SERVFAIL with EDE 24, as of an expired zone" },
	[FAULT_NOT_LOADED] = { "not-loaded", NULL, 0,
		"SERVFAIL with EDE 14, as of a zone not transferred yet" },
	[FAULT_NXDOMAIN] = { "nxdomain", NULL, 0, "NXDOMAIN for every name" },
	[FAULT_NOTAUTH] = { "notauth", NULL, 0, "NOTAUTH" },
	[FAULT_NODATA] = { "nodata", NULL, 0, "SOA questions get NOERROR and no record" },
	[FAULT_NO_AA] = { "no-aa", NULL, 0, "answers are not authoritative" },
	[FAULT_FORMERR_EDNS] = { "formerr-edns", NULL, 0,
		"questions with EDNS get FORMERR, as from servers before 1999" },
	[FAULT_TC_ALWAYS] = { "tc-always", NULL, 0, "every UDP answer is truncated" },
	[FAULT_EDE] = { "ede", "CODE", UINT16_MAX, "answers carry this extended error" },
	[FAULT_DROP] = { "drop", NULL, 0, "silence" },
	[FAULT_DROP_UDP] = { "drop-udp", NULL, 0, "silence over UDP" },
	[FAULT_DROP_TCP] = { "drop-tcp", NULL, 0, "silence over TCP" },
	[FAULT_NO_UDP] = { "no-udp", NULL, 0,
		"the UDP port is closed; with a zone: silence over UDP" },
	[FAULT_NO_TCP] = { "no-tcp", NULL, 0,
		"the TCP port is closed; with a zone: connections are closed unanswered" },
	[FAULT_SLOW] = { "slow", "MS", 600000, "answers come this many milliseconds late" },
	[FAULT_GARBAGE] = { "garbage", NULL, 0, "answers are rubbish behind a right id" },
	[FAULT_WRONG_ID] = { "wrong-id", NULL, 0, "answers have another id" },
	[FAULT_WRONG_QUESTION] = { "wrong-question", NULL, 0, "answers have another question" },
};

const char *fault_name(enum engine_fault fault)
{
	return rows[fault].name;
}

enum engine_fault fault_set_first(const struct fault_set *set)
{
	unsigned fault = 0;

	while (fault + 1 < FAULT_COUNT && !(set->bits >> fault & 1))
		fault++;
	return (enum engine_fault)fault;
}

struct fault_set fault_set_join(struct fault_set set, struct fault_set more)
{
	set.bits |= more.bits;
	if (fault_set_has(&more, FAULT_SLOW))
		set.slow_ms = more.slow_ms;
	if (fault_set_has(&more, FAULT_EDE))
		set.ede_code = more.ede_code;
	return set;
}

static bool unknown(const char *text, struct fault *fault)
{
	struct text known = { 0 };

	for (unsigned i = 0; i < FAULT_COUNT; i++)
		text_addf(&known, "%s%s%s%s", i ? ", " : "", rows[i].name,
			rows[i].argument ? "=" : "", rows[i].argument ? rows[i].argument : "");
	fault_set(fault, "unknown fault %s; known are %s", text, text_string(&known));
	text_free(&known);
	return false;
}

static bool parse_number(const struct fault_row *row, const char *text, size_t length,
	uint32_t *number, struct fault *fault)
{
	uint64_t value = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || value > row->most)
			length = 0;
		else
			value = 10 * value + (uint64_t)(text[i] - '0');
	}
	if (!length || value > row->most)
		return fault_set(fault, "%s wants a number from 0 to %u: %s=%s", row->name,
			row->most, row->name, row->argument);
	*number = (uint32_t)value;
	return true;
}

/* What stands behind the name: "=NUMBER", ":ZONE", both, or nothing. */
static bool parse_rest(enum engine_fault which, const char *rest, struct fault_set *set,
	const char **zone, struct fault *fault)
{
	const struct fault_row *row = &rows[which];
	uint32_t number = 0;

	if (row->argument && *rest != '=')
		return fault_set(fault, "%s wants a number: %s=%s", row->name, row->name,
			row->argument);
	if (!row->argument && *rest == '=')
		return fault_set(fault, "%s takes no number", row->name);
	if (*rest == '=') {
		size_t length = strcspn(++rest, ":");

		if (!parse_number(row, rest, length, &number, fault))
			return false;
		rest += length;
	}
	*zone = *rest == ':' ? rest + 1 : NULL;
	*set = (struct fault_set){ .bits = 1U << which };
	if (which == FAULT_SLOW)
		set->slow_ms = number;
	if (which == FAULT_EDE)
		set->ede_code = (uint16_t)number;
	return true;
}

bool fault_set_parse(const char *text, struct fault_set *set, const char **zone,
	struct fault *fault)
{
	size_t length = strcspn(text, "=:");

	for (unsigned i = 0; i < FAULT_COUNT; i++)
		if (strlen(rows[i].name) == length && !strncmp(rows[i].name, text, length))
			return parse_rest((enum engine_fault)i, text + length, set, zone, fault);
	return unknown(text, fault);
}

void fault_set_help(struct text *out)
{
	for (unsigned i = 0; i < FAULT_COUNT; i++)
		text_addf(out, "%s%s%s%s (%s)", i ? ", " : "", rows[i].name,
			rows[i].argument ? "=" : "", rows[i].argument ? rows[i].argument : "",
			rows[i].does);
}
