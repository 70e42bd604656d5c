#include "common/net/notify_sender.h"

#include <stdlib.h>
#include <string.h>

struct notification {
	struct notification *next;
	struct notify_sender *sender;
	const struct notify_target *target;
	struct udp_question *question;
	uint8_t zone[NAME_WIRE];
	uint32_t serial;
};

struct notify_sender {
	struct notify_sender_settings settings;
	struct notify_target *targets;
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
			&notification->target->address, answer });
	forget(notification);
}

static void supersede(struct notify_sender *self, const uint8_t *zone,
	const struct notify_target *target)
{
	struct notification *next;

	for (struct notification *pending = self->pending; pending; pending = next) {
		next = pending->next;
		if (pending->target == target && name_equal(pending->zone, zone))
			forget(pending);
	}
}

static void send_to(struct notify_sender *self, const uint8_t *zone, uint32_t serial,
	const struct notify_target *target)
{
	struct notification *notification = memory_resize(NULL, 1, sizeof(*notification));
	struct udp_question_settings settings = {
		.loop = self->settings.loop,
		.server = target->address,
		.source = target->address.family == 4 ? self->settings.source4
						      : self->settings.source6,
		.question = { .name = notification->zone,
			.type = DNS_SOA,
			.opcode = DNS_NOTIFY,
			.has_serial = true,
			.serial = serial },
		.key = target->key,
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

static bool has_own_targets(const struct notify_sender *self, const uint8_t *zone)
{
	for (size_t i = 0; i < self->settings.target_count; i++)
		if (self->targets[i].zone && name_equal(self->targets[i].zone, zone))
			return true;
	return false;
}

void notify_sender_send(struct notify_sender *self, const uint8_t *zone, uint32_t serial)
{
	bool has_own = has_own_targets(self, zone);

	for (size_t i = 0; i < self->settings.target_count; i++) {
		const struct notify_target *target = &self->targets[i];

		if (has_own ? !target->zone || !name_equal(target->zone, zone) : !!target->zone)
			continue;
		supersede(self, zone, target);
		send_to(self, zone, serial, target);
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
