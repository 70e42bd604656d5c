/*
 * Asks what the plan says: one SOA question for each pair, NS beside it where that was wanted, one
 * TCP probe for each server; later the doubts. Fills observations, judges nothing.
 */
#ifndef COMMON_PROBE_SOA_H
#define COMMON_PROBE_SOA_H

#include "common/base/fault.h"
#include "common/model/observation.h"
#include "common/model/plan.h"
#include "common/net/exchange.h"
#include "common/net/loop.h"

struct soa_probe {
	struct loop *loop;
	const struct plan *plan;
	struct observations *seen;
	struct exchange_settings exchange;
	const struct tsig_key *key; /* NULL: unsigned */
	bool tcp_only, tcp_probe, ask_ns;
	uint32_t ns_slice; /* 1 to NS_SLICES: also the NS sets of one zone in so many; 0: none */
};
enum { NS_SLICES = 24 };

/*
 * Round 1. A pair whose observation is not NOT_ASKED any more (discovery found its server dead),
 * and an NS question that was answered already, are left alone. False only for our own troubles.
 */
bool probe_soa(const struct soa_probe *probe, struct fault *fault);

/* One SOA question more about a pair; by TCP: as another probe, of which nothing but the outcome
 * counts. */
struct soa_again {
	uint32_t zone, pair;
	bool by_tcp;
};

/* Round 2: a better answer replaces the earlier one, whose serial is kept as earlier_serial; what
 * stays unanswered changes nothing. */
bool probe_again(const struct soa_probe *probe, const struct soa_again *again, size_t count,
	struct fault *fault);

/* soa_observation's tsig_error out of a reply's (enum tsig_result << 8 | the server's error). */
uint16_t soa_tsig_error(uint16_t said);
/* What a parsed answer to an SOA question comes to; `seen` gets all that it says. Pure. */
void soa_observe_answer(struct observations *seen, const struct soa_answer *answer,
	struct soa_observation *into);
void soa_observe(struct observations *seen, const struct message *message, const uint8_t *zone,
	struct soa_observation *into);
/* The NS set of the zone in an answer, or 0 where it holds none with authority. Pure. */
uint32_t ns_observe(struct observations *seen, const struct message *message, const uint8_t *zone);

#endif
