/* Questions out. */
#include "common/dns/message.h"

#include <string.h>

enum { POINTER_TO_QUESTION = 0xc000 | MESSAGE_HEADER, COOKIE_BYTES = 8, DO_BIT = 0x8000 };

static uint16_t question_class(const struct question *question)
{
	return question->class ? question->class : DNS_IN;
}

static void write_header(struct wire_writer *out, const struct question *question)
{
	unsigned flags = (question->opcode & 15u) << 11;
	bool notify = question->opcode == DNS_NOTIFY;

	flags |= notify ? DNS_AA : 0;
	flags |= question->recursion_desired ? DNS_RD : 0;
	wire_write_u16(out, question->id);
	wire_write_u16(out, (uint16_t)flags);
	wire_write_u16(out, 1);
	wire_write_u16(out, question->has_serial && notify);
	wire_write_u16(out, question->has_serial && !notify);
	wire_write_u16(out, question->edns);
}

/* Only the serial counts in it (RFC 1995 3). */
static void write_soa(struct wire_writer *out, const struct question *question)
{
	wire_write_u16(out, POINTER_TO_QUESTION);
	wire_write_u16(out, DNS_SOA);
	wire_write_u16(out, question_class(question));
	wire_write_u32(out, 0);
	wire_write_u16(out, 2 + 5 * 4);
	wire_write_u16(out, 0); /* two roots: MNAME and RNAME */
	wire_write_u32(out, question->serial);
	for (unsigned i = 0; i < 4; i++)
		wire_write_u32(out, 0);
}

static void write_option(struct wire_writer *out, uint16_t code, const uint8_t *value,
	uint16_t length)
{
	wire_write_u16(out, code);
	wire_write_u16(out, length);
	wire_write_bytes(out, value, length);
}

/* RFC 6891 6.1.2 */
static void write_edns(struct wire_writer *out, const struct question *question)
{
	size_t length_at;

	wire_write_u8(out, 0);
	wire_write_u16(out, DNS_OPT);
	wire_write_u16(out, MESSAGE_UDP_SIZE);
	wire_write_u32(out, question->dnssec_ok ? DO_BIT : 0);
	length_at = out->length;
	wire_write_u16(out, 0);
	if (question->want_nsid)
		write_option(out, EDNS_NSID, NULL, 0);
	if (question->want_expire)
		write_option(out, EDNS_EXPIRE, NULL, 0);
	if (question->cookie)
		write_option(out, EDNS_COOKIE, question->cookie, COOKIE_BYTES);
	wire_patch_u16(out, length_at, (uint16_t)(out->length - length_at - 2));
}

size_t message_question(const struct question *question, uint8_t *bytes, size_t capacity)
{
	struct wire_writer out = wire_write(bytes, capacity);

	write_header(&out, question);
	wire_write_name(&out, question->name);
	wire_write_u16(&out, question->type);
	wire_write_u16(&out, question_class(question));
	if (question->has_serial)
		write_soa(&out, question);
	if (question->edns)
		write_edns(&out, question);
	return out.failed ? 0 : out.length;
}

/* The same but for name and id? */
static bool same_shape(const struct question *a, const struct question *b)
{
	return a->type == b->type && question_class(a) == question_class(b) &&
		a->opcode == b->opcode && a->recursion_desired == b->recursion_desired &&
		a->edns == b->edns && a->dnssec_ok == b->dnssec_ok &&
		a->want_expire == b->want_expire && a->want_nsid == b->want_nsid;
}

static const struct question_template *template_for(struct question_templates *templates,
	const struct question *question)
{
	struct question_template *template;

	for (unsigned i = 0; i < QUESTION_TEMPLATES; i++) {
		template = &templates->each[i];
		if (template->length && same_shape(&template->shape, question))
			return template;
	}
	template = &templates->each[templates->oldest++ % QUESTION_TEMPLATES];
	template->shape = *question;
	template->shape.name = (const uint8_t *)"";
	template->length =
		message_question(&template->shape, template->bytes, sizeof(template->bytes));
	return template;
}

size_t message_question_like(struct question_templates *templates, const struct question *question,
	uint8_t *bytes, size_t capacity)
{
	const struct question_template *template;
	size_t name, length;

	if (question->cookie || question->has_serial)
		return message_question(question, bytes, capacity);
	template = template_for(templates, question);
	name = name_length(question->name);
	length = template->length - 1 + name;
	if (!template->length || length > capacity)
		return 0;
	memcpy(bytes, template->bytes, MESSAGE_HEADER);
	bytes[0] = (uint8_t)(question->id >> 8);
	bytes[1] = (uint8_t)question->id;
	memcpy(bytes + MESSAGE_HEADER, question->name, name);
	memcpy(bytes + MESSAGE_HEADER + name, template->bytes + MESSAGE_HEADER + 1,
		template->length - MESSAGE_HEADER - 1);
	return length;
}

/* Servers that don't understand or don't like a question may leave it out. */
static bool may_lack_question(uint16_t rcode)
{
	return rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN;
}

bool message_answers(const struct message *message, const struct question *question,
	bool question_may_lack)
{
	if (!(message->flags & DNS_QR) || message->opcode != question->opcode ||
		message->id != question->id)
		return false;
	if (message->counts[MESSAGE_QUESTIONS] == 0)
		return question_may_lack && may_lack_question(message->rcode);
	return message->counts[MESSAGE_QUESTIONS] == 1 &&
		message->question.type == question->type &&
		message->question.class == question_class(question) &&
		name_equal(message->question.owner, question->name);
}
