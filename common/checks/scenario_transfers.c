#include "common/checks/scenario_transfers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/checks/scenario_columns.h"
#include "common/checks/scenario_comparisons.h"
#include "common/model/zone_transfer.h"

struct scenario_transfer {
	uint32_t zone, server;
	struct zone_transfer transfer;
	struct zone_comparison comparison;
};

#define NUMBER(field, absent, most) SCENARIO_INTEGER(zone_transfer, field, absent, most)
#define TEXT(field)                                                                                \
	{                                                                                          \
		.name = #field, .offset = offsetof(struct zone_transfer, field),                   \
		.kind = COLUMN_TEXT_CLEANED                                                        \
	}

static const struct scenario_column columns[] = {
	NUMBER(rcode, 0, UINT16_MAX),
	NUMBER(ede_code, EDE_NONE, UINT16_MAX),
	NUMBER(error, 0, INT32_MAX),
	NUMBER(inside_message, 0, 1),
	NUMBER(has_serial, 0, 1),
	NUMBER(serial, 0, UINT32_MAX),
	NUMBER(records, 0, INT64_MAX),
	NUMBER(messages, 0, INT64_MAX),
	NUMBER(bytes, 0, INT64_MAX),
	NUMBER(duration_us, 0, INT64_MAX),
	NUMBER(first_message_us, 0, UINT32_MAX),
	NUMBER(is_signed, 0, 1),
	NUMBER(tls_alpn, 0, 1),
	NUMBER(certificate_ends_s, 0, 253402300799),
	TEXT(ede_text),
	TEXT(trouble),
	TEXT(tls_version),
	TEXT(tls_cipher),
	{ .name = NULL },
};

static void write_transfer(const struct zone_transfer *transfer, struct text *out)
{
	text_addf(out, " end=%s phase=%s form=%s", transfer_end_name(transfer->end),
		transfer_phase_name(transfer->phase), transfer_form_name(transfer->form));
	scenario_add_columns(out, columns, transfer);
}

void scenario_write_transfers(const struct plan *plan, const struct observations *seen,
	struct text *out)
{
	for (uint32_t z = 0; seen->zone_transfers && z < plan->zone_count; z++) {
		const struct zone *zone = &plan->zones[z];

		for (uint32_t i = 0; i < zone->pair_count; i++) {
			uint32_t pair = zone->first_pair + i;

			text_addf(out, "zone_transfer zone=%u server=%u", z, plan->assigned[pair]);
			write_transfer(&seen->zone_transfers[pair], out);
			if (seen->zone_comparisons)
				scenario_write_comparison(&seen->zone_comparisons[pair], out);
			text_add_byte(out, '\n');
		}
	}
}

static const char *end_name(unsigned value)
{
	return transfer_end_name((enum transfer_end)value);
}

static const char *phase_name(unsigned value)
{
	return transfer_phase_name((enum transfer_phase)value);
}

static const char *form_name(unsigned value)
{
	return transfer_form_name((enum transfer_form)value);
}

static bool read_names(struct scenario_line *line, struct zone_transfer *transfer)
{
	unsigned end, phase, form;

	if (!scenario_choice(line, "end", TRANSFER_END_COUNT, end_name, &end) ||
		!scenario_choice(line, "phase", TRANSFER_PHASE_COUNT, phase_name, &phase) ||
		!scenario_choice(line, "form", TRANSFER_DIFFERENCES + 1, form_name, &form))
		return false;
	transfer->end = (enum transfer_end)end;
	transfer->phase = (enum transfer_phase)phase;
	transfer->form = (enum transfer_form)form;
	return true;
}

bool scenario_read_transfer(struct scenario_line *line, const struct plan *plan,
	struct observations *seen, struct scenario_transfers *transfers)
{
	struct scenario_transfer read = { 0 };
	int64_t zone, server;

	if (!scenario_number(line, "zone", (int64_t)plan->zone_count - 1, &zone) ||
		!scenario_number(line, "server", (int64_t)plan->server_count - 1, &server) ||
		!read_names(line, &read.transfer) ||
		!scenario_read_columns(line, columns, &read.transfer, &seen->arena) ||
		!scenario_read_comparison(line, seen, &read.comparison))
		return false;
	read.zone = (uint32_t)zone;
	read.server = (uint32_t)server;
	MEMORY_ROOM(transfers->items, transfers->count, transfers->capacity);
	transfers->items[transfers->count++] = read;
	return true;
}

bool scenario_place_transfers(const struct scenario_transfers *transfers, const struct plan *plan,
	struct observations *seen)
{
	const struct zone_transfer none = { .ede_code = EDE_NONE,
		.ede_text = "",
		.trouble = "",
		.tls_version = "",
		.tls_cipher = "" };

	if (!transfers->count)
		return true;
	seen->zone_transfers =
		arena_array(&seen->arena, plan->pair_count, sizeof(*seen->zone_transfers));
	seen->zone_comparisons =
		arena_array(&seen->arena, plan->pair_count, sizeof(*seen->zone_comparisons));
	for (size_t pair = 0; pair < plan->pair_count; pair++)
		seen->zone_transfers[pair] = none;
	for (size_t i = 0; i < transfers->count; i++) {
		const struct scenario_transfer *read = &transfers->items[i];
		uint32_t pair = plan_pair(plan, read->zone, read->server);

		if (pair == PLAN_NONE)
			return false;
		seen->zone_transfers[pair] = read->transfer;
		seen->zone_comparisons[pair] = read->comparison;
	}
	return true;
}

void scenario_transfers_free(struct scenario_transfers *transfers)
{
	free(transfers->items);
	*transfers = (struct scenario_transfers){ 0 };
}
