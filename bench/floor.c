/*
 * floor ADDRESS PORT FILE [WINDOW]: the least that asking for the SOA of every zone in FILE (one
 * name a line) costs here. One thread, one connected UDP socket, sendmmsg and recvmmsg, a template
 * packet, the serial read out of the plainest answer; what is lost is asked again, nothing else is
 * done. Prints "QUESTIONS ANSWERS LOST CPU_US WALL_US".
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

enum { BATCH = 32, WINDOW_MOST = 128, PACKET = 1500, HEADER = 12, NAME_MOST = 255, WAIT_MS = 1000 };

/* Behind the name: SOA IN; OPT with DO, asking for NSID and EXPIRE: the questions of the sweep. */
static const uint8_t tail[] = { 0, 6, 0, 1, 0, 0, 41, 4, 208, 0, 0, 128, 0, 0, 8, 0, 3, 0, 0, 0, 9,
	0, 0 };

struct names {
	uint8_t *bytes; /* wire form, one behind the other */
	uint32_t *starts;
	uint32_t count;
};

struct flight {
	uint32_t name, id;
	int used;
};

struct sweep {
	int fd;
	const struct names *names;
	struct flight flights[WINDOW_MOST];
	unsigned window, in_flight;
	uint32_t next, answers, lost;
	uint64_t serials;
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	uint8_t out[BATCH][PACKET], in[BATCH][PACKET];
};

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void add_name(struct names *names, const char *text, size_t *used)
{
	names->starts[names->count++] = (uint32_t)*used;
	while (*text) {
		size_t label = strcspn(text, ".");

		names->bytes[(*used)++] = (uint8_t)label;
		memcpy(names->bytes + *used, text, label);
		*used += label;
		text += label + (text[label] == '.');
	}
	names->bytes[(*used)++] = 0;
}

static struct names read_names(const char *path)
{
	struct names names = { 0 };
	FILE *file = fopen(path, "r");
	char line[512];
	size_t used = 0, room = 0, starts = 0;

	if (!file)
		fail(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, " \t\r\n")] = '\0';
		if (!*line || strlen(line) > NAME_MOST - 2)
			continue;
		if (used + 2 * NAME_MOST > room)
			names.bytes = realloc(names.bytes, room = room ? 2 * room : 65536);
		if (names.count + 1 >= starts)
			names.starts = realloc(names.starts,
				(starts = starts ? 2 * starts : 4096) * sizeof(*names.starts));
		if (!names.bytes || !names.starts)
			fail("memory");
		add_name(&names, line, &used);
	}
	fclose(file);
	if (!names.count) {
		fprintf(stderr, "%s: no names\n", path);
		exit(2);
	}
	names.starts[names.count] = (uint32_t)used;
	return names;
}

static size_t write_question(const struct sweep *sweep, uint32_t name, uint32_t id, uint8_t *out)
{
	const struct names *names = sweep->names;
	size_t length = names->starts[name + 1] - names->starts[name];

	memset(out, 0, HEADER);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	out[5] = out[11] = 1;
	memcpy(out + HEADER, names->bytes + names->starts[name], length);
	memcpy(out + HEADER + length, tail, sizeof(tail));
	return HEADER + length + sizeof(tail);
}

static unsigned fill(struct sweep *sweep)
{
	unsigned count = 0;

	for (unsigned slot = 0; slot < sweep->window && count < BATCH; slot++) {
		struct flight *flight = &sweep->flights[slot];

		if (flight->used)
			continue;
		if (sweep->next == sweep->names->count)
			break;
		*flight = (struct flight){ .used = 1, .name = sweep->next++ };
		flight->id = slot | ((uint32_t)random() & 0xff80);
		sweep->vectors[count] = (struct iovec){ sweep->out[count],
			write_question(sweep, flight->name, flight->id, sweep->out[count]) };
		count++;
	}
	return count;
}

static void send_all(struct sweep *sweep)
{
	unsigned count, done;

	while ((count = fill(sweep))) {
		for (done = 0; done < count;) {
			int sent = sendmmsg(sweep->fd, sweep->headers + done, count - done, 0);

			if (sent < 0)
				fail("sendmmsg");
			done += (unsigned)sent;
		}
		sweep->in_flight += count;
	}
}

static void take(struct sweep *sweep, const uint8_t *in, size_t length)
{
	uint32_t id = (uint32_t)in[0] << 8 | in[1];
	struct flight *flight = &sweep->flights[id % WINDOW_MOST];
	const struct names *names = sweep->names;
	size_t name = names->starts[flight->name + 1] - names->starts[flight->name];
	size_t at = HEADER + name + 4; /* the answer's owner */

	if (!flight->used || flight->id != id || length < at + 32 || (in[3] & 15) || in[7] < 1 ||
		memcmp(in + HEADER, names->bytes + names->starts[flight->name], name))
		return;
	at += 12; /* rdata */
	for (unsigned i = 0; i < 2; i++) {
		while (at < length && in[at] && in[at] < 192)
			at += 1U + in[at];
		at += at < length && in[at] ? 2 : 1;
	}
	if (at + 20 <= length)
		sweep->serials += (uint32_t)in[at] << 24 | (uint32_t)in[at + 1] << 16 |
			(uint32_t)in[at + 2] << 8 | in[at + 3];
	flight->used = 0;
	sweep->in_flight--;
	sweep->answers++;
}

static void receive_all(struct sweep *sweep)
{
	int count;

	for (unsigned i = 0; i < BATCH; i++)
		sweep->vectors[i] = (struct iovec){ sweep->in[i], PACKET };
	count = recvmmsg(sweep->fd, sweep->headers, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < count; i++)
		take(sweep, sweep->in[i], sweep->headers[i].msg_len);
}

/* All that is out is lost: once more. */
static void again(struct sweep *sweep)
{
	for (unsigned slot = 0; slot < sweep->window; slot++) {
		struct flight *flight = &sweep->flights[slot];
		uint8_t out[PACKET];

		if (!flight->used)
			continue;
		sweep->lost++;
		(void)!send(sweep->fd, out, write_question(sweep, flight->name, flight->id, out),
			0);
	}
}

static int open_socket(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
		connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail(address);
	return fd;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
		usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	static struct sweep sweep;
	struct names names;
	int64_t began_us, began_cpu_us;

	if (argc < 4) {
		fprintf(stderr, "usage: floor ADDRESS PORT FILE [WINDOW]\n");
		return 2;
	}
	names = read_names(argv[3]);
	sweep.names = &names;
	sweep.window = argc > 4 ? (unsigned)atoi(argv[4]) % (WINDOW_MOST + 1) : 64;
	sweep.fd = open_socket(argv[1], argv[2]);
	for (unsigned i = 0; i < BATCH; i++)
		sweep.headers[i].msg_hdr =
			(struct msghdr){ .msg_iov = &sweep.vectors[i], .msg_iovlen = 1 };
	began_us = now_us();
	began_cpu_us = cpu_us();
	for (send_all(&sweep); sweep.in_flight; send_all(&sweep)) {
		struct pollfd ready = { .fd = sweep.fd, .events = POLLIN };

		if (poll(&ready, 1, WAIT_MS) > 0)
			receive_all(&sweep);
		else
			again(&sweep);
	}
	printf("%u %u %u %lld %lld\n", names.count, sweep.answers, sweep.lost,
		(long long)(cpu_us() - began_cpu_us), (long long)(now_us() - began_us));
	return !sweep.serials;
}
