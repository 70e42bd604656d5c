/* Errors of Oracle's client library
 * (https://dev.mysql.com/doc/mysql-errors/8.4/en/client-error-reference.html). */
#ifndef T_ORACLE_ERRMSG_H
#define T_ORACLE_ERRMSG_H

#define CR_CONNECTION_ERROR     2002
#define CR_CONN_HOST_ERROR      2003
#define CR_IPSOCK_ERROR         2004
#define CR_SSL_CONNECTION_ERROR 2026
#define CR_UNKNOWN_HOST         2005

#endif
