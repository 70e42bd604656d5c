/*
 * An IP address with a port, as users write it: 192.0.2.1@5300, 2001:db8::1@5300, fe80::1%eth0@53.
 */
#ifndef COMMON_BASE_ADDRESS_H
#define COMMON_BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/fault.h"

enum { ADDRESS_TEXT = 80 };

/* Compared byte by byte: unused bytes are zero. */
struct address {
	uint8_t family;  /* 4 or 6; 0: none */
	uint8_t padding; /* named so that it is always 0: the struct serves as a map's key */
	uint16_t port;   /* host order; 0: not given */
	uint32_t scope;  /* IPv6 interface index, 0: none */
	uint8_t bytes[16];
};

/* An address alone or with @PORT; false (no fault) where it is no address but may be a name. */
bool address_from_text(const char *text, struct address *address);
/* "192.0.2.1" / "2001:db8::1%eth0", without the port. */
char *address_to_text(const struct address *address, char out[ADDRESS_TEXT]);
/* The same with "@PORT" where the port is not 53 (or 0). */
char *address_to_text_port(const struct address *address, char out[ADDRESS_TEXT]);
bool address_equal(const struct address *a, const struct address *b); /* with the port */
socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out);
bool address_from_sockaddr(const struct sockaddr *from, struct address *address);
/* Splits "HOST@PORT" at the last '@'. `host` gets at most `capacity` bytes with NUL; *port 0 where
 * none is given. The fault says what is wrong and the right form (port 1 to 65535, empty host). */
bool address_split(const char *text, char *host, size_t capacity, uint16_t *port,
	struct fault *fault);
/* Is it 127.0.0.0/8 or ::1? */
bool address_is_loopback(const struct address *address);

#endif
