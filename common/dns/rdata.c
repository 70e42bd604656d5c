#include "common/dns/rdata.h"

#include <string.h>

enum { TYPE_LP = 107 };

/*
 * One letter a field: 1 2 4 6 8: as many bytes; A: 16 bytes; n: a name, maybe compressed; s: a
 * character string; S: one or more of them; x: the prefix, suffix and name of A6 (RFC 2874 3.1); *:
 * the rest, any bytes.
 */
struct shape {
	uint16_t type;
	const char *fields;
};

static const struct shape shapes[] = {
	/* ascending */
	{ 1, "4" },          /* A */
	{ 2, "n" },          /* NS */
	{ 3, "n" },          /* MD */
	{ 4, "n" },          /* MF */
	{ 5, "n" },          /* CNAME */
	{ 6, "nn44444" },    /* SOA */
	{ 7, "n" },          /* MB */
	{ 8, "n" },          /* MG */
	{ 9, "n" },          /* MR */
	{ 11, "41*" },       /* WKS */
	{ 12, "n" },         /* PTR */
	{ 13, "ss" },        /* HINFO */
	{ 14, "nn" },        /* MINFO */
	{ 15, "2n" },        /* MX */
	{ 16, "S" },         /* TXT */
	{ 17, "nn" },        /* RP */
	{ 18, "2n" },        /* AFSDB */
	{ 19, "s" },         /* X25 */
	{ 20, "S" },         /* ISDN */
	{ 21, "2n" },        /* RT */
	{ 24, "2114442n*" }, /* SIG */
	{ 25, "211*" },      /* KEY */
	{ 26, "2nn" },       /* PX */
	{ 27, "sss" },       /* GPOS */
	{ 28, "A" },         /* AAAA */
	{ 30, "n*" },        /* NXT */
	{ 33, "222n" },      /* SRV */
	{ 35, "22sssn" },    /* NAPTR */
	{ 36, "2n" },        /* KX */
	{ 37, "221*" },      /* CERT */
	{ 38, "x" },         /* A6 */
	{ 39, "n" },         /* DNAME */
	{ 43, "211*" },      /* DS */
	{ 44, "11*" },       /* SSHFP */
	{ 46, "2114442n*" }, /* RRSIG */
	{ 47, "n*" },        /* NSEC */
	{ 48, "211*" },      /* DNSKEY */
	{ 50, "112ss*" },    /* NSEC3 */
	{ 51, "112s" },      /* NSEC3PARAM */
	{ 52, "111*" },      /* TLSA */
	{ 53, "111*" },      /* SMIMEA */
	{ 59, "211*" },      /* CDS */
	{ 60, "211*" },      /* CDNSKEY */
	{ 62, "42*" },       /* CSYNC */
	{ 63, "411*" },      /* ZONEMD */
	{ 99, "S" },         /* SPF */
	{ 107, "2n" },       /* LP */
	{ 108, "6" },        /* EUI48 */
	{ 109, "8" },        /* EUI64 */
	{ 256, "22*" },      /* URI */
	{ 257, "1s*" },      /* CAA */
};

/* NULL where the shape is not known. Other classes give the types other shapes (an A of Chaosnet is
 * a name and a number), and those of UPDATE (RFC 2136 2.4) come without rdata. */
const char *rdata_fields(uint16_t type, uint16_t class)
{
	size_t low = 0, high = sizeof(shapes) / sizeof(shapes[0]);

	while (class == DNS_IN && low < high) {
		size_t middle = (low + high) / 2;

		if (shapes[middle].type == type)
			return shapes[middle].fields;
		if (shapes[middle].type < type)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void copy_bytes(struct wire_reader *from, size_t count, struct wire_writer *out)
{
	const uint8_t *bytes = wire_read_bytes(from, count);

	if (bytes)
		wire_write_bytes(out, bytes, count);
}

static void copy_name(struct wire_reader *from, struct wire_writer *out)
{
	uint8_t name[NAME_WIRE];
	size_t length = wire_read_name(from, name);

	wire_write_bytes(out, name, length);
}

static void copy_string(struct wire_reader *from, struct wire_writer *out)
{
	uint8_t length = wire_read_u8(from);

	wire_write_u8(out, length);
	copy_bytes(from, length, out);
}

static void copy_strings(struct wire_reader *from, struct wire_writer *out)
{
	do
		copy_string(from, out);
	while (wire_left(from));
}

static void copy_a6(struct wire_reader *from, struct wire_writer *out)
{
	uint8_t prefix_bits = wire_read_u8(from);

	if (prefix_bits > 128) {
		from->failed = true;
		return;
	}
	wire_write_u8(out, prefix_bits);
	copy_bytes(from, (128u - prefix_bits + 7) / 8, out);
	if (prefix_bits)
		copy_name(from, out);
}

static void copy_field(char field, struct wire_reader *from, struct wire_writer *out)
{
	switch (field) {
	case 'n':
		copy_name(from, out);
		break;
	case 's':
		copy_string(from, out);
		break;
	case 'S':
		copy_strings(from, out);
		break;
	case 'x':
		copy_a6(from, out);
		break;
	case '*':
		copy_bytes(from, wire_left(from), out);
		break;
	case 'A':
		copy_bytes(from, 16, out);
		break;
	default: /* a digit */
		copy_bytes(from, (size_t)(field - '0'), out);
	}
}

static bool copy_rdata(struct wire_reader *from, const char *fields, struct wire_writer *out)
{
	for (; *fields && !from->failed; fields++)
		copy_field(*fields, from, out);
	return !from->failed && !out->failed && !wire_left(from);
}

bool rdata_expand(const struct message *message, const struct record *record,
	struct wire_writer *out)
{
	/* Ends with the rdata: pointers lead backwards only. */
	struct wire_reader from = wire_read(message->bytes, record->rdata + record->rdata_length);
	const char *fields = rdata_fields(record->type, record->class);

	from.at = record->rdata;
	return copy_rdata(&from, fields ? fields : "*", out) && out->length <= MESSAGE_MOST;
}

bool rdata_check(uint16_t type, uint16_t class, const uint8_t *rdata, uint16_t length)
{
	uint8_t copy[MESSAGE_MOST];
	struct wire_reader from = wire_read(rdata, length);
	struct wire_writer out = wire_write(copy, sizeof(copy));
	const char *fields = rdata_fields(type, class);

	/* A pointer would change the length. */
	return !fields ||
		(copy_rdata(&from, fields, &out) && out.length == length &&
			!memcmp(copy, rdata, length));
}

/* RFC 6840 5.1 takes NSEC out of the list of RFC 4034 6.2; LP (RFC 6742) came later. Any other type
 * with a name of a known place is in it. */
bool rdata_names_fold(uint16_t type)
{
	const char *fields = rdata_fields(type, DNS_IN);

	return fields && type != DNS_NSEC && type != TYPE_LP &&
		(strchr(fields, 'n') || strchr(fields, 'x'));
}

/* Steps over a field that holds no name. */
static void skip_field(char field, struct wire_reader *at)
{
	if (field == 's')
		wire_skip(at, wire_read_u8(at));
	else
		wire_skip(at, field == '*' ? wire_left(at) : (size_t)(field - '0'));
}

/* To the name behind prefix and suffix, if there is one (RFC 2874 3.1). */
static bool skip_to_a6_name(struct wire_reader *at)
{
	uint8_t prefix_bits = wire_read_u8(at);

	wire_skip(at, (128u - prefix_bits + 7) / 8);
	return prefix_bits;
}

void rdata_fold_names(uint16_t type, uint16_t class, uint8_t *rdata, size_t length)
{
	struct wire_reader at = wire_read(rdata, length);
	const char *fields = rdata_fields(type, class);

	for (; fields && *fields && !at.failed; fields++) {
		if (*fields == 'n' || (*fields == 'x' && skip_to_a6_name(&at))) {
			name_lower(rdata + at.at);
			wire_skip(&at, name_length(rdata + at.at));
		} else if (*fields != 'x') {
			skip_field(*fields, &at);
		}
	}
}
