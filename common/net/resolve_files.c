/* The two files that say what names are on this machine: resolv.conf(5) and hosts(5). */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/net/resolve.h"

enum {
	LINE_MOST = 1024, /* what is longer counts up to here */
	RESOLV_CONF_LINES = 1000,
	HOSTS_LINES = 1000000, /* people block advertisements with it */
	SERVERS_MOST = 3,      /* MAXNS */
	DNS_PORT = 53,
};

/* Reads line by line, whatever the file really is: each line and their number are bounded. */
static bool next_line(FILE *file, char line[LINE_MOST])
{
	size_t length;
	int byte;

	if (!fgets(line, LINE_MOST, file))
		return false;
	length = strlen(line);
	if (length == LINE_MOST - 1 && line[length - 1] != '\n')
		for (long skipped = 0; skipped < HOSTS_LINES; skipped++) {
			byte = getc(file);
			if (byte == '\n' || byte == EOF)
				break;
		}
	return true;
}

static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t\r\n\f\v");

	if (!*word || *word == '#')
		return NULL;
	*rest = word + strcspn(word, " \t\r\n\f\v");
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

static bool nameserver_line(char *line, struct address *server)
{
	char *keyword = next_word(&line), *value;

	if (!keyword || strcmp(keyword, "nameserver") != 0)
		return false;
	value = next_word(&line);
	if (!value || !address_from_text(value, server))
		return false;
	if (!server->port)
		server->port = DNS_PORT;
	return true;
}

size_t resolve_system_servers(const char *path, struct address *servers, size_t most)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MOST];
	size_t count = 0;

	if (most > SERVERS_MOST)
		most = SERVERS_MOST;
	for (unsigned i = 0; file && count < most && i < RESOLV_CONF_LINES; i++) {
		if (!next_line(file, line))
			break;
		count += nameserver_line(line, &servers[count]);
	}
	if (file)
		(void)fclose(file);
	if (!count && most)
		servers[count++] = (struct address){ .family = 4,
			.port = DNS_PORT,
			.bytes = { 127, 0, 0, 1 } };
	return count;
}

/* Does one of the names of the line mean the wanted one? Both without the final dot. */
static bool names_it(char *rest, const char *wanted)
{
	char *word;

	while ((word = next_word(&rest))) {
		size_t length = strlen(word);

		if (length > 1 && word[length - 1] == '.')
			word[length - 1] = '\0';
		if (!strcasecmp(word, wanted))
			return true;
	}
	return false;
}

static bool hosts_line(char *line, const char *wanted, struct address *address)
{
	char *word = next_word(&line);

	return word && address_from_text(word, address) && !address->port && names_it(line, wanted);
}

size_t resolve_hosts_file(const char *path, const uint8_t *name, struct address *addresses,
	size_t most)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MOST], wanted[NAME_TEXT];
	struct address address;
	size_t count = 0;

	name_to_display(name, wanted);
	for (long i = 0; file && count < most && i < HOSTS_LINES; i++) {
		if (!next_line(file, line))
			break;
		if (hosts_line(line, wanted, &address))
			addresses[count++] = address;
	}
	if (file)
		(void)fclose(file);
	return count;
}
