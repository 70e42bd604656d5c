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
	TSIG_ROOM = 640, /* bytes that signing adds at most */
	TSIG_FUDGE_S = 300,
	TSIG_UNSIGNED_MOST = 99, /* RFC 8945 5.3.1 */
};

/* TSIG errors besides DNS_BADKEY and DNS_BADTIME (RFC 8945 3). */
enum { DNS_BADSIG = 16, DNS_BADTRUNC = 22 };

struct tsig_key {
	uint8_t name[NAME_WIRE];      /* lower case */
	uint8_t algorithm[NAME_WIRE]; /* lower case */
	uint8_t secret[TSIG_SECRET];
	size_t secret_length;
};

/*
 * BIND's syntax, as `tsig-keygen` writes it: key "name" { algorithm hmac-sha256; secret "base64";
 * }; with //, # and C comments. The first key of the file; what follows it is not read. The fault
 * reads "line 3: reason" (the caller puts the file's name before it) and never shows a word of the
 * file, since that could be the secret. Who is done with a key wipes it by OPENSSL_cleanse(3).
 */
bool tsig_key_parse(const char *content, size_t length, struct tsig_key *key, struct fault *fault);
/* The key at *at, 0 for the first; *at becomes the next one's, or `length` where there is none. */
bool tsig_key_parse_next(const char *content, size_t length, size_t *at, struct tsig_key *key,
	struct fault *fault);

/*
 * What the next signature is computed over besides its own message: the MAC of the question, and
 * between the messages of a transfer the last one's. {.key = ...} before tsig_sign() of a question,
 * {0} before tsig_verify_question(). tsig_chain_free() at the end. The key is the caller's and must
 * outlive it.
 */
struct tsig_chain {
	const struct tsig_key *key;
	uint8_t mac[TSIG_DIGEST];
	size_t mac_length;
	bool first; /* no answer yet: all TSIG variables count; later only the timers (RFC
	               8945 5.3.1) */
	struct text unsigned_bytes; /* whole messages since the last signed one */
	unsigned unsigned_count;
	/* At a server, of the question: for the answers that say BADKEY and BADTIME. */
	uint8_t name[NAME_WIRE], algorithm[NAME_WIRE];
	uint64_t request_time_s;
};

/*
 * Signs the message of *length bytes in `bytes`, whose QR bit tells what it is. A question: `chain`
 * is started. An answer: `chain` holds the question's MAC; it goes on, so that every message of a
 * transfer can be signed in turn. `error` is a TSIG error for the record: 0, DNS_BADTIME (signed,
 * with the client's own time, RFC 8945 5.2.3), DNS_BADKEY or DNS_BADSIG (a record without MAC); the
 * caller sets the rcode NOTAUTH. False where it does not fit into `capacity` (TSIG_ROOM more bytes
 * always do), or where OpenSSL refuses the algorithm (MD5 in FIPS mode); the message is then as it
 * was.
 */
bool tsig_sign(struct tsig_chain *chain, uint8_t *bytes, size_t *length, size_t capacity,
	uint64_t now_s, uint16_t error);

enum tsig_result {
	TSIG_GOOD,
	TSIG_UNSIGNED, /* no TSIG record; see tsig_verify() */
	TSIG_BAD_KEY,  /* another key's name or algorithm */
	TSIG_BAD_MAC,
	TSIG_BAD_TIME,
	TSIG_ERROR, /* the other side says so: *error holds its TSIG error (16 BADSIG, 17 BADKEY,
	               18 BADTIME); only BADTIME is signed, so the others may be anybody's word */
	TSIG_MALFORMED, /* also a MAC truncated below 10 bytes or half of the digest (5.2.2.1) */
};

/*
 * An answer, parsed by message_parse(), against the chain that tsig_sign() began. The first must be
 * signed: TSIG_UNSIGNED with chain->first still set is a failure. Later ones, of a transfer, may be
 * unsigned up to 99 times in a row (the hundredth is TSIG_BAD_MAC): they are remembered, and stand
 * or fall with the next signed one. The last must be signed again: at the end of a transfer
 * chain->unsigned_count must be 0. *error is 0 but for TSIG_ERROR.
 */
enum tsig_result tsig_verify(struct tsig_chain *chain, const struct message *message,
	uint64_t now_s, uint16_t *error);
/*
 * A question, at a server: finds the key among `keys` and starts `chain` for the answer. The answer
 * is then signed by tsig_sign() with the error 0 after TSIG_GOOD, DNS_BADKEY after TSIG_BAD_KEY,
 * DNS_BADSIG after TSIG_BAD_MAC, DNS_BADTIME after TSIG_BAD_TIME; TSIG_MALFORMED gets an unsigned
 * FORMERR.
 */
enum tsig_result tsig_verify_question(struct tsig_chain *chain, const struct tsig_key *keys,
	size_t key_count, const struct message *message, uint64_t now_s);
void tsig_chain_free(struct tsig_chain *chain);
/* "BADSIG", ...; "NOERROR" for 0, "unknown TSIG error" for what RFC 8945 does not name. */
const char *tsig_error_text(uint16_t error);

#endif
