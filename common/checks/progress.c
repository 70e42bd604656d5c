#include "common/checks/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/file_writer.h"
#include "common/judge/judge.h"

enum { FIRST_US = 1000000, EACH_US = 200000, COLUMNS = 79 };

struct progress {
	const struct run *run;
	struct loop_timer *timer;
	size_t shown; /* columns */
};

static void count_answers(const struct run *run, uint64_t *answered, uint64_t *silent)
{
	*answered = *silent = 0;
	for (size_t pair = 0; run->seen.soa && pair < run->plan.pair_count; pair++) {
		const struct soa_observation *seen = &run->seen.soa[pair];

		*answered += judge_responded(seen);
		*silent += seen->outcome != OUTCOME_NOT_ASKED && !judge_responded(seen);
	}
}

static void describe(const struct run *run, struct text *line)
{
	uint64_t answered, silent;
	size_t servers = run->plan.server_count;

	if (run->plan.zone_count == 0) {
		text_add(line, "fetching the list of zones");
	} else if (!run->seen.soa) { /* round 0 */
		text_add(line, "looking for the servers of ");
		text_add_count(line, run->plan.zone_count);
		text_addf(line, " zone%s", run->plan.zone_count == 1 ? "" : "s");
	} else {
		count_answers(run, &answered, &silent);
		text_add_count(line, answered);
		text_add(line, " of ");
		text_add_count(line, run->plan.pair_count);
		text_add(line, " questions answered");
		if (silent) {
			text_add(line, ", ");
			text_add_count(line, silent);
			text_add(line, " not");
		}
		text_addf(line, ", %zu server%s", servers, servers == 1 ? "" : "s");
	}
	text_addf(line, ", %lld s", (long long)(clock_monotonic_us() - run->started_us) / 1000000);
}

/* Over what was shown before; the cursor stays at the begin of the line. */
static void show(struct progress *progress, const char *line)
{
	struct text out = { 0 };
	size_t length = strlen(line);

	text_addf(&out, "%.*s", COLUMNS, line);
	for (size_t at = length; at < progress->shown; at++)
		text_add_byte(&out, ' ');
	text_add_byte(&out, '\r');
	write_whole(STDERR_FILENO, out.bytes, out.length);
	progress->shown = length < COLUMNS ? length : COLUMNS;
	text_free(&out);
}

static void tell(void *context)
{
	struct progress *progress = context;
	struct text line = { 0 };

	describe(progress->run, &line);
	show(progress, text_string(&line));
	text_free(&line);
	loop_timer_set(progress->timer, clock_monotonic_us() + EACH_US);
}

struct progress *progress_begin(const struct run *run)
{
	const char *terminal = getenv("TERM");
	struct progress *progress;

	if (!isatty(STDERR_FILENO) || !terminal || !strcmp(terminal, "dumb"))
		return NULL;
	progress = memory_resize(NULL, 1, sizeof(*progress));
	*progress = (struct progress){ .run = run };
	progress->timer = loop_timer_new(run->loop, tell, progress);
	loop_timer_set(progress->timer, run->started_us + FIRST_US);
	return progress;
}

void progress_end(struct progress *progress)
{
	if (!progress)
		return;
	if (progress->shown)
		show(progress, "");
	loop_timer_free(progress->timer);
	free(progress);
}
