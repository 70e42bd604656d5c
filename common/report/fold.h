/*
 * What is the same in many zones, said once: findings of one code about one server (or, where it is
 * about none, of the same name), with the same cause and severity. The worst of them speaks for the
 * others. JSON and Prometheus stay complete: they do not fold.
 */
#ifndef COMMON_REPORT_FOLD_H
#define COMMON_REPORT_FOLD_H

#include "common/report/report.h"

enum { FOLD_FROM = 4 /* as many can't be named one by one in a first line */ };

struct fold {
	const struct finding *worst;
	uint32_t zones; /* 1: the finding stands for itself */
	uint32_t first; /* index of the first of its findings; the others by folds.next */
	bool is_same;   /* all say the same text */
};

struct folds {
	struct fold *items; /* the worst first: by severity, the run before zones, many zones before
	                       few */
	size_t count;
	size_t troubles; /* of them not OK; they are the first */
	uint32_t *next;  /* finding → the next of its fold; PLAN_NONE */
	struct arena arena;
};

void report_fold(const struct report *report, struct folds *folds);
void folds_free(struct folds *folds);
/* "ns3.example.com (192.0.2.3)", without a zone where it is about many. */
void fold_subject(const struct report *report, const struct fold *fold, struct text *out);
/* The whole of it: what, in how many zones, which, and what the worst has to say besides. */
void fold_text(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out);
/* Both: "ns3.example.com (192.0.2.3): ...". */
void fold_line(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out);
/* What, and in how many zones. */
void fold_brief(const struct report *report, const struct folds *folds, const struct fold *fold,
	struct text *out);

#endif
