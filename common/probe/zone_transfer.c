#include "common/probe/zone_transfer.h"

#include <string.h>

#include "common/dns/rdata.h"
#include "common/net/tls.h"
#include "common/net/transfer_client.h"

/* All transfers of a run. */
struct running {
	const struct zone_transfer_probe *probe;
	struct fetch *fetches; /* per pair */
	size_t pending;
	int error; /* errno of our own trouble; 0 */
	uint32_t error_server;
};

/* One of them. */
struct fetch {
	struct running *running;
	struct transfer_client *client; /* NULL: none is needed */
	struct tls *tls;                /* or NULL */
	struct zone_transfer *seen;
	uint32_t server;
};

static const char enough[] = "enough is known";

/* Whoever only counts still wants to know that there is rdata in the rdata. */
static const char *check_item(void *context, const struct transfer_item *item)
{
	const struct fetch *fetch = context;
	uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));

	if (fetch->running->probe->only_begin)
		return enough;
	return rdata_expand(item->message, item->record, &out) ? NULL : "malformed rdata";
}

static const struct zone_transfer_taker *taker_of(const struct fetch *fetch)
{
	const struct zone_transfer_taker *takers = fetch->running->probe->takers;
	const struct zone_transfer_taker *taker =
		takers ? &takers[fetch - fetch->running->fetches] : NULL;

	return taker && taker->item ? taker : NULL;
}

static const char *take_item(void *context, const struct transfer_item *item)
{
	const struct zone_transfer_taker *taker = taker_of(context);

	return taker ? taker->item(taker->context, item) : check_item(context, item);
}

static const char *tsig_trouble(const struct transfer_result *result)
{
	switch (result->tsig) {
	case TSIG_BAD_KEY:
		return "the answer is signed with another key";
	case TSIG_BAD_MAC:
		return "the answer's signature is wrong";
	case TSIG_BAD_TIME:
		return "the answer's signature is of another time";
	case TSIG_ERROR:
		return tsig_error_text(result->tsig_error);
	case TSIG_MALFORMED:
	case TSIG_UNSIGNED:
	case TSIG_GOOD:
		break;
	}
	return "the answer's signature is malformed";
}

/* The table of texts moves when it grows: it is looked at only afterwards. */
static const char *kept(struct observations *seen, const void *text, size_t length)
{
	uint32_t index = observations_text(seen, text, length);

	return seen->texts[index];
}

/* RFC 8914 */
static void note_ede(struct observations *seen, struct zone_transfer *transfer,
	const struct message *message)
{
	const uint8_t *value;
	uint16_t length;

	if (!message->has_edns || !message_edns_option(message, EDNS_EDE, &value, &length) ||
		length < 2)
		return;
	transfer->ede_code = wire_u16(value);
	transfer->ede_text = kept(seen, value + 2, length - 2u);
}

/* A certificate's names are a stranger's words. */
static const char *clean(struct observations *seen, const char *text)
{
	return kept(seen, text, strlen(text));
}

static enum transfer_end end_of_answer(struct fetch *fetch, const struct transfer_result *result)
{
	struct zone_transfer *seen = fetch->seen;

	switch (result->state) {
	case TRANSFER_DONE:
		return TRANSFER_END_COMPLETE;
	case TRANSFER_CURRENT:
		return TRANSFER_END_CURRENT;
	case TRANSFER_REFUSED:
		seen->rcode = result->transfer->rcode;
		note_ede(fetch->running->probe->seen, seen, &result->transfer->message);
		if (result->transfer->messages == 1)
			return TRANSFER_END_RCODE;
		seen->trouble = "the server gave up";
		return TRANSFER_END_BROKEN;
	case TRANSFER_BROKEN:
		seen->trouble = result->transfer->broken;
		return seen->trouble == enough ? TRANSFER_END_BEGAN : TRANSFER_END_BROKEN;
	case TRANSFER_MORE:
		break;
	}
	return TRANSFER_END_BROKEN;
}

static enum transfer_end end_of(struct fetch *fetch, const struct transfer_result *result)
{
	switch (result->outcome) {
	case OUTCOME_ANSWERED:
		return end_of_answer(fetch, result);
	case OUTCOME_TIMEOUT:
		return TRANSFER_END_TIMEOUT;
	case OUTCOME_PORT_CLOSED:
		return TRANSFER_END_PORT_CLOSED;
	case OUTCOME_UNREACHABLE:
		return TRANSFER_END_UNREACHABLE;
	case OUTCOME_NO_ROUTE:
		return TRANSFER_END_NO_ROUTE;
	case OUTCOME_CONNECTION_BROKEN:
		if (!result->trouble)
			return TRANSFER_END_CUT;
		fetch->seen->trouble = clean(fetch->running->probe->seen, result->trouble);
		return TRANSFER_END_TLS;
	case OUTCOME_MALFORMED:
		fetch->seen->trouble = "malformed message";
		return TRANSFER_END_BROKEN;
	case OUTCOME_TSIG_FAILED:
		if (result->tsig == TSIG_UNSIGNED)
			return TRANSFER_END_UNSIGNED;
		fetch->seen->trouble = tsig_trouble(result);
		return TRANSFER_END_TSIG;
	case OUTCOME_NOT_ASKED: /* our own trouble */
	case OUTCOME_REFUSED:   /* the others are no client's */
	case OUTCOME_SERVFAIL:
	case OUTCOME_NOTAUTH:
	case OUTCOME_NXDOMAIN:
	case OUTCOME_NO_SOA:
	case OUTCOME_NOT_AUTHORITATIVE:
	case OUTCOME_RCODE:
	case OUTCOME_COUNT:
		break;
	}
	return TRANSFER_END_NOT_ASKED;
}

static void note_result(struct fetch *fetch, const struct transfer_result *result)
{
	const struct transfer *transfer = result->transfer;
	struct zone_transfer *seen = fetch->seen;

	seen->end = end_of(fetch, result);
	seen->phase = result->phase;
	seen->form = transfer->form;
	seen->error = result->error;
	seen->inside_message = result->inside_message;
	seen->has_serial = transfer->soa_length > 0;
	seen->serial = transfer->serial;
	seen->records = transfer->records;
	seen->messages = transfer->messages;
	seen->bytes = transfer->bytes;
	seen->duration_us = result->duration_us;
	seen->first_message_us = result->first_message_us;
	if (result->security.version) {
		seen->tls_version = result->security.version;
		seen->tls_cipher = result->security.cipher;
		seen->tls_alpn = result->security.alpn;
		seen->certificate_ends_s = result->security.certificate_ends_s;
	}
	seen->is_signed = fetch->running->probe->key && result->tsig == TSIG_GOOD;
}

static void finish(void *context, const struct transfer_result *result)
{
	struct fetch *fetch = context;
	struct running *running = fetch->running;

	note_result(fetch, result);
	if (result->outcome == OUTCOME_NOT_ASKED) {
		running->error = result->error;
		running->error_server = fetch->server;
	}
	running->pending--;
	if (!running->pending)
		loop_stop(running->probe->loop);
}

/* The name or address that the server's certificate must have. False: our own trouble. */
static bool begin_tls(struct fetch *fetch, uint32_t pair, struct fault *fault)
{
	const struct zone_transfer_probe *probe = fetch->running->probe;
	const struct server *server = &probe->plan->servers[fetch->server];
	bool is_primary = probe->plan->pair_flags[pair] & PAIR_PRIMARY;
	struct tls_settings settings = { .address = server->address };

	if (!probe->tls)
		return true;
	settings.ca_file = probe->tls->ca_file;
	settings.now_s = probe->tls->now_s;
	settings.hostname = is_primary && probe->tls->hostname ? probe->tls->hostname
		: server->named                                ? server->display
							       : NULL;
	fetch->tls = probe->tls->begin(&settings, fault);
	return fetch->tls != NULL;
}

static bool begin(struct running *running, uint32_t zone, uint32_t pair, struct fault *fault)
{
	const struct zone_transfer_probe *probe = running->probe;
	struct fetch *fetch = &running->fetches[pair];
	uint32_t server = probe->plan->assigned[pair];
	const struct address *address = &probe->plan->servers[server].address;

	*fetch = (struct fetch){ .running = running,
		.seen = &probe->seen->zone_transfers[pair],
		.server = server };
	*fetch->seen = (struct zone_transfer){ .ede_code = EDE_NONE,
		.ede_text = "",
		.trouble = "",
		.tls_version = "",
		.tls_cipher = "" };
	if (!begin_tls(fetch, pair, fault))
		return false;
	probe->seen->queries++;
	running->pending++;
	fetch->client = transfer_client_new(&(struct transfer_client_settings){
		.loop = probe->loop,
		.server = *address,
		.source = address->family == 4 ? probe->source4 : probe->source6,
		.layer = fetch->tls ? probe->tls->layer(fetch->tls) : NULL,
		.question = { .name = probe->plan->zones[zone].name,
			.type = probe->incremental ? DNS_IXFR : DNS_AXFR,
			.edns = true,
			.has_serial = probe->incremental,
			.serial = probe->serial },
		.key = probe->key,
		.deadline_us = probe->deadline_us,
		.item = take_item,
		.done = finish,
		.context = fetch,
	});
	return true;
}

static bool begin_all(struct running *running, struct fault *fault)
{
	const struct zone_transfer_probe *probe = running->probe;

	for (uint32_t zone = 0; zone < probe->plan->zone_count; zone++) {
		const struct zone *at = &probe->plan->zones[zone];

		for (uint32_t i = 0; i < at->pair_count; i++) {
			uint32_t pair = at->first_pair + i;

			if ((!probe->wanted || probe->wanted[pair]) &&
				!begin(running, zone, pair, fault))
				return false;
		}
	}
	return true;
}

bool probe_zone_transfers(const struct zone_transfer_probe *probe, struct fault *fault)
{
	struct running running = { .probe = probe };
	struct arena arena = { 0 };
	char address[ADDRESS_TEXT];
	bool begun;

	running.fetches = arena_array(&arena, probe->plan->pair_count, sizeof(*running.fetches));
	begun = begin_all(&running, fault);
	if (begun && running.pending)
		loop_run(probe->loop);
	for (size_t pair = 0; pair < probe->plan->pair_count; pair++) {
		transfer_client_free(running.fetches[pair].client);
		if (running.fetches[pair].tls)
			probe->tls->end(running.fetches[pair].tls);
	}
	arena_free(&arena);
	if (!begun)
		return false;
	return !running.error ||
		fault_set(fault, "no TCP connection to %s from here: %s",
			address_to_text_port(&probe->plan->servers[running.error_server].address,
				address),
			strerror(running.error));
}
