#include "common/probe/catalog.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "common/net/transfer_client.h"

struct fetching {
	const struct catalog_request *request;
	struct catalog *catalog;
	struct transfer_client *client;
	bool done;
	char trouble[128]; /* "" where it was transferred whole */
};

static bool take_record(void *context, const struct zone_record *record, bool deleting)
{
	struct fetching *fetching = context;

	(void)deleting;
	catalog_record(fetching->catalog, record);
	return true;
}

static void finish(void *context, const struct transfer_result *result)
{
	struct fetching *fetching = context;

	fetching->done = true;
	fetching->trouble[0] = '\0';
	if (result->outcome != OUTCOME_ANSWERED || result->state != TRANSFER_DONE)
		transfer_result_text(result, fetching->trouble);
	loop_stop(fetching->request->loop);
}

static void stop(void *context)
{
	loop_stop(context);
}

/* One transfer may take half of what is left, so that there is time to ask about the zones. */
static void fetch(struct fetching *fetching, const struct address *server)
{
	const struct catalog_request *request = fetching->request;
	int64_t now_us = clock_monotonic_us();
	struct loop_timer *timer = loop_timer_new(request->loop, stop, request->loop);

	fetching->done = false;
	catalog_free(fetching->catalog);
	catalog_begin(fetching->catalog, request->zone);
	fetching->client = transfer_client_new(&(struct transfer_client_settings){
		.loop = request->loop,
		.server = *server,
		.source = server->family == 4 ? request->exchange->source4
					      : request->exchange->source6,
		.question = { .name = request->zone, .type = DNS_AXFR, .class = DNS_IN },
		.key = request->key,
		.idle_timeout_ms = request->exchange->tcp_timeout_ms,
		.record = take_record,
		.done = finish,
		.context = fetching,
	});
	loop_timer_set(timer, now_us + (request->exchange->deadline_us - now_us) / 2);
	loop_run(request->loop);
	transfer_client_free(fetching->client);
	loop_timer_free(timer);
	if (!fetching->done)
		snprintf(fetching->trouble, sizeof(fetching->trouble),
			"the transfer was not complete in time");
}

bool probe_catalog(const struct catalog_request *request, struct catalog *catalog,
	struct fault *why)
{
	struct fetching fetching = { .request = request, .catalog = catalog };
	char text[ADDRESS_TEXT];

	catalog_begin(catalog, request->zone);
	if (request->count == 0)
		return fault_set(why, "the primary has no address");
	for (size_t i = 0; i < request->count; i++) {
		fetch(&fetching, &request->addresses[i]);
		if (!fetching.trouble[0])
			return catalog_end(catalog) ||
				fault_set(why, "the catalog is broken: %s", catalog->broken);
		if (!*why->text)
			fault_set(why, "no transfer from %s: %s",
				address_to_text_port(&request->addresses[i], text),
				fetching.trouble);
	}
	return false;
}
