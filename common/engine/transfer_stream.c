#include "common/engine/transfer_stream.h"

#include <stdlib.h>
#include <string.h>

#include "common/engine/reply.h"

/* A message of its own suffices for one record of the greatest size. */
enum { GREATEST = 65535 };

struct transfer_rendering {
	struct transfer_stream *stream;
	uint8_t apex[NAME_WIRE];
	struct reply reply;
	uint8_t message[GREATEST];
};

static void begin_message(struct transfer_rendering *rendering, size_t capacity)
{
	struct reply *reply = &rendering->reply;

	reply_begin(reply, rendering->message, capacity, 0, DNS_QR | DNS_AA);
	if (!rendering->stream->messages) {
		reply_question(reply, rendering->apex, DNS_AXFR, DNS_IN);
		reply_forget_names(reply); /* the client's letters will stand there */
	}
	reply->keeps_case = true;
}

static void end_message(struct transfer_rendering *rendering)
{
	size_t length = reply_end(&rendering->reply);
	uint8_t prefix[2] = { (uint8_t)(length >> 8), (uint8_t)length };

	text_add_bytes(&rendering->stream->bytes, prefix, sizeof(prefix));
	text_add_bytes(&rendering->stream->bytes, rendering->message, length);
	rendering->stream->messages++;
}

static bool fits(struct transfer_rendering *rendering, const struct zone_record *record)
{
	return reply_rdata(&rendering->reply, MESSAGE_ANSWER, record);
}

void transfer_rendering_add(struct transfer_rendering *rendering, const struct zone_record *record)
{
	struct reply *reply = &rendering->reply;

	rendering->stream->records++;
	if (fits(rendering, record))
		return;
	if (reply->counts[MESSAGE_ANSWER]) {
		end_message(rendering);
		begin_message(rendering, TRANSFER_STREAM_MESSAGE);
		if (fits(rendering, record))
			return;
	}
	begin_message(rendering, GREATEST - TRANSFER_STREAM_ROOM);
	if (!fits(rendering, record))
		abort(); /* zone_version_add() limits what a record holds */
}

static void add(struct transfer_rendering *rendering, const struct zone_node *node, uint16_t type,
	const struct zone_rdata *rdata)
{
	transfer_rendering_add(rendering,
		&(struct zone_record){ node->name, type, DNS_IN, rdata->ttl, rdata->bytes,
			rdata->length });
}

static void add_node(struct transfer_rendering *rendering, const struct zone_node *node)
{
	for (const struct zone_rrset *rrset = node->rrsets; rrset; rrset = rrset->next) {
		if (rrset->type == DNS_SOA)
			continue; /* first and last of all */
		for (const struct zone_rdata *rdata = rrset->first; rdata; rdata = rdata->next)
			add(rendering, node, rrset->type, rdata);
	}
}

struct transfer_rendering *transfer_rendering_new(const uint8_t *apex)
{
	struct transfer_rendering *rendering = memory_resize(NULL, 1, sizeof(*rendering));

	rendering->stream = memory_resize(NULL, 1, sizeof(*rendering->stream));
	*rendering->stream = (struct transfer_stream){ .references = 1 };
	memcpy(rendering->apex, apex, name_length(apex));
	begin_message(rendering, TRANSFER_STREAM_MESSAGE);
	return rendering;
}

struct transfer_stream *transfer_rendering_end(struct transfer_rendering *rendering)
{
	struct transfer_stream *stream = rendering->stream;

	end_message(rendering);
	free(rendering);
	return stream;
}

struct transfer_stream *transfer_stream_of(struct zone_version *version)
{
	const struct zone_node *apex = &version->nodes[0];
	const struct zone_rdata *soa = zone_node_rrset(apex, DNS_SOA)->first;
	struct transfer_rendering *rendering;

	if (version->stream)
		return version->stream;
	rendering = transfer_rendering_new(version->apex);
	add(rendering, apex, DNS_SOA, soa);
	for (size_t i = 0; i < version->node_count; i++)
		add_node(rendering, &version->nodes[i]);
	add(rendering, apex, DNS_SOA, soa);
	version->stream = transfer_rendering_end(rendering);
	return version->stream;
}

struct transfer_stream *transfer_stream_hold(struct transfer_stream *stream)
{
	stream->references++;
	return stream;
}

void transfer_stream_release(struct transfer_stream *stream)
{
	if (!stream || --stream->references)
		return;
	text_free(&stream->bytes);
	free(stream);
}
