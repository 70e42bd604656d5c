#include "common/dns/serial.h"

enum serial_order serial_compare(uint32_t theirs, uint32_t ours)
{
	uint32_t distance = serial_distance(ours, theirs);

	if (distance == 0)
		return SERIAL_EQUAL;
	if (distance == 0x80000000u)
		return SERIAL_UNDEFINED;
	return distance < 0x80000000u ? SERIAL_AHEAD : SERIAL_BEHIND;
}

uint32_t serial_distance(uint32_t from, uint32_t to)
{
	return to - from;
}
