/*
 * What a sibling says (--observe), as --mysql takes it in: however it is cut into pieces, the same
 * comes out, and of that nothing that can't be.
 */
#include <stdlib.h>
#include <string.h>

#include "common/checks/dns_backends.h"
#include "common/checks/scenario_databases.h"
#include "common/model/database_zones.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

/* As lines again: the databases as if they were those of --mysql. */
static void write_all(struct scenario_databases *read, struct text *out)
{
	struct observations seen = { 0 };
	struct plan plan;
	struct outlet outlet = { 0 };

	plan_begin(&plan);
	plan_close(&plan);
	seen.backends = arena_array(read->arena, read->count, sizeof(*seen.backends));
	seen.backend_count = read->count;
	for (size_t i = 0; i < read->count; i++)
		seen.backends[i] =
			(struct backend){ .name = read->names[i], .database = &read->items[i] };
	scenario_write_databases(&plan, &seen, &outlet);
	text_add(out, text_string(&outlet.text));
	outlet_end(&outlet);
	plan_free(&plan);
}

static void hear(const uint8_t *data, size_t length, size_t most, struct text *out)
{
	struct arena arena = { 0 };
	struct scenario_databases read = { .arena = &arena };
	struct sibling sibling = { .program = "sibling" };
	struct observed observed;
	struct fault why = { { 0 } };
	bool good = true;

	observed_begin(&observed, dns_backends_kinds, &read);
	for (size_t at = 0, piece = 1; at < length && good; at += piece, piece = piece % most + 1) {
		if (piece > length - at)
			piece = length - at;
		good = observed_feed(&observed, (const char *)data + at, piece);
	}
	good = observed_end(&observed, &sibling, &why);
	must(good || *why.text);
	text_add(out, good ? "good\n" : why.text);
	write_all(&read, out);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct text small = { 0 }, large = { 0 };

	hear(data, length, 5, &small);
	hear(data, length, 4096, &large);
	must(!strcmp(text_string(&small), text_string(&large)));
	text_free(&small);
	text_free(&large);
	return 0;
}
