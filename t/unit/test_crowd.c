/*
 * Who makes room for whom among connections; and that the crowd's lists and sums stay true whatever
 * happens.
 */
#include <stdlib.h>
#include <string.h>

#include "common/engine/crowd.h"
#include "t/unit/tap.h"

enum { MEMBERS = 200 };

static struct address client(uint8_t number)
{
	return (struct address){ .family = 4,
		.port = (uint16_t)(1000 + number),
		.bytes = { 192, 0, 2, number } };
}

static struct address site(uint8_t number, uint8_t host)
{
	return (struct address){ .family = 6,
		.bytes = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, number, [15] = host } };
}

static void enter(struct crowd *crowd, struct crowd_member *member, uint8_t number)
{
	struct address from = client(number);

	crowd_enter(crowd, member, &from);
}

static void test_room(void)
{
	struct crowd crowd = { .most = 5, .most_of_client = 3, .most_bytes = 1000 };
	struct crowd_member member[6];
	struct address first = client(1), other = client(9);

	ok(!crowd_least_needed(&crowd), "nobody leaves where nobody is");
	enter(&crowd, &member[0], 2);
	enter(&crowd, &member[1], 1);
	enter(&crowd, &member[2], 1);
	ok(!crowd_makes_room(&crowd, &first), "there is room");
	enter(&crowd, &member[3], 1);
	ok(crowd_makes_room(&crowd, &first) == &member[1],
		"a client with as many as it may have takes from itself");
	crowd_is_active(&crowd, &member[1]);
	ok(crowd_makes_room(&crowd, &first) == &member[2], "the least active of them");
	member[2].is_precious = true;
	ok(crowd_makes_room(&crowd, &first) == &member[3], "and not a transfer");
	ok(!crowd_makes_room(&crowd, &other), "others have room");
	enter(&crowd, &member[4], 3);
	ok(crowd_makes_room(&crowd, &other) == &member[3],
		"where all are full, who has the most makes room, though another is less active");
	member[1].is_precious = member[3].is_precious = true;
	ok(crowd_makes_room(&crowd, &other) == &member[0], "unless those are transfers");
	ok(crowd_of_client(&member[1]) == 3, "a client's are counted");
	for (unsigned i = 0; i < 5; i++)
		crowd_leave(&crowd, &member[i]);
	crowd_free(&crowd);
}

static void test_memory(void)
{
	struct crowd crowd = { .most = 5, .most_of_client = 5, .most_bytes = 1000 };
	struct crowd_member member[4];

	for (uint8_t i = 0; i < 4; i++)
		enter(&crowd, &member[i], i / 2);
	crowd_holds(&crowd, &member[0], 300);
	crowd_holds(&crowd, &member[2], 400);
	crowd_holds(&crowd, &member[3], 300);
	ok(!crowd_too_heavy(&crowd, &member[3]), "all may hold that");
	crowd_holds(&crowd, &member[3], 301);
	ok(crowd_too_heavy(&crowd, &member[3]) == &member[2],
		"the heaviest client's least active leaves");
	ok(crowd_too_heavy(&crowd, &member[2]) == &member[3], "but not the one that is at work");
	crowd_leave(&crowd, &member[2]);
	ok(!crowd_too_heavy(&crowd, &member[3]), "what has left weighs nothing");
	crowd_holds(&crowd, &member[3], 2000);
	crowd_leave(&crowd, &member[0]);
	crowd_leave(&crowd, &member[1]);
	ok(!crowd_too_heavy(&crowd, &member[3]), "who is alone stays");
	crowd_leave(&crowd, &member[3]);
	crowd_free(&crowd);
}

static void test_sites(void)
{
	struct crowd crowd = { .most = 9, .most_of_client = 2 };
	struct crowd_member member[2];
	struct address one = site(1, 1), same = site(1, 2), other = site(2, 1);
	struct address four = { .family = 4, .bytes = { 0x20, 1, 0xd, 0xb8 } };

	crowd_enter(&crowd, &member[0], &one);
	crowd_enter(&crowd, &member[1], &same);
	ok(crowd_makes_room(&crowd, &one) == &member[0], "a /64 of IPv6 is one client");
	ok(!crowd_makes_room(&crowd, &other), "the next one is another");
	ok(!crowd_makes_room(&crowd, &four), "and so is an IPv4 address of the same bytes");
	crowd_leave(&crowd, &member[0]);
	crowd_leave(&crowd, &member[1]);
	crowd_free(&crowd);
}

static size_t seen(const struct crowd *crowd)
{
	size_t count = 0;

	for (const struct crowd_member *at = crowd->all.oldest; at; at = at->newer[CROWD_ALL])
		count++;
	return count;
}

/* Whatever comes and goes, nobody is lost, and a crowd never has more than its bounds. */
static void test_any(void)
{
	struct crowd crowd = { .most = 50, .most_of_client = 7, .most_bytes = 5000 };
	struct crowd_member member[MEMBERS];
	bool here[MEMBERS] = { 0 }, good = true;
	size_t count = 0;

	for (unsigned step = 0; step < 100000 && good; step++) {
		unsigned number = (unsigned)rand() % MEMBERS;
		struct address from = site((uint8_t)(rand() % 8), (uint8_t)rand());
		struct crowd_member *leaving;

		if (step % 1000 < 900)
			from = client((uint8_t)rand());
		if (!here[number]) {
			leaving = crowd_makes_room(&crowd, &from);
			if (leaving) {
				here[leaving - member] = false;
				crowd_leave(&crowd, leaving);
				count--;
			}
			crowd_enter(&crowd, &member[number], &from);
			here[number] = true;
			count++;
		} else if (rand() % 4) {
			crowd_is_active(&crowd, &member[number]);
			member[number].is_precious = rand() % 2;
			crowd_holds(&crowd, &member[number], (size_t)rand() % 300);
			while ((leaving = crowd_too_heavy(&crowd, &member[number]))) {
				here[leaving - member] = false;
				crowd_leave(&crowd, leaving);
				count--;
			}
		} else {
			crowd_leave(&crowd, &member[number]);
			here[number] = false;
			count--;
		}
		good = seen(&crowd) == count && crowd.count == count && count <= 50 &&
			crowd.bytes <= 5000;
	}
	ok(good, "a hundred thousand comings and goings");
	for (unsigned i = 0; i < MEMBERS; i++)
		if (here[i])
			crowd_leave(&crowd, &member[i]);
	ok(!crowd.bytes && !crowd.all.oldest && !crowd.all.newest, "the last one leaves nothing");
	crowd_free(&crowd);
}

int main(void)
{
	test_room();
	test_memory();
	test_sites();
	test_any();
	return done_testing();
}
