/*
 * Feeds files to a fuzz target, for builds without libFuzzer: fuzz_NAME FILE... What the
 * target finds wrong, it says by abort(); the sanitizers do the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

enum { INPUT_MOST = 1 << 20 };

/* In memory of its very size, so that the sanitizers see every byte read beyond it. */
static void replay(const uint8_t *bytes, size_t length)
{
	uint8_t *exact = malloc(length ? length : 1);

	if (!exact)
		abort();
	for (size_t i = 0; i < length; i++)
		exact[i] = bytes[i];
	LLVMFuzzerTestOneInput(exact, length);
	free(exact);
}

static int replay_file(const char *path, uint8_t *buffer)
{
	FILE *file = fopen(path, "rb");
	size_t length;

	if (!file) {
		perror(path);
		return 1;
	}
	length = fread(buffer, 1, INPUT_MOST, file);
	fclose(file);
	printf("%s: %zu bytes\n", path, length);
	fflush(stdout);
	replay(buffer, length);
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t *buffer = malloc(INPUT_MOST);
	int failed = 0;

	if (!buffer)
		return 1;
	for (int i = 1; i < argc; i++)
		failed |= replay_file(argv[i], buffer);
	free(buffer);
	return failed;
}
