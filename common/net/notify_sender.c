#include "common/net/notify_sender.h"

#include <stdlib.h>
#include <string.h>

struct notification {
	struct notification *next;
	struct notify_sender *sender;
	const struct address *target;
	struct udp_question *question;
	uint8_t zone[NAME_WIRE];
	uint32_t serial;
};

struct notify_sender {
	struct notify_sender_settings settings;
	struct address *targets;
	struct notification *pending;
};

struct notify_sender *notify_sender_new(const struct notify_sender_settings *settings)
{
	struct notify_sender *self = memory_resize(NULL, 1, sizeof(*self));
	size_t count = settings->target_count;

	*self = (struct notify_sender){ .settings = *settings };
	self->targets = memory_resize(NULL, count ? count : 1, sizeof(*self->targets));
	if (count)
		memcpy(self->targets, settings->targets, count * sizeof(*self->targets));
	return self;
}

static void forget(struct notification *notification)
{
	struct notification **link = &notification->sender->pending;

	while (*link != notification)
		link = &(*link)->next;
	*link = notification->next;
	udp_question_free(notification->question);
	free(notification);
}

static void answered(void *context, const struct udp_answer *answer)
{
	struct notification *notification = context;
	struct notify_sender *self = notification->sender;

	self->settings.ended(self->settings.context,
		&(struct notify_result){ notification->zone, notification->serial,
			notification->target, answer });
	forget(notification);
}

static void supersede(struct notify_sender *self, const uint8_t *zone, const struct address *target)
{
	struct notification *next;

	for (struct notification *pending = self->pending; pending; pending = next) {
		next = pending->next;
		if (pending->target == target && name_equal(pending->zone, zone))
			forget(pending);
	}
}

static void send_to(struct notify_sender *self, const uint8_t *zone, uint32_t serial,
	const struct address *target)
{
	struct notification *notification = memory_resize(NULL, 1, sizeof(*notification));
	struct udp_question_settings settings = {
		.loop = self->settings.loop,
		.server = *target,
		.source = target->family == 4 ? self->settings.source4 : self->settings.source6,
		.question = { .name = notification->zone,
			.type = DNS_SOA,
			.opcode = DNS_NOTIFY,
			.has_serial = true,
			.serial = serial },
		.key = self->settings.key,
		.tries = NOTIFY_TRIES,
		.first_timeout_ms = NOTIFY_FIRST_TIMEOUT_MS,
		.done = answered,
		.context = notification,
	};

	*notification = (struct notification){ .next = self->pending,
		.sender = self,
		.target = target,
		.serial = serial };
	self->pending = notification;
	memcpy(notification->zone, zone, name_length(zone));
	notification->question = udp_question_new(&settings);
}

void notify_sender_send(struct notify_sender *self, const uint8_t *zone, uint32_t serial)
{
	for (size_t i = 0; i < self->settings.target_count; i++) {
		supersede(self, zone, &self->targets[i]);
		send_to(self, zone, serial, &self->targets[i]);
	}
}

void notify_sender_free(struct notify_sender *self)
{
	if (!self)
		return;
	while (self->pending)
		forget(self->pending);
	free(self->targets);
	free(self);
}
