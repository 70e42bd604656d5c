/*
 * DNS messages: questions out, answers in (RFC 1035 4, RFC 6891). Pure: bytes in, structures out;
 * nothing is allocated, and what points somewhere points into the packet. One bounds-checked
 * iterator reads every record; ldns is left to zone files and to presentation.
 */
#ifndef COMMON_DNS_MESSAGE_H
#define COMMON_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/name.h"
#include "common/dns/wire.h"

enum {
	MESSAGE_HEADER = 12,
	MESSAGE_UDP_SIZE = 1232, /* what we offer by EDNS (DNS flag day 2020) */
	MESSAGE_QUESTION = 512,  /* a buffer for any question of ours, before TSIG */
	MESSAGE_MOST = 65535,
};

enum dns_type { /* the ones that the code names; any other number is as good */
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_DS = 43,
	DNS_RRSIG = 46,
	DNS_NSEC = 47,
	DNS_NSEC3 = 50,
	DNS_NSEC3PARAM = 51,
	DNS_ZONEMD = 63,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255,
};
enum dns_class { DNS_IN = 1, DNS_CH = 3, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };
enum dns_opcode { DNS_QUERY = 0, DNS_NOTIFY = 4, DNS_UPDATE = 5 };
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_NOTAUTH = 9,
	DNS_BADVERS = 16,
	DNS_BADKEY = 17,
	DNS_BADTIME = 18
};
/* Bits of the second header word. */
enum { DNS_QR = 0x8000, DNS_AA = 0x0400, DNS_TC = 0x0200, DNS_RD = 0x0100 };
enum dns_edns_option {
	EDNS_NSID = 3,
	EDNS_EXPIRE = 9,
	EDNS_COOKIE = 10,
	EDNS_TCP_KEEPALIVE = 11,
	EDNS_EDE = 15
};

/* The shape of a question of ours. */
struct question {
	const uint8_t *name;  /* wire form */
	uint16_t type, class; /* class 0: IN */
	uint16_t id;
	uint8_t opcode; /* DNS_NOTIFY sets AA as RFC 1996 3.6 shows */
	bool recursion_desired;
	bool edns; /* the rest only with it */
	bool dnssec_ok, want_expire, want_nsid;
	const uint8_t *cookie; /* 8 bytes or NULL */
	bool has_serial; /* IXFR (authority section), NOTIFY (answer section): an SOA with this
	                    serial (RFC 1995 3, 1996 3.7) */
	uint32_t serial;
};

/* Writes the question; its length, or 0 where `capacity` does not hold it. */
size_t message_question(const struct question *question, uint8_t *bytes, size_t capacity);

enum { QUESTION_TEMPLATES = 4 /* SOA and NS, with and without EDNS */ };

/* Questions of the shapes that were asked last, without names and ids, so that the next one like
 * them is only copied. {0} has none. */
struct question_templates {
	struct question_template {
		struct question shape;
		uint8_t bytes[96]; /* as a question about the root */
		size_t length;     /* 0: empty */
	} each[QUESTION_TEMPLATES];
	unsigned oldest;
};
/* The same bytes as message_question() writes, by the template of that shape, which is made where
 * there is none. */
size_t message_question_like(struct question_templates *templates, const struct question *question,
	uint8_t *bytes, size_t capacity);

/* One record, or one question (then `ttl` and rdata are 0). Offsets into the packet, so that
 * rdata's names can be decompressed. */
struct record {
	uint8_t owner[NAME_WIRE];
	uint16_t type, class;
	uint32_t ttl;
	size_t rdata; /* offset */
	uint16_t rdata_length;
};

enum message_section {
	MESSAGE_QUESTIONS,
	MESSAGE_ANSWER,
	MESSAGE_AUTHORITY,
	MESSAGE_ADDITIONAL,
	MESSAGE_END
};

struct message {
	const uint8_t *bytes;
	size_t length;
	uint16_t id, flags; /* flags: the second header word */
	uint8_t opcode;
	uint16_t counts[4];
	uint16_t rcode;         /* extended by EDNS after message_parse() */
	size_t first;           /* where the answer section begins */
	struct record question; /* valid where counts[0] is 1 */
	bool has_edns, dnssec_ok;
	uint8_t edns_version;
	uint16_t edns_udp_size;
	size_t edns_options, edns_options_length; /* offset and bytes of the OPT's rdata */
	size_t tsig; /* offset of the TSIG record (always the last, RFC 8945 5.1), 0: none */
};

/* Header and question only, for packets that may be anything. False: too short, or a question that
 * does not parse. */
bool message_peek(const uint8_t *bytes, size_t length, struct message *message);
/* Walks the whole message and checks every bound; OPT and TSIG where they may stand. False:
 * malformed (what follows the last record counts as that, too). */
bool message_parse(const uint8_t *bytes, size_t length, struct message *message);

struct record_cursor {
	const struct message *message;
	struct wire_reader reader;
	enum message_section section;
	uint16_t left; /* of this section */
	bool failed;
};

struct record_cursor message_records(const struct message *message);
/* The next record after the questions, and the section it stands in; false at the end or where it
 * is malformed (`failed`). */
bool message_next(struct record_cursor *cursor, struct record *record,
	enum message_section *section);
/* Takes an OPT record (its owner, type, class, TTL and rdata) into the message's fields; false
 * where it may not stand there, or a second time, or its options are cut off. */
bool message_take_edns(struct message *message, const struct record *record,
	enum message_section section);
/* The rdata with every name decompressed (types of RFC 1035, RFC 3597 4 and younger ones), in an
 * `out` of 65,535 bytes at most; the length, or 0: malformed (not of the shape that its type has in
 * class IN), no room, or empty (rdata_length is 0, too, and the type allows it: see rdata.h). */
size_t record_rdata(const struct message *message, const struct record *record, uint8_t *out,
	size_t capacity);
/* The value of an EDNS option, or false. */
bool message_edns_option(const struct message *message, uint16_t code, const uint8_t **value,
	uint16_t *length);

/* Does this packet answer that question: QR, opcode, id, one question, same name, type and class?
 * (An answer without question, as some servers send with FORMERR, NOTIMP or REFUSED, passes where
 * `question_may_lack` and its rcode is neither NOERROR nor NXDOMAIN.) */
bool message_answers(const struct message *message, const struct question *question,
	bool question_may_lack);

/* What an SOA says besides its serial (RFC 1035 3.3.13); names in lower case so that structures
 * compare by memcmp. Seconds. */
struct soa_fields {
	uint8_t mname[NAME_WIRE], rname[NAME_WIRE];
	uint32_t refresh, retry, expire, minimum;
};

/* False where the rdata is no SOA. The structure's padding and unused bytes are zero. */
bool record_soa(const struct message *message, const struct record *record, uint32_t *serial,
	struct soa_fields *fields);

/* All that one answer to an SOA question with EDNS says. */
struct soa_answer {
	uint16_t rcode;
	bool authoritative, truncated, has_edns;
	bool has_soa;      /* an SOA of the very zone in the answer section */
	bool soa_repeated; /* more than one, with different serials */
	uint32_t serial;
	bool has_signature; /* an RRSIG over the SOA; the latest to expire counts */
	uint32_t signature_expiration,
		signature_inception; /* Unix time modulo 2^32 (RFC 4034 3.1.5) */
	bool has_expire;
	uint32_t expire_s; /* RFC 7314 */
	bool has_ede;
	uint16_t ede_code;       /* RFC 8914; the first one */
	const uint8_t *ede_text; /* into the packet; not NUL-terminated, may be NULL */
	uint16_t ede_text_length;
	const uint8_t *nsid; /* RFC 5001 */
	uint16_t nsid_length;
	struct soa_fields fields;
};

/* False: malformed. */
bool message_soa_answer(const struct message *message, const uint8_t *zone,
	struct soa_answer *answer);
/*
 * The short way for what nearly every answer is: our question echoed byte by byte, NOERROR, not
 * truncated, only the zone's SOA (once) and signatures in the answer section, no TSIG. Then the
 * result is the one that message_parse(), message_answers() and message_soa_answer() give, for a
 * tenth of their work. False says nothing: take the long way.
 *
 * answer->fields has to be zeroed, or of an earlier answer: many zones in a row name the same
 * primary and mailbox, which then are compared instead of read.
 */
bool message_plain_soa(const uint8_t *bytes, size_t length, const struct question *question,
	struct soa_answer *answer);

/* The first string of the TXT record that `name` has in class CH, into `out`; its length, 0 where
 * there is none. Bytes as they came. */
enum { CHAOS_TEXT = 255 };
size_t message_chaos_text(const struct message *message, const uint8_t *name,
	uint8_t out[CHAOS_TEXT]);

/* "NOERROR", "REFUSED", ... or "RCODE12"; a static string or written into `out`. */
const char *rcode_text(uint16_t rcode, char out[16]);
/* "Stale Answer", ... from RFC 8914 and the IANA registry; NULL where unknown. */
const char *ede_purpose(uint16_t code);
/* "SOA", "TYPE65280" (RFC 3597 5). */
const char *type_text(uint16_t type, char out[16]);
/* The reverse; false where it is none. */
bool type_from_text(const char *text, uint16_t *type);

#endif
