#include "common/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A cut must not leave half of a UTF-8 character: steps back over its continuation bytes and its
 * first byte. */
static size_t cut_at_character(const char *text, size_t length)
{
	size_t at = length;

	while (at && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
		at--;
	if (at && ((unsigned char)text[at - 1] & 0xc0) == 0xc0)
		return at - 1;
	return length;
}

#undef fault_set
bool fault_set(struct fault *fault, const char *format, ...)
{
	char text[sizeof(fault->text)];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(text))
		text[cut_at_character(text, sizeof(text) - 1)] = '\0';
	memcpy(fault->text, text, strlen(text) + 1);
	return false;
}
