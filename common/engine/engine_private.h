/*
 * What the engine's files share: engine.c has the server, its log and its beginning and end,
 * engine_zones.c which zones there are and whence.
 */
#ifndef COMMON_ENGINE_ENGINE_PRIVATE_H
#define COMMON_ENGINE_ENGINE_PRIVATE_H

#include "common/engine/cookie.h"
#include "common/engine/engine.h"
#include "common/engine/responder.h"
#include "common/engine/server.h"
#include "common/engine/zone_store.h"
#include "common/net/notify_sender.h"

struct engine {
	struct engine_settings settings;
	struct zone_store store;
	struct responder responder;
	struct server *server;
	struct notify_sender *notify;
	uint8_t cookie_secret[COOKIE_SECRET];
};

/* A line of the log. */
void engine_say(struct engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The faults of this zone, or (NULL) of all. */
struct fault_set engine_faults_of(const struct engine *engine, const uint8_t *zone);
/* NOTIFY of a primary's zone, the first SOA check of a secondary's. */
void engine_start_zone(struct engine *engine, struct zone *zone);

/* All zones of the settings, those with files loaded, and the catalog. */
bool engine_load(struct engine *engine, struct fault *fault);
/* The catalog has a new version: its members come and go. */
void engine_take_members(struct engine *engine, struct zone *catalog);

#endif
