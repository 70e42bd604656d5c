/* Records as lines of a master file. */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/wire.h"
#include "common/dns/zone_file.h"

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

/* As ldns prints it, after "OWNER<TAB>TTL<TAB>CLASS<TAB>TYPE<TAB>". */
static void add_printed(const char *line, struct text *out)
{
	size_t length;

	for (unsigned tabs = 0; tabs < TABS_BEFORE_RDATA && *line; line++)
		tabs += *line == '\t';
	length = strlen(line);
	while (length && strchr("\n\t ", line[length - 1]))
		length--;
	text_add_bytes(out, line, length);
}

/* False where ldns does not understand it. */
static bool add_by_ldns(const struct zone_record *record, struct text *out)
{
	static const uint8_t root[] = { 0 };
	uint8_t wire[HEADER + MESSAGE_MOST];
	struct wire_writer writer = wire_write(wire, sizeof(wire));
	ldns_rr *rr = NULL;
	size_t at = 0;
	char *line;

	wire_write_name(&writer, root);
	wire_write_u16(&writer, record->type);
	wire_write_u16(&writer, record->class);
	wire_write_u32(&writer, 0);
	wire_write_u16(&writer, record->rdata_length);
	wire_write_bytes(&writer, record->rdata, record->rdata_length);
	if (ldns_wire2rr(&rr, wire, writer.length, &at, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return false;
	line = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	ldns_rr_free(rr);
	if (!line)
		return false;
	add_printed(line, out);
	free(line);
	return true;
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
