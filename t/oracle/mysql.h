/*
 * What Oracle's libmysqlclient 8.4 declares of what we use, as its manual has it
 * (https://dev.mysql.com/doc/c-api/8.4/en/): no my_bool, no MYSQL_OPT_SSL_ENFORCE, but SSL modes.
 * For t/mysql-oracle.t, which compiles against it; nothing links it.
 */
#ifndef T_ORACLE_MYSQL_H
#define T_ORACLE_MYSQL_H

#include <stdbool.h>
#include <stdint.h>

enum mysql_option {
	MYSQL_OPT_CONNECT_TIMEOUT,
	MYSQL_OPT_COMPRESS,
	MYSQL_OPT_NAMED_PIPE,
	MYSQL_INIT_COMMAND,
	MYSQL_READ_DEFAULT_FILE,
	MYSQL_READ_DEFAULT_GROUP,
	MYSQL_SET_CHARSET_DIR,
	MYSQL_SET_CHARSET_NAME,
	MYSQL_OPT_LOCAL_INFILE,
	MYSQL_OPT_PROTOCOL,
	MYSQL_SHARED_MEMORY_BASE_NAME,
	MYSQL_OPT_READ_TIMEOUT,
	MYSQL_OPT_WRITE_TIMEOUT,
	MYSQL_OPT_BIND,
	MYSQL_OPT_SSL_CA,
	MYSQL_OPT_SSL_MODE
};
enum mysql_protocol_type {
	MYSQL_PROTOCOL_DEFAULT,
	MYSQL_PROTOCOL_TCP,
	MYSQL_PROTOCOL_SOCKET,
	MYSQL_PROTOCOL_PIPE,
	MYSQL_PROTOCOL_MEMORY
};
enum mysql_ssl_mode {
	SSL_MODE_DISABLED = 1,
	SSL_MODE_PREFERRED,
	SSL_MODE_REQUIRED,
	SSL_MODE_VERIFY_CA,
	SSL_MODE_VERIFY_IDENTITY
};

typedef struct MYSQL {
	unsigned int port;
	char others[1024];
} MYSQL;
typedef struct MYSQL_RES MYSQL_RES;
typedef char **MYSQL_ROW;
typedef struct MYSQL_FIELD {
	char *name;
} MYSQL_FIELD;

MYSQL *mysql_init(MYSQL *mysql);
int mysql_options(MYSQL *mysql, enum mysql_option option, const void *argument);
MYSQL *mysql_real_connect(MYSQL *mysql, const char *host, const char *user, const char *passwd,
	const char *db, unsigned int port, const char *unix_socket, unsigned long clientflag);
void mysql_close(MYSQL *sock);
unsigned int mysql_errno(MYSQL *mysql);
const char *mysql_error(MYSQL *mysql);
const char *mysql_get_server_info(MYSQL *mysql);
const char *mysql_get_ssl_cipher(MYSQL *mysql);
int mysql_real_query(MYSQL *mysql, const char *q, unsigned long length);
MYSQL_RES *mysql_store_result(MYSQL *mysql);
MYSQL_RES *mysql_use_result(MYSQL *mysql);
int mysql_select_db(MYSQL *mysql, const char *db);
void mysql_free_result(MYSQL_RES *result);
unsigned int mysql_num_fields(MYSQL_RES *res);
MYSQL_FIELD *mysql_fetch_fields(MYSQL_RES *res);
MYSQL_ROW mysql_fetch_row(MYSQL_RES *result);
unsigned long mysql_real_escape_string(MYSQL *mysql, char *to, const char *from,
	unsigned long length);
void mysql_thread_end(void);

#endif
