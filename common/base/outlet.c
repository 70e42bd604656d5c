#include "common/base/outlet.h"

static void hand_on(struct outlet *outlet)
{
	if (!outlet->is_closed && outlet->text.length)
		outlet->is_closed =
			!outlet->take(outlet->context, outlet->text.bytes, outlet->text.length);
	text_cut(&outlet->text, 0);
}

bool outlet_flow(struct outlet *outlet)
{
	if (outlet->take && outlet->text.length >= OUTLET_BYTES)
		hand_on(outlet);
	return !outlet->is_closed;
}

bool outlet_end(struct outlet *outlet)
{
	if (outlet->take)
		hand_on(outlet);
	text_free(&outlet->text);
	return !outlet->is_closed;
}
