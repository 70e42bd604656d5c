/*
 * What the canary record of a real zone holds: a TXT record of three strings,
 * "dns-replication-canary", Unix time in microseconds, and a random number in hexadecimal. A later
 * one takes the place of an earlier one, whoever wrote it. Pure.
 */
#ifndef COMMON_DNS_CANARY_TOKEN_H
#define COMMON_DNS_CANARY_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns/message.h"

enum { CANARY_RDATA = 64, CANARY_TEXT = 96 };

struct canary_token {
	int64_t time_us;
	uint64_t random;
};

/* The rdata; its length. */
uint16_t canary_token_write(const struct canary_token *token, uint8_t out[CANARY_RDATA]);
/* The same as a zone file has it. */
void canary_token_text(const struct canary_token *token, char out[CANARY_TEXT]);
/* False: it is no such record. */
bool canary_token_read(const uint8_t *rdata, size_t length, struct canary_token *token);
/* Is it this one, or one that took its place? */
bool canary_token_covers(const struct canary_token *there, const struct canary_token *wanted);

/* What an answer to the question for the record says. */
enum canary_answer {
	CANARY_NONE,    /* there is no TXT record of that name */
	CANARY_TOKEN,   /* one, of ours */
	CANARY_FOREIGN, /* another one, or several */
};
/* `rdata` gets the record of CANARY_TOKEN, *length bytes. */
enum canary_answer canary_token_find(const struct message *answer, const uint8_t *name,
	struct canary_token *token, uint8_t rdata[CANARY_RDATA], uint16_t *length);

#endif
