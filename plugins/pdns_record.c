/*
 * pdns_record MILLISECONDS FAMILY SOURCE KEY-FILE CA-FILE SERVER URL ZONE RECORD [CONTENT]: a TXT
 * record replaced by CONTENT (as a zone file has it), or removed, by the API of PowerDNS. FAMILY is
 * 4 or 6; "-" stands for no FAMILY, SOURCE or file. check_dns_propagation runs it (--change=pdns),
 * so that the check does not link libcurl. It prints "made" when the change is there, or
 * "failed OBSTACLE REASON", and "unnotified REASON" where PowerDNS sends no NOTIFY of it. What is
 * wrong with its own arguments goes to stderr, and it exits with 1.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/number.h"
#include "common/probe/pdns_key.h"
#include "common/probe/pdns_record.h"

enum { ARGUMENTS = 9, MOST_MS = INT32_MAX };

static const char *given(const char *argument)
{
	return strcmp(argument, "-") != 0 ? argument : NULL;
}

static void print_made(void)
{
	puts("made");
	fflush(stdout);
}

static bool find_key(const char *path, const char *server, struct pdns_keys *keys,
	struct pdns_record *record, struct fault *fault)
{
	if (!path)
		return true;
	pdns_keys_guard();
	if (!pdns_keys_read(keys, path, fault))
		return false;
	return pdns_keys_find(keys, path, server, &record->key, fault);
}

static bool read_arguments(char **arguments, struct arena *arena, struct pdns_keys *keys,
	struct pdns_record *record, struct fault *fault)
{
	struct fault why = { { 0 } };
	uint64_t milliseconds;

	if (!number_whole(arguments[0], 1, MOST_MS, &milliseconds))
		return fault_set(fault, "\"%s\" is no number of milliseconds", arguments[0]);
	record->http.deadline_us = clock_monotonic_us() + (int64_t)milliseconds * 1000;
	if (given(arguments[1]))
		record->http.family = arguments[1][0] == '6' ? 6 : 4;
	record->http.source = given(arguments[2]);
	record->http.ca_file = given(arguments[4]);
	record->zone = arguments[7];
	record->name = arguments[8];
	record->content = arguments[9];
	if (!http_base(arguments[6], arena, &record->base, &record->socket, &why))
		return fault_set(fault, "--pdns-api: %s: %s", arguments[5], why.text);
	return find_key(given(arguments[3]), arguments[5], keys, record, fault);
}

static void change(const struct pdns_record *record)
{
	struct fault why = { { 0 } };
	enum change_obstacle obstacle;
	bool was_made;

	if (pdns_record_change(record, &obstacle, &was_made, &why))
		return;
	if (was_made)
		printf("unnotified %s\n", why.text);
	else
		printf("failed %s %s\n", change_obstacle_name(obstacle), why.text);
}

int main(int argc, char **argv)
{
	struct fault fault = { { 0 } };
	struct arena arena = { 0 };
	struct pdns_keys keys = { 0 };
	struct pdns_record record = { .made = print_made };
	bool good;

	if (argc != ARGUMENTS + 1 && argc != ARGUMENTS + 2) {
		fputs("usage: pdns_record MILLISECONDS FAMILY SOURCE KEY-FILE CA-FILE SERVER URL ZONE RECORD [CONTENT], "
		      "e.g. pdns_record 5000 - - api.key - ns1 http://192.0.2.1:8081 example.com. a.example.com. '\"text\"'\n",
			stderr);
		return 2;
	}
	good = read_arguments(argv + 1, &arena, &keys, &record, &fault);
	if (good)
		change(&record);
	else
		fprintf(stderr, "%s\n", fault.text);
	pdns_keys_free(&keys);
	arena_free(&arena);
	return good && !fflush(stdout) ? 0 : 1;
}
