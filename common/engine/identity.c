#include "common/engine/identity.h"

#include <string.h>

static const char *text_for(const uint8_t *name, const char *version, const char *nsid)
{
	static const uint8_t version_bind[] = "\7version\4bind",
			     version_server[] = "\7version\6server", id_server[] = "\2id\6server",
			     hostname_bind[] = "\10hostname\4bind";

	if (name_equal(name, version_bind) || name_equal(name, version_server))
		return version;
	return name_equal(name, id_server) || name_equal(name, hostname_bind) ? nsid : NULL;
}

uint16_t identity_answer(struct reply *reply, const struct record *question, const char *version,
	const char *nsid)
{
	const char *text = text_for(question->owner, version, nsid);
	struct wire_writer *writer = &reply->writer;

	if (!text || (question->type != DNS_TXT && question->type != DNS_ANY))
		return DNS_REFUSED;
	wire_write_u16(writer, 0xc000 | MESSAGE_HEADER);
	wire_write_u16(writer, DNS_TXT);
	wire_write_u16(writer, DNS_CH);
	wire_write_u32(writer, 0);
	wire_write_u16(writer, (uint16_t)(strlen(text) + 1));
	wire_write_u8(writer, (uint8_t)strlen(text));
	wire_write_bytes(writer, text, strlen(text));
	reply->counts[MESSAGE_ANSWER] = 1;
	reply->full = writer->failed;
	reply->flags |= DNS_AA;
	return DNS_NOERROR;
}
