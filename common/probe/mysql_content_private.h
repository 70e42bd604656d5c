/* What the files of the comparison of contents share. */
#ifndef COMMON_PROBE_MYSQL_CONTENT_PRIVATE_H
#define COMMON_PROBE_MYSQL_CONTENT_PRIVATE_H

#include "common/probe/mysql_content.h"
#include "common/probe/mysql_look.h"
#include "common/probe/mysql_position.h"

enum candidate_kind { CANDIDATE_ZONE, CANDIDATE_TSIG, CANDIDATE_ORPHANS };

/* What was not the same at the first look. */
struct candidate {
	enum candidate_kind kind;
	const char *name;              /* "" where it is no zone */
	struct zone_print there, here; /* as last seen */
	enum print_verdict verdict;
};

enum side_number { HERE, THERE, SIDE_COUNT };

struct side {
	struct mysql_source source;
	struct database seen;
	struct look look;
	struct zone_prints prints;
	struct look_items items;
};

/* All that its threads touch is its own: it may outlive the run. */
struct content_job {
	struct arena arena;
	struct side sides[SIDE_COUNT];
	const char *schema, *channel;
	bool runs; /* all of the replica's threads */
	int64_t deadline_us;
	struct database_content result;
	uint32_t with; /* columns that both have */
	struct mysql_position position;
	enum position_wait waited;
	struct candidate *candidates;
	size_t candidate_count, candidate_capacity;
	zone_choice choice; /* for the tasks of both sides */
	bool tsig;
};

typedef void content_task(struct content_job *job, struct side *side);
/* On both sides at once; each has its own connection and memory. */
void content_both(struct content_job *job, content_task *task);
bool content_is_well(const struct content_job *job);
/* The names of candidates (of `verdict`, at most `most` of them with at most `most_rows` rows), as
 * a list for IN (...); "" none. */
zone_choice content_choose(struct content_job *job, enum print_verdict verdict, size_t most,
	uint64_t most_rows);
uint32_t content_left_ms(const struct content_job *job);

/* mysql_content_rounds.c: looks at the candidates again until all are settled, or time is up. */
void content_settle(struct content_job *job);
/* mysql_content_samples.c: what of them differs, in words, in the job's result. */
void content_explain(struct content_job *job);

#endif
