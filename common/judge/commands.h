/*
 * What to type, in the words of each name server: one table of tasks and dialects. Where a
 * server's software is not known, all of them are said with their names behind.
 */
#ifndef COMMON_JUDGE_COMMANDS_H
#define COMMON_JUDGE_COMMANDS_H

#include <stdint.h>

#include "common/base/text.h"
#include "common/model/plan.h"

enum task {
	TASK_RETRANSFER,    /* on a secondary: transfer again, whatever the serial is */
	TASK_NOTIFY,        /* on the primary: send NOTIFY */
	TASK_RAISE,         /* on the primary: the next serial, and NOTIFY */
	TASK_RELOAD,        /* on the primary: take the changed file; not PowerDNS */
	TASK_RAISE_TO,      /* on the primary: this serial, and NOTIFY */
	TASK_ALLOW,         /* on the primary: let the secondary transfer */
	TASK_ALSO_NOTIFY,   /* on the primary: send NOTIFY to the secondary, too */
	TASK_BE_PRIMARY,    /* on the primary: send NOTIFY at all; PowerDNS only */
	TASK_ADD_SECONDARY, /* on a secondary: have the zone */
	TASK_PROVISION,     /* on a secondary: let zones come by themselves; PowerDNS only */
	TASK_STATUS,        /* what the server knows of the zone */
	TASK_REMOVE,        /* have the zone no longer */
	TASK_SIGN,          /* sign the zone again */
	TASK_NO_SOA_EDIT,   /* serve the serial that was transferred */
	TASK_LOG,           /* what the server logged about the zone */
	TASK_KEYS,          /* look at the TSIG keys */
	TASK_START,         /* of the server itself */
	TASK_PURGE,         /* forget cached answers about the zone; PowerDNS only */
	/* PowerDNS only: */
	TASK_SET_PRIMARY,     /* on the primary: send NOTIFY of this zone */
	TASK_BE_SECONDARY,    /* on a secondary: transfer this zone */
	TASK_FOLLOW,          /* on a secondary: from the primary */
	TASK_ADD_AUTOPRIMARY, /* on a secondary: take zones that the primary tells of */
	TASK_SOA_EDIT_API,    /* on the primary: changes by the API raise the serial */
	TASK_SOA_EDIT,        /* on the primary: the serial rises now and with every week */
	TASK_ALLOW_KEY,       /* on the primary: let who has this key transfer */
	TASK_USE_KEY,         /* on a secondary: transfer with this key */
	TASK_CONSUME,         /* on a secondary: the zone is a catalog, whose members are wanted */
	TASK_PRODUCE,         /* on the primary: the zone is a catalog, made of its members */
	TASK_ACCEPT_NOTIFY,   /* on a secondary: from the primary, and take the zone from it */
	TASK_ALLOW_UPDATE,    /* on the primary: RFC 2136 for the zone */
	TASK_COUNT
};

/* What commands are about. */
struct command {
	enum task task;
	const char *software;           /* observations' word of the server; NULL: unknown */
	const uint8_t *zone;            /* wire form */
	const struct server *primary;   /* NULL where it is not known */
	const struct server *secondary; /* likewise */
	uint32_t serial;                /* for TASK_RAISE_TO */
	const char *soa; /* for TASK_RAISE_TO: the whole SOA with that serial; NULL */
	const char *key; /* for TASK_ALLOW_KEY and TASK_USE_KEY: its name; NULL */
};

/* False, and nothing added, where the software has no word for the task. */
bool command_add(struct text *out, const struct command *command);
/* A word as the shell takes it: quoted where it has to be (zones may be named by strangers). */
void command_word(struct text *out, const char *word);

#endif
