/*
 * ldns reads the presentation of rdata, but for what it gets wrong: names (it takes "\@." for the
 * origin), numbers that are too large (it wraps them), types that it does not know (it takes them
 * for TYPE0), and RFC 3597's \# (it reads past bad digits, and counts them in 16 bits). So rdata of
 * names and numbers is read here, and other is looked over before.
 */
#include "common/dns/zone_rdata.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/message.h"
#include "common/dns/name.h"
#include "common/dns/rdata.h"
#include "common/dns/zone_line.h"

/* ldns cuts what is longer, without a word (LDNS_MAX_PACKETLEN). */
enum { LDNS_TEXT_MOST = 65534 };
enum { DATE_DIGITS = 14, SIG = 24, APL = 42, CSYNC = 62 };

/* Made of names and numbers of 2 and 4 bytes only? (An A is 4 bytes, but not written as a number.)
 */
static bool is_plain(const char *fields)
{
	return fields && *fields && strspn(fields, "n24") == strlen(fields) && strcmp(fields, "4");
}

static bool add_name(const char *word, const uint8_t *origin, struct wire_writer *out,
	struct fault *fault)
{
	uint8_t name[NAME_WIRE];

	if (strchr(word, '"'))
		return fault_set(fault, "a name in quotes");
	if (!name_from_master(word, origin, name, fault))
		return false;
	wire_write_name(out, name);
	return true;
}

static bool add_number(const char *word, unsigned bytes, struct wire_writer *out,
	struct fault *fault)
{
	uint32_t most = bytes == 2 ? UINT16_MAX : UINT32_MAX, number;

	if (bytes == 2 && strspn(word, "0123456789") != strlen(word))
		return fault_set(fault, "a number is expected");
	if (!zone_seconds(word, most, &number))
		return fault_set(fault, "a number up to %u is expected", most);
	if (bytes == 2)
		wire_write_u16(out, (uint16_t)number);
	else
		wire_write_u32(out, number);
	return true;
}

static bool read_plain(const struct zone_rdata_request *request, const char *fields, char *text,
	struct wire_writer *out, struct fault *fault)
{
	for (; *fields; fields++) {
		char *word = zone_word(&text);

		if (!word)
			return fault_set(fault, "a field is missing");
		if (*fields == 'n' ? !add_name(word, request->origin, out, fault)
				   : !add_number(word, (unsigned)(*fields - '0'), out, fault))
			return false;
	}
	return !zone_word(&text) || fault_set(fault, "a field too many");
}

static int hex_digit(char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = byte
		? strchr(digits, byte >= 'A' && byte <= 'F' ? byte + ('a' - 'A') : byte)
		: NULL;

	return found ? (int)(found - digits) : -1;
}

static bool hex_pair(const char *digits, uint8_t *byte)
{
	int upper = hex_digit(digits[0]), lower = upper < 0 ? -1 : hex_digit(digits[1]);

	if (lower < 0)
		return false;
	*byte = (uint8_t)(upper * 16 + lower);
	return true;
}

/* \# LENGTH HEX... (RFC 3597 5); `text` stands behind the \#. */
static bool read_generic(char *text, struct wire_writer *out, struct fault *fault)
{
	char *word = zone_word(&text);
	uint32_t length;

	if (!word || strspn(word, "0123456789") != strlen(word) ||
		!zone_seconds(word, 0xffff, &length))
		return fault_set(fault, "a length is expected behind \\#");
	while ((word = zone_word(&text))) {
		for (; *word; word += 2) {
			uint8_t byte;

			if (!hex_pair(word, &byte))
				return fault_set(fault, "pairs of hexadecimal digits are expected");
			wire_write_u8(out, byte);
		}
	}
	return (!out->failed && out->length == length) ||
		fault_set(fault, "\\# announces another length");
}

/* Numbers may have names ("ECDSAP256SHA256") and, where they are times of 14 digits, dates: those
 * are for ldns to judge. */
static bool check_number(const char *word, char field, struct fault *fault)
{
	uint32_t most = field == '1' ? UINT8_MAX : field == '2' ? UINT16_MAX : UINT32_MAX, number;
	size_t length = strlen(word);
	bool digits = strspn(word, "0123456789") == length;

	if (*word != '-' && (!digits || (field == '4' && length == DATE_DIGITS)))
		return true;
	return zone_seconds(word, most, &number) ||
		fault_set(fault, "a number up to %u is expected", most);
}

static bool check_types(char *text, struct fault *fault)
{
	uint16_t type;
	char *word;

	while ((word = zone_word(&text))) {
		if (!type_from_text(word, &type))
			return fault_set(fault, "%.20s is no type", word);
	}
	return true;
}

static bool is_type_list(uint16_t type)
{
	return type == DNS_NSEC || type == DNS_NSEC3 || type == CSYNC;
}

/* The words that stand for the leading fields, one each. `text` is changed. */
static bool check_words(uint16_t type, const char *fields, char *text, struct fault *fault)
{
	uint16_t covered;

	for (const char *field = fields; strchr("124ns", *field); field++) {
		char *word = zone_word(&text);

		if (!word)
			return true; /* ldns says what is missing */
		if (field == fields && (type == DNS_RRSIG || type == SIG)) {
			if (!type_from_text(word, &covered))
				return fault_set(fault, "%.20s is no type", word);
		} else if (*field != 'n' && *field != 's' && !check_number(word, *field, fault)) {
			return false;
		}
		if (!field[1])
			return true;
	}
	return !is_type_list(type) || check_types(text, fault);
}

static bool look_over(uint16_t type, const char *fields, const char *text, struct fault *fault)
{
	struct text copy = { 0 };
	bool good;

	text_add(&copy, text);
	good = check_words(type, fields, copy.bytes, fault);
	text_free(&copy);
	return good;
}

/* "Syntax error, could not parse the RR's rdata": the first half says nothing. */
static const char *ldns_reason(ldns_status status)
{
	const char *reason = ldns_get_errorstr_by_id(status), *comma = strstr(reason, "error, ");

	return comma ? comma + strlen("error, ") : reason;
}

static bool add_ldns_fields(const ldns_rr *rr, struct wire_writer *out, struct fault *fault)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		wire_write_bytes(out, ldns_rdf_data(ldns_rr_rdf(rr, i)),
			ldns_rdf_size(ldns_rr_rdf(rr, i)));
	return !out->failed || fault_set(fault, "rdata over 65,535 bytes");
}

static bool read_by_ldns(const struct zone_rdata_request *request, const char *text,
	struct wire_writer *out, struct fault *fault)
{
	struct text line = { 0 };
	char type[16];
	ldns_rdf *origin;
	ldns_rr *rr = NULL;
	ldns_status status;
	bool good;

	if (strlen(text) > LDNS_TEXT_MOST)
		return fault_set(fault, "rdata over %d bytes of text", LDNS_TEXT_MOST);
	origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name_length(request->origin),
		request->origin);
	/* The owner is ours to know: a dot stands for it. */
	text_addf(&line, ". 0 IN %s %s", type_text(request->type, type), text);
	status = ldns_rr_new_frm_str(&rr, line.bytes, 0, origin, NULL);
	text_free(&line);
	ldns_rdf_deep_free(origin);
	if (status != LDNS_STATUS_OK)
		return fault_set(fault, "%s", ldns_reason(status));
	good = add_ldns_fields(rr, out, fault);
	ldns_rr_free(rr);
	return good;
}

bool zone_rdata_read(const struct zone_rdata_request *request, char *text, struct wire_writer *out,
	struct fault *fault)
{
	/* Other classes' rdata is written in the same way. */
	const char *fields = rdata_fields(request->type, DNS_IN);
	bool good;

	while (*text == ' ')
		text++;
	if (!*text && request->type != APL) /* RFC 3123 4: of no prefix at all */
		return fault_set(fault, "rdata is missing");
	if (!strncmp(text, "\\#", 2) && (!text[2] || text[2] == ' '))
		good = read_generic(text + 2, out, fault);
	else if (is_plain(fields))
		good = read_plain(request, fields, text, out, fault);
	else
		good = look_over(request->type, fields ? fields : "*", text, fault) &&
			read_by_ldns(request, text, out, fault);
	if (!good)
		return false;
	if (out->failed ||
		!rdata_check(request->type, request->class, out->bytes, (uint16_t)out->length))
		return fault_set(fault, "rdata of the wrong shape");
	return true;
}
