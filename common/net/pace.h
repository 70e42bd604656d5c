/*
 * How fast one server may be asked, as it shows by what it lets fall. Pure: time is an argument.
 *
 * Servers and the firewalls before them limit rates by dropping in silence, which shows only when a
 * try's time is over. So the first losses slow the questions down to what was answered in the time
 * of a try; from then on the rate doubles as often as that time passes without a loss, until it
 * loses again: then it goes back to the last rate that did not, and on in small steps. What was
 * sent before the rate last changed says nothing about it. A few losses are no limit.
 */
#ifndef COMMON_NET_PACE_H
#define COMMON_NET_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PACE_LEAST = 20,  /* questions per second */
	PACE_LOSSES = 4,  /* at one rate that are no chance any more, */
	PACE_PERCENT = 1, /* and of all that was answered at it */
};

/* Private but for `rate`. */
struct pace {
	double rate;                             /* questions per second; 0: as fast as one likes */
	double good;                             /* the fastest one without losses; 0: none yet */
	bool careful;                            /* small steps */
	int64_t try_us;                          /* how long a try is waited for */
	int64_t since_us;                        /* the rate holds since then, */
	int64_t before_us;                       /* the one before it since then */
	int64_t grow_us;                         /* when it grows, if nothing is lost */
	unsigned losses, answers, losses_before; /* of tries sent since then */
	int64_t count_us; /* since when `counted` counts; one try's time at most */
	unsigned counted, counted_before;
	int64_t answered_us; /* the last answer */
};

void pace_begin(struct pace *pace, int64_t try_us, int64_t now_us);
void pace_answered(struct pace *pace, int64_t now_us);
/* A try that was sent then was not answered in its time. */
void pace_lost(struct pace *pace, int64_t sent_us, int64_t now_us);
/* Lets the rate grow where it is time to. */
void pace_grow(struct pace *pace, int64_t now_us);
/* Does the server answer others, but not all? Then a loss tells nothing about the question. */
bool pace_is_limit(const struct pace *pace, int64_t now_us);

#endif
