#include "common/engine/zone_version.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/rdata.h"
#include "common/engine/transfer_stream.h"

enum { MOST_LABELS = 127, DNS_KEY = 25 };

static bool refuse(struct fault *fault, const uint8_t *name, const char *reason)
{
	char text[NAME_TEXT];

	return fault_set(fault, "%s: %s", name_to_text(name, text), reason);
}

static uint32_t node_index(struct zone_version *version, const uint8_t *name)
{
	uint8_t lower[NAME_WIRE];
	size_t length = name_length(name);
	const uint8_t *kept;
	uint32_t *found;

	memcpy(lower, name, length);
	name_lower(lower);
	found = map_get(&version->by_name, lower, length);
	if (found)
		return *found;
	if (memcmp(lower, version->apex, name_length(version->apex)))
		node_index(version, name_parent(name)); /* empty non-terminals come to be */
	if (version->node_count == version->node_capacity) {
		version->node_capacity = version->node_capacity ? 2 * version->node_capacity : 8;
		version->nodes = memory_resize(version->nodes, version->node_capacity,
			sizeof(*version->nodes));
	}
	kept = arena_copy(&version->arena, name, length);
	version->nodes[version->node_count] = (struct zone_node){ .name = kept };
	if (memcmp(lower, name, length))
		kept = arena_copy(&version->arena, lower, length);
	map_put(&version->by_name, kept, length, (uint32_t)version->node_count, NULL);
	return (uint32_t)version->node_count++;
}

struct zone_version *zone_version_new(const uint8_t *apex)
{
	struct zone_version *version = memory_resize(NULL, 1, sizeof(*version));

	*version = (struct zone_version){ .references = 1 };
	memcpy(version->apex, apex, name_length(apex));
	name_lower(version->apex);
	node_index(version, version->apex);
	return version;
}

struct zone_version *zone_version_hold(struct zone_version *version)
{
	version->references++;
	return version;
}

void zone_version_release(struct zone_version *version)
{
	if (!version || --version->references)
		return;
	transfer_stream_release(version->stream);
	map_free(&version->by_name);
	arena_free(&version->arena);
	free(version->nodes);
	free(version);
}

const struct zone_rrset *zone_node_rrset(const struct zone_node *node, uint16_t type)
{
	const struct zone_rrset *rrset = node->rrsets;

	while (rrset && rrset->type != type)
		rrset = rrset->next;
	return rrset;
}

/* What may stand beside a CNAME (RFC 4035 2.5). */
static bool beside_cname(uint16_t type)
{
	return type == DNS_RRSIG || type == DNS_NSEC || type == DNS_KEY;
}

static bool check_cname(const struct zone_node *node, uint16_t type, struct fault *fault)
{
	if (beside_cname(type))
		return true;
	for (const struct zone_rrset *rrset = node->rrsets; rrset; rrset = rrset->next)
		if (!beside_cname(rrset->type) && (rrset->type == DNS_CNAME) != (type == DNS_CNAME))
			return refuse(fault, node->name, "a CNAME stands beside other records");
	return true;
}

static bool check_record(const struct zone_version *version, const struct zone_record *record,
	struct fault *fault)
{
	if (record->class != DNS_IN)
		return refuse(fault, record->owner, "a class other than IN");
	if (!name_within(record->owner, version->apex))
		return refuse(fault, record->owner, "outside the zone");
	if (record->type == DNS_SOA && !name_equal(record->owner, version->apex))
		return refuse(fault, record->owner, "an SOA below the top of the zone");
	if (!rdata_check(record->type, record->class, record->rdata, record->rdata_length))
		return refuse(fault, record->owner, "malformed data");
	if (record->rdata_length > TRANSFER_STREAM_RDATA)
		return refuse(fault, record->owner, "more data than a DNS message carries");
	return true;
}

static struct zone_rrset *rrset_of(struct zone_version *version, struct zone_node *node,
	uint16_t type)
{
	struct zone_rrset **link = &node->rrsets;

	while (*link && (*link)->type != type)
		link = &(*link)->next;
	if (!*link) {
		*link = arena_alloc(&version->arena, sizeof(**link));
		(*link)->type = type;
	}
	return *link;
}

static bool same_rdata(const struct zone_rdata *rdata, const struct zone_record *record)
{
	return rdata->length == record->rdata_length &&
		!memcmp(rdata->bytes, record->rdata, rdata->length);
}

static bool check_single(const struct zone_rrset *rrset, const struct zone_record *record,
	struct fault *fault)
{
	if (!rrset->first || same_rdata(rrset->first, record))
		return true;
	if (record->type == DNS_SOA)
		return refuse(fault, record->owner, "a second SOA");
	if (record->type == DNS_CNAME)
		return refuse(fault, record->owner, "a second CNAME");
	return true;
}

static void rrset_add(struct zone_version *version, struct zone_rrset *rrset,
	const struct zone_record *record)
{
	struct zone_rdata *rdata =
		arena_alloc(&version->arena, sizeof(*rdata) + record->rdata_length);

	rdata->next = rrset->first;
	rdata->ttl = record->ttl > INT32_MAX ? 0 : record->ttl; /* RFC 2181 8 */
	rdata->length = record->rdata_length;
	if (record->rdata_length)
		memcpy(rdata->bytes, record->rdata, record->rdata_length);
	rrset->first = rdata;
	rrset->count++;
}

bool zone_version_add(struct zone_version *version, const struct zone_record *record,
	struct fault *fault)
{
	struct zone_node *node;
	struct zone_rrset *rrset;
	uint32_t index;

	if (!check_record(version, record, fault))
		return false;
	index = node_index(version, record->owner); /* may move the nodes */
	node = &version->nodes[index];
	if (!check_cname(node, record->type, fault))
		return false;
	rrset = rrset_of(version, node, record->type);
	if (!check_single(rrset, record, fault))
		return false;
	rrset_add(version, rrset, record);
	return true;
}

static int compare_rdata(const void *left, const void *right)
{
	const struct zone_rdata *a = *(struct zone_rdata *const *)left,
				*b = *(struct zone_rdata *const *)right;
	size_t common = a->length < b->length ? a->length : b->length;
	int order = common ? memcmp(a->bytes, b->bytes, common) : 0;

	return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Canonical order without duplicates (RFC 2181 5), and one TTL for all: the least (RFC 2181 5.2).
 */
static void rrset_finish(struct zone_rrset *rrset, struct zone_rdata ***scratch, size_t *capacity)
{
	struct zone_rdata **sorted, **link = &rrset->first;
	uint32_t ttl = UINT32_MAX, kept = 0;

	if (rrset->count > *capacity) {
		*capacity = rrset->count;
		*scratch = memory_resize(*scratch, *capacity, sizeof(**scratch));
	}
	sorted = *scratch;
	for (struct zone_rdata *rdata = rrset->first; rdata; rdata = rdata->next) {
		sorted[kept++] = rdata;
		if (rdata->ttl < ttl)
			ttl = rdata->ttl;
	}
	qsort(sorted, kept, sizeof(*sorted), compare_rdata);
	rrset->count = 0;
	for (uint32_t i = 0; i < kept; i++) {
		if (i && !compare_rdata(&sorted[i - 1], &sorted[i]))
			continue;
		if (rrset->type != DNS_RRSIG)
			sorted[i]->ttl = ttl;
		*link = sorted[i];
		link = &sorted[i]->next;
		rrset->count++;
	}
	*link = NULL;
}

static void sort_rrsets(struct zone_version *version)
{
	struct zone_rdata **scratch = NULL;
	size_t capacity = 0;

	for (size_t i = 0; i < version->node_count; i++)
		for (struct zone_rrset *rrset = version->nodes[i].rrsets; rrset;
			rrset = rrset->next) {
			if (rrset->count > 1)
				rrset_finish(rrset, &scratch, &capacity);
			version->record_count += rrset->count;
		}
	free(scratch);
}

/* The SOA's fixed fields stand behind its two names (RFC 1035 3.3.13). */
static void read_soa(struct zone_version *version, const struct zone_rdata *rdata)
{
	struct wire_reader reader = wire_read(rdata->bytes, rdata->length);

	wire_read_name(&reader, version->soa.mname);
	wire_read_name(&reader, version->soa.rname);
	name_lower(version->soa.mname);
	name_lower(version->soa.rname);
	version->serial = wire_read_u32(&reader);
	version->soa.refresh = wire_read_u32(&reader);
	version->soa.retry = wire_read_u32(&reader);
	version->soa.expire = wire_read_u32(&reader);
	version->soa.minimum = wire_read_u32(&reader);
	assert(!reader.failed); /* rdata_check() looked */
}

bool zone_version_finish(struct zone_version *version, struct fault *fault)
{
	const struct zone_rrset *soa = zone_node_rrset(&version->nodes[0], DNS_SOA);

	if (!soa)
		return refuse(fault, version->apex, "no SOA record at the top of the zone");
	if (!zone_node_rrset(&version->nodes[0], DNS_NS))
		return refuse(fault, version->apex, "no NS records at the top of the zone");
	sort_rrsets(version);
	read_soa(version, soa->first);
	zone_chain_make(version);
	return true;
}

struct parse {
	struct zone_version *version;
	zone_include *include;
};

static bool parse_record(void *context, const struct zone_record *record, struct fault *fault)
{
	return zone_version_add(((struct parse *)context)->version, record, fault);
}

static bool parse_include(void *context, const char *path, struct text *content,
	struct fault *fault)
{
	struct parse *parse = context;

	if (!parse->include)
		return fault_set(fault, "$INCLUDE %s is not allowed here", path);
	return parse->include(NULL, path, content, fault);
}

struct zone_version *zone_version_parse(const char *file, const struct text *content,
	const uint8_t *apex, zone_include *include, struct fault *fault)
{
	struct parse parse = { .version = zone_version_new(apex), .include = include };
	struct zone_file_reader reader = { .include = parse_include,
		.record = parse_record,
		.context = &parse };

	if (!zone_file_read(file, text_string(content), content->length, apex, &reader, fault)) {
		zone_version_release(parse.version);
		return NULL;
	}
	if (!zone_version_finish(parse.version, fault)) {
		zone_version_release(parse.version);
		fault_set(fault, "%s: %s", file, fault->text);
		return NULL;
	}
	return parse.version;
}

const struct zone_node *zone_version_node(const struct zone_version *version, const uint8_t *name)
{
	uint8_t lower[NAME_WIRE];
	size_t length = name_length(name);
	const uint32_t *index;

	memcpy(lower, name, length);
	name_lower(lower);
	index = map_get(&version->by_name, lower, length);
	return index ? &version->nodes[*index] : NULL;
}

static struct zone_match match_wildcard(const struct zone_version *version,
	const struct zone_node *encloser)
{
	uint8_t wildcard[NAME_WIRE];
	size_t length = name_length(encloser->name);
	const struct zone_node *node;

	if (length + 2 > NAME_WIRE)
		return (struct zone_match){ ZONE_MATCH_NOTHING, encloser };
	memcpy(wildcard, "\1*", 2);
	memcpy(wildcard + 2, encloser->name, length);
	node = zone_version_node(version, wildcard);
	if (!node)
		return (struct zone_match){ ZONE_MATCH_NOTHING, encloser };
	return (struct zone_match){ ZONE_MATCH_WILDCARD, node };
}

struct zone_match zone_version_find(const struct zone_version *version, const uint8_t *name,
	uint16_t type)
{
	const uint8_t *below[MOST_LABELS]; /* the names from `name` up to the one below the apex */
	const struct zone_node *node = &version->nodes[0];
	unsigned depth = 0, least = name_labels(version->apex);

	for (unsigned labels = name_labels(name); labels > least;
		labels--, name = name_parent(name))
		below[depth++] = name;
	while (depth--) {
		const struct zone_node *child;

		if (zone_node_rrset(node, DNS_DNAME))
			return (struct zone_match){ ZONE_MATCH_DNAME, node };
		child = zone_version_node(version, below[depth]);
		if (!child || child->is_hash)
			return match_wildcard(version, node);
		node = child;
		if (zone_node_rrset(node, DNS_NS) && (depth || type != DNS_DS))
			return (struct zone_match){ ZONE_MATCH_REFERRAL, node };
	}
	return (struct zone_match){ ZONE_MATCH_NAME, node };
}
