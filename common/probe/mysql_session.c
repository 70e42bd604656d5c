#include "config.h"

#include "common/probe/mysql_session.h"

#include <errmsg.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <nss.h>
#endif
#include <mysql.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/text.h"

enum {
	/* of the server (https://dev.mysql.com/doc/mysql-errors/8.4/en/) */
	SERVER_TOO_MANY_CONNECTIONS = 1040,
	SERVER_NO_DATABASE_ACCESS = 1044,
	SERVER_ACCESS_DENIED = 1045,
	SERVER_HOST_NOT_PRIVILEGED = 1130,
	SERVER_TOO_MANY_USER_CONNECTIONS = 1203,
	SERVER_ACCESS_DENIED_NO_PASSWORD = 1698,
	SERVER_PASSWORD_EXPIRED = 1862,
	SERVER_ACCOUNT_LOCKED = 3118,
	SERVER_ACCOUNT_LOCKED_MARIADB = 4151,
	SERVER_SECURE_TRANSPORT = 3159,
	/* of the client: the server's way to log in needs TLS, or is not known here */
	CLIENT_PLUGIN_UNKNOWN = 2059,
	CLIENT_PLUGIN_REFUSES = 2061,
	/* of option files */
	OPTION_FILE_MOST = 1024 * 1024,
	MOST_COLUMNS = 128,
	DEFAULT_PORT = 3306,
	SECOND_US = 1000000,
};

#ifdef HAVE_MY_BOOL
typedef my_bool library_bool;
#else
typedef bool library_bool; /* Oracle's, since 8.0.1 */
#endif

struct mysql_session {
	MYSQL library;
	int64_t deadline_us;
};

static bool has_group(const char *text, const char *group)
{
	size_t length = strlen(group);

	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += strspn(at, " \t\r\n");
		if (*at == '[' && !strncmp(at + 1, group, length) && at[length + 1] == ']')
			return true;
	}
	return false;
}

/* Included files may hold the group: then only the library knows. */
static bool check_group(const char *path, const char *group, const char *text, struct fault *fault)
{
	if (has_group(text, group) || strstr(text, "!include"))
		return true;
	return fault_set(fault, "option file %s has no group [%s]", path, group);
}

/* MariaDB's library takes this one without a value for off, unlike its programs. */
static bool check_verification(const char *path, const char *text, struct fault *fault)
{
	static const char name[] = "ssl-verify-server-cert";

	for (const char *at = text; at; at = strchr(at, '\n')) {
		size_t same = 0;

		at += strspn(at, " \t\r\n");
		while (name[same] &&
			(at[same] == name[same] || (at[same] == '_' && name[same] == '-')))
			same++;
		if (!name[same] && strchr("\r\n", at[same + strspn(at + same, " \t")]))
			return fault_set(fault,
				"option file %s: write %s=1; the client library takes it without =1 for off",
				path, name);
	}
	return true;
}

bool mysql_check_option_file(const char *path, const char *group, struct fault *fault)
{
	struct text text = { 0 };
	struct stat status;
	bool good = text_read_file(&text, path, OPTION_FILE_MOST, fault);

	if (good && !stat(path, &status) && (status.st_mode & (S_IROTH | S_IWOTH)) &&
		strstr(text_string(&text), "password"))
		good = fault_set(fault,
			"option file %s holds a password and is open to anybody: chmod 640 %s",
			path, path);
	if (good)
		good = check_verification(path, text_string(&text), fault);
	if (good && group)
		good = check_group(path, group, text_string(&text), fault);
	if (text.bytes)
		explicit_bzero(text.bytes, text.length);
	text_free(&text);
	return good;
}

static unsigned seconds_left(const struct mysql_session *session)
{
	int64_t left_us = session->deadline_us - clock_monotonic_us();

	return left_us > SECOND_US ? (unsigned)((left_us + SECOND_US - 1) / SECOND_US) : 1;
}

/* Encrypted where the server can; what --tls-required demands is looked at after connecting, since
 * libraries go on in plain text although told otherwise. */
static void set_tls(MYSQL *library)
{
#if HAVE_DECL_MYSQL_OPT_SSL_MODE
	unsigned mode = SSL_MODE_PREFERRED;

	mysql_options(library, MYSQL_OPT_SSL_MODE, &mode);
#elif HAVE_DECL_MYSQL_OPT_SSL_ENFORCE
	library_bool enforce = 1;

	mysql_options(library, MYSQL_OPT_SSL_ENFORCE, &enforce);
#endif
}

static void set_options(struct mysql_session *session, const struct mysql_source *source)
{
	MYSQL *library = &session->library;
	unsigned seconds = seconds_left(session);
	unsigned tcp = MYSQL_PROTOCOL_TCP;

	mysql_options(library, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(library, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(library, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(library, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (source->defaults_file)
		mysql_options(library, MYSQL_READ_DEFAULT_FILE, source->defaults_file);
	if (source->defaults_file || source->defaults_group)
		mysql_options(library, MYSQL_READ_DEFAULT_GROUP,
			source->defaults_group ? source->defaults_group : "client");
	if (source->host && !source->socket) /* "localhost" would mean the socket */
		mysql_options(library, MYSQL_OPT_PROTOCOL, &tcp);
	if (source->from)
		mysql_options(library, MYSQL_OPT_BIND, source->from);
	set_tls(library);
}

static enum database_outcome outcome_of(const struct mysql_session *session, unsigned number)
{
	switch (number) {
	case CR_CONNECTION_ERROR:
	case CR_CONN_HOST_ERROR:
	case CR_UNKNOWN_HOST:
	case CR_IPSOCK_ERROR:
		return DATABASE_UNREACHABLE;
	case CR_SSL_CONNECTION_ERROR:
		return DATABASE_NO_TLS;
	case SERVER_TOO_MANY_CONNECTIONS:
	case SERVER_TOO_MANY_USER_CONNECTIONS:
		return DATABASE_TOO_MANY_CLIENTS;
	case SERVER_NO_DATABASE_ACCESS:
	case SERVER_ACCESS_DENIED:
	case SERVER_ACCESS_DENIED_NO_PASSWORD:
	case SERVER_HOST_NOT_PRIVILEGED:
	case SERVER_PASSWORD_EXPIRED:
	case SERVER_ACCOUNT_LOCKED:
	case SERVER_ACCOUNT_LOCKED_MARIADB:
	case SERVER_SECURE_TRANSPORT:
	case CLIENT_PLUGIN_UNKNOWN:
	case CLIENT_PLUGIN_REFUSES:
		return DATABASE_LOGIN_FAILED;
	default:
		/* 2013: lost, or never heard of; which one, only the time tells. */
		return clock_monotonic_us() >= session->deadline_us - SECOND_US / 10
			? DATABASE_TIMEOUT
			: DATABASE_FAILED;
	}
}

/*
 * MariaDB's library wraps what a server says before TLS is up into its own 2002: "Received error
 * packet before completion of TLS handshake. The authenticity of the following error cannot be
 * verified: 1040 - Too many connections". The server's own words tell more.
 */
static const char *unwrap(const char *error, unsigned *number)
{
	static const char wrapping[] = "cannot be verified: ";
	const char *inner = strstr(error, wrapping);
	char *end;
	unsigned long value;

	if (!inner)
		return error;
	inner += sizeof(wrapping) - 1;
	value = strtoul(inner, &end, 10);
	if (!value || value > UINT16_MAX || strncmp(end, " - ", 3) != 0)
		return error;
	*number = (unsigned)value;
	return end + 3;
}

static void note_trouble(struct mysql_session *session, struct arena *arena, struct database *seen)
{
	unsigned number = mysql_errno(&session->library);

	seen->error = arena_string(arena, unwrap(mysql_error(&session->library), &number));
	seen->error_number = number;
	seen->outcome = outcome_of(session, seen->error_number);
}

static void note_server(struct mysql_session *session, const struct mysql_source *source,
	struct arena *arena, struct database *seen)
{
	const char *version = mysql_get_server_info(&session->library),
		   *cipher = mysql_get_ssl_cipher(&session->library);

	/* MariaDB up to 10.11 says "5.5.5-" first, for old replicas' sake. */
	if (!strncmp(version, "5.5.5-", 6))
		version += 6;
	seen->outcome = DATABASE_ANSWERED;
	seen->error = "";
	seen->version = arena_string(arena, version);
	seen->flavour = strstr(version, "MariaDB") ? DATABASE_MARIADB : DATABASE_MYSQL;
	seen->tls_cipher = cipher ? arena_string(arena, cipher) : NULL;
	seen->over_socket = source->socket || !source->host;
	if (source->tls_required && !seen->tls_cipher)
		seen->outcome = DATABASE_NO_TLS;
}

/* "10.11.6-MariaDB" is 101106, as mysql_get_server_version() would say. */
static uint32_t version_number(const char *version)
{
	unsigned long parts[3] = { 0 };

	for (size_t i = 0; i < 3; i++) {
		char *end;

		parts[i] = strtoul(version, &end, 10);
		if (*end != '.')
			break;
		version = end + 1;
	}
	return (uint32_t)(parts[0] * 10000 + parts[1] * 100 + parts[2]);
}

/* One address of the host, or the socket. */
static bool connect_to(struct mysql_session *session, const struct mysql_source *source,
	const char *host, struct arena *arena, struct database *seen)
{
	mysql_close(&session->library);
	if (!mysql_init(&session->library))
		out_of_memory();
	set_options(session, source);
	if (mysql_real_connect(&session->library, host, source->user, NULL, NULL, source->port,
		    source->socket, 0))
		return true;
	note_trouble(session, arena, seen);
	return false;
}

static struct addrinfo *resolve(const struct mysql_source *source, struct arena *arena,
	struct database *seen)
{
	static const int families[] = { [0] = AF_UNSPEC, [4] = AF_INET, [6] = AF_INET6 };
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = families[source->family] };
	struct addrinfo *found = NULL;
	int code = getaddrinfo(source->host, NULL, &hints, &found);

	if (!code)
		return found;
	seen->outcome = DATABASE_UNREACHABLE;
	seen->error = arena_printf(arena, "%s: %s", source->host, gai_strerror(code));
	return NULL;
}

/* Addresses as the system resolves them, so that -4 and -6 hold and the report can name the one
 * that was asked: the first that takes the connection, or else the first of all. */
static bool connect_to_host(struct mysql_session *session, const struct mysql_source *source,
	struct arena *arena, struct database *seen)
{
	struct addrinfo *found = resolve(source, arena, seen);
	bool connected = false;

	for (struct addrinfo *each = found; each && !connected; each = each->ai_next) {
		struct address address;
		char text[ADDRESS_TEXT];

		if (!address_from_sockaddr(each->ai_addr, &address))
			continue;
		connected =
			connect_to(session, source, address_to_text(&address, text), arena, seen);
		address.port = (uint16_t)session->library.port;
		if (!address.port)
			address.port = source->port ? source->port : DEFAULT_PORT;
		if (connected || !seen->address.family)
			seen->address = address;
		if (seen->outcome == DATABASE_LOGIN_FAILED)
			break;
	}
	if (found)
		freeaddrinfo(found);
	return connected;
}

/* Both save a third of a check's system calls: the library looks for the service "mysql" in all
 * that nsswitch.conf names, although it is told the port, and a thread gets a heap of its own. */
void mysql_session_prepare(void)
{
#ifdef __GLIBC__
	__nss_configure_lookup("services", "files");
	mallopt(M_ARENA_MAX, 1);
#endif
}

struct mysql_session *mysql_session_open(const struct mysql_source *source, int64_t deadline_us,
	struct arena *arena, struct database *seen)
{
	struct mysql_session *session = arena_alloc(arena, sizeof(*session));

	session->deadline_us = deadline_us;
	if (!mysql_init(&session->library))
		out_of_memory();
	if (source->host && !source->socket ? !connect_to_host(session, source, arena, seen)
					    : !connect_to(session, source, NULL, arena, seen))
		return session;
	note_server(session, source, arena, seen);
	seen->version_number = version_number(seen->version);
	return session;
}

void mysql_session_close(struct mysql_session *session)
{
	mysql_close(&session->library);
}

void mysql_session_thread_end(void)
{
	mysql_thread_end();
}

static void hand_over(MYSQL_RES *result, mysql_row *each, void *context)
{
	const char *names[MOST_COLUMNS];
	unsigned count = mysql_num_fields(result);
	MYSQL_FIELD *fields = mysql_fetch_fields(result);
	MYSQL_ROW values;

	if (count > MOST_COLUMNS)
		count = MOST_COLUMNS;
	for (unsigned i = 0; i < count; i++)
		names[i] = fields[i].name;
	while ((values = mysql_fetch_row(result))) {
		struct sql_row row = { names, (const char *const *)values, count };

		each(context, &row);
	}
}

static uint32_t ask(struct mysql_session *session, const char *statement, bool streamed,
	mysql_row *each, void *context)
{
	MYSQL *library = &session->library;
	MYSQL_RES *result;
	unsigned number;

	if (mysql_real_query(library, statement, (unsigned long)strlen(statement)))
		return mysql_errno(library);
	result = streamed ? mysql_use_result(library) : mysql_store_result(library);
	if (!result)
		return mysql_errno(library);
	hand_over(result, each, context);
	number = mysql_errno(library); /* in the midst of a stream */
	mysql_free_result(result);
	return number;
}

uint32_t mysql_ask(struct mysql_session *session, const char *statement, mysql_row *each,
	void *context)
{
	return ask(session, statement, false, each, context);
}

uint32_t mysql_stream(struct mysql_session *session, const char *statement, mysql_row *each,
	void *context)
{
	return ask(session, statement, true, each, context);
}

uint32_t mysql_choose(struct mysql_session *session, const char *schema)
{
	return mysql_select_db(&session->library, schema) ? mysql_errno(&session->library) : 0;
}

const char *mysql_session_error(const struct mysql_session *session)
{
	return mysql_error((MYSQL *)&session->library);
}

struct whoami {
	struct arena *arena;
	const char *user;
};

static void take_user(void *context, const struct sql_row *row)
{
	struct whoami *self = context;
	const char *user = row->count && row->values[0] ? row->values[0] : "";
	const char *at = strrchr(user, '@');

	if (at)
		self->user =
			arena_printf(self->arena, "'%.*s'@'%s'", (int)(at - user), user, at + 1);
}

const char *mysql_session_user(struct mysql_session *session, struct arena *arena)
{
	struct whoami self = { arena, "this user" };

	mysql_ask(session, "SELECT CURRENT_USER()", take_user, &self);
	return self.user;
}

const char *mysql_quote(struct mysql_session *session, const char *text, struct arena *arena)
{
	size_t length = strlen(text);
	char *out = arena_alloc(arena, 2 * length + 1);

	mysql_real_escape_string(&session->library, out, text, (unsigned long)length);
	return out;
}
