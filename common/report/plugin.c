/* Plugin output: one first line, one '|', perfdata, then a line for each finding, worst first;
 * bounded. */
#include <string.h>

#include "common/report/fold.h"
#include "common/report/report_private.h"

enum {
	FINDINGS_BYTES = 4 * 1024, /* left for the findings, however long the perfdata is */
	SUMMARY_BYTES = 400,       /* of the first line, before the perfdata */
	LINE_BYTES = 2000,         /* of a finding */
	NOTE_BYTES = 100,          /* of what says that something is left out */
};

/* Monitoring systems give these bytes a meaning: '|' begins perfdata, <word> becomes HTML;
 * terminals do so with control bytes. */
void report_clean(struct text *out, const char *text)
{
	static const char special[] = "|<>", instead[] = "/()";

	for (; *text; text++) {
		const char *found = strchr(special, *text);

		if (found)
			text_add_byte(out, instead[found - special]);
		else
			text_add_byte(out,
				(unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
	}
}

/* Not more than that, and no half character at the end (UTF-8's further bytes are 10xxxxxx). */
static void add_clean_cut(struct text *out, struct text *line, size_t most)
{
	if (line->length > most) {
		size_t length = most;

		while (length > 0 && ((unsigned char)line->bytes[length] & 0xc0) == 0x80)
			length--;
		text_cut(line, length);
		text_add(line, " …");
	}
	report_clean(out, text_string(line));
}

static void add_measure(struct text *out, const struct measure *measure)
{
	text_addf(out, "%s=%.*f%s", measure->label, (int)measure->decimals, measure->value,
		measure->unit);
	if (*measure->warning || *measure->critical || *measure->minimum)
		text_addf(out, ";%s;%s;%s", measure->warning, measure->critical, measure->minimum);
}

/* Whole measures only: a part of one would be another value. */
static void add_perfdata(const struct report *report, struct text *out)
{
	struct measures measures;

	report_measures(report, &measures);
	for (size_t i = 0; i < measures.count; i++) {
		size_t before = out->length;

		text_add(out, i ? " " : " | ");
		add_measure(out, &measures.items[i]);
		if (out->length > REPORT_TEXT_MOST - FINDINGS_BYTES) {
			text_cut(out, before);
			break;
		}
	}
	measures_free(&measures);
}

static void add_first_line(const struct report *report, struct text *out)
{
	struct text summary = { 0 };

	report_summary(report, &summary);
	text_addf(out, "%s %s - ", report->title, severity_text(report->verdict->severity));
	add_clean_cut(out, &summary, SUMMARY_BYTES);
	text_free(&summary);
}

static void add_fold(const struct report *report, const struct folds *folds,
	const struct fold *fold, struct text *out)
{
	struct text line = { 0 };

	fold_line(report, folds, fold, &line);
	if (fold->worst->advice && fold->worst->severity != SEVERITY_OK)
		text_addf(&line, " → %s", fold->worst->advice);
	text_addf(out, "[%s] ", severity_text(fold->worst->severity));
	add_clean_cut(out, &line, LINE_BYTES);
	text_add_byte(out, '\n');
	text_free(&line);
}

/* Behind the first line. Perfdata, which is cut already, may push the limit up. */
static size_t text_most(const struct report *report, const struct text *first_line)
{
	bool wants_more = report->verbose || report->top > REPORT_TOP;
	size_t most = wants_more ? REPORT_TEXT_MOST : REPORT_TEXT_BYTES;

	if (most < first_line->length + FINDINGS_BYTES)
		most = first_line->length + FINDINGS_BYTES;
	return most;
}

/* With a higher --top there is more room, too. */
static void add_left(struct text *out, size_t count, size_t shown)
{
	if (shown == count)
		return;
	text_add(out, "… and ");
	text_add_count(out, count - shown);
	text_addf(out, " more (--top=%zu shows more; -o json is complete)\n",
		count > REPORT_TOP ? count : REPORT_TOP + 1);
}

static void add_findings(const struct report *report, size_t most, struct text *out)
{
	struct folds folds;
	size_t count, shown = 0;

	report_fold(report, &folds);
	count = report->verbose ? folds.count : folds.troubles;
	for (; shown < count && shown < report->top; shown++) {
		size_t before = out->length;

		add_fold(report, &folds, &folds.items[shown], out);
		if (out->length > most - NOTE_BYTES) {
			text_cut(out, before);
			break;
		}
	}
	add_left(out, count, shown);
	folds_free(&folds);
}

/* Cuts at the end of a line, and says so. */
static void bound(size_t most, struct text *out)
{
	if (out->length <= most)
		return;
	text_cut(out, most - NOTE_BYTES);
	while (out->bytes[out->length - 1] != '\n')
		text_cut(out, out->length - 1);
	text_add(out, "… (cut; -o json is complete)\n");
}

void report_text(const struct report *report, struct text *out)
{
	size_t most;

	add_first_line(report, out);
	add_perfdata(report, out);
	text_add_byte(out, '\n');
	most = text_most(report, out);
	add_findings(report, most, out);
	report_comparisons_lines(report, out);
	if (report->verbose >= 1)
		report_details(report, out);
	bound(most, out);
}

void report_fault_text(const struct report *report, const char *why, struct text *out)
{
	text_addf(out, "%s UNKNOWN - ", report->title);
	report_clean(out, why);
	text_add_byte(out, '\n');
}
