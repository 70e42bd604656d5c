#include "common/engine/udp_server.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/clock.h"

enum {
	BATCH = 32,
	BATCHES_A_TURN = 4, /* then the others have theirs */
	QUESTION_MOST = 4096,
	CONTROL = 64, /* holds one IPV6_PKTINFO */
	MOST_DELAYED = 4096,
};

struct slot {
	struct sockaddr_storage client;
	struct iovec in, out;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL];
	uint8_t question[QUESTION_MOST], answer[MESSAGE_UDP_SIZE];
};

/* An answer that a fault holds back. */
struct delayed {
	struct delayed *next;
	struct udp_server *server;
	struct loop_timer *timer;
	struct slot slot;
	struct msghdr header;
};

struct udp_server {
	struct udp_settings settings;
	int fd;
	struct loop_watch *watch;
	struct delayed *delayed;
	size_t delayed_count;
	struct mmsghdr received[BATCH], sending[BATCH];
	struct slot slots[BATCH];
};

static void forget(struct delayed *delayed)
{
	struct delayed **link = &delayed->server->delayed;

	while (*link != delayed)
		link = &(*link)->next;
	*link = delayed->next;
	delayed->server->delayed_count--;
	loop_timer_free(delayed->timer);
	free(delayed);
}

static void send_delayed(void *context)
{
	struct delayed *delayed = context;

	(void)!sendmsg(delayed->server->fd, &delayed->header, 0);
	forget(delayed);
}

static void point_into(struct msghdr *header, struct slot *slot)
{
	header->msg_name = &slot->client;
	header->msg_iov = &slot->out;
	header->msg_iovlen = 1;
	header->msg_control = header->msg_controllen ? slot->control : NULL;
	header->msg_flags = 0;
}

static void delay(struct udp_server *self, const struct msghdr *header, const struct slot *slot,
	uint32_t delay_ms)
{
	struct delayed *delayed;

	if (self->delayed_count == MOST_DELAYED)
		return;
	delayed = memory_resize(NULL, 1, sizeof(*delayed));
	*delayed = (struct delayed){ .next = self->delayed,
		.server = self,
		.slot = *slot,
		.header = *header };
	delayed->slot.out.iov_base = delayed->slot.answer;
	point_into(&delayed->header, &delayed->slot);
	self->delayed = delayed;
	self->delayed_count++;
	delayed->timer = loop_timer_new(self->settings.loop, send_delayed, delayed);
	loop_timer_set(delayed->timer, clock_monotonic_us() + (int64_t)delay_ms * 1000);
}

/* From the address that was asked, by whatever way leads to the client. */
static void clear_interface(struct msghdr *header)
{
	struct cmsghdr *control = header->msg_controllen ? CMSG_FIRSTHDR(header) : NULL;
	struct in_pktinfo info;

	if (!control || control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_PKTINFO)
		return;
	memcpy(&info, CMSG_DATA(control), sizeof(info));
	info.ipi_ifindex = 0;
	memcpy(CMSG_DATA(control), &info, sizeof(info));
}

/* Of a whole batch. */
struct moment {
	int64_t s, us;
};

/* True: the slot's answer is to be sent now. */
static bool answer(struct udp_server *self, struct mmsghdr *received, struct slot *slot,
	const struct moment *now)
{
	struct response response;
	struct request request = {
		.bytes = slot->question,
		.length = received->msg_len,
		.transport = TRANSPORT_UDP,
		.now_s = now->s,
		.now_us = now->us,
	};

	if (!address_from_sockaddr((struct sockaddr *)&slot->client, &request.client) ||
		!request.client.port)
		return false;
	respond(self->settings.responder, &request, slot->answer, sizeof(slot->answer), &response);
	if (response.event != EVENT_NONE)
		self->settings.observer->heard(self->settings.observer->context, &request,
			&response);
	if (response.kind != RESPONSE_MESSAGE)
		return false;
	clear_interface(&received->msg_hdr);
	slot->out = (struct iovec){ slot->answer, response.length };
	point_into(&received->msg_hdr, slot);
	if (!response.delay_ms)
		return true;
	delay(self, &received->msg_hdr, slot, response.delay_ms);
	return false;
}

/* How many came. */
static int serve_batch(struct udp_server *self)
{
	unsigned count = 0;
	struct moment now;
	int got;

	for (unsigned i = 0; i < BATCH; i++) {
		struct slot *slot = &self->slots[i];

		slot->in = (struct iovec){ slot->question, sizeof(slot->question) };
		self->received[i].msg_hdr = (struct msghdr){
			.msg_name = &slot->client,
			.msg_namelen = sizeof(slot->client),
			.msg_iov = &slot->in,
			.msg_iovlen = 1,
			.msg_control = slot->control,
			.msg_controllen = sizeof(slot->control),
		};
	}
	got = recvmmsg(self->fd, self->received, BATCH, 0, NULL);
	if (got <= 0)
		return got;
	now = (struct moment){ clock_now_s(), clock_monotonic_us() };
	for (int i = 0; i < got; i++)
		if (answer(self, &self->received[i], &self->slots[i], &now))
			self->sending[count++] = self->received[i];
	if (count)
		(void)!sendmmsg(self->fd, self->sending, count,
			0); /* full buffers: clients ask again */
	return got;
}

static void ready(void *context, bool readable, bool writable)
{
	struct udp_server *self = context;

	(void)writable;
	for (unsigned i = 0; readable && i < BATCHES_A_TURN; i++)
		if (serve_batch(self) < BATCH)
			return;
}

struct udp_server *udp_server_new(const struct udp_settings *settings, int fd)
{
	struct udp_server *self =
		memory_resize(NULL, 1, sizeof(*self)); /* its slots are touched only when used */

	self->settings = *settings;
	self->fd = fd;
	self->delayed = NULL;
	self->delayed_count = 0;
	self->watch = loop_watch_new(settings->loop, fd, ready, self);
	loop_watch_want(self->watch, true, false);
	return self;
}

void udp_server_free(struct udp_server *self)
{
	if (!self)
		return;
	while (self->delayed)
		forget(self->delayed);
	loop_watch_free(self->watch);
	free(self);
}
