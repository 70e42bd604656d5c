/*
 * The embedded authoritative engine whole: zones from files or from primaries, served on addresses,
 * with NOTIFY to the secondaries. It lives in the caller's loop; axfrd is nothing but this.
 */
#ifndef COMMON_ENGINE_ENGINE_H
#define COMMON_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/address.h"
#include "common/base/fault.h"
#include "common/base/text.h"
#include "common/engine/access.h"
#include "common/engine/faults.h"
#include "common/net/loop.h"
#include "common/net/stream_layer.h"

struct engine;
struct udp_answer;

struct engine_zone {
	uint8_t name[NAME_WIRE];
	const char *file; /* a master file; or NULL: a secondary of these, with their ports */
	const char *const *texts; /* instead of both: the texts of master files, versions of which
	                             the last is served and IXFR tells the steps between */
	size_t text_count;
	const struct peer *primaries;
	unsigned primary_count;
	bool only_hears; /* a secondary that takes NOTIFY and transfers nothing: for `observe` */
	bool is_catalog; /* of a secondary: be one of all zones that it lists, too (RFC 9432) */
};

struct engine_fault_at {
	struct fault_set set;
	bool everywhere;
	uint8_t zone[NAME_WIRE];
};

/* What the engine's owner may watch as it happens. */
enum engine_event_kind {
	ENGINE_NOTIFY_ENDED,      /* ours: `answer`, or that there is none */
	ENGINE_NOTIFY_HEARD,      /* theirs; `reason`: why it is refused */
	ENGINE_SOA_ASKED,         /* of a zone's apex */
	ENGINE_TRANSFER_ASKED,    /* and begun; `is_incremental`: by IXFR from `serial` */
	ENGINE_TRANSFER_REFUSED,  /* `reason` */
	ENGINE_TRANSFER_ENDED,    /* `is_incremental`: with differences; `reason`: not whole */
	ENGINE_SIGNATURE_REFUSED, /* of whatever question; `reason` */
};

/* During the call only. */
struct engine_event {
	enum engine_event_kind kind;
	int64_t at_us; /* clock_monotonic_us() */
	const uint8_t *zone;
	const struct address *other;
	bool is_incremental;
	uint32_t serial;
	const char *reason; /* static, or NULL */
	const struct udp_answer *answer;
};

/* What it points at must live as long as the engine. */
struct engine_settings {
	struct loop *loop;
	const struct address *listen;
	size_t listen_count;
	const struct address *tls_listen;
	size_t tls_listen_count;
	const struct stream_layer *tls; /* of those (common/net/tls_server.h) */
	const struct engine_zone *zones;
	size_t zone_count;
	const char *zones_file; /* more of them, read again by engine_reload(); see zone_roll.h. Or
	                           NULL */
	const uint8_t *catalog; /* serve a catalog of the zones under this name (RFC 9432), or NULL
	                         */
	const struct peer_at *notify;
	size_t notify_count;
	struct access_list transfer_to, notify_from; /* see struct responder */
	struct key_ring keys;
	const struct engine_fault_at *faults;
	size_t fault_count;
	size_t most_connections;                      /* by TCP and TLS; 0: SERVER_CONNECTIONS */
	const char *version, *nsid;                   /* see struct responder */
	void (*log)(void *context, const char *line); /* may be NULL */
	void (*observe)(void *context, const struct engine_event *event); /* may be NULL */
	void *context;
};

/* Loads, listens, notifies. NULL with the fault: a file with errors, an address that cannot be
 * listened on, ... */
struct engine *engine_new(const struct engine_settings *settings, struct fault *fault);
/* Reads all files again, and checks all secondaries' primaries. A file with errors keeps its old
 * version and is logged. */
void engine_reload(struct engine *engine);
/* "127.0.0.1@5300 example.com. serial 2026112201": addresses, then at most ten zones. */
void engine_describe(const struct engine *engine, struct text *out);
void engine_free(struct engine *engine);

#endif
