#include "common/engine/peer.h"

#include <stdio.h>
#include <string.h>

enum { DNS_PORT = 53, DNS_TLS_PORT = 853 };

static const char tls_prefix[] = "tls:";

static const char *behind_prefix(const char *text)
{
	size_t length = sizeof(tls_prefix) - 1;

	return strncmp(text, tls_prefix, length) ? text : text + length;
}

static bool is_peer(const char *piece)
{
	struct address address;

	return address_from_text(behind_prefix(piece), &address);
}

bool scoped_text_split(const char *text, bool (*is_what)(const char *piece),
	struct scoped_text *scoped, struct fault *fault)
{
	const char *pieces[4] = { scoped->text };
	unsigned count = 1;

	if (strlen(text) >= sizeof(scoped->text))
		return fault_set(fault, "too long");
	snprintf(scoped->text, sizeof(scoped->text), "%s", text);
	for (char *at = scoped->text; (at = strchr(at, '=')) && count < 4; count++) {
		*at++ = '\0';
		pieces[count] = at;
	}
	if (count == 4)
		return fault_set(fault, "%s: too many \"=\"", text);
	if (count == 3 || (count == 2 && !is_what(pieces[0]))) {
		scoped->zone = pieces[0];
		scoped->what = pieces[1];
		scoped->key = count == 3 ? pieces[2] : NULL;
		return true;
	}
	scoped->zone = NULL;
	scoped->what = pieces[0];
	scoped->key = count == 2 ? pieces[1] : NULL;
	return true;
}

static bool set_peer(const char *text, const char *key, const struct key_ring *keys,
	struct peer *peer, struct fault *fault)
{
	const char *host = behind_prefix(text);

	*peer = (struct peer){ .is_tls = host != text };
	if (!address_from_text(host, &peer->address))
		return fault_set(fault, "%s is no ADDRESS@PORT, as 127.0.0.1@5300 or ::1@5300 is",
			text);
	if (!peer->address.port)
		peer->address.port = peer->is_tls ? DNS_TLS_PORT : DNS_PORT;
	if (!key_choice_parse(key, keys, &peer->choice, fault))
		return false;
	peer->key = key_choice_signs(&peer->choice, keys);
	return true;
}

char *peer_to_text(const struct peer *peer, char out[PEER_TEXT])
{
	char address[ADDRESS_TEXT];

	snprintf(out, PEER_TEXT, "%s%s", peer->is_tls ? tls_prefix : "",
		address_to_text_port(&peer->address, address));
	return out;
}

static bool always(const char *piece)
{
	(void)piece;
	return true;
}

bool peer_parse(const char *text, const struct key_ring *keys, struct peer *peer,
	struct fault *fault)
{
	struct scoped_text said = { .zone = NULL };

	if (!scoped_text_split(text, always, &said, fault))
		return false;
	if (said.zone)
		return fault_set(fault, "%s: too many \"=\"", text);
	return set_peer(said.what, said.key, keys, peer, fault);
}

bool peer_at_parse(const char *text, const struct key_ring *keys, struct peer_at *at,
	struct fault *fault)
{
	struct scoped_text said = { .zone = NULL };

	if (!scoped_text_split(text, is_peer, &said, fault))
		return false;
	*at = (struct peer_at){ .everywhere = !said.zone };
	if (said.zone && !name_from_text(said.zone, at->zone, fault))
		return fault_set(fault, "%s: zone \"%s\": %s", text, said.zone, fault->text);
	return set_peer(said.what, said.key, keys, &at->peer, fault);
}
