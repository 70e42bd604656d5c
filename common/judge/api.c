/* Servers one by one: could they be asked, and do their settings let replication work? */
#include "common/judge/api.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/judge/address_lists.h"
#include "common/judge/api_judge.h"
#include "common/judge/commands.h"

struct finding *api_say(const struct api_judge *self, enum finding_code code, uint32_t zone,
	const struct pdns_server *pdns, const char *format, ...)
{
	struct finding *finding = finding_add(&self->verdict->findings, code);
	va_list arguments;

	finding->zone = zone;
	finding->server = pdns->server;
	finding->role = pdns->is_primary ? ROLE_PRIMARY : ROLE_SECONDARY;
	va_start(arguments, format);
	finding->text = arena_vprintf(&self->verdict->findings.arena, format, arguments);
	va_end(arguments);
	return finding;
}

const char *api_printf(const struct api_judge *self, const char *format, ...)
{
	va_list arguments;
	const char *text;

	va_start(arguments, format);
	text = arena_vprintf(&self->verdict->findings.arena, format, arguments);
	va_end(arguments);
	return text;
}

/* "on ns1.example.com: sed -i '$ a primary=yes' /etc/powerdns/pdns.conf && systemctl restart pdns"
 */
const char *api_advise_setting(const struct api_judge *self, const struct pdns_server *pdns,
	enum pdns_setting setting, const char *value)
{
	struct text line = { 0 };
	const char *advice;

	api_set(&line, pdns, setting, value);
	advice = api_printf(self, "on %s: %s", api_name(self->facts, pdns->server),
		text_string(&line));
	text_free(&line);
	return advice;
}

/* --- Could it be asked? ----------------------------------------------------------------------- */

static const char *what_happened(const struct pdns_server *pdns)
{
	return pdns->trouble ? pdns->trouble : "it does not answer";
}

static const char *advise_looking(const struct api_judge *self, const struct pdns_server *pdns)
{
	struct text line = { 0 };
	const char *advice;

	api_look(&line, api_name(self->facts, pdns->server), pdns->url, pdns->tls_ca,
		pdns->outcome == PDNS_TLS_FAILED);
	advice = api_printf(self, "%s", text_string(&line));
	text_free(&line);
	return advice;
}

static void judge_access(const struct api_judge *self, const struct pdns_server *pdns)
{
	switch (pdns->outcome) {
	case PDNS_ANSWERED:
	case PDNS_NOT_ASKED:
	case PDNS_OUTCOME_COUNT:
		return;
	case PDNS_UNAUTHORIZED:
		api_say(self, FINDING_API_UNAUTHORIZED, PLAN_NONE, pdns,
			"API does not let us in: %s", what_happened(pdns))
			->advice = api_printf(self, "on %s: " API_LOOK_AT_KEY,
			api_name(self->facts, pdns->server));
		return;
	case PDNS_UNREACHABLE:
	case PDNS_TIMEOUT:
	case PDNS_TLS_FAILED:
	case PDNS_NOT_FOUND:
	case PDNS_REDIRECT:
	case PDNS_HTTP_ERROR:
	case PDNS_NOT_JSON:
	case PDNS_TRUNCATED:
	case PDNS_TOO_BIG:
		api_say(self, FINDING_API_UNREACHABLE, PLAN_NONE, pdns, "API can't be used: %s",
			what_happened(pdns))
			->advice = advise_looking(self, pdns);
		return;
	}
}

void judge_api_access(const struct facts *facts, struct verdict *verdict)
{
	struct api_judge self = { .facts = facts, .verdict = verdict };

	for (size_t i = 0; i < facts->seen->pdns_count; i++) {
		if (facts->seen->pdns[i].server != PLAN_NONE)
			judge_access(&self, &facts->seen->pdns[i]);
	}
}

/* --- Settings --------------------------------------------------------------------------------- */

static uint32_t count_secondary_zones(const struct pdns_server *pdns)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pdns->zone_count; i++)
		count += api_is_secondary_kind(&pdns->zones[i]);
	return count;
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

static void judge_secondary(const struct api_judge *self, const struct pdns_server *pdns)
{
	uint32_t count = count_secondary_zones(pdns);

	if (!count || pdns_setting_switch(pdns, PDNS_SECONDARY) != PDNS_OFF)
		return;
	api_say(self, FINDING_SECONDARY_DISABLED, PLAN_NONE, pdns,
		"%s=no, so none of its %u secondary zone%s is ever refreshed",
		pdns_setting_name(pdns, PDNS_SECONDARY), count, plural(count))
		->advice = api_advise_setting(self, pdns, PDNS_SECONDARY, "yes");
}

static void judge_acl(const struct api_judge *self, const struct pdns_server *pdns)
{
	const char *list = pdns->settings[PDNS_ALLOW_AXFR_IPS];
	char wide[ADDRESS_TEXT];

	if (!list || !pdns->zone_count || pdns_setting_switch(pdns, PDNS_DISABLE_AXFR) == PDNS_ON ||
		!address_list_wide(list, wide))
		return;
	api_say(self, FINDING_AXFR_ACL_WIDE, PLAN_NONE, pdns,
		"allow-axfr-ips=%s: anybody in %s may read its zones whole", list, wide)
		->advice = api_printf(self,
		"on %s: name the secondaries alone in allow-axfr-ips of /etc/powerdns/pdns.conf, then systemctl restart pdns",
		api_name(self->facts, pdns->server));
}

/* Does the list let in any of the row's masters? */
static bool lets_in(const char *list, const struct pdns_masters *masters)
{
	for (uint32_t i = 0; i < masters->address_count; i++) {
		if (address_list_holds(list, &masters->addresses[i]))
			return true;
	}
	return false;
}

static uint32_t count_barred(const struct pdns_server *pdns, const char *list,
	const struct pdns_masters **masters)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pdns->zone_count; i++) {
		const struct pdns_masters *each = &pdns->masters[pdns->zones[i].masters];

		if (!api_is_secondary_kind(&pdns->zones[i]) || !each->address_count ||
			lets_in(list, each))
			continue;
		*masters = *masters ? *masters : each;
		count++;
	}
	return count;
}

static void judge_notify_list(const struct api_judge *self, const struct pdns_server *pdns)
{
	const char *list = pdns->settings[PDNS_ALLOW_NOTIFY_FROM];
	const char *proxies = pdns->settings[PDNS_TRUSTED_NOTIFICATION_PROXY];
	const struct pdns_masters *masters = NULL;
	struct arena *arena = &self->verdict->findings.arena;
	const char *from;
	uint32_t count;

	if (!list || (proxies && *proxies) || !(count = count_barred(pdns, list, &masters)))
		return;
	from = api_addresses_text(arena, masters->addresses, 1);
	api_say(self, FINDING_NOTIFY_REJECTED, PLAN_NONE, pdns,
		"rejects NOTIFY from the primary %s of %u zone%s: allow-notify-from=%s",
		masters->text, count, plural(count), list)
		->advice = api_advise_setting(self, pdns, PDNS_ALLOW_NOTIFY_FROM,
		arena_printf(arena, "%s%s%s", list, *list ? "," : "", from));
	self->is_said[(size_t)(pdns - self->facts->seen->pdns) * FINDING_COUNT +
		FINDING_NOTIFY_REJECTED] = true;
}

static void judge_server(const struct api_judge *self, const struct pdns_server *pdns)
{
	judge_access(self, pdns);
	if (pdns->settings_outcome != PDNS_ANSWERED || pdns->zones_outcome != PDNS_ANSWERED)
		return;
	judge_secondary(self, pdns);
	judge_acl(self, pdns);
	judge_notify_list(self, pdns);
}

/* No pair has them: nobody was asked by DNS. */
static void set_references(const struct facts *facts, struct verdict *verdict)
{
	for (uint32_t zone = 0; zone < facts->plan->zone_count; zone++) {
		struct reference *reference = &verdict->zones[zone].reference;

		if (judge_pdns_serial(facts, zone, &reference->serial))
			reference->source = REFERENCE_PRIMARY;
		reference->earlier_serial = reference->serial;
	}
}

static bool is_any_list_missing(const struct observations *seen)
{
	for (size_t i = 0; i < seen->pdns_count; i++) {
		if (seen->pdns[i].zones_outcome != PDNS_ANSWERED)
			return true;
	}
	return false;
}

/* Where the primary's list could not be read nothing was compared: that is not well, it is not
 * known. Why is said of the server already. */
static void doubt_zones(const struct facts *facts, struct verdict *verdict)
{
	bool is_doubted = is_any_list_missing(facts->seen);

	for (uint32_t zone = 0; is_doubted && zone < facts->plan->zone_count; zone++) {
		if (verdict->zones[zone].severity == SEVERITY_OK && !api_origin_of(facts, zone))
			verdict->zones[zone].severity = SEVERITY_UNKNOWN;
	}
}

void judge_pdns(const struct facts *facts, struct verdict *verdict)
{
	struct api_judge self = { .facts = facts, .verdict = verdict };
	size_t count = facts->seen->pdns_count + 1;

	judge_begin(facts, verdict);
	set_references(facts, verdict);
	self.taken = arena_array(&verdict->findings.arena, count, sizeof(*self.taken));
	self.left_out = arena_array(&verdict->findings.arena, count, sizeof(*self.left_out));
	self.is_said =
		arena_array(&verdict->findings.arena, count * FINDING_COUNT, sizeof(*self.is_said));
	for (size_t i = 0; i < facts->seen->pdns_count; i++)
		judge_server(&self, &facts->seen->pdns[i]);
	api_judge_zones(&self);
	judge_state(facts, verdict);
	judge_conclude(facts, verdict);
	doubt_zones(facts, verdict);
}
