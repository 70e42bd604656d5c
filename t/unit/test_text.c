/* The growable string, and files read and written whole. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/file_writer.h"
#include "common/base/text.h"
#include "t/unit/tap.h"

static void adding(void)
{
	struct text text = { 0 };
	unsigned at;

	is_string(text_string(&text), "", "an empty text is \"\"");
	text_cut(&text, 0);
	text_add(&text, "a");
	text_add_byte(&text, 'b');
	text_add_bytes(&text, "c\0d", 3);
	text_addf(&text, "%s%d", "e", 5);
	ok(text.length == 7 && !memcmp(text.bytes, "abc\0de5", 8), "all ways of adding");
	text_cut(&text, 99);
	is_integer((int64_t)text.length, 7, "a cut beyond the end does nothing");
	text_cut(&text, 2);
	is_string(text_string(&text), "ab", "a cut shortens");
	text_add_bytes(&text, NULL, 0);
	is_string(text_string(&text), "ab", "nothing can be added");
	for (at = 0; at < 10000; at++)
		text_addf(&text, "%u,", at);
	ok(text.length == 2 + 48890 && !strcmp(text.bytes + text.length - 10, "9998,9999,"),
		"it grows");
	text_cut(&text, 0);
	text_addf(&text, "%05000d", 7);
	ok(text.length == 5000 && text.bytes[4999] == '7', "one long addition");
	text_free(&text);
	ok(!text.bytes && !text.length && !text.capacity, "a freed text is empty");
}

static void counts(void)
{
	struct text text = { 0 };

	text_add_count(&text, 0);
	text_add_byte(&text, ' ');
	text_add_count(&text, 999);
	text_add_byte(&text, ' ');
	text_add_count(&text, 1000);
	text_add_byte(&text, ' ');
	text_add_count(&text, 1002003);
	text_add_byte(&text, ' ');
	text_add_count(&text, UINT64_MAX);
	is_string(text_string(&text), "0 999 1,000 1,002,003 18,446,744,073,709,551,615",
		"large counts can be read");
	text_free(&text);
}

static void lengths_at_the_edge(void)
{
	unsigned length, wrong = 0;

	for (length = 0; length < 600; length++) {
		struct text text = { 0 };

		text_addf(&text, "%*s", (int)length, "");
		text_addf(&text, "%*s", (int)length, "");
		if (text.length != 2 * length || strlen(text_string(&text)) != 2 * length)
			wrong++;
		text_free(&text);
	}
	is_integer(wrong, 0, "every length up to 600 prints twice");
}

static bool file_put(const struct text *text, const char *path, struct fault *fault)
{
	struct file_writer writer;

	if (!file_writer_begin(&writer, path, fault))
		return false;
	file_writer_take(&writer, text_string(text), text->length);
	return file_writer_end(&writer, fault);
}

static void write_and_read(const char *directory)
{
	struct text out = { 0 }, in = { 0 };
	struct fault fault = { 0 };
	struct stat status;
	char path[512];
	mode_t mask = umask(027);

	snprintf(path, sizeof(path), "%s/file", directory);
	for (unsigned at = 0; at < 20000; at++)
		text_addf(&out, "line %u\n", at);
	ok(file_put(&out, path, &fault), "a file is written");
	ok(!stat(path, &status) && (status.st_mode & 0777) == 0640, "its mode follows the umask");
	umask(mask);
	text_add(&in, "before\n");
	ok(text_read_file(&in, path, 1000000, &fault), "and read");
	ok(in.length == 7 + out.length && !memcmp(in.bytes + 7, out.bytes, out.length),
		"behind what was there");
	ok(!text_read_file(&in, path, out.length - 1, &fault),
		"a file that is too long is refused");
	ok(strstr(fault.text, path) && strstr(fault.text, "longer than"), "with its name: %s",
		fault.text);
	ok(in.length == 7 + out.length, "and nothing is added");
	text_cut(&in, 0);
	ok(text_read_file(&in, path, out.length, &fault) && in.length == out.length,
		"just long enough is read");
	text_cut(&out, 5);
	ok(file_put(&out, path, &fault), "a file is replaced");
	text_cut(&in, 0);
	ok(text_read_file(&in, path, 100, &fault), "the new one is read");
	is_string(text_string(&in), "line ", "and holds the new bytes only");
	text_free(&out);
	ok(file_put(&out, path, &fault) && !stat(path, &status) && !status.st_size,
		"an empty text gives an empty file");
	unlink(path);
	text_free(&in);
}

static void refusals(const char *directory)
{
	struct text text = { 0 };
	struct fault fault = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/absent", directory);
	ok(!text_read_file(&text, path, 10, &fault), "an absent file can't be read");
	ok(strstr(fault.text, path) && strstr(fault.text, strerror(ENOENT)), "says: %s",
		fault.text);
	ok(!text_read_file(&text, directory, 10, &fault), "nor a directory");
	ok(strstr(fault.text, strerror(EISDIR)), "says: %s", fault.text);
	snprintf(path, sizeof(path), "%s/absent/file", directory);
	ok(!file_put(&text, path, &fault), "no file is written into an absent directory");
	ok(strstr(fault.text, strerror(ENOENT)), "says: %s", fault.text);
	ok(!file_put(&text, directory, &fault), "a directory is not replaced");
	ok(strstr(fault.text, "no regular file"), "says: %s", fault.text);
	ok(!file_put(&text, "/dev/null", &fault), "a device is not replaced");
	text_free(&text);
}

/* A rename that fails and a disk that is full must leave no temporary file: rmdir() in main() would
 * fail. */
static void failed_writes(const char *directory)
{
	struct rlimit old, tight = { .rlim_cur = 1000 };
	struct text text = { 0 };
	struct fault fault = { 0 };
	char path[512];

	snprintf(path, sizeof(path), "%s/file", directory);
	text_addf(&text, "%05000d", 7);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	tight.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	ok(!file_put(&text, path, &fault), "a full disk is a fault");
	setrlimit(RLIMIT_FSIZE, &old);
	ok(strstr(fault.text, strerror(EFBIG)), "says: %s", fault.text);
	ok(access(path, F_OK), "and leaves no file");
	snprintf(path, sizeof(path), "%s/file/", directory);
	ok(!file_put(&text, path, &fault), "a path that ends in a slash can't be written: %s",
		fault.text);
	text_free(&text);
}

static void standard_input(const char *directory)
{
	struct text text = { 0 }, written = { 0 };
	struct fault fault = { 0 };
	char path[512];
	int file, saved = dup(STDIN_FILENO);

	snprintf(path, sizeof(path), "%s/input", directory);
	text_add(&written, "from input");
	file_put(&written, path, &fault);
	file = open(path, O_RDONLY);
	dup2(file, STDIN_FILENO);
	close(file);
	ok(text_read_file(&text, "-", 100, &fault), "\"-\" is standard input");
	is_string(text_string(&text), "from input", "and is read whole");
	lseek(STDIN_FILENO, 0, SEEK_SET);
	ok(!text_read_file(&text, "-", 3, &fault) && strstr(fault.text, "standard input"),
		"too long: %s", fault.text);
	close(STDIN_FILENO);
	ok(!text_read_file(&text, "-", 3, &fault) && strstr(fault.text, "standard input"),
		"closed: %s", fault.text);
	dup2(saved, STDIN_FILENO);
	close(saved);
	unlink(path);
	text_free(&text);
	text_free(&written);
}

int main(void)
{
	char directory[] = "/tmp/test_text.XXXXXX";

	adding();
	counts();
	lengths_at_the_edge();
	if (!mkdtemp(directory))
		return 1;
	write_and_read(directory);
	refusals(directory);
	failed_writes(directory);
	standard_input(directory);
	ok(!rmdir(directory), "nothing is left behind");
	return done_testing();
}
