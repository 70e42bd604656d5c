#include "common/probe/pdns_key.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/dns/name.h"

bool key_file_missing(const char *option, const char *path, int error, struct fault *fault)
{
	bool is_path = *path == '/' || *path == '.';

	if (!is_path && (error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG))
		return fault_set(fault,
			"%s: there is no file of that name (it wants the file that holds the key, and never the key itself), e.g. %s=/etc/icinga2/dns.key",
			option, option);
	return fault_set(fault, "%s: cannot read %s: %s", option, path, strerror(error));
}

void pdns_keys_guard(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	prctl(PR_SET_DUMPABLE, 0);
}

static bool check_file(int file, const char *path, struct fault *fault)
{
	struct stat status;

	if (fstat(file, &status))
		return fault_set(fault, "--api-key-file: cannot read %s: %s", path,
			strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, "--api-key-file: %s is no plain file", path);
	if (status.st_mode & (S_IROTH | S_IWOTH))
		return fault_set(fault,
			"--api-key-file: anybody may %s %s; chmod 0640 it, its group the monitoring's",
			status.st_mode & S_IROTH ? "read" : "write", path);
	if (status.st_size >= PDNS_KEY_BYTES)
		return fault_set(fault, "--api-key-file: %s is too long for a file of keys", path);
	return true;
}

/* Straight into its place: no other buffer ever holds a key. */
static bool read_whole(int file, char *bytes, const char *path, struct fault *fault)
{
	size_t length = 0;

	for (;;) {
		ssize_t count = read(file, bytes + length, PDNS_KEY_BYTES - 1 - length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fault_set(fault, "--api-key-file: cannot read %s: %s", path,
				strerror(errno));
		if (count == 0)
			break;
		length += (size_t)count;
	}
	return strlen(bytes) == length ||
		fault_set(fault, "--api-key-file: %s holds a NUL byte", path);
}

static bool wrong_line(const char *path, unsigned number, struct fault *fault)
{
	return fault_set(fault,
		"--api-key-file: %s line %u: it should hold one KEY, or lines \"NAME KEY\"", path,
		number);
}

/* What could end a header's line, or is no text. */
static bool check_bytes(const char *word, const char *path, unsigned number, struct fault *fault)
{
	for (; *word; word++) {
		if (*word <= ' ' || *word > '~')
			return fault_set(fault,
				"--api-key-file: %s line %u: a byte that is no printable ASCII; it should hold one KEY, or lines \"NAME KEY\"",
				path, number);
	}
	return true;
}

/* A line out of pdns.conf, of YAML, or of a request's head. */
static bool is_setting(const char *word)
{
	return !strncmp(word, "api-key=", strlen("api-key=")) ||
		!strncasecmp(word, "api-key:", strlen("api-key:")) ||
		!strncasecmp(word, "X-API-Key:", strlen("X-API-Key:"));
}

/* A comment begins a line, or stands behind a blank: a key may hold a '#', as in pdns.conf. */
static void cut_comment(char *line)
{
	for (char *at = line; (at = strchr(at, '#')); at++) {
		if (at == line || at[-1] == ' ' || at[-1] == '\t') {
			*at = '\0';
			return;
		}
	}
}

/* What editors of other systems put before the first line. */
static char *behind_mark(char *bytes)
{
	return bytes + (strncmp(bytes, "\xef\xbb\xbf", 3) ? 0 : 3);
}

/*
 * Moves the words to the front, one or two a line, each with its NUL: "NAME\0KEY\0", or "KEY\0".
 */
static bool take_apart(struct pdns_keys *keys, const char *path, struct fault *fault)
{
	char *line, *rest = behind_mark(keys->bytes), *out = keys->bytes;
	unsigned number = 0;

	while ((line = strsep(&rest, "\n"))) {
		char *words[2] = { NULL }, *word;
		size_t count = 0;

		number++;
		cut_comment(line);
		while ((word = strsep(&line, " \t\r"))) {
			if (!*word)
				continue;
			if (!check_bytes(word, path, number, fault))
				return false;
			if (count == 2)
				return wrong_line(path, number, fault);
			if (is_setting(word))
				return fault_set(fault,
					"--api-key-file: %s line %u: it should hold the KEY alone, without \"api-key=\" or \"X-API-Key:\" before it",
					path, number);
			words[count++] = word;
		}
		if (!count)
			continue;
		if (keys->count && keys->has_names != (count == 2))
			return wrong_line(path, number, fault);
		if (keys->count && count == 1)
			return fault_set(fault,
				"--api-key-file: %s line %u: a second key; with several each line is \"NAME KEY\"",
				path, number);
		for (size_t i = 0; i < count; i++) {
			size_t length = strlen(words[i]) + 1;

			memmove(out, words[i], length);
			out += length;
		}
		keys->has_names = count == 2;
		keys->count++;
	}
	explicit_bzero(out, (size_t)(keys->bytes + PDNS_KEY_BYTES - out));
	return keys->count ||
		fault_set(fault, "--api-key-file: %s is empty; it should hold the api-key", path);
}

bool pdns_keys_read(struct pdns_keys *keys, const char *path, struct fault *fault)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool good;

	*keys = (struct pdns_keys){ 0 };
	if (file < 0)
		return key_file_missing("--api-key-file", path, errno, fault);
	keys->bytes = mmap(NULL, PDNS_KEY_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (keys->bytes == MAP_FAILED)
		out_of_memory();
	madvise(keys->bytes, PDNS_KEY_BYTES, MADV_DONTDUMP);
	good = check_file(file, path, fault) && read_whole(file, keys->bytes, path, fault) &&
		take_apart(keys, path, fault);
	close(file);
	if (!good)
		pdns_keys_free(keys);
	return good;
}

bool pdns_keys_find(const struct pdns_keys *keys, const char *path, const char *name,
	const char **key, struct fault *fault)
{
	const char *at = keys->bytes;

	*key = keys->has_names ? NULL : at;
	for (size_t i = 0; i < keys->count && keys->has_names; i++) {
		const char *own = at + strlen(at) + 1;

		if (name_texts_equal(at, name)) {
			if (*key)
				return fault_set(fault,
					"--api-key-file: %s has two lines \"%s KEY\"; one of them is right",
					path, name);
			*key = own;
		}
		at = own + strlen(own) + 1;
	}
	return *key || fault_set(fault, "--api-key-file: %s has no line \"%s KEY\"", path, name);
}

void pdns_keys_free(struct pdns_keys *keys)
{
	if (!keys->bytes)
		return;
	explicit_bzero(keys->bytes, PDNS_KEY_BYTES);
	munmap(keys->bytes, PDNS_KEY_BYTES);
	*keys = (struct pdns_keys){ 0 };
}
