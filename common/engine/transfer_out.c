#include "common/engine/transfer_out.h"

#include <assert.h>
#include <string.h>

#include "common/engine/spoil.h"

enum { ADDITIONAL_COUNT = 10 }; /* offset in the header */

void transfer_out_begin(struct transfer_out *transfer, struct zone_version *version,
	struct transfer_stream *differences, const struct message *question,
	const struct edns_answer *edns, struct tsig_chain *chain, const struct fault_set *faults)
{
	struct wire_writer writer = wire_write(transfer->additional, sizeof(transfer->additional));
	struct wire_writer asked = wire_write(transfer->question, sizeof(transfer->question));
	struct transfer_stream *stream = differences ? differences : transfer_stream_of(version);

	*transfer = (struct transfer_out){
		.version = zone_version_hold(version),
		.stream = transfer_stream_hold(stream),
		.is_incremental = differences,
		.id = question->id,
		.flags = question->flags & DNS_RD,
		.is_signed = chain != NULL,
		.has_wrong_tsig = fault_set_has(faults, FAULT_WRONG_TSIG),
		.end = stream->bytes.length,
	};
	wire_write_name(&asked, question->question.owner);
	wire_write_u16(&asked, question->question.type);
	wire_write_u16(&asked, question->question.class);
	transfer->question_length = asked.length;
	edns_write(&writer, edns);
	assert(!writer.failed && !asked.failed);
	transfer->additional_length = writer.length;
	if (chain)
		transfer->chain = *chain;
	if (fault_set_has(faults, FAULT_TRUNCATE_TRANSFER) ||
		fault_set_has(faults, FAULT_RESET_TRANSFER))
		transfer->end /= 2;
}

void transfer_out_end(struct transfer_out *transfer)
{
	transfer_stream_release(transfer->stream);
	zone_version_release(transfer->version);
	tsig_chain_free(&transfer->chain);
	*transfer = (struct transfer_out){ 0 };
}

static void make_it_theirs(struct transfer_out *transfer, struct wire_writer *message)
{
	bool is_first = !transfer->at;

	wire_patch_u16(message, 0, transfer->id);
	message->bytes[2] |= (uint8_t)(transfer->flags >> 8);
	if (!is_first)
		return;
	memcpy(message->bytes + MESSAGE_HEADER, transfer->question, transfer->question_length);
	wire_write_bytes(message, transfer->additional, transfer->additional_length);
	if (transfer->additional_length)
		wire_patch_u16(message, ADDITIONAL_COUNT, 1);
}

static void sign(struct transfer_out *transfer, struct wire_writer *message, int64_t now_s)
{
	bool fits = tsig_sign(&transfer->chain, message->bytes, &message->length, message->capacity,
		(uint64_t)now_s, 0);

	assert(fits); /* TRANSFER_STREAM_ROOM */
	(void)fits;
	if (transfer->has_wrong_tsig)
		spoil_signature(message->bytes, message->length);
}

enum transfer_out_state transfer_out_next(struct transfer_out *transfer, int64_t now_s,
	struct text *out)
{
	const struct text *stream = &transfer->stream->bytes;
	const uint8_t *from = (const uint8_t *)stream->bytes + transfer->at;
	size_t length = wire_u16(from);
	uint8_t bytes[MESSAGE_MOST], prefix[2];
	struct wire_writer message = wire_write(bytes, sizeof(bytes));

	wire_write_bytes(&message, from + 2, length);
	make_it_theirs(transfer, &message);
	if (transfer->is_signed)
		sign(transfer, &message, now_s);
	prefix[0] = (uint8_t)(message.length >> 8);
	prefix[1] = (uint8_t)message.length;
	text_add_bytes(out, prefix, sizeof(prefix));
	if (transfer->at + 2 + length > transfer->end &&
		transfer->end - transfer->at < message.length)
		message.length = transfer->end - transfer->at;
	text_add_bytes(out, bytes, message.length);
	transfer->at += 2 + length;
	transfer->bytes += 2 + message.length;
	if (transfer->at > transfer->end)
		return TRANSFER_OUT_CUT;
	return transfer->at == stream->length ? TRANSFER_OUT_DONE : TRANSFER_OUT_MORE;
}
