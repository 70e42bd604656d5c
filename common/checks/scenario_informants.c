#include "common/checks/scenario_informants.h"

#include <stddef.h>
#include <string.h>

#include "common/checks/scenario_columns.h"
#include "common/model/informant.h"

#define OF_INFORMANT(field) .name = #field, .offset = offsetof(struct informant, field)

static const struct scenario_column items[] = {
	{ OF_INFORMANT(gives_zones), .kind = COLUMN_FLAG },
	{ OF_INFORMANT(could_tell), .kind = COLUMN_FLAG },
	{ .name = NULL },
};

/* --- Writing --------------------------------------------------------------------------------- */

static void add_addresses(struct text *out, const char *key, const struct address *addresses,
	uint32_t count)
{
	char text[ADDRESS_TEXT];

	for (uint32_t i = 0; i < count; i++) {
		text_addf(out, "%s%s%s", i ? "," : " ", i ? "" : key,
			address_to_text(&addresses[i], text));
		if (addresses[i].port)
			text_addf(out, "@%u", addresses[i].port);
	}
}

void scenario_write_informants(const struct observations *seen, struct text *out)
{
	for (size_t i = 0; i < seen->informant_count; i++) {
		const struct informant *each = &seen->informants[i];

		text_addf(out, "informant %s ", informant_option(each->kind));
		scenario_add_word(out, each->name);
		add_addresses(out, "addresses=", each->addresses, each->address_count);
		add_addresses(out, "hosts=", each->hosts, each->host_count);
		if (each->trouble) {
			text_add(out, " trouble=");
			scenario_add_word(out, each->trouble);
		}
		scenario_add_columns(out, items, each);
		text_add_byte(out, '\n');
	}
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool read_addresses(struct scenario_line *line, const char *key, struct arena *arena,
	const struct address **addresses, uint32_t *count)
{
	char *list = scenario_value(line, key), *each;
	struct address *found = NULL;

	for (*count = 0; list && (each = strsep(&list, ",")); (*count)++) {
		struct address address;

		if (!address_from_text(each, &address))
			return fault_set(line->fault, "%s=: \"%s\" is no address", key, each);
		found = scenario_one_more(arena, found, *count, sizeof(*found));
		found[*count] = address;
	}
	*addresses = found;
	return true;
}

static bool read_kind(struct scenario_line *line, enum informant_kind *kind)
{
	const char *option = scenario_plain(line, 0);

	for (*kind = 0; option && *kind < INFORMANT_KIND_COUNT; (*kind)++) {
		if (!strcmp(option, informant_option(*kind)))
			return true;
	}
	return fault_set(line->fault, "neither --pdns-api nor --mysql");
}

bool scenario_read_informant(struct scenario_line *line, struct observations *seen)
{
	const char *name = scenario_plain(line, 1), *trouble = scenario_value(line, "trouble");
	struct arena *arena = &seen->arena;
	struct informant read = { 0 };

	if (!read_kind(line, &read.kind) ||
		!read_addresses(line, "addresses", arena, &read.addresses, &read.address_count) ||
		!read_addresses(line, "hosts", arena, &read.hosts, &read.host_count) ||
		!scenario_read_columns(line, items, &read, arena))
		return false;
	read.name = name ? observations_string(seen, name, strlen(name)) : NULL;
	if (!read.name)
		return fault_set(line->fault, "a name is missing");
	if (trouble)
		read.trouble = observations_string(seen, trouble, strlen(trouble));
	seen->informants =
		scenario_one_more(arena, seen->informants, seen->informant_count, sizeof(read));
	seen->informants[seen->informant_count++] = read;
	return true;
}
