#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/options_private.h"

enum { INI_MOST = 1 << 20 };

static const char *const standard_files[] = {
	"/usr/local/etc/monitoring-plugins/monitoring-plugins.ini",
	"/usr/local/etc/monitoring-plugins.ini",
	"/etc/monitoring-plugins/monitoring-plugins.ini",
	"/etc/monitoring-plugins.ini",
	/* Old names, which the Monitoring Plugins still look for. */
	"/etc/nagios/plugins.ini",
	"/usr/local/nagios/etc/plugins.ini",
	"/usr/local/etc/nagios/plugins.ini",
	"/etc/opt/nagios/plugins.ini",
	"/etc/nagios-plugins.ini",
	"/usr/local/etc/nagios-plugins.ini",
	"/etc/opt/nagios-plugins.ini",
	NULL,
};

static const char *const file_names[] = { "monitoring-plugins.ini", "plugins.ini",
	"nagios-plugins.ini", NULL };

/* A stretch of the file, not NUL-terminated. */
struct slice {
	const char *bytes;
	size_t length;
};

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct slice trimmed(struct slice slice)
{
	while (slice.length && is_blank(*slice.bytes)) {
		slice.bytes++;
		slice.length--;
	}
	while (slice.length && is_blank(slice.bytes[slice.length - 1]))
		slice.length--;
	return slice;
}

/* The part before `byte`; all of it where `byte` is absent. */
static struct slice before(struct slice slice, char byte)
{
	const char *at = slice.length ? memchr(slice.bytes, byte, slice.length) : NULL;

	if (at)
		slice.length = (size_t)(at - slice.bytes);
	return slice;
}

static bool slice_is(struct slice slice, const char *string)
{
	return slice.length == strlen(string) && !memcmp(slice.bytes, string, slice.length);
}

/* "[ name ]": what follows the bracket is nobody's business, as in the Monitoring Plugins. */
static bool is_section(struct slice line, const char *section)
{
	struct slice inside = before((struct slice){ line.bytes + 1, line.length - 1 }, ']');

	return inside.length < line.length - 1 && slice_is(trimmed(inside), section);
}

static bool is_option_name(struct slice name)
{
	size_t at;

	for (at = 0; at < name.length; at++) {
		char byte = name.bytes[at];
		bool alphanumeric = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
			(byte >= 'A' && byte <= 'Z');

		if (!alphanumeric && (!at || (byte != '-' && byte != '_')))
			return false;
	}
	return name.length > 0;
}

static void extra_add(struct extra_options *options, struct arena *arena,
	struct extra_option option)
{
	if (options->count == options->capacity) {
		size_t capacity = options->capacity ? options->capacity * 2 : 8;
		struct extra_option *items = arena_array(arena, capacity, sizeof(*items));

		if (options->count)
			memcpy(items, options->items, options->count * sizeof(*items));
		options->items = items;
		options->capacity = capacity;
	}
	options->items[options->count++] = option;
}

/* "name", "name = value" or "x=value" with one letter. */
static bool line_parse(struct slice line, unsigned number, struct arena *arena,
	struct extra_options *options, struct fault *fault)
{
	struct slice name = trimmed(before(line, '=')), value = before(line, '=');
	bool has_value = value.length < line.length;
	struct extra_option option = { .line = number };

	if (!is_option_name(name))
		return fault_set(fault,
			"line %u is no option; right is NAME=VALUE, NAME, or a comment with # or ;",
			number);
	if (slice_is(name, "extra-opts"))
		return fault_set(fault, "line %u: a file can't name further --extra-opts", number);
	value = has_value ? trimmed((struct slice){ line.bytes + value.length + 1,
				    line.length - value.length - 1 })
			  : (struct slice){ "", 0 };
	option.word = arena_printf(arena, "%s%.*s%s%.*s", name.length == 1 ? "-" : "--",
		(int)name.length, name.bytes, name.length > 1 && has_value ? "=" : "",
		(int)value.length, value.bytes);
	extra_add(options, arena, option);
	return true;
}

enum place { OUTSIDE, OTHER_SECTION, RIGHT_SECTION };

bool extra_opts_parse(const char *ini, size_t length, const char *section, struct arena *arena,
	struct extra_options *options, struct fault *fault)
{
	struct slice left = { ini, length };
	enum place place = OUTSIDE;
	bool found = false;
	unsigned number;

	if (length && memchr(ini, '\0', length))
		return fault_set(fault, "it holds a zero byte and so is no text");
	for (number = 1; left.length; number++) {
		struct slice whole = before(left, '\n'), line = trimmed(whole);
		size_t taken = whole.length + (whole.length < left.length);

		left.bytes += taken;
		left.length -= taken;
		if (!line.length || *line.bytes == '#' || *line.bytes == ';')
			continue;
		if (*line.bytes == '[') {
			place = is_section(line, section) ? RIGHT_SECTION : OTHER_SECTION;
			found = found || place == RIGHT_SECTION;
			continue;
		}
		if (place == OUTSIDE)
			return fault_set(fault, "line %u stands before the first [section]",
				number);
		if (place == RIGHT_SECTION && !line_parse(line, number, arena, options, fault))
			return false;
	}
	return found || fault_set(fault, "it has no section [%s]", section);
}

/* In the directories of $NAGIOS_CONFIG_PATH, parted by colons. */
static const char *file_in_path(struct arena *arena)
{
	const char *path = getenv("NAGIOS_CONFIG_PATH");
	size_t name;

	while (path && *path) {
		size_t length = strcspn(path, ":");

		for (name = 0; length && file_names[name]; name++) {
			const char *file =
				arena_printf(arena, "%.*s/%s", (int)length, path, file_names[name]);

			if (!access(file, F_OK))
				return file;
		}
		path += length + (path[length] == ':');
	}
	return NULL;
}

static const char *default_file(struct arena *arena)
{
	const char *file = getenv("MP_CONFIG_FILE");
	size_t at;

	if (!file || !*file)
		file = file_in_path(arena);
	for (at = 0; !file && standard_files[at]; at++)
		if (!access(standard_files[at], F_OK))
			file = standard_files[at];
	return file;
}

/* Whoever can write the file can choose the servers, the key files and the exit code. */
static bool may_be_trusted(const char *path, struct fault *fault)
{
	struct stat status;

	if (stat(path, &status))
		return fault_set(fault, "cannot read %s: %s", path, strerror(errno));
	if (S_ISREG(status.st_mode) && (status.st_mode & S_IWOTH))
		return fault_set(fault, "%s may be written by everybody; right is: chmod o-w %s",
			path, path);
	return true;
}

bool extra_opts_read(const char *locator, const char *default_section, struct arena *arena,
	struct extra_options *options, struct fault *fault)
{
	size_t length = locator ? strcspn(locator, "@") : 0;
	const char *section =
		length ? arena_printf(arena, "%.*s", (int)length, locator) : default_section;
	const char *file = locator && locator[length] ? arena_string(arena, locator + length + 1)
						      : default_file(arena);
	struct text ini = { 0 };
	bool good;

	if (!file || !*file)
		return fault_set(fault,
			"found no file for --extra-opts in any standard place; right is "
			"--extra-opts=[SECTION]@FILE, or $MP_CONFIG_FILE with its path");
	options->path = file;
	if (strcmp(file, "-") && !may_be_trusted(file, fault))
		return false;
	if (!text_read_file(&ini, file, INI_MOST, fault)) {
		text_free(&ini);
		return false;
	}
	good = extra_opts_parse(text_string(&ini), ini.length, section, arena, options, fault);
	text_free(&ini);
	return good || fault_set(fault, "%s: %s", file, fault->text);
}
