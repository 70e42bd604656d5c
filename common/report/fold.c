#include "common/report/fold.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"

enum { NAMES_BYTES = 600 /* of the zones that are named */ };

/* While it is built: a group of findings that say the same. */
struct group {
	uint32_t first, last, worst, count;
	bool is_same;
};

/* What must be alike; the name follows. */
struct key {
	uint32_t severity, code, cause, server;
};

static void key_of(const struct finding *finding, struct text *key)
{
	struct key head = { finding->severity, finding->code, finding->cause, finding->server };

	text_cut(key, 0);
	text_add_bytes(key, &head, sizeof(head));
	if (finding->name)
		text_add(key, finding->name);
}

/* Have these two one key? */
static bool is_alike(const struct finding *a, const struct finding *b)
{
	return a->severity == b->severity && a->code == b->code && a->cause == b->cause &&
		a->server == b->server && !a->name && !b->name;
}

/* Of what is left until something ends, less is worse; of all else, more is. */
static bool is_worse(const struct finding *finding, const struct finding *than)
{
	bool is_left =
		finding->code == FINDING_EXPIRE_NEAR || finding->code == FINDING_SIGNATURE_EXPIRING;

	if (!finding->has_amount || !than->has_amount)
		return finding->has_amount && !than->has_amount;
	return is_left ? finding->amount < than->amount : finding->amount > than->amount;
}

static void join(const struct finding *all, struct group *group, uint32_t index, uint32_t *next)
{
	if (group->count++ == 0) {
		*group = (struct group){ .first = index,
			.last = index,
			.worst = index,
			.count = 1,
			.is_same = true };
		return;
	}
	next[group->last] = index;
	group->last = index;
	group->is_same &= !strcmp(all[index].text, all[group->first].text);
	if (is_worse(&all[index], &all[group->worst]))
		group->worst = index;
}

/* The group of a key, made where it was absent. */
static struct group *group_of(struct folds *folds, struct map *known, const struct text *key,
	struct group *room, uint32_t *count)
{
	const uint32_t *index = map_get(known, key->bytes, key->length);

	if (!index)
		index = map_put(known, arena_copy(&folds->arena, key->bytes, key->length),
			key->length, (*count)++, NULL);
	return &room[*index];
}

/* finding → its group; what is about the run as a whole, and all of few zones, has none. */
static struct group **group_all(const struct report *report, struct folds *folds)
{
	const struct findings *findings = &report->verdict->findings;
	struct group **groups = arena_array(&folds->arena, findings->count, sizeof(struct group *));
	struct group *room = arena_array(&folds->arena, findings->count, sizeof(*room));
	struct map known = { 0 };
	struct text key = { 0 };
	uint32_t count = 0;

	for (uint32_t i = 0; i < findings->count; i++) {
		folds->next[i] = PLAN_NONE;
		if (report->plan->zone_count < FOLD_FROM || findings->items[i].zone == PLAN_NONE)
			continue;
		if (i && groups[i - 1] && is_alike(&findings->items[i - 1], &findings->items[i])) {
			groups[i] = groups[i - 1];
		} else {
			key_of(&findings->items[i], &key);
			groups[i] = group_of(folds, &known, &key, room, &count);
		}
		join(findings->items, groups[i], i, folds->next);
	}
	map_free(&known);
	text_free(&key);
	return groups;
}

/* Where a finding stands for itself, or is the first of its fold. */
static void add_fold(const struct report *report, struct folds *folds, uint32_t index,
	const struct group *group)
{
	const struct finding *all = report->verdict->findings.items;
	struct fold *fold = &folds->items[folds->count++];

	if (group && group->count >= FOLD_FROM)
		*fold = (struct fold){ &all[group->worst], group->count, group->first,
			group->is_same };
	else
		*fold = (struct fold){ &all[index], 1, index, true };
	folds->troubles += fold->worst->severity != SEVERITY_OK;
}

static int compare_folds(const void *left, const void *right)
{
	const struct fold *a = left, *b = right;
	unsigned rank_a = severity_rank(a->worst->severity),
		 rank_b = severity_rank(b->worst->severity);
	bool run_a = a->worst->zone == PLAN_NONE, run_b = b->worst->zone == PLAN_NONE;

	if (rank_a != rank_b)
		return rank_a > rank_b ? -1 : 1;
	if (run_a != run_b)
		return run_a ? -1 : 1;
	if (a->zones != b->zones)
		return a->zones > b->zones ? -1 : 1;
	return a->first < b->first ? -1 : 1; /* as the verdict has them */
}

void report_fold(const struct report *report, struct folds *folds)
{
	uint32_t count = (uint32_t)report->verdict->findings.count;
	struct group **groups;

	*folds = (struct folds){ 0 };
	folds->items = arena_array(&folds->arena, count, sizeof(*folds->items));
	folds->next = arena_array(&folds->arena, count, sizeof(*folds->next));
	groups = group_all(report, folds);
	for (uint32_t i = 0; i < count; i++) {
		if (!groups[i] || groups[i]->count < FOLD_FROM || groups[i]->first == i)
			add_fold(report, folds, i, groups[i]);
	}
	if (folds->count)
		qsort(folds->items, folds->count, sizeof(*folds->items), compare_folds);
}

void folds_free(struct folds *folds)
{
	arena_free(&folds->arena);
	*folds = (struct folds){ 0 };
}

void fold_subject(const struct report *report, const struct fold *fold, struct text *out)
{
	struct finding about = *fold->worst;

	if (fold->zones > 1)
		about.zone = PLAN_NONE;
	report_subject(report, &about, out);
}

/* The worst first, then in the order of the plan; as many as --top says, where there is room. */
static void add_names(const struct report *report, const struct folds *folds,
	const struct fold *fold, struct text *out)
{
	const struct finding *all = report->verdict->findings.items;
	size_t before = out->length;
	uint32_t named = 1;

	plan_zone_text(report->plan, fold->worst->zone, out);
	for (uint32_t i = fold->first; i != PLAN_NONE; i = folds->next[i]) {
		if (&all[i] == fold->worst)
			continue;
		if (named == report->top || out->length - before > NAMES_BYTES)
			break;
		text_add(out, ", ");
		plan_zone_text(report->plan, all[i].zone, out);
		named++;
	}
	if (named < fold->zones) {
		text_add(out, " and ");
		text_add_count(out, fold->zones - named);
		text_add(out, " more");
	}
}

/* `in_full`: with the zones' names. */
static void add_what(const struct report *report, const struct folds *folds,
	const struct fold *fold, bool in_full, struct text *out)
{
	if (fold->zones > 1) {
		if (fold->is_same)
			text_addf(out, "%s: ", fold->worst->text);
		else
			text_add(out, "in ");
		text_add_count(out, fold->zones);
		text_add(out, " zones");
		if (in_full) {
			text_add(out, " (");
			add_names(report, folds, fold, out);
			text_add_byte(out, ')');
		}
		if (fold->is_same)
			return;
		text_add(out, ", worst ");
		plan_zone_text(report->plan, fold->worst->zone, out);
		text_add(out, ": ");
	}
	text_add(out, fold->worst->text);
}

void fold_brief(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out)
{
	add_what(report, folds, fold, false, out);
}

void fold_text(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out)
{
	const char *const clauses[] = { fold->worst->detail, fold->worst->why,
		fold->worst->evidence };
	bool names_zone = fold->zones > 1 && fold->is_same;

	add_what(report, folds, fold, true, out);
	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
		if (!clauses[i])
			continue;
		text_add(out, "; ");
		if (names_zone) {
			plan_zone_text(report->plan, fold->worst->zone, out);
			text_add(out, ": ");
			names_zone = false;
		}
		text_add(out, clauses[i]);
	}
}

void fold_line(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out)
{
	fold_subject(report, fold, out);
	if (out->length)
		text_add(out, ": ");
	fold_text(report, folds, fold, out);
}
