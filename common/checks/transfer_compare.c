#include "common/checks/transfer_compare.h"

#include <string.h>

#include "common/base/file_writer.h"

static const struct zone_transfer_values *values_of(const struct run *run)
{
	return run->values;
}

bool transfer_compare_wanted(const struct run *run)
{
	return values_of(run)->compare.count > 0 || values_of(run)->zonemd;
}

/* --ignore=RRSIG,NSEC */
static bool read_types(const char *list, bool *ignored, struct fault *fault)
{
	while (*list) {
		size_t length = strcspn(list, ",");
		char name[32] = "";
		uint16_t type;

		if (length < sizeof(name))
			memcpy(name, list, length);
		if (!type_from_text(name, &type))
			return fault_set(fault,
				"--ignore: %.*s is no type of records, e.g. --ignore=RRSIG,NSEC or TYPE65280",
				(int)length, list);
		ignored[type] = true;
		list += length + (list[length] == ',');
	}
	return true;
}

bool transfer_compare_check(const struct run *run, bool *ignored, struct fault *fault)
{
	const struct zone_transfer_values *values = values_of(run);

	if (transfer_compare_wanted(run) && values->expect.index == EXPECT_REFUSED)
		return fault_set(fault,
			"--compare and --zonemd want whole zones: not with --expect=refused");
	if (transfer_compare_wanted(run) && values->ixfr.set)
		return fault_set(fault, "--compare and --zonemd want whole zones: not with --ixfr");
	if (!values->compare.count && (values->ignore || values->with_ttl || values->diff))
		return fault_set(fault, "%s belongs to --compare=HOST",
			values->ignore             ? "--ignore"
				: values->with_ttl ? "--with-ttl"
						   : "--diff");
	return !values->ignore || read_types(values->ignore, ignored, fault);
}

/* Atomically: who reads the file sees this run's differences or the last one's. */
static bool write_diff(const struct text *diff, const char *path, struct fault *fault)
{
	struct file_writer writer;

	if (!file_writer_begin(&writer, path, fault))
		return false;
	file_writer_take(&writer, text_string(diff), diff->length);
	return file_writer_end(&writer, fault);
}

static void begin_comparisons(struct run *run)
{
	run->seen.zone_comparisons = arena_array(&run->seen.arena, run->plan.pair_count,
		sizeof(*run->seen.zone_comparisons));
}

bool transfer_compare_run(struct run *run, const struct zone_transfer_probe *probe,
	const struct soa_probe *soa, const bool *ignored, struct fault *fault)
{
	const struct zone_transfer_values *values = values_of(run);
	struct text diff = { 0 };
	struct zone_compare compare = {
		.transfers = *probe,
		.serials = run->policy.transfers.tls ? NULL : soa,
		.compares = values->compare.count > 0,
		.zonemd = values->zonemd,
		.with_ttl = values->with_ttl,
		.ignored = values->ignore ? ignored : NULL,
		.sample_most = run->common->top.value,
		.diff = values->diff ? &diff : NULL,
	};
	bool good;

	begin_comparisons(run);
	good = probe_zone_compare(&compare, fault) &&
		(!values->diff || write_diff(&diff, values->diff, fault));
	text_free(&diff);
	return good;
}
