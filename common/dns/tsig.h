/*
 * Transaction signatures (RFC 8945) by OpenSSL's HMAC. Time is an argument. Algorithms:
 * hmac-md5.sig-alg.reg.int, hmac-sha1, -sha224, -sha256, -sha384, -sha512. Secrets never leave
 * these structures: no function prints them.
 */
#ifndef COMMON_DNS_TSIG_H
#define COMMON_DNS_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/dns/message.h"

enum {
	TSIG_SECRET = 512,
	TSIG_DIGEST = 64,
	TSIG_ROOM = 512 /* bytes that signing adds at most */,
	TSIG_FUDGE_S = 300
};

struct tsig_key {
	uint8_t name[NAME_WIRE];      /* lower case */
	uint8_t algorithm[NAME_WIRE]; /* lower case */
	uint8_t secret[TSIG_SECRET];
	size_t secret_length;
};

/*
 * BIND's syntax, as `tsig-keygen` writes it: key "name" { algorithm hmac-sha256; secret "base64";
 * }; with //, # and C comments. The first key of the file. The fault names line and reason and
 * never shows the secret.
 */
bool tsig_key_parse(const char *content, size_t length, struct tsig_key *key, struct fault *fault);

/* The MAC of the question, which the answer's is computed over; and between the messages of a
 * transfer, the last one's. */
struct tsig_chain {
	const struct tsig_key *key;
	uint8_t mac[TSIG_DIGEST];
	size_t mac_length;
	bool first; /* no answer yet: all TSIG variables count; later only the timers (RFC
	               8945 5.3.1) */
	struct text unsigned_bytes; /* messages since the last signed one, at most 99;
	                               tsig_chain_free() */
	unsigned unsigned_count;
};

/*
 * Signs the message of *length bytes in `bytes` (room for TSIG_ROOM more). A question: `chain` is
 * started. An answer: `chain` holds the question's MAC; it goes on. `error` is a TSIG error for the
 * record (0, DNS_BADKEY, ...). False where it does not fit.
 */
bool tsig_sign(struct tsig_chain *chain, uint8_t *bytes, size_t *length, size_t capacity,
	uint64_t now_s, uint16_t error);

enum tsig_result {
	TSIG_GOOD,
	TSIG_UNSIGNED, /* no TSIG record; inside a transfer up to 99 in a row may be so, and are
	                  remembered */
	TSIG_BAD_KEY,  /* another key's name or algorithm */
	TSIG_BAD_MAC,
	TSIG_BAD_TIME,
	TSIG_ERROR, /* the other side says so: *error holds its TSIG error (16 BADSIG, 17 BADKEY, 18
	               BADTIME) */
	TSIG_MALFORMED,
};

/* An answer against the chain that tsig_sign() began. */
enum tsig_result tsig_verify(struct tsig_chain *chain, const struct message *message,
	uint64_t now_s, uint16_t *error);
/* A question, at a server: finds the key among `keys`, starts `chain` for the answer (also for
 * TSIG_BAD_TIME, whose error answer is signed). */
enum tsig_result tsig_verify_question(struct tsig_chain *chain, const struct tsig_key *keys,
	size_t key_count, const struct message *message, uint64_t now_s);
void tsig_chain_free(struct tsig_chain *chain);
const char *tsig_error_text(uint16_t error);

#endif
