#include "common/net/resolve.h"

#include <stdlib.h>
#include <string.h>

enum {
	ADDRESSES_MOST = 64, /* of one name and family: more is mischief */
	ALIASES_MOST = 16,   /* CNAMEs followed inside one answer */
	NO_HALF = 0xffffffff,
};

/* One name and type. Waits in the queue of the server whose turn it is. */
struct half {
	uint32_t request;
	uint16_t type;
	enum name_status status;
	uint32_t server; /* whose turn it is */
	uint32_t next;   /* in that server's queue */
	struct address *addresses;
	size_t count;
	const char *trouble;
};

struct queue {
	uint32_t first, last;
};

struct resolving {
	const struct resolve_settings *settings;
	struct resolve_request *requests;
	struct half *halves;
	size_t half_count;
	struct queue *queues; /* by server */
	struct exchange *exchange;
	struct arena *arena;
};

/* --- What an answer says ------------------------------------------------------------------------
 */

static size_t address_bytes(uint16_t type)
{
	return type == DNS_A ? 4 : 16;
}

static void add_address(struct resolving *resolving, struct half *half, const uint8_t *bytes)
{
	struct address address = { .family = half->type == DNS_A ? 4 : 6 };

	if (half->count == ADDRESSES_MOST)
		return;
	memcpy(address.bytes, bytes, address_bytes(half->type));
	for (size_t i = 0; i < half->count; i++)
		if (address_equal(&half->addresses[i], &address))
			return;
	if (!half->addresses)
		half->addresses =
			arena_array(resolving->arena, ADDRESSES_MOST, sizeof(*half->addresses));
	half->addresses[half->count++] = address;
}

/* The target of a CNAME; false where it does not parse. */
static bool alias_target(const struct message *message, const struct record *record,
	uint8_t target[NAME_WIRE])
{
	struct wire_reader reader = wire_read(message->bytes, record->rdata + record->rdata_length);

	wire_skip(&reader, record->rdata);
	return wire_read_name(&reader, target) && !wire_left(&reader);
}

/* Takes the addresses of `name` from the answer section; where there are none, but an alias, that
 * becomes the name (true: look again). */
static bool take_addresses(struct resolving *resolving, struct half *half,
	const struct message *message, uint8_t name[NAME_WIRE])
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;
	uint8_t target[NAME_WIRE];
	bool alias = false;

	while (message_next(&cursor, &record, &section) && section == MESSAGE_ANSWER) {
		if (record.class != DNS_IN || !name_equal(record.owner, name))
			continue;
		if (record.type == half->type && record.rdata_length == address_bytes(half->type))
			add_address(resolving, half, message->bytes + record.rdata);
		else if (record.type == DNS_CNAME)
			alias = alias_target(message, &record, target);
	}
	if (alias && !half->count)
		memcpy(name, target, name_length(target));
	return alias && !half->count;
}

/* NS records without an SOA beside them: "ask those" (RFC 2308 2.2). */
static bool is_referral(const struct message *message)
{
	struct record_cursor cursor = message_records(message);
	struct record record;
	enum message_section section;
	bool has_ns = false, has_soa = false;

	while (message_next(&cursor, &record, &section)) {
		has_ns |= section == MESSAGE_AUTHORITY && record.type == DNS_NS;
		has_soa |= section == MESSAGE_AUTHORITY && record.type == DNS_SOA;
	}
	return has_ns && !has_soa;
}

static const char *take_answer(struct resolving *resolving, struct half *half,
	const struct message *message)
{
	bool authoritative = message->flags & DNS_AA;
	const uint8_t *asked = resolving->requests[half->request].name;
	uint8_t name[NAME_WIRE];
	unsigned aliases = 0;

	memcpy(name, asked, name_length(asked));
	while (take_addresses(resolving, half, message, name))
		if (++aliases == ALIASES_MOST)
			return "gives a loop of aliases";
	half->status = half->count ? NAME_RESOLVED : NAME_NODATA;
	if (half->count)
		return NULL;
	if (!authoritative && is_referral(message))
		return "only refers to other servers";
	/* A resolver follows to the end; a zone's own server stops at the zone's. */
	if (aliases && !resolving->settings->recursion_desired)
		return "only gives an alias";
	return NULL;
}

/* NULL: half->status says what the answer means. */
static const char *take_message(struct resolving *resolving, struct half *half,
	const struct message *message)
{
	char rcode[16];

	if (message->rcode != DNS_NOERROR && message->rcode != DNS_NXDOMAIN)
		return arena_printf(resolving->arena, "answers %s",
			rcode_text(message->rcode, rcode));
	if (!resolving->settings->recursion_desired && !(message->flags & DNS_AA))
		return "is not authoritative";
	if (message->rcode == DNS_NOERROR)
		return take_answer(resolving, half, message);
	half->status = NAME_NXDOMAIN;
	return NULL;
}

/* --- Whose turn it is ------------------------------------------------------------------------- */

static void enqueue(struct resolving *resolving, uint32_t index)
{
	struct half *half = &resolving->halves[index];
	struct queue *queue = &resolving->queues[half->server];

	half->next = NO_HALF;
	if (queue->first == NO_HALF)
		queue->first = index;
	else
		resolving->halves[queue->last].next = index;
	queue->last = index;
}

static bool next_ask(void *context, uint32_t server, struct ask *ask)
{
	struct resolving *resolving = context;
	struct queue *queue = &resolving->queues[server];
	uint32_t index = queue->first;
	const struct half *half;

	if (index == NO_HALF)
		return false;
	half = &resolving->halves[index];
	queue->first = half->next;
	ask->tag = index;
	ask->tcp = resolving->settings->tcp;
	ask->question = (struct question){ .name = resolving->requests[half->request].name,
		.type = half->type,
		.recursion_desired = resolving->settings->recursion_desired };
	return true;
}

static void add_trouble(struct resolving *resolving, struct half *half, const char *trouble)
{
	const char *before = half->trouble;
	char text[ADDRESS_TEXT];

	address_to_text_port(&resolving->settings->servers[half->server], text);
	half->trouble = arena_printf(resolving->arena, "%s%s%s %s", before ? before : "",
		before ? ", " : "", text, trouble);
}

/* The server is no help: the next one, if there is one. */
static void pass_on(struct resolving *resolving, uint32_t index, const char *trouble)
{
	struct half *half = &resolving->halves[index];

	half->status = NAME_RESOLVER_FAILED;
	add_trouble(resolving, half, trouble);
	half->server++;
	if (resolving->settings->own_server || half->server == resolving->settings->server_count)
		return;
	enqueue(resolving, index);
	exchange_wake(resolving->exchange, half->server);
}

static void answered(void *context, uint32_t server, const struct ask *ask,
	const struct reply *reply)
{
	struct resolving *resolving = context;
	uint32_t index = (uint32_t)ask->tag;
	struct half *half = &resolving->halves[index];
	const char *trouble = outcome_trouble(reply->outcome);

	(void)server;
	if (reply->outcome == OUTCOME_NOT_ASKED && !half->trouble) { /* the deadline */
		half->status = NAME_UNKNOWN;
		return;
	}
	if (reply->message)
		trouble = take_message(resolving, half, reply->message);
	if (trouble)
		pass_on(resolving, index, trouble);
}

/* --- Both halves together -----------------------------------------------------------------------
 */

static int compare_addresses(const void *a, const void *b)
{
	return memcmp(((const struct address *)a)->bytes, ((const struct address *)b)->bytes,
		sizeof(((const struct address *)a)->bytes));
}

/* Which of two statuses says more about the name: an address stands against everything, and a
 * failure means that nothing can be said. */
static unsigned weight(enum name_status status)
{
	switch (status) {
	case NAME_RESOLVED:
		return 4;
	case NAME_NXDOMAIN:
		return 3;
	case NAME_RESOLVER_FAILED:
		return 2;
	case NAME_UNKNOWN:
		return 1;
	case NAME_NODATA:
		break;
	}
	return 0;
}

static void join(struct resolving *resolving, const struct half *half, bool first)
{
	struct resolve_request *request = &resolving->requests[half->request];
	struct address *all = request->addresses;

	if (first || weight(half->status) > weight(request->status)) {
		request->status = half->status;
		request->trouble = half->status == NAME_RESOLVER_FAILED ? half->trouble : NULL;
	}
	if (!half->count)
		return;
	qsort(half->addresses, half->count, sizeof(*half->addresses), compare_addresses);
	request->addresses =
		arena_array(resolving->arena, request->count + half->count, sizeof(*all));
	if (request->count)
		memcpy(request->addresses, all, request->count * sizeof(*all));
	memcpy(request->addresses + request->count, half->addresses, half->count * sizeof(*all));
	request->count += half->count;
}

/* The halves of one request stand side by side, IPv4 first. */
static void join_all(struct resolving *resolving)
{
	for (size_t i = 0; i < resolving->half_count; i++)
		join(resolving, &resolving->halves[i],
			!i || resolving->halves[i - 1].request != resolving->halves[i].request);
}

static void add_half(struct resolving *resolving, size_t request, uint16_t type)
{
	struct half *half = &resolving->halves[resolving->half_count];
	bool any = resolving->settings->server_count > 0;

	*half = (struct half){ .request = (uint32_t)request,
		.type = type,
		.server = resolving->settings->own_server ? resolving->requests[request].server : 0,
		.status = any ? NAME_UNKNOWN : NAME_RESOLVER_FAILED,
		.trouble = any ? NULL : "there is no name server to ask" };
	if (any)
		enqueue(resolving, (uint32_t)resolving->half_count);
	resolving->half_count++;
}

static void begin(struct resolving *resolving, size_t count)
{
	size_t servers = resolving->settings->server_count;

	resolving->halves = arena_array(resolving->arena, count, 2 * sizeof(struct half));
	resolving->queues = arena_array(resolving->arena, servers, sizeof(struct queue));
	for (size_t i = 0; i < servers; i++)
		resolving->queues[i] = (struct queue){ NO_HALF, NO_HALF };
	for (size_t i = 0; i < count; i++) {
		struct resolve_request *request = &resolving->requests[i];

		request->status = NAME_UNKNOWN;
		request->addresses = NULL;
		request->count = 0;
		request->trouble = NULL;
		if (request->want4)
			add_half(resolving, i, DNS_A);
		if (request->want6)
			add_half(resolving, i, DNS_AAAA);
	}
}

bool resolve_names(struct loop *loop, const struct resolve_settings *settings,
	struct resolve_request *requests, size_t count, struct arena *arena,
	struct exchange_counts *counts, struct fault *fault)
{
	struct resolving resolving = { .settings = settings, .requests = requests, .arena = arena };
	const struct exchange_source source = { next_ask, answered, &resolving };
	struct exchange_counts asked;
	bool good;

	begin(&resolving, count);
	resolving.exchange = exchange_new(loop, &settings->exchange, settings->servers,
		settings->server_count, &source);
	good = exchange_run(resolving.exchange, fault);
	asked = exchange_counts(resolving.exchange);
	counts->queries += asked.queries;
	counts->retries += asked.retries;
	exchange_free(resolving.exchange);
	join_all(&resolving);
	return good;
}
