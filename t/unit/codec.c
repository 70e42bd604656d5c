/*
 * The codecs of common/dns on a pipe, for tests that compare them with other programs: codec
 *KEY-FILE. Requests are lines, bytes are hexadecimal; every reply ends with a line of a dot. RECORD
 *is "OWNER TYPE CLASS TTL RDATA".
 *
 *	name TEXT                   its wire form, or "bad REASON"
 *	text NAME                   its text
 *	message BYTES               "ID FLAGS RCODE", "SECTION RECORD" ..., or "bad"
 *	zone FILE ORIGIN            "RECORD" ..., or "bad REASON"
 *	sign SECONDS BYTES          the message signed; a question starts the chain, an answer goes
 *on with it verify SECONDS BYTES        enum tsig_result, TSIG error, unsigned messages
 *	verify-question SECONDS BYTES
 *	transfer NAME TYPE ID SERIAL
 *	bring BYTES                 enum transfer_state, form, serial, what is broken, and the
 *records: "+ RECORD", "- RECORD"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/dns/rdata.h"
#include "common/dns/transfer.h"
#include "common/dns/tsig.h"
#include "common/dns/zone_file.h"

struct codec {
	struct tsig_key key;
	struct tsig_chain client, server;
	struct transfer transfer;
	uint8_t zone[NAME_WIRE];
	uint8_t bytes[MESSAGE_MOST + TSIG_ROOM];
	size_t length;
};

static void print_hex(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", bytes[i]);
	if (!length)
		putchar('-');
}

static size_t from_hex(const char *hex, uint8_t *out, size_t capacity)
{
	size_t length = strlen(hex) / 2;
	unsigned byte;

	if (length > capacity)
		abort();
	for (size_t i = 0; i < length; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			abort();
		out[i] = (uint8_t)byte;
	}
	return length;
}

static void print_record(const struct zone_record *record)
{
	print_hex(record->owner, name_length(record->owner));
	printf(" %u %u %u ", record->type, record->class, record->ttl);
	print_hex(record->rdata, record->rdata_length);
	putchar('\n');
}

static void do_name(struct codec *codec, char *text)
{
	uint8_t name[NAME_WIRE];
	struct fault fault = { 0 };
	size_t length = name_from_text(text, name, &fault);

	(void)codec;
	if (length)
		print_hex(name, length);
	else
		printf("bad %s", fault.text);
	putchar('\n');
}

static void do_text(struct codec *codec, char *hex)
{
	char text[NAME_TEXT];

	codec->length = from_hex(hex, codec->bytes, sizeof(codec->bytes));
	puts(name_check(codec->bytes, codec->length) ? name_to_text(codec->bytes, text) : "bad");
}

static void print_message_record(const struct message *message, const struct record *record,
	enum message_section section)
{
	uint8_t rdata[MESSAGE_MOST];
	struct wire_writer out = wire_write(rdata, sizeof(rdata));

	printf("%d ", section);
	if (!rdata_expand(message, record, &out))
		printf("bad ");
	print_record(&(struct zone_record){
		.owner = record->owner,
		.type = record->type,
		.class = record->class,
		.ttl = record->ttl,
		.rdata = rdata,
		.rdata_length = (uint16_t)out.length,
	});
}

static void do_message(struct codec *codec, char *hex)
{
	struct message message;
	struct record_cursor cursor;
	struct record record;
	enum message_section section;

	codec->length = from_hex(hex, codec->bytes, sizeof(codec->bytes));
	if (!message_parse(codec->bytes, codec->length, &message)) {
		puts("bad");
		return;
	}
	printf("%u %u %u\n", message.id, message.flags, message.rcode);
	cursor = message_records(&message);
	while (message_next(&cursor, &record, &section))
		print_message_record(&message, &record, section);
}

static bool take_zone_record(void *context, const struct zone_record *record, struct fault *fault)
{
	(void)context;
	(void)fault;
	print_record(record);
	return true;
}

static void do_zone(struct codec *codec, char *words)
{
	struct zone_file_reader reader = { .record = take_zone_record };
	struct text content = { 0 };
	struct fault fault = { 0 };
	char *file = strtok(words, " "), *origin = strtok(NULL, " ");

	from_hex(origin, codec->zone, sizeof(codec->zone));
	if (!text_read_file(&content, file, 1 << 30, &fault) ||
		!zone_file_read(file, content.bytes, content.length, codec->zone, &reader, &fault))
		printf("bad %s\n", fault.text);
	text_free(&content);
}

/* "SECONDS BYTES" into the codec's bytes; the seconds. */
static uint64_t take_timed(struct codec *codec, char *words)
{
	char *hex;
	uint64_t seconds = strtoull(words, &hex, 10);

	codec->length = from_hex(hex + 1, codec->bytes, sizeof(codec->bytes));
	return seconds;
}

static void do_sign(struct codec *codec, char *words)
{
	uint64_t now_s = take_timed(codec, words);
	bool answer = codec->bytes[2] & DNS_QR >> 8;
	struct tsig_chain *chain = answer ? &codec->server : &codec->client;

	chain->key = &codec->key;
	if (!tsig_sign(chain, codec->bytes, &codec->length, sizeof(codec->bytes), now_s, 0))
		abort();
	print_hex(codec->bytes, codec->length);
	putchar('\n');
}

static void do_leave(struct codec *codec, char *hex)
{
	codec->length = from_hex(hex, codec->bytes, sizeof(codec->bytes));
	text_add_bytes(&codec->server.unsigned_bytes, codec->bytes, codec->length);
}

static void do_verify(struct codec *codec, char *words)
{
	uint64_t now_s = take_timed(codec, words);
	struct message message;
	uint16_t error = 0;
	int result = TSIG_MALFORMED;

	if (message_parse(codec->bytes, codec->length, &message))
		result = (int)tsig_verify(&codec->client, &message, now_s, &error);
	printf("%d %u %u\n", result, error, codec->client.unsigned_count);
}

static void do_verify_question(struct codec *codec, char *words)
{
	uint64_t now_s = take_timed(codec, words);
	struct message message;
	int result = TSIG_MALFORMED;

	if (message_parse(codec->bytes, codec->length, &message))
		result = (int)tsig_verify_question(&codec->server, &codec->key, 1, &message, now_s);
	printf("%d\n", result);
}

static void do_transfer(struct codec *codec, char *words)
{
	struct question question = { .name = codec->zone, .has_serial = true };

	from_hex(strtok(words, " "), codec->zone, sizeof(codec->zone));
	question.type = (uint16_t)strtoul(strtok(NULL, " "), NULL, 10);
	question.id = (uint16_t)strtoul(strtok(NULL, " "), NULL, 10);
	question.serial = (uint32_t)strtoul(strtok(NULL, " "), NULL, 10);
	transfer_begin(&codec->transfer, &question);
}

static bool take_transfer_record(void *context, const struct zone_record *record, bool deleting)
{
	(void)context;
	printf("%c ", deleting ? '-' : '+');
	print_record(record);
	return true;
}

static void do_bring(struct codec *codec, char *hex)
{
	const struct transfer *transfer = &codec->transfer;
	int state;

	codec->length = from_hex(hex, codec->bytes, sizeof(codec->bytes));
	state = (int)transfer_message(&codec->transfer, codec->bytes, codec->length,
		take_transfer_record, codec);
	printf("%d %d %u %s\n", state, transfer->form, transfer->serial,
		transfer->broken ? transfer->broken : "");
}

static void obey(struct codec *codec, char *line)
{
	static const struct {
		const char *word;
		void (*act)(struct codec *codec, char *rest);
	} commands[] = {
		{ "name", do_name },
		{ "text", do_text },
		{ "message", do_message },
		{ "zone", do_zone },
		{ "sign", do_sign },
		{ "leave", do_leave },
		{ "verify", do_verify },
		{ "verify-question", do_verify_question },
		{ "transfer", do_transfer },
		{ "bring", do_bring },
	};
	size_t length = strcspn(line, " ");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i].word) == length &&
			!strncmp(line, commands[i].word, length)) {
			commands[i].act(codec, line + length + (line[length] == ' '));
			return;
		}
	}
	abort();
}

int main(int argc, char **argv)
{
	static struct codec codec;
	struct text key = { 0 };
	struct fault fault = { 0 };
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;

	if (argc != 2 || !text_read_file(&key, argv[1], 1 << 16, &fault) ||
		!tsig_key_parse(key.bytes, key.length, &codec.key, &fault)) {
		fprintf(stderr, "%s\n", fault.text);
		return 1;
	}
	while ((length = getline(&line, &capacity, stdin)) > 0) {
		line[length - 1] = '\0';
		obey(&codec, line);
		puts(".");
		fflush(stdout);
	}
	tsig_chain_free(&codec.client);
	tsig_chain_free(&codec.server);
	text_free(&key);
	free(line);
	return 0;
}
