/* Texts on their way out, by the piece; writing whatever it takes. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file_writer.h"
#include "common/base/outlet.h"
#include "t/unit/tap.h"

struct sink {
	struct text got;
	size_t pieces, longest, most; /* takes no more than `most` pieces; 0: any */
};

static bool take(void *context, const char *bytes, size_t length)
{
	struct sink *sink = context;

	if (sink->most && sink->pieces == sink->most)
		return false;
	sink->pieces++;
	sink->longest = length > sink->longest ? length : sink->longest;
	text_add_bytes(&sink->got, bytes, length);
	return true;
}

static void lines_into(struct outlet *outlet, unsigned count, unsigned *written)
{
	for (*written = 0; *written < count && outlet_flow(outlet); ++*written)
		text_addf(&outlet->text, "line %u\n", *written);
}

static void pieces(void)
{
	struct sink sink = { 0 };
	struct outlet outlet = { .take = take, .context = &sink }, whole = { 0 };
	unsigned written;

	lines_into(&whole, 100000, &written);
	lines_into(&outlet, 100000, &written);
	ok(outlet.text.capacity < 3 * OUTLET_BYTES, "little is kept: %zu bytes",
		outlet.text.capacity);
	ok(outlet_end(&outlet), "all was taken");
	is_integer((int64_t)outlet.text.capacity, 0, "and nothing is kept at the end");
	ok(sink.pieces > 10 && sink.longest < OUTLET_BYTES + 100, "%zu pieces, %zu bytes at most",
		sink.pieces, sink.longest);
	ok(sink.got.length == whole.text.length &&
			!memcmp(sink.got.bytes, whole.text.bytes, whole.text.length),
		"the same bytes as in one piece");
	ok(outlet_end(&whole), "without anybody to take it the text ends with its owner");
	text_free(&sink.got);
	outlet = (struct outlet){ .take = take, .context = &sink };
	sink = (struct sink){ 0 };
	ok(outlet_end(&outlet) && !sink.pieces, "nothing is no piece");
}

static void closing(void)
{
	struct sink sink = { .most = 2 };
	struct outlet outlet = { .take = take, .context = &sink };
	unsigned written;

	lines_into(&outlet, 100000, &written);
	ok(written < 30000, "who hears that nobody takes more stops: %u lines", written);
	ok(!outlet_flow(&outlet), "and hears it again");
	text_add(&outlet.text, "more");
	ok(!outlet_end(&outlet), "the end says so, too");
	is_integer((int64_t)sink.pieces, 2, "nothing came after that");
	text_free(&sink.got);
}

enum { MANY = 300000 };

static void *read_slowly(void *context)
{
	static char bytes[1000];
	size_t *got = context;
	ssize_t count;

	while ((count = read((int)got[1], bytes, sizeof(bytes))) > 0)
		got[0] += (size_t)count;
	return NULL;
}

/* A pipe that does not block is full long before the report is over. */
static void slow_reader(void)
{
	static char bytes[MANY];
	pthread_t reader;
	size_t got[2] = { 0 };
	int ends[2];

	if (pipe(ends))
		return;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	got[1] = (size_t)ends[0];
	pthread_create(&reader, NULL, read_slowly, got);
	is_integer(write_whole(ends[1], bytes, MANY), 0, "all of it is written");
	close(ends[1]);
	pthread_join(reader, NULL);
	is_integer((int64_t)got[0], MANY, "and arrives");
	close(ends[0]);
	is_integer(write_whole(ends[1], bytes, 1), EBADF, "a closed descriptor is an error");
}

int main(void)
{
	pieces();
	closing();
	slow_reader();
	return done_testing();
}
