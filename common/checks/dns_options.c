#include "common/checks/dns_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/duration.h"
#include "common/dns/name.h"
#include "common/probe/pdns_key.h"

enum { MOST_ADDRESSES = 16, KEY_FILE_BYTES = 65536 };

static const struct dns_replication_values *values_of(const struct run *run)
{
	return run->values;
}

const uint8_t *dns_options_name(struct run *run, const char *option, const char *text,
	struct fault *fault)
{
	uint8_t name[NAME_WIRE];
	struct fault why = { { 0 } };
	size_t length = name_from_text(text, name, &why);

	if (length && strstr(text, "://")) {
		length = 0;
		fault_set(&why, "it is a URL");
	}
	if (!length) {
		fault_set(fault, "%s: \"%s\" is no domain name: %s", option, text, why.text);
		return NULL;
	}
	name_lower(name);
	return arena_copy(&run->arena, name, length);
}

/* What looks like an address, or has a port too many: no such name is to be resolved. Of a host
 * name the last label is never a number (RFC 1123 2.1). */
static bool is_mistyped(const char *name)
{
	size_t length = strlen(name);
	const char *last;

	if (strpbrk(name, ":@/"))
		return true;
	if (length > 1 && name[length - 1] == '.')
		length--;
	last = memrchr(name, '.', length);
	last = last ? last + 1 : name;
	return strspn(last, "0123456789") == (size_t)(name + length - last);
}

/* HOST[@PORT]: an address, or a name still to be resolved. */
static bool parse_host(struct run *run, const char *option, const char *text, struct host *host,
	struct fault *fault)
{
	char name[NAME_TEXT];
	struct fault why = { { 0 } };
	struct address address;

	*host = (struct host){ .text = text, .option = option };
	if (!address_split(text, name, sizeof(name), &host->port, &why))
		return fault_set(fault, "%s: %s", option, why.text);
	if (!strchr(name, '@') && address_from_text(name, &address)) {
		host->addresses = arena_copy(&run->arena, &address, sizeof(address));
		host->address_count = 1;
		return true;
	}
	if (is_mistyped(name))
		return fault_set(fault,
			"%s: \"%s\" is neither an IP address nor a host name; right is 192.0.2.1, 192.0.2.1@5300 or ns1.example.com",
			option, text);
	host->name = dns_options_name(run, option, name, fault);
	return host->name != NULL;
}

/* ADDRESS[,ADDRESS][@PORT] behind NAME=. */
static bool parse_addresses(struct run *run, const char *option, const char *text,
	struct host *host, struct fault *fault)
{
	char list[1024], *rest = list, *each;
	struct fault why = { { 0 } };

	if (!address_split(text, list, sizeof(list), &host->port, &why))
		return fault_set(fault, "%s: %s", option, why.text);
	host->addresses = arena_array(&run->arena, MOST_ADDRESSES, sizeof(*host->addresses));
	while ((each = strsep(&rest, ","))) {
		if (host->address_count == MOST_ADDRESSES)
			return fault_set(fault, "%s: \"%s\": more than %d addresses", option, text,
				MOST_ADDRESSES);
		if (strchr(each, '@') ||
			!address_from_text(each, &host->addresses[host->address_count]))
			return fault_set(fault,
				"%s: \"%s\" is no IP address, e.g. %s=ns2.example.com=192.0.2.2",
				option, each, option);
		host->address_count++;
	}
	return true;
}

/* NAME=ADDRESS[,ADDRESS][@PORT]; without "=" what parse_host() takes, where that is allowed. */
static bool parse_named(struct run *run, const char *option, const char *text, bool needs_address,
	struct host *host, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char name[NAME_TEXT];

	if (!equals && !needs_address)
		return parse_host(run, option, text, host, fault);
	if (!equals || equals == text || (size_t)(equals - text) >= sizeof(name))
		return fault_set(fault,
			"%s: \"%s\" is not NAME=ADDRESS, e.g. %s=ns2.example.com=192.0.2.2", option,
			text, option);
	*host = (struct host){ .text = text, .option = option };
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	host->name = dns_options_name(run, option, name, fault);
	return host->name && parse_addresses(run, option, equals + 1, host, fault);
}

bool dns_options_named(struct run *run, const char *option, const char *text, struct host *host,
	struct fault *fault)
{
	return parse_named(run, option, text, false, host, fault);
}

static bool parse_hosts(struct run *run, const char *option, const struct option_list *list,
	struct host **hosts, size_t *count, struct fault *fault)
{
	*hosts = arena_array(&run->arena, list->count, sizeof(**hosts));
	for (*count = 0; *count < list->count; (*count)++) {
		if (!parse_named(run, option, list->items[*count], false, &(*hosts)[*count], fault))
			return false;
	}
	return true;
}

static bool parse_mappings(struct run *run, struct discovery *discovery, struct fault *fault)
{
	const struct option_list *list = &values_of(run)->address;
	struct name_mapping *mappings = arena_array(&run->arena, list->count, sizeof(*mappings));

	for (size_t i = 0; i < list->count; i++) {
		struct host host;

		if (!parse_named(run, "--address", list->items[i], true, &host, fault))
			return false;
		mappings[i] = (struct name_mapping){ host.name, host.addresses, host.address_count,
			host.port };
	}
	discovery->mappings = mappings;
	discovery->mapping_count = list->count;
	return true;
}

bool dns_options_host(struct run *run, const char *option, const char *text, struct host *host,
	struct fault *fault)
{
	const struct common_values *common = run->common;

	if (!parse_host(run, option, text, host, fault))
		return false;
	if (host->address_count && (host->addresses[0].family == 4 ? common->ipv6 : common->ipv4))
		return fault_set(fault, "%s: %s is no address of the family that %s asks for",
			option, text, common->ipv4 ? "-4" : "-6");
	return true;
}

bool dns_options_families(const struct run *run, struct discovery *discovery, struct fault *fault)
{
	const struct common_values *common = run->common;

	if (common->ipv4 && common->ipv6)
		return fault_set(fault,
			"-4 and -6 exclude each other; without either both families are asked");
	discovery->want4 = !common->ipv6;
	discovery->want6 = !common->ipv4;
	discovery->port = (uint16_t)common->port.value;
	return true;
}

static bool parse_primary(struct run *run, struct dns_setup *setup, struct fault *fault)
{
	const struct common_values *common = run->common;

	if (!dns_options_families(run, &setup->discovery, fault))
		return false;
	if (!common->hostname)
		return true;
	setup->hostname = arena_alloc(&run->arena, sizeof(*setup->hostname));
	return dns_options_host(run, "--hostname", common->hostname, setup->hostname, fault);
}

static bool parse_resolver(struct run *run, struct discovery *discovery, struct fault *fault)
{
	const char *text = values_of(run)->resolver;
	struct address *resolver;

	if (!text)
		return true;
	resolver = arena_alloc(&run->arena, sizeof(*resolver));
	if (!address_from_text(text, resolver))
		return fault_set(fault,
			"--resolver: \"%s\" is no IP address, e.g. --resolver=192.0.2.53 or 192.0.2.53@5353",
			text);
	if (resolver->port == 0)
		resolver->port = 53;
	discovery->resolvers = resolver;
	discovery->resolver_count = 1;
	return true;
}

bool dns_options_key(const struct run *run, struct tsig_key *key, struct fault *fault)
{
	struct text content = { 0 };
	struct fault why = { { 0 } };
	bool good;

	if (access(run->common->key_file, R_OK))
		return key_file_missing("--tsig-key-file", run->common->key_file, errno, fault);
	if (!text_read_file(&content, run->common->key_file, KEY_FILE_BYTES, fault))
		return false;
	good = tsig_key_parse(text_string(&content), content.length, key, &why);
	if (content.bytes)
		explicit_bzero(content.bytes, content.length);
	text_free(&content);
	if (!good)
		return fault_set(fault, "--tsig-key-file: %s: %s", run->common->key_file, why.text);
	return true;
}

static bool read_key(struct run *run, struct dns_setup *setup, struct fault *fault)
{
	if (!run->common->key_file)
		return true;
	setup->discovery.key = &setup->key;
	return dns_options_key(run, &setup->key, fault);
}

static void set_exchange(struct run *run, struct exchange_settings *settings)
{
	const struct dns_replication_values *values = values_of(run);

	settings->try_timeout_ms = run->try_timeout_ms;
	settings->tcp_timeout_ms = 2 * run->try_timeout_ms;
	settings->retries = (uint32_t)values->retries.value;
	settings->rate = values->rate.set ? (double)values->rate.value : 1000;
	settings->deadline_us = run->deadline_us;
}

bool dns_options_setup(struct run *run, struct dns_setup *setup, struct fault *fault)
{
	const struct dns_replication_values *values = values_of(run);
	struct discovery *discovery = &setup->discovery;
	struct host *excluded, *independent;

	discovery->no_ns = values->no_ns;
	discovery->tcp_only = values->tcp;
	discovery->unlimited_loopback = !values->rate.set;
	set_exchange(run, &discovery->exchange);
	if (!parse_primary(run, setup, fault) || !parse_resolver(run, discovery, fault) ||
		!parse_mappings(run, discovery, fault) ||
		!parse_hosts(run, "--add-server", &values->add_server, &discovery->added,
			&discovery->added_count, fault) ||
		!parse_hosts(run, "--exclude-server", &values->exclude_server, &excluded,
			&discovery->excluded_count, fault) ||
		!parse_hosts(run, "--serials-independent", &values->serials_independent,
			&independent, &discovery->independent_count, fault) ||
		!common_sources(run->common, &discovery->exchange, fault) ||
		!read_key(run, setup, fault))
		return false;
	discovery->excluded = excluded;
	discovery->independent = independent;
	return true;
}

/* "50%" of the SOA's expire, or a duration. */
static bool parse_limit(const char *option, const char *text, struct limit *limit,
	struct fault *fault)
{
	struct fault why = { { 0 } };
	char *end;

	if (!text)
		return true;
	limit->set = true;
	limit->value = strtod(text, &end);
	limit->percent = end != text && !strcmp(end, "%");
	if (limit->percent && limit->value >= 0 && limit->value <= 100)
		return true;
	if (limit->percent || !duration_parse(text, &limit->value, &why))
		return fault_set(fault,
			"%s: \"%s\" is neither a share of the SOA's expire nor a duration, e.g. %s=50%% or %s=2d",
			option, text, option, option);
	return true;
}

/* -N a,b -N c: sorted like the observations' sets, so that equal sets are equal bytes. */
static bool parse_expected(struct run *run, struct fault *fault)
{
	const struct option_list *list = &values_of(run)->expect_ns;
	struct observations scratch;
	const uint8_t *names[256];
	size_t count = 0;
	const struct ns_set *set;
	uint32_t index;

	for (size_t i = 0; i < list->count; i++) {
		char *copy = arena_string(&run->arena, list->items[i]), *each;

		while ((each = strsep(&copy, ", "))) {
			if (!*each)
				continue;
			if (count == 256)
				return fault_set(fault, "--expect-ns: more than 256 names");
			if (!(names[count] = dns_options_name(run, "--expect-ns", each, fault)))
				return false;
			count++;
		}
	}
	if (count == 0)
		return true;
	observations_begin(&scratch, 0, 0);
	index = observations_ns_set(&scratch, names, count);
	set = &scratch.ns_sets[index];
	run->policy.expected_ns = arena_copy(&run->arena, set->names, set->length);
	run->policy.expected_ns_length = set->length;
	observations_free(&scratch);
	return true;
}

static struct limit duration_limit(const struct option_duration *duration)
{
	return (struct limit){ .value = duration->seconds, .set = duration->set };
}

bool dns_options_policy(struct run *run, struct fault *fault)
{
	const struct dns_replication_values *values = values_of(run);
	struct policy *policy = &run->policy;

	policy->serials_warning = values->serial_warning;
	policy->serials_critical = values->serial_critical;
	policy->signature_warning = duration_limit(&values->signature_warning);
	policy->signature_critical = duration_limit(&values->signature_critical);
	policy->quorum = (uint32_t)values->quorum.value;
	return common_policy(run->common, &run->arena, policy, fault) &&
		parse_limit("--expire-warning", values->expire_warning, &policy->expire_warning,
			fault) &&
		parse_limit("--expire-critical", values->expire_critical, &policy->expire_critical,
			fault) &&
		parse_expected(run, fault);
}
