#include "common/dns/name.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/dns/wire.h"

enum { LABEL_MOST = 63, LABELS_MOST = 127 };

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + ('a' - 'A')) : byte;
}

/* A name in the making; `label` is where the length byte of the open label stands. */
struct name_builder {
	uint8_t *name;
	size_t length, label;
	struct fault *fault;
};

static bool add_byte(struct name_builder *builder, uint8_t byte)
{
	if (builder->length - builder->label > LABEL_MOST)
		return fault_set(builder->fault, "label over %d bytes", LABEL_MOST);
	if (builder->length >= NAME_WIRE - 1) /* the root's byte is still to come */
		return fault_set(builder->fault, "name over %d bytes", NAME_WIRE);
	builder->name[builder->length++] = byte;
	return true;
}

static bool open_label(struct name_builder *builder)
{
	builder->label = builder->length;
	return add_byte(builder, 0);
}

static bool close_label(struct name_builder *builder)
{
	size_t length = builder->length - builder->label - 1;

	if (!length)
		return fault_set(builder->fault, "empty label");
	builder->name[builder->label] = (uint8_t)length;
	return true;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* \DDD or \X (RFC 1035 5.1); *text stands on the backslash and is moved to the escape's last byte.
 */
static bool add_escaped(struct name_builder *builder, const char **text)
{
	const char *escape = *text + 1;
	int value;

	if (!*escape)
		return fault_set(builder->fault, "backslash at the end");
	if (!is_digit(*escape)) {
		*text = escape;
		return add_byte(builder, (uint8_t)*escape);
	}
	if (!is_digit(escape[1]) || !is_digit(escape[2]))
		return fault_set(builder->fault, "backslash and digit, but not three digits");
	value = (escape[0] - '0') * 100 + (escape[1] - '0') * 10 + (escape[2] - '0');
	if (value > 255)
		return fault_set(builder->fault, "escape \\%d over 255", value);
	*text = escape + 2;
	return add_byte(builder, (uint8_t)value);
}

/* One label of `text` (to an unescaped dot or the end), which is moved behind its dot. */
static bool add_label(struct name_builder *builder, const char **text)
{
	const char *at = *text;

	if (!open_label(builder))
		return false;
	for (; *at && *at != '.'; at++) {
		if (*at == '\\' ? !add_escaped(builder, &at) : !add_byte(builder, (uint8_t)*at))
			return false;
	}
	*text = *at ? at + 1 : at;
	return close_label(builder);
}

static bool add_labels(struct name_builder *builder, const char *text)
{
	while (*text) {
		if (!add_label(builder, &text))
			return false;
	}
	return true;
}

static size_t finish(struct name_builder *builder)
{
	builder->name[builder->length++] = 0;
	return builder->length;
}

/*
 * What we need of libidn2 (its interface 0, since 2.0). Declared here, since it is no dependency of
 * the build. Opened for each name, since there are no globals here; from the second on that only
 * counts (RTLD_NODELETE: a list may hold thousands).
 */
enum { IDN_OK = 0, IDN_NFC_INPUT = 1, IDN_NONTRANSITIONAL = 8 };

struct idn_library {
	void *handle;
	int (*lookup)(const uint8_t *text, uint8_t **ascii, int flags);
	const char *(*error)(int status);
	void (*release)(void *ascii);
};

static bool idn_open(struct idn_library *library, struct fault *fault)
{
	library->handle = dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!library->handle)
		return fault_set(fault, "internationalised names need libidn2 (Debian: libidn2-0)");
	*(void **)&library->lookup = dlsym(library->handle, "idn2_lookup_u8");
	*(void **)&library->error = dlsym(library->handle, "idn2_strerror");
	*(void **)&library->release = dlsym(library->handle, "idn2_free");
	if (library->lookup && library->error && library->release)
		return true;
	dlclose(library->handle);
	return fault_set(fault, "libidn2 lacks a function");
}

/* A label with bytes over 127, by IDNA2008 with the mappings of UTS 46. It may hold a full stop of
 * another script, and so become several. */
static bool add_international(struct name_builder *builder, const struct idn_library *library,
	const char *label)
{
	uint8_t *ascii = NULL;
	int status;
	bool good;

	if (strchr(label, '\\'))
		return fault_set(builder->fault, "an escape in an internationalised label");
	status = library->lookup((const uint8_t *)label, &ascii,
		IDN_NFC_INPUT | IDN_NONTRANSITIONAL);
	if (status != IDN_OK)
		return fault_set(builder->fault, "internationalised label: %s",
			library->error(status));
	good = add_labels(builder, (const char *)ascii);
	library->release(ascii);
	return good;
}

static bool is_ascii(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((uint8_t)text[i] > 127)
			return false;
	}
	return true;
}

/* To the next unescaped dot. */
static size_t label_span(const char *text)
{
	size_t length = 0;

	while (text[length] && text[length] != '.')
		length += text[length] == '\\' && text[length + 1] ? 2 : 1;
	return length;
}

static bool add_mixed(struct name_builder *builder, const struct idn_library *library,
	const char *text)
{
	char label[NAME_TEXT];

	while (*text) {
		size_t span = label_span(text);

		if (is_ascii(text, span)) {
			if (!add_label(builder, &text))
				return false;
			continue;
		}
		if (span >= sizeof(label))
			return fault_set(builder->fault, "label over %d bytes", LABEL_MOST);
		memcpy(label, text, span);
		label[span] = '\0';
		if (!add_international(builder, library, label))
			return false;
		text += span + (text[span] == '.');
	}
	return true;
}

/* What nearly all names are: letters and dots, nothing escaped, nothing international. 0: this one
 * is not, or is none. */
static size_t plain_name(const char *text, uint8_t name[NAME_WIRE])
{
	size_t label = 0, at = 1;

	for (; *text && at < NAME_WIRE - 1; text++) {
		uint8_t byte = (uint8_t)*text;

		if (byte == '\\' || byte > 127)
			return 0;
		if (byte != '.') {
			name[at++] = byte;
			continue;
		}
		if (at - label - 1 > LABEL_MOST || at == label + 1)
			return 0;
		name[label] = (uint8_t)(at - label - 1);
		label = at++;
	}
	if (*text || at - label - 1 > LABEL_MOST || at == 1)
		return 0;
	name[label] = (uint8_t)(at - label - 1);
	if (name[label])
		name[at++] = 0;
	return at;
}

size_t name_from_text(const char *text, uint8_t name[NAME_WIRE], struct fault *fault)
{
	struct name_builder builder = { .name = name, .fault = fault };
	struct idn_library library = { 0 };
	size_t length = plain_name(text, name);
	bool good;

	if (length)
		return length;
	if (!*text) {
		fault_set(fault, "empty name");
		return 0;
	}
	if (!strcmp(text, "."))
		return finish(&builder);
	if (is_ascii(text, strlen(text)))
		return add_labels(&builder, text) ? finish(&builder) : 0;
	if (!idn_open(&library, fault))
		return 0;
	good = add_mixed(&builder, &library, text);
	dlclose(library.handle);
	return good ? finish(&builder) : 0;
}

/* Does the text end in a dot that no backslash escapes? */
static bool is_absolute(const char *text)
{
	while (text[label_span(text)] == '.') {
		text += label_span(text) + 1;
		if (!*text)
			return true;
	}
	return false;
}

size_t name_from_master(const char *text, const uint8_t *origin, uint8_t name[NAME_WIRE],
	struct fault *fault)
{
	struct name_builder builder = { .name = name, .fault = fault };
	size_t origin_length = name_length(origin);
	bool relative = !is_absolute(text);

	if (!*text) {
		fault_set(fault, "empty name");
		return 0;
	}
	if (!strcmp(text, "."))
		return finish(&builder);
	if (strcmp(text, "@") && !add_labels(&builder, text))
		return 0;
	if (!relative)
		return finish(&builder);
	if (builder.length + origin_length > NAME_WIRE) {
		fault_set(fault, "name over %d bytes", NAME_WIRE);
		return 0;
	}
	memcpy(name + builder.length, origin, origin_length);
	return builder.length + origin_length;
}

/* One byte of a label as text; where the next one goes. */
static char *put_byte(char *to, uint8_t byte)
{
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) { /* nearly all are */
		*to++ = (char)byte;
		return to;
	}
	if (byte < 0x21 || byte > 0x7e)
		return to + sprintf(to, "\\%03u", byte);
	if (strchr(".\\\"();@$", byte))
		*to++ = '\\';
	*to++ = (char)byte;
	return to;
}

char *name_to_text(const uint8_t *name, char out[NAME_TEXT])
{
	char *to = out;

	while (*name) {
		uint8_t length = *name++;

		for (uint8_t i = 0; i < length; i++)
			to = put_byte(to, name[i]);
		*to++ = '.';
		name += length;
	}
	if (to == out)
		*to++ = '.';
	*to = '\0';
	return out;
}

char *name_to_display(const uint8_t *name, char out[NAME_TEXT])
{
	size_t length = strlen(name_to_text(name, out));

	for (size_t i = 0; i < length; i++)
		out[i] = (char)lower((uint8_t)out[i]);
	if (length > 1)
		out[length - 1] = '\0';
	return out;
}

unsigned name_labels(const uint8_t *name)
{
	unsigned labels = 0;

	for (; *name; name += *name + 1)
		labels++;
	return labels;
}

/* Length bytes are under 'A', so the whole names can be compared as they stand. */
bool name_equal(const uint8_t *a, const uint8_t *b)
{
	size_t length = name_length(a);

	if (length != name_length(b))
		return false;
	if (!memcmp(a, b, length))
		return true;
	for (size_t i = 0; i < length; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool name_texts_equal(const char *a, const char *b)
{
	size_t length_a = strlen(a), length_b = strlen(b);

	length_a -= length_a > 1 && a[length_a - 1] == '.';
	length_b -= length_b > 1 && b[length_b - 1] == '.';
	return length_a == length_b && !strncasecmp(a, b, length_a);
}

bool name_within(const uint8_t *name, const uint8_t *zone)
{
	unsigned labels = name_labels(name), zone_labels = name_labels(zone);

	if (labels < zone_labels)
		return false;
	for (; labels > zone_labels; labels--)
		name = name_parent(name);
	return name_equal(name, zone);
}

const uint8_t *name_parent(const uint8_t *name)
{
	return *name ? name + *name + 1 : name;
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t shorter = *a < *b ? *a : *b;

	for (uint8_t i = 1; i <= shorter; i++) {
		if (lower(a[i]) != lower(b[i]))
			return lower(a[i]) - lower(b[i]);
	}
	return *a - *b;
}

static unsigned collect_labels(const uint8_t *name, const uint8_t *labels[LABELS_MOST])
{
	unsigned count = 0;

	for (; *name; name += *name + 1)
		labels[count++] = name;
	return count;
}

int name_compare(const uint8_t *a, const uint8_t *b)
{
	const uint8_t *labels_a[LABELS_MOST], *labels_b[LABELS_MOST];
	unsigned count_a = collect_labels(a, labels_a), count_b = collect_labels(b, labels_b);

	while (count_a && count_b) {
		int order = label_compare(labels_a[--count_a], labels_b[--count_b]);

		if (order)
			return order;
	}
	return (count_a > 0) - (count_b > 0);
}

/* Eight bytes at once: each that is 'A' to 'Z' gets the bit that makes it small (bytes over 127 do
 * not carry into their neighbours, since only the lower seven bits are added to). */
static uint64_t lower_word(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t low = word & ~high, from_a = low + ones * (128 - 'A');
	uint64_t past_z = low + ones * (127 - 'Z');

	return word | (((from_a & ~past_z & ~word & high) >> 7) << 5);
}

/* Length bytes are under 'A' and stay as they are. */
static void lower_eight(uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	word = lower_word(word);
	memcpy(at, &word, sizeof(word));
}

void name_lower_bytes(uint8_t *name, size_t length)
{
	size_t at = 0;

	for (; length - at >= sizeof(uint64_t); at += sizeof(uint64_t))
		lower_eight(name + at);
	if (at && at < length) /* some of them a second time */
		lower_eight(name + length - sizeof(uint64_t));
	for (; !at && length; length--)
		name[length - 1] = lower(name[length - 1]);
}

void name_lower(uint8_t *name)
{
	name_lower_bytes(name, name_length(name));
}

size_t name_check(const uint8_t *bytes, size_t length)
{
	size_t at = 0;

	while (at < length && at < NAME_WIRE) {
		if (!bytes[at])
			return at + 1;
		if (bytes[at] > LABEL_MOST)
			return 0;
		at += bytes[at] + 1u;
	}
	return 0;
}
