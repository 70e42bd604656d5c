#include "common/engine/transfer_stream.h"

#include <assert.h>
#include <stdlib.h>

#include "common/engine/reply.h"

/* A message of its own suffices for one record of the greatest size. */
enum { GREATEST = 65535 };

struct rendering {
	struct transfer_stream *stream;
	const struct zone_version *version;
	struct reply reply;
	uint8_t message[GREATEST];
};

static void begin_message(struct rendering *rendering, size_t capacity)
{
	struct reply *reply = &rendering->reply;

	reply_begin(reply, rendering->message, capacity, 0, DNS_QR | DNS_AA);
	if (!rendering->stream->messages) {
		reply_question(reply, rendering->version->apex, DNS_AXFR, DNS_IN);
		reply_forget_names(reply); /* the client's letters will stand there */
	}
	reply->keeps_case = true;
}

static void end_message(struct rendering *rendering)
{
	size_t length = reply_end(&rendering->reply);
	uint8_t prefix[2] = { (uint8_t)(length >> 8), (uint8_t)length };

	text_add_bytes(&rendering->stream->bytes, prefix, sizeof(prefix));
	text_add_bytes(&rendering->stream->bytes, rendering->message, length);
	rendering->stream->messages++;
}

static void add(struct rendering *rendering, const struct zone_node *node, uint16_t type,
	const struct zone_rdata *rdata)
{
	struct reply *reply = &rendering->reply;

	rendering->stream->records++;
	if (reply_record(reply, MESSAGE_ANSWER, node->name, type, rdata->ttl, rdata))
		return;
	if (reply->counts[MESSAGE_ANSWER]) {
		end_message(rendering);
		begin_message(rendering, TRANSFER_STREAM_MESSAGE);
		if (reply_record(reply, MESSAGE_ANSWER, node->name, type, rdata->ttl, rdata))
			return;
	}
	begin_message(rendering, GREATEST - TRANSFER_STREAM_ROOM);
	if (!reply_record(reply, MESSAGE_ANSWER, node->name, type, rdata->ttl, rdata))
		abort(); /* zone_version_add() limits what a record holds */
}

static void add_node(struct rendering *rendering, const struct zone_node *node)
{
	for (const struct zone_rrset *rrset = node->rrsets; rrset; rrset = rrset->next) {
		if (rrset->type == DNS_SOA)
			continue; /* first and last of all */
		for (const struct zone_rdata *rdata = rrset->first; rdata; rdata = rdata->next)
			add(rendering, node, rrset->type, rdata);
	}
}

const struct transfer_stream *transfer_stream_of(struct zone_version *version)
{
	struct rendering *rendering;
	const struct zone_rdata *soa = zone_node_rrset(&version->nodes[0], DNS_SOA)->first;

	if (version->stream)
		return version->stream;
	rendering = memory_resize(NULL, 1, sizeof(*rendering));
	version->stream = memory_resize(NULL, 1, sizeof(*version->stream));
	*version->stream = (struct transfer_stream){ 0 };
	rendering->stream = version->stream;
	rendering->version = version;
	begin_message(rendering, TRANSFER_STREAM_MESSAGE);
	add(rendering, &version->nodes[0], DNS_SOA, soa);
	for (size_t i = 0; i < version->node_count; i++)
		add_node(rendering, &version->nodes[i]);
	add(rendering, &version->nodes[0], DNS_SOA, soa);
	end_message(rendering);
	free(rendering);
	return version->stream;
}

void transfer_stream_free(struct transfer_stream *stream)
{
	if (!stream)
		return;
	text_free(&stream->bytes);
	free(stream);
}
