#include "common/checks/common_options.h"

#include <string.h>

const char *const output_formats[] = { "text", "json", "prometheus", "html", NULL };
const char *const state_choices[] = { "ok", "warning", "critical", "unknown", NULL };

static bool severity_wrong(const char *item, struct fault *fault)
{
	return fault_set(fault,
		"--severity: \"%s\" is not [ROLE:]FINDING=STATE, e.g. --severity=secondary:server_timeout=warning (the manual page lists "
		"the findings; states are ok, warning, critical, unknown)",
		item);
}

static bool parse_severity(const char *item, struct severity_override *override,
	struct fault *fault)
{
	const char *colon = strchr(item, ':'), *equals = strchr(item, '=');
	const char *name = item;
	char code[64];

	if (!equals)
		return severity_wrong(item, fault);
	if (colon && colon < equals) {
		size_t length = (size_t)(colon - item);

		if (length == 7 && !strncmp(item, "primary", 7))
			override->role = ROLE_PRIMARY;
		else if (length == 9 && !strncmp(item, "secondary", 9))
			override->role = ROLE_SECONDARY;
		else
			return fault_set(fault,
				"--severity: \"%s\": the role is primary or secondary", item);
		name = colon + 1;
	}
	if ((size_t)(equals - name) >= sizeof(code))
		return severity_wrong(item, fault);
	memcpy(code, name, (size_t)(equals - name));
	code[equals - name] = '\0';
	if (!finding_code_from_text(code, &override->code))
		return fault_set(fault,
			"--severity: there is no finding \"%s\" (the manual page lists them)",
			code);
	if (!severity_from_text(equals + 1, &override->severity))
		return fault_set(fault,
			"--severity: \"%s\": the state is ok, warning, critical or unknown", item);
	return true;
}

bool common_policy(const struct common_values *values, struct arena *arena, struct policy *policy,
	struct fault *fault)
{
	struct severity_override *overrides =
		arena_array(arena, values->severity.count, sizeof(*overrides));

	policy->lag_warning = values->warning;
	policy->lag_critical = values->critical;
	policy->timeout_result = (enum severity)values->timeout_result.index;
	policy->has_key = values->key_file != NULL;
	for (size_t i = 0; i < values->severity.count; i++) {
		if (!parse_severity(values->severity.items[i], &overrides[i], fault))
			return false;
	}
	policy->overrides = overrides;
	policy->override_count = values->severity.count;
	return true;
}

bool common_sources(const struct common_values *values, struct exchange_settings *settings,
	struct fault *fault)
{
	for (size_t i = 0; i < values->source.count; i++) {
		struct address address;
		struct address *slot;

		if (strchr(values->source.items[i], '@') ||
			!address_from_text(values->source.items[i], &address))
			return fault_set(fault,
				"--source: \"%s\" is no IP address, e.g. 192.0.2.10",
				values->source.items[i]);
		slot = address.family == 4 ? &settings->source4 : &settings->source6;
		if (slot->family)
			return fault_set(fault,
				"--source: %s is a second IPv%d address; one of each family is enough",
				values->source.items[i], address.family);
		*slot = address;
	}
	return true;
}

bool common_output_file(const char *text, struct output_file *file, struct fault *fault)
{
	const char *colon = strchr(text, ':');

	if (!colon || !colon[1])
		return fault_set(fault,
			"--write: \"%s\" is not FORMAT:FILE, e.g. json:/run/dns.json", text);
	file->path = colon + 1;
	file->is_scenario = (size_t)(colon - text) == 8 && !strncmp(text, "scenario", 8);
	for (size_t i = 0; !file->is_scenario; i++) {
		if (!output_formats[i])
			return fault_set(fault,
				"--write: \"%s\": the format is text, json, prometheus, html or scenario",
				text);
		file->format = (enum output_format)i;
		if (strlen(output_formats[i]) == (size_t)(colon - text) &&
			!strncmp(text, output_formats[i], (size_t)(colon - text)))
			break;
	}
	return true;
}
