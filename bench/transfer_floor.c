/*
 * transfer_floor read|digest ZONE ADDRESS PORT [ADDRESS PORT]: the least that transferring a zone
 * from one or two servers costs here. `read` takes the bytes and looks at message lengths alone;
 * `digest` decompresses names (the owner once for each compression pointer), brings them into lower
 * case and adds a 128-bit hash of each record to one of 4,096 sums. Nothing is checked: it is for
 * servers that one trusts. Prints "RECORDS BYTES CPU_US WALL_US" and, with two servers, whether the
 * sums are equal; exit code 1 where not.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { BUFFER = 256 * 1024, BUCKETS = 4096, NAME_MOST = 255, HEADER = 12, CACHE = 256 };

struct suffix {
	uint32_t message;
	uint16_t at;
	uint8_t length, name[NAME_MOST];
};

struct stream {
	int fd, digesting, ended;
	uint8_t in[BUFFER];
	size_t held;
	uint64_t bytes, records;
	uint32_t messages, soas;
	size_t owner_at, owner_length;
	uint8_t record[NAME_MOST + 4 + 65536];
	struct suffix cache[CACHE];
	XXH128_hash_t sums[BUCKETS];
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void lower(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] |= (uint8_t)((bytes[i] - 'A' < 26u) << 5);
}

static size_t walk(const uint8_t *message, size_t at, uint8_t *out)
{
	size_t length = 0;

	while (message[at]) {
		if (message[at] >= 192) {
			at = (size_t)(message[at] & 63) << 8 | message[at + 1];
			continue;
		}
		memcpy(out + length, message + at, 1U + message[at]);
		length += 1U + message[at];
		at += 1U + message[at];
	}
	out[length++] = 0;
	lower(out, length);
	return length;
}

/* The name at *at into `out`; what is behind its pointer comes from the cache. */
static size_t name(struct stream *stream, const uint8_t *message, size_t *at, uint8_t *out)
{
	size_t begin = *at, own, target;
	struct suffix *suffix;

	while (message[*at] && message[*at] < 192)
		*at += 1U + message[*at];
	own = *at - begin;
	memcpy(out, message + begin, own);
	lower(out, own);
	if (!message[*at]) {
		*at += 1;
		out[own] = 0;
		return own + 1;
	}
	target = (size_t)(message[*at] & 63) << 8 | message[*at + 1];
	*at += 2;
	suffix = &stream->cache[target % CACHE];
	if (suffix->message != stream->messages || suffix->at != target) {
		suffix->message = stream->messages;
		suffix->at = (uint16_t)target;
		suffix->length = (uint8_t)walk(message, target, suffix->name);
	}
	memcpy(out + own, suffix->name, suffix->length);
	return own + suffix->length;
}

static size_t rdata(struct stream *stream, const uint8_t *message, unsigned type, size_t at,
	size_t length, uint8_t *out)
{
	size_t used = type == 15 ? 2 : 0, behind = type == 6 ? 20 : 0;

	if (type != 2 && type != 5 && type != 6 && type != 12 && type != 15) {
		memcpy(out, message + at, length);
		return length;
	}
	memcpy(out, message + at, used);
	at += used;
	used += name(stream, message, &at, out + used);
	if (type == 6)
		used += name(stream, message, &at, out + used);
	memcpy(out + used, message + at, behind);
	return used + behind;
}

static void add(struct stream *stream, size_t length)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(stream->record, length, 4711);
	XXH128_hash_t *sum = &stream->sums[hash.high64 % BUCKETS];

	sum->low64 += hash.low64;
	sum->high64 += hash.high64 + (sum->low64 < hash.low64);
}

static void digest(struct stream *stream, const uint8_t *message)
{
	size_t at = HEADER, count = (size_t)message[6] << 8 | message[7];

	stream->owner_at = 0;
	if (message[5]) {
		while (message[at])
			at += 1U + message[at];
		at += 5;
	}
	for (size_t i = 0; i < count; i++) {
		size_t pointer = (size_t)(message[at] & 63) << 8 | message[at + 1], length, to;
		unsigned type;

		if (message[at] >= 192 && pointer == stream->owner_at) {
			at += 2;
		} else {
			stream->owner_at = message[at] >= 192 ? pointer : at;
			stream->owner_length = name(stream, message, &at, stream->record);
		}
		type = (unsigned)message[at] << 8 | message[at + 1];
		memcpy(stream->record + stream->owner_length, message + at, 4);
		length = (size_t)message[at + 8] << 8 | message[at + 9];
		at += 10;
		to = stream->owner_length + 4;
		to += rdata(stream, message, type, at, length, stream->record + to);
		at += length;
		stream->soas += type == 6;
		stream->records++;
		if (type != 6 || stream->soas == 1)
			add(stream, to);
	}
}

static void take(struct stream *stream)
{
	size_t at = 0;

	while (stream->held - at >= 2) {
		size_t length = (size_t)stream->in[at] << 8 | stream->in[at + 1];

		if (stream->held - at < 2 + length)
			break;
		stream->messages++;
		if (stream->digesting)
			digest(stream, stream->in + at + 2);
		at += 2 + length;
	}
	memmove(stream->in, stream->in + at, stream->held - at);
	stream->held -= at;
	/* Who only reads knows the end by silence: the server is asked to close behind it. */
	stream->ended |= stream->soas > 1;
}

static struct stream *open_stream(const char *zone, const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	struct stream *stream = calloc(1, sizeof(*stream));
	uint8_t question[512] = { 0, 0, 0x12, 0x34, 0, 0, 0, 1 };
	size_t used = 2 + HEADER;

	if (!stream || inet_pton(AF_INET, address, &to.sin_addr) != 1)
		fail(address);
	stream->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (stream->fd < 0 || connect(stream->fd, (struct sockaddr *)&to, sizeof(to)))
		fail(address);
	while (*zone) {
		size_t label = strcspn(zone, ".");

		question[used++] = (uint8_t)label;
		memcpy(question + used, zone, label);
		used += label;
		zone += label + (zone[label] == '.');
	}
	memcpy(question + used, "\0\0\374\0\1", 5);
	used += 5;
	question[0] = (uint8_t)((used - 2) >> 8);
	question[1] = (uint8_t)(used - 2);
	if (write(stream->fd, question, used) != (ssize_t)used)
		fail("write");
	shutdown(stream->fd, SHUT_WR);
	return stream;
}

static void receive(struct stream *stream)
{
	ssize_t got = read(stream->fd, stream->in + stream->held, BUFFER - stream->held);

	if (got <= 0) {
		stream->ended = 1;
		return;
	}
	stream->bytes += (uint64_t)got;
	stream->held += (size_t)got;
	take(stream);
}

static int64_t now_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	struct stream *streams[2];
	struct pollfd ready[2];
	int count = argc > 6 ? 2 : 1, open = count;
	int64_t began_us = now_us(CLOCK_MONOTONIC);
	int equal;

	if (argc < 5) {
		fprintf(stderr,
			"usage: transfer_floor read|digest ZONE ADDRESS PORT [ADDRESS PORT]\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		streams[i] = open_stream(argv[2], argv[3 + 2 * i], argv[4 + 2 * i]);
		streams[i]->digesting = !strcmp(argv[1], "digest");
		ready[i] = (struct pollfd){ .fd = streams[i]->fd, .events = POLLIN };
	}
	while (open > 0 && poll(ready, (nfds_t)count, 10000) > 0) {
		for (int i = 0; i < count; i++) {
			if (!ready[i].revents)
				continue;
			receive(streams[i]);
			if (streams[i]->ended) {
				ready[i].fd = -1;
				open--;
			}
		}
	}
	equal = count < 2 || !memcmp(streams[0]->sums, streams[1]->sums, sizeof(streams[0]->sums));
	printf("%llu %llu %lld %lld%s\n", (unsigned long long)streams[0]->records,
		(unsigned long long)streams[0]->bytes, (long long)now_us(CLOCK_PROCESS_CPUTIME_ID),
		(long long)(now_us(CLOCK_MONOTONIC) - began_us),
		count < 2       ? ""
			: equal ? " equal"
				: " different");
	return open || !equal;
}
