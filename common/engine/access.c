#include "common/engine/access.h"

#include <stdlib.h>
#include <string.h>

#include "common/engine/peer.h"

enum { PREFIX_TEXT = 128 };

static bool parse_bits(const char *text, uint8_t most, uint8_t *bits)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return false;
	value = strtoul(text, &end, 10);
	if (*end || value > most)
		return false;
	*bits = (uint8_t)value;
	return true;
}

bool prefix_parse(const char *text, struct prefix *prefix, struct fault *fault)
{
	char host[PREFIX_TEXT];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	uint8_t most;

	*prefix = (struct prefix){ .never = !strcmp(text, "none") };
	if (prefix->never || !strcmp(text, "any"))
		return true;
	if (length >= sizeof(host))
		return fault_set(fault, "not a prefix: %s", text);
	memcpy(host, text, length);
	host[length] = '\0';
	if (!address_from_text(host, &prefix->address) || prefix->address.port)
		return fault_set(fault, "not a prefix: %s (192.0.2.0/24, 2001:db8::/32, any, none)",
			text);
	most = prefix->address.family == 4 ? 32 : 128;
	prefix->bits = most;
	if (slash && !parse_bits(slash + 1, most, &prefix->bits))
		return fault_set(fault, "%s: the length of the prefix is 0 to %u", text, most);
	return true;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
	size_t whole = prefix->bits / 8;
	uint8_t mask = (uint8_t)(0xff00U >> prefix->bits % 8);

	if (prefix->never)
		return false;
	if (!prefix->address.family)
		return true;
	if (prefix->address.family != address->family)
		return false;
	if (memcmp(prefix->address.bytes, address->bytes, whole))
		return false;
	return !mask || !((prefix->address.bytes[whole] ^ address->bytes[whole]) & mask);
}

bool same_host(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static bool is_prefix(const char *piece)
{
	struct prefix prefix;
	struct fault ignored;

	return prefix_parse(piece, &prefix, &ignored);
}

bool access_rule_parse(const char *text, const struct key_ring *keys, struct access_rule *rule,
	struct fault *fault)
{
	struct scoped_text said = { .zone = NULL };

	if (!scoped_text_split(text, is_prefix, &said, fault))
		return false;
	*rule = (struct access_rule){ .everywhere = !said.zone };
	if (said.zone && !name_from_text(said.zone, rule->zone, fault))
		return fault_set(fault, "%s: zone \"%s\": %s", text, said.zone, fault->text);
	return prefix_parse(said.what, &rule->prefix, fault) &&
		key_choice_parse(said.key, keys, &rule->key, fault);
}

static bool has_own_rules(const struct access_list *list, const uint8_t *zone)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->rules[i].everywhere && name_equal(list->rules[i].zone, zone))
			return true;
	return false;
}

static bool concerns(const struct access_rule *rule, const uint8_t *zone, bool has_own)
{
	return has_own ? !rule->everywhere && name_equal(rule->zone, zone) : rule->everywhere;
}

bool access_speaks_of(const struct access_list *list, const uint8_t *zone)
{
	bool has_own = has_own_rules(list, zone);

	for (size_t i = 0; i < list->count; i++)
		if (concerns(&list->rules[i], zone, has_own))
			return true;
	return false;
}

const char *access_refusal(const struct access_list *list, const struct key_ring *keys,
	const uint8_t *zone, const struct address *client, const struct tsig_key *key)
{
	static const struct key_choice any = { 0 };
	const char *reason = "address not allowed";
	bool has_own = has_own_rules(list, zone);

	if (!access_speaks_of(list, zone))
		return address_is_loopback(client) ? key_choice_refusal(&any, keys, key) : reason;
	for (size_t i = 0; i < list->count; i++) {
		const struct access_rule *rule = &list->rules[i];

		if (!concerns(rule, zone, has_own) || !prefix_holds(&rule->prefix, client))
			continue;
		reason = key_choice_refusal(&rule->key, keys, key);
		if (!reason)
			break;
	}
	return reason;
}
