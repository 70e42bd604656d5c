/*
 * A zone's history as a state file kept it: whatever the bytes are, they are no record, or one that
 * can be used, and that is written and read back as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "common/model/observation.h"
#include "common/probe/state_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void use(struct zone_history *history, struct arena *arena)
{
	const int64_t now_s = 1795324740;

	for (uint32_t i = 0; i < history->serial_count; i++)
		must(history_lag(history, history->serials[i].serial, now_s).seconds >= 0);
	for (uint32_t i = 0; i < history->server_count; i++)
		must(history->servers[i].outcome < OUTCOME_COUNT &&
			history_server(history, &history->servers[i].address, NULL) &&
			history_server(history, &history->servers[i].address,
				history->servers[i].nsid));
	history_see_serial(history, 7, now_s, arena);
	must(history->serial_count <= HISTORY_SERIALS && history->server_count <= HISTORY_SERVERS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct zone_history history, again;
	struct arena arena = { 0 };
	struct text first = { 0 }, second = { 0 };

	if (!state_record_parse(data, length, &arena, &history)) {
		must(!history.known && !history.serial_count && !history.server_count);
	} else {
		state_record_write(&history, &first);
		must(state_record_parse((const uint8_t *)first.bytes, first.length, &arena,
			&again));
		state_record_write(&again, &second);
		must(first.length == second.length &&
			!memcmp(first.bytes, second.bytes, first.length));
		use(&history, &arena);
	}
	text_free(&first);
	text_free(&second);
	arena_free(&arena);
	return 0;
}
