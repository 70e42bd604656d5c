#include "common/dns/zone_file.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/zone_line.h"
#include "common/dns/zone_rdata.h"

enum { DEPTH_MOST = 10, TTL_MOST = 0x7fffffff /* RFC 2181 8 */ };

/* What holds over all files of one zone. */
struct zone_parse {
	const struct zone_file_reader *reader;
	struct fault *fault;
	bool has_default_ttl, has_last_ttl;
	uint32_t default_ttl, last_ttl; /* of $TTL; of the last record that said one */
	uint16_t class;
	unsigned depth;
	bool located; /* the fault already says where */
};

/* One file. */
struct zone_source {
	struct zone_parse *parse;
	struct zone_lines lines;
	uint8_t origin[NAME_WIRE], owner[NAME_WIRE];
	bool has_owner;
};

static bool read_source(struct zone_parse *parse, const char *file, struct zone_lines lines,
	const uint8_t *origin);

static bool has_class(const char *word, uint16_t *class)
{
	static const struct {
		const char *text;
		uint16_t class;
	} classes[] = { { "IN", DNS_IN }, { "CH", DNS_CH }, { "HS", 4 } };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (!strcasecmp(word, classes[i].text)) {
			*class = classes[i].class;
			return true;
		}
	}
	return false;
}

static bool take_name(struct zone_source *source, const char *word, const char *what,
	uint8_t name[NAME_WIRE])
{
	struct fault *fault = source->parse->fault;
	uint8_t taken[NAME_WIRE];
	size_t length = name_from_master(word, source->origin, taken, fault);

	if (!length)
		return fault_set(fault, "%s: %s", what, fault->text);
	memcpy(name, taken, length);
	return true;
}

static bool end_directive(struct zone_source *source, char *rest)
{
	return !zone_word(&rest) || fault_set(source->parse->fault, "a word too many");
}

static bool take_origin(struct zone_source *source, char *rest)
{
	char *word = zone_word(&rest);

	if (!word)
		return fault_set(source->parse->fault, "$ORIGIN without a name");
	return take_name(source, word, "$ORIGIN", source->origin) && end_directive(source, rest);
}

static bool take_default_ttl(struct zone_source *source, char *rest)
{
	struct zone_parse *parse = source->parse;
	char *word = zone_word(&rest);

	if (!word || !zone_seconds(word, TTL_MOST, &parse->default_ttl))
		return fault_set(parse->fault, "$TTL without a time up to %d seconds", TTL_MOST);
	parse->has_default_ttl = true;
	return end_directive(source, rest);
}

/* In place. */
static char *without_quotes(char *word)
{
	size_t length = strlen(word);

	if (length < 2 || word[0] != '"' || word[length - 1] != '"')
		return word;
	word[length - 1] = '\0';
	return word + 1;
}

static struct zone_lines lines_of(const char *content, size_t length)
{
	return (struct zone_lines){ .at = content, .end = content + length, .next_line = 1 };
}

static bool include_file(struct zone_source *source, const char *path, const uint8_t *origin)
{
	struct zone_parse *parse = source->parse;
	struct text content = { 0 };
	bool good = parse->reader->include(parse->reader->context, path, &content, parse->fault) &&
		read_source(parse, path, lines_of(text_string(&content), content.length), origin);

	text_free(&content);
	return good;
}

/* Origin and owner are the including file's again afterwards (RFC 1035 5.1). */
static bool take_include(struct zone_source *source, char *rest)
{
	struct zone_parse *parse = source->parse;
	char *path = zone_word(&rest), *word = path ? zone_word(&rest) : NULL;
	uint8_t origin[NAME_WIRE];

	memcpy(origin, source->origin, sizeof(origin));
	if (!path)
		return fault_set(parse->fault, "$INCLUDE without a file");
	if (word && !take_name(source, word, "$INCLUDE", origin))
		return false;
	if (!end_directive(source, rest))
		return false;
	if (!parse->reader->include)
		return fault_set(parse->fault, "$INCLUDE is not allowed here");
	if (parse->depth > DEPTH_MOST)
		return fault_set(parse->fault, "$INCLUDE over %d deep", DEPTH_MOST);
	return include_file(source, without_quotes(path), origin);
}

static bool take_directive(struct zone_source *source, const char *word, char *rest)
{
	if (!strcasecmp(word, "$ORIGIN"))
		return take_origin(source, rest);
	if (!strcasecmp(word, "$TTL"))
		return take_default_ttl(source, rest);
	if (!strcasecmp(word, "$INCLUDE"))
		return take_include(source, rest);
	return fault_set(source->parse->fault, "%.20s is not known here", word);
}

/* Of a record without one: RFC 2308 4 ($TTL), RFC 1035 5.1 (the last one said), and as BIND does at
 * the SOA. */
static bool inherit_ttl(struct zone_parse *parse, struct zone_record *record)
{
	if (parse->has_default_ttl) {
		record->ttl = parse->default_ttl;
	} else if (parse->has_last_ttl) {
		record->ttl = parse->last_ttl;
	} else if (record->type == DNS_SOA && record->rdata_length > 4) {
		struct wire_reader minimum = wire_read(record->rdata, record->rdata_length);

		minimum.at = minimum.length - 4;
		record->ttl = parse->last_ttl = wire_read_u32(&minimum) & TTL_MOST;
		parse->has_last_ttl = true;
	} else {
		return fault_set(parse->fault, "no TTL here, and no $TTL before");
	}
	return true;
}

/* Fields before the rdata, in either order (RFC 1035 5.1): TTL, class, then the type. */
struct record_head {
	bool has_ttl;
	uint32_t ttl;
	uint16_t type;
};

static bool take_type(struct zone_parse *parse, const char *word, struct record_head *head)
{
	if (!type_from_text(word, &head->type))
		return fault_set(parse->fault, "%.20s is no type", word);
	/* RFC 6895 3.1: OPT and 128 to 255 are only in messages. */
	if (!head->type || head->type == DNS_OPT || (head->type >= 128 && head->type <= 255))
		return fault_set(parse->fault, "%.20s can't be in a zone", word);
	return true;
}

static bool take_head(struct zone_parse *parse, char **rest, struct record_head *head)
{
	bool classed = false;
	char *word;

	while ((word = zone_word(rest))) {
		if (!head->has_ttl && *word >= '0' && *word <= '9') {
			if (!zone_seconds(word, TTL_MOST, &head->ttl))
				return fault_set(parse->fault, "%.20s is no TTL", word);
			head->has_ttl = true;
		} else if (!classed && has_class(word, &parse->class)) {
			classed = true;
		} else {
			return take_type(parse, word, head);
		}
	}
	return fault_set(parse->fault, "a type is missing");
}

static bool read_rdata(struct zone_source *source, char *rest, uint16_t type,
	struct wire_writer *out)
{
	struct fault *fault = source->parse->fault;
	struct zone_rdata_request request = {
		.type = type,
		.class = source->parse->class,
		.origin = source->origin,
	};
	char name[16];

	if (zone_rdata_read(&request, rest, out, fault))
		return true;
	return fault_set(fault, "%s: %s", type_text(type, name), fault->text);
}

/* `rest` begins with what follows the owner. */
static bool take_record(struct zone_source *source, char *rest)
{
	struct zone_parse *parse = source->parse;
	struct record_head head = { 0 };
	uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));
	struct zone_record record = { .owner = source->owner, .rdata = rdata };

	if (!source->has_owner)
		return fault_set(parse->fault, "no owner here, and none before");
	if (!take_head(parse, &rest, &head) || !read_rdata(source, rest, head.type, &out))
		return false;
	record.type = head.type;
	record.class = parse->class;
	record.ttl = head.ttl;
	record.rdata_length = (uint16_t)out.length;
	if (!head.has_ttl && !inherit_ttl(parse, &record))
		return false;
	if (head.has_ttl) {
		parse->has_last_ttl = true;
		parse->last_ttl = head.ttl;
	}
	return parse->reader->record(parse->reader->context, &record, parse->fault);
}

static bool take_line(struct zone_source *source)
{
	char *rest = source->lines.text.bytes, *word;

	if (source->lines.indented)
		return take_record(source, rest);
	word = zone_word(&rest);
	assert(word); /* the line is not blank */
	if (*word == '$')
		return take_directive(source, word, rest);
	source->has_owner = take_name(source, word, "owner", source->owner);
	return source->has_owner && take_record(source, rest);
}

static bool read_lines(struct zone_source *source)
{
	struct zone_parse *parse = source->parse;

	*parse->fault = (struct fault){ 0 };
	while (zone_lines_next(&source->lines, parse->fault)) {
		if (!take_line(source))
			return false;
	}
	return !*parse->fault->text;
}

static bool read_source(struct zone_parse *parse, const char *file, struct zone_lines lines,
	const uint8_t *origin)
{
	struct zone_source source = { .parse = parse, .lines = lines };
	bool good;

	memcpy(source.origin, origin, name_length(origin));
	parse->depth++;
	good = read_lines(&source);
	parse->depth--;
	if (!good && !parse->located)
		fault_set(parse->fault, "%s:%u: %s", file, source.lines.line, parse->fault->text);
	parse->located = !good;
	text_free(&source.lines.text);
	return good;
}

bool zone_file_read(const char *file, const char *content, size_t length, const uint8_t *origin,
	const struct zone_file_reader *reader, struct fault *fault)
{
	struct zone_parse parse = { .reader = reader, .fault = fault, .class = DNS_IN };
	return read_source(&parse, file, lines_of(content, length), origin);
}
