/*
 * One connection to a MySQL or MariaDB server by libmysqlclient (Oracle's or MariaDB's), which
 * blocks: whoever uses it does so in a thread of its own that can be left behind at the deadline.
 * Options files give user and password; nothing secret passes through here.
 */
#ifndef COMMON_PROBE_MYSQL_SESSION_H
#define COMMON_PROBE_MYSQL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/fault.h"
#include "common/model/database.h"

/* Whom to ask, and as whom. Texts are NULL where the option file or the library's default says. */
struct mysql_source {
	const char *host; /* NULL: by socket */
	uint16_t port;    /* 0: the option file's, else 3306 */
	const char *socket, *user;
	const char *defaults_file, *defaults_group;
	const char *from; /* the address to ask from */
	uint8_t family;   /* 4, 6; 0: any */
	bool tls_required;
};

struct mysql_session;

/* Is the option file there, readable, ours alone, and does it have the group? The library would
 * silently go on without it. */
bool mysql_check_option_file(const char *path, const char *group, struct fault *fault);

/* Before the first thread that asks is made. */
void mysql_session_prepare(void);

/* Connects; the session is to be closed in any case. `seen` gets outcome, error, version, flavour
 * and cipher; its texts are in `arena`. */
struct mysql_session *mysql_session_open(const struct mysql_source *source, int64_t deadline_us,
	struct arena *arena, struct database *seen);
void mysql_session_close(struct mysql_session *session);

/* What the library keeps for the thread that used it. */
void mysql_session_thread_end(void);

typedef void mysql_row(void *context, const struct sql_row *row);
/* Asks, and hands over each row. 0, or the error's number; then mysql_session_error() is its text.
 */
uint32_t mysql_ask(struct mysql_session *session, const char *statement, mysql_row *each,
	void *context);
/* The same for many rows: each is handed over as it comes, and none is kept. An error may come
 * after some of them. */
uint32_t mysql_stream(struct mysql_session *session, const char *statement, mysql_row *each,
	void *context);
/* The database in which names of tables are looked for; else the option file's. */
uint32_t mysql_choose(struct mysql_session *session, const char *schema);
const char *mysql_session_error(const struct mysql_session *session);
/* Who we are to the server: 'mon'@'%', as a GRANT wants it, in `arena`; "this user" where it does
 * not tell. What mysql_session_error() said before is lost. */
const char *mysql_session_user(struct mysql_session *session, struct arena *arena);
/* `text` with what is special in a string literal escaped, in `arena`. */
const char *mysql_quote(struct mysql_session *session, const char *text, struct arena *arena);

#endif
