/*
 * Master files. Every record must be of its type's shape; its line must be read again as the same
 * record. $INCLUDE gives a small file, and itself.
 */
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/rdata.h"
#include "common/dns/zone_file.h"

#define ORIGIN ((const uint8_t *)"\7example\3com")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
const char *__lsan_default_suppressions(void);

/*
 * ldns 1.8.3 loses some bytes where it refuses a CERT of type 0 or an IPSECKEY's gateway. What it
 * reads from text only: a record that we forget would still be told, by its ldns_rr_new().
 */
const char *__lsan_default_suppressions(void)
{
	return "leak:ldns_rdf_new_frm_data\n"
	       "leak:ldns_str2rdf_\n";
}

static void must(bool good)
{
	if (!good)
		abort();
}

static bool same_record(void *context, const struct zone_record *record, struct fault *fault)
{
	const struct zone_record *want = context;

	(void)fault;
	must(record->type == want->type && record->class == want->class &&
		record->ttl == want->ttl);
	must(name_equal(record->owner, want->owner));
	must(record->rdata_length == want->rdata_length);
	must(!memcmp(record->rdata, want->rdata, want->rdata_length));
	return true;
}

static bool take_record(void *context, const struct zone_record *record, struct fault *fault)
{
	struct zone_file_reader again = { .record = same_record };
	struct text text = { 0 };
	struct fault unread;

	(void)context;
	(void)fault;
	must(name_check(record->owner, NAME_WIRE) == name_length(record->owner));
	must(record->ttl <= 0x7fffffff);
	must(rdata_check(record->type, record->class, record->rdata, record->rdata_length));
	zone_record_text(record, &text);
	must(!strchr(text.bytes, '\n'));
	again.context = (void *)(uintptr_t)record;
	must(zone_file_read("text", text.bytes, text.length, ORIGIN, &again, &unread));
	text_free(&text);
	return true;
}

static bool include_file(void *context, const char *path, struct text *content, struct fault *fault)
{
	(void)context;
	(void)fault;
	text_add(content, "@ 1 A 192.0.2.1\n");
	if (strchr(path, 'x'))
		text_addf(content, "$INCLUDE %.1s\n", path);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	struct zone_file_reader reader = { .include = include_file, .record = take_record };
	struct fault fault = { 0 };

	if (!zone_file_read("zone", (const char *)data, length, ORIGIN, &reader, &fault))
		must(strchr(fault.text, ':') != NULL);
	return 0;
}
