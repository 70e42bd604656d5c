/* Records as lines of a master file. */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/wire.h"
#include "common/dns/zone_file.h"

#define ROOT ((const uint8_t *)"")

enum { HEADER = 1 + 2 + 2 + 4 + 2, TABS_BEFORE_RDATA = 4 };

static void add_class(uint16_t class, struct text *out)
{
	if (class == DNS_IN)
		text_add(out, "IN");
	else if (class == DNS_CH)
		text_add(out, "CH");
	else if (class == 4)
		text_add(out, "HS");
	else
		text_addf(out, "CLASS%u", class);
}

/* The rdata in a line that ldns printed: "OWNER<TAB>TTL<TAB>CLASS<TAB>TYPE<TAB>". In place. */
static const char *cut_rdata(char *line)
{
	size_t length;

	for (unsigned tabs = 0; tabs < TABS_BEFORE_RDATA && *line; line++)
		tabs += *line == '\t';
	length = strlen(line);
	while (length && strchr("\n\t ", line[length - 1]))
		length--;
	line[length] = '\0';
	return line;
}

static bool is_same(void *context, const struct zone_record *record, struct fault *fault)
{
	const struct zone_record *want = context;

	(void)fault;
	return record->rdata_length == want->rdata_length &&
		!memcmp(record->rdata, want->rdata, want->rdata_length);
}

/* ldns escapes no quotes in names, and prints some odd rdata otherwise than it reads it. */
static bool reads_back(const struct zone_record *record, const char *rdata)
{
	struct zone_file_reader reader = { .record = is_same,
		.context = (void *)(uintptr_t)record };
	struct text line = { 0 };
	struct fault fault;
	char type[16];
	bool good;

	text_addf(&line, ". 0 IN %s %s", type_text(record->type, type), rdata);
	good = zone_file_read("", line.bytes, line.length, ROOT, &reader, &fault);
	text_free(&line);
	return good;
}

/* False where ldns does not understand it, or would not read what it prints. */
static bool add_by_ldns(const struct zone_record *record, struct text *out)
{
	uint8_t wire[HEADER + MESSAGE_MOST];
	struct wire_writer writer = wire_write(wire, sizeof(wire));
	ldns_rr *rr = NULL;
	size_t at = 0, length = out->length;
	const char *rdata;
	char *line;

	wire_write_name(&writer, ROOT);
	wire_write_u16(&writer, record->type);
	wire_write_u16(&writer, DNS_IN);
	wire_write_u32(&writer, 0);
	wire_write_u16(&writer, record->rdata_length);
	wire_write_bytes(&writer, record->rdata, record->rdata_length);
	if (ldns_wire2rr(&rr, wire, writer.length, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return false;
	line = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	ldns_rr_free(rr);
	rdata = line ? cut_rdata(line) : "";
	if (*rdata && reads_back(record, rdata))
		text_add(out, rdata);
	free(line);
	return out->length > length;
}

/* RFC 3597 5 */
static void add_generic(const struct zone_record *record, struct text *out)
{
	text_addf(out, "\\# %u%s", record->rdata_length, record->rdata_length ? " " : "");
	for (unsigned i = 0; i < record->rdata_length; i++)
		text_addf(out, "%02x", record->rdata[i]);
}

void zone_record_text(const struct zone_record *record, struct text *out)
{
	char name[NAME_TEXT], type[16];

	text_addf(out, "%s\t%u\t", name_to_text(record->owner, name), record->ttl);
	add_class(record->class, out);
	text_addf(out, "\t%s\t", type_text(record->type, type));
	if (!record->rdata_length || !add_by_ldns(record, out))
		add_generic(record, out);
}
