/* What findings about transfers say: how much came, from where, and the same by hand. */
#include <inttypes.h>

#include "common/base/text.h"
#include "common/judge/transfer_private.h"

struct finding *transfer_say(const struct judged_transfer *seen, enum finding_code code,
	const struct text *text)
{
	return judge_say(seen->facts, seen->verdict, code, seen->zone, seen->pair, "%s",
		text_string(text));
}

const char *transfer_kept(const struct judged_transfer *seen, struct text *text)
{
	const char *copy = text->length
		? arena_string(&seen->verdict->findings.arena, text_string(text))
		: NULL;

	text_free(text);
	return copy;
}

static void add_ede(const struct zone_transfer *transfer, struct text *out)
{
	const char *purpose;

	if (transfer->ede_code == EDE_NONE)
		return;
	purpose = ede_purpose(transfer->ede_code);
	text_addf(out, ", EDE %u", transfer->ede_code);
	if (purpose)
		text_addf(out, " %s", purpose);
	if (*transfer->ede_text)
		text_addf(out, " (%s)", transfer->ede_text);
}

void transfer_add_rcode(const struct zone_transfer *transfer, struct text *out)
{
	char rcode[16];

	text_add(out, rcode_text(transfer->rcode, rcode));
	add_ede(transfer, out);
}

/* "3 messages, 12345 bytes, 200 records in 8.0 s": how much came before it ended. */
void transfer_add_progress(const struct zone_transfer *transfer, struct text *out)
{
	text_addf(out, "%" PRIu64 " message%s, %" PRIu64 " bytes, %" PRIu64 " record%s in %.3f s",
		transfer->messages, transfer->messages == 1 ? "" : "s", transfer->bytes,
		transfer->records, transfer->records == 1 ? "" : "s",
		(double)transfer->duration_us / 1e6);
}

static const struct address *source_of(const struct judged_transfer *seen)
{
	const struct address *source =
		seen->server->address.family == 4 ? &seen->policy->source4 : &seen->policy->source6;

	return source->family ? source : NULL;
}

/* The address that the server has to know, as far as it is ours to say. */
void transfer_add_source(const struct judged_transfer *seen, struct text *out)
{
	char address[ADDRESS_TEXT];
	const struct address *source = source_of(seen);

	text_add(out, source ? address_to_text(source, address) : "this host");
}

/* The same transfer by hand. */
void transfer_add_dig(const struct judged_transfer *seen, const char *type, struct text *out)
{
	const struct address *to = &seen->server->address, *source = source_of(seen);
	char address[ADDRESS_TEXT];

	text_addf(out, "dig @%s", address_to_text(to, address));
	if (to->port != (seen->policy->tls ? 853 : 53))
		text_addf(out, " -p %u", to->port);
	if (seen->policy->tls)
		text_add(out, " +tls");
	if (source)
		text_addf(out, " -b %s", address_to_text(source, address));
	if (seen->facts->policy->has_key)
		text_add(out, " -k KEYFILE");
	text_add_byte(out, ' ');
	plan_zone_text(seen->facts->plan, seen->zone, out);
	text_addf(out, " %s", type);
}

void transfer_add_type(const struct judged_transfer *seen, struct text *out)
{
	text_add(out, seen->policy->incremental ? "IXFR" : "AXFR");
}

void transfer_add_dig_transfer(const struct judged_transfer *seen, struct text *out)
{
	struct text type = { 0 };

	if (seen->policy->incremental)
		text_addf(&type, "IXFR=%u", seen->policy->serial);
	else
		text_add(&type, "AXFR");
	transfer_add_dig(seen, text_string(&type), out);
	text_free(&type);
}
