/*
 * axfrd: the embedded engine by itself. Options in, a loop, signals; all else is common/engine/.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/options.h"
#include "common/engine/engine.h"
#include "common/engine/privileges.h"
#include "common/engine/tls_peers.h"
#include "common/net/tls_server.h"
#include "config.h"

enum {
	KEY_FILE_MOST = 65536,
	NSID_MOST = 64,
	EXIT_WRONG = 2,
	CONNECTIONS_MOST = 10000,
	CONNECTIONS_FEW = 500, /* said where there can't be as many */
	FILES_OF_OURS = 128,   /* listening, asking primaries, zone files */
};

struct values {
	struct option_list listen, tls_listen, zones, secondaries, catalogs, notify, tls_hostnames,
		allow_transfer, allow_notify, key_files, faults;
	const char *zones_file, *catalog, *nsid, *user, *tls_certificate, *tls_key, *tls_ca;
};

/* What becomes of them. */
struct made {
	struct arena *arena;
	struct engine_settings settings;
	struct tls_peers *tls_peers;
};

/* clang-format off */
static const struct option_row rows[] = {
	{ .name = "listen", .kind = OPTION_LIST, .offset = offsetof(struct values, listen),
		.argument = "ADDRESS@PORT", .heading = "Serving", .example = "--listen=127.0.0.1@5300",
		.help = "Serve on this address, over UDP and TCP. Port 0 takes one that is free; the ready line "
			"names it. Repeatable." },
	{ .name = "tls-listen", .kind = OPTION_LIST, .offset = offsetof(struct values, tls_listen),
		.argument = "ADDRESS@PORT", .example = "--tls-listen=127.0.0.1@8853",
		.help = "Serve on this address over TLS (RFC 9103), by default on port 853; wants --tls-certificate and "
			"--tls-key. Repeatable." },
	{ .name = "tls-certificate", .kind = OPTION_TEXT, .offset = offsetof(struct values, tls_certificate),
		.argument = "FILE", .example = "--tls-certificate=/etc/axfrd.pem",
		.help = "The certificate (PEM) that clients are shown, with its chain." },
	{ .name = "tls-key", .kind = OPTION_TEXT, .offset = offsetof(struct values, tls_key),
		.argument = "FILE", .example = "--tls-key=/etc/axfrd-key.pem",
		.help = "The certificate's key (PEM)." },
	{ .name = "zone", .kind = OPTION_LIST, .offset = offsetof(struct values, zones),
		.argument = "NAME=FILE", .example = "--zone=example.com=example.com.zone",
		.help = "Be a primary of this zone, read from this master file. Repeatable." },
	{ .name = "zones-file", .kind = OPTION_TEXT, .offset = offsetof(struct values, zones_file),
		.argument = "FILE", .example = "--zones-file=/etc/axfrd.zones",
		.help = "Be a primary of the zones in this list, too: a line is ZONE FILE, # begins a comment. SIGHUP reads it "
			"again: zones come and go." },
	{ .name = "secondary", .kind = OPTION_LIST, .offset = offsetof(struct values, secondaries),
		.argument = "NAME=PRIMARY@PORT[=KEY]", .example = "--secondary=example.com=192.0.2.1@53",
		.help = "Be a secondary of this zone, transferred from the primary at this address; of several, parted "
			"by commas, from the first that has something newer. KEY is the name of a key of --tsig-key-file, or "
			"NOKEY. tls:PRIMARY@PORT transfers over TLS only (RFC 9103), by default from port 853. Repeatable." },
	{ .name = "secondary-catalog", .kind = OPTION_LIST, .offset = offsetof(struct values, catalogs),
		.argument = "NAME=PRIMARY@PORT[=KEY]", .example = "--secondary-catalog=catalog.example=192.0.2.1@53",
		.help = "Be a secondary of this catalog zone (RFC 9432) and of all zones that it lists, from the same primaries "
			"in the same way: they come and go with it. Repeatable." },
	{ .name = "tls-ca", .kind = OPTION_TEXT, .offset = offsetof(struct values, tls_ca),
		.argument = "FILE", .example = "--tls-ca=/etc/ssl/dns-ca.pem",
		.help = "Certificates (PEM) of who may vouch for primaries that are asked over TLS. By default the system's." },
	{ .name = "tls-hostname", .kind = OPTION_LIST, .offset = offsetof(struct values, tls_hostnames),
		.argument = "[ADDRESS=]NAME", .example = "--tls-hostname=192.0.2.1=ns1.example.com",
		.help = "The certificate of the primary at this address, or of all, must be for this name. By default for "
			"the address. Repeatable." },
	{ .name = "catalog", .kind = OPTION_TEXT, .offset = offsetof(struct values, catalog),
		.argument = "NAME", .example = "--catalog=catalog.example",
		.help = "Serve a catalog zone (RFC 9432) of this name that lists all the other zones, for secondaries that "
			"configure themselves by it." },
	{ .name = "notify", .kind = OPTION_LIST, .offset = offsetof(struct values, notify),
		.argument = "[ZONE=]ADDRESS@PORT[=KEY]", .example = "--notify=192.0.2.2@53",
		.help = "Send NOTIFY to this address at the start and whenever a zone's serial changes, signed with this "
			"key. What is said for one zone takes the place of what is said for all. Repeatable." },
	{ .name = "allow-transfer", .kind = OPTION_LIST, .offset = offsetof(struct values, allow_transfer),
		.argument = "[ZONE=]PREFIX[=KEY]", .heading = "Who may", .example = "--allow-transfer=192.0.2.0/24",
		.help = "Answer AXFR and IXFR to these addresses: a prefix, an address, any, or none. KEY is the name of the "
			"key that they must sign with, or NOKEY; without it any key of --tsig-key-file is right, and "
			"necessary where there is one. What is said for one zone takes the place of what is said for all. "
			"Repeatable. By default loopback only." },
	{ .name = "allow-notify", .kind = OPTION_LIST, .offset = offsetof(struct values, allow_notify),
		.argument = "[ZONE=]PREFIX[=KEY]", .example = "--allow-notify=192.0.2.7",
		.help = "Follow NOTIFY from these addresses, too, in the form of --allow-transfer; a zone's primaries always "
			"may notify, with their key. Repeatable." },
	{ .letter = 'k', .name = "tsig-key-file", .kind = OPTION_LIST, .offset = offsetof(struct values, key_files),
		.argument = "FILE", .example = "--tsig-key-file=/etc/axfrd.key",
		.help = "TSIG keys in BIND's syntax. Transfers and NOTIFY must then be signed; what axfrd asks and "
			"sends is signed with the first key of the first file, unless another is named with the address. "
			"Repeatable." },
	{ .name = "user", .kind = OPTION_TEXT, .offset = offsetof(struct values, user),
		.argument = "NAME", .example = "--user=nobody",
		.help = "Root becomes this user, with its groups and nothing else, once addresses are listened on and files "
			"are read; it must be able to read the zone files again upon SIGHUP. By default root becomes nobody, but "
			"may still read what root may; root stays root." },
	{ .name = "nsid", .kind = OPTION_TEXT, .offset = offsetof(struct values, nsid),
		.argument = "TEXT", .heading = "Answers", .example = "--nsid=ns1.example.com",
		.help = "The name of this server, for those who ask (EDNS NSID, id.server). None by default." },
	{ .name = "fault", .kind = OPTION_LIST, .offset = offsetof(struct values, faults),
		.argument = "NAME[:ZONE]", .heading = "Drills", .example = "--fault=refuse-axfr:example.com" },
	{ 0 },
};
/* clang-format on */

static const char description[] =
	"axfrd serves zones as a primary or a secondary, for tests, drills and demonstrations: SOA and "
	"every other question, DNSSEC-signed zones as they are, AXFR (RFC 5936) and IXFR (RFC 1995) with TSIG (RFC 8945), NOTIFY (RFC 1996). It needs no "
	"root, no configuration file and no state, and it can misbehave in the ways that are seen in "
	"practice (--fault).\n\n"
	"When it serves, it prints one line on standard output: the addresses with their real ports, "
	"then each zone with its serial, or with its primary where it is not transferred yet. Events "
	"(NOTIFY, transfers, reloads) go to standard error, a line each.\n\n"
	"SIGHUP reads the zone files again; one with errors keeps its old version. A transfer in "
	"progress finishes with the version it began with. SIGTERM and SIGINT end the program.";

static const char examples[] =
	"axfrd --listen=127.0.0.1@5300 --zone=example.com=example.com.zone --notify=127.0.0.2@5300\n"
	"\tA primary that tells the secondary on 127.0.0.2 about changes.\n"
	"axfrd --listen=127.0.0.2@5300 --secondary=example.com=127.0.0.1@5300\n"
	"\tThat secondary.\n"
	"axfrd --listen=127.0.0.1@0 --zone=example.com=example.com.zone --fault=slow=300:example.com\n"
	"\tA slow primary on any free port.\n";

/* The table, with what --fault knows (the engine's own list). */
static const struct option_table *make_table(struct arena *arena)
{
	struct option_table *table = arena_alloc(arena, sizeof(*table));
	struct option_row *copy = arena_copy(arena, rows, sizeof(rows));
	struct text help = { 0 };

	fault_set_help(&help);
	for (struct option_row *row = copy; row->name; row++)
		if (!row->help)
			row->help = arena_printf(arena,
				"Misbehave, for this zone or for all. Repeatable. Faults are %s.",
				text_string(&help));
	text_free(&help);
	*table = (struct option_table){
		.program = "axfrd",
		.version = PACKAGE_VERSION,
		.purpose =
			"authoritative DNS server for replication tests, drills and demonstrations",
		.description = description,
		.examples = examples,
		.exit_status =
			"0 after SIGTERM or SIGINT; 1 where it cannot serve (a zone file with errors, a "
			"port in use); 2 for wrong options.",
		.rows = copy,
		.see_also = "check_dns_replication(1)",
		.section = 8,
	};
	return table;
}

/* Port 53, for TLS 853, where none is given. Only listening may ask for port 0. */
static bool parse_address(const char *option, const char *text, struct address *address,
	struct fault *fault)
{
	char host[ADDRESS_TEXT];
	size_t length = strlen(text);
	bool is_tls = !strcmp(option, "tls-listen");
	bool any_port = length > 2 && !strcmp(text + length - 2, "@0") &&
		(is_tls || !strcmp(option, "listen"));

	snprintf(host, sizeof(host), "%.*s", (int)(any_port ? length - 2 : length), text);
	if (!address_from_text(host, address))
		return fault_set(fault,
			"--%s: %s is no ADDRESS@PORT, as 127.0.0.1@5300 or ::1@5300 is", option,
			text);
	if (!address->port && !any_port)
		address->port = is_tls ? 853 : 53;
	return true;
}

static bool parse_addresses(const char *option, const struct option_list *list, struct arena *arena,
	const struct address **addresses, struct fault *fault)
{
	struct address *parsed = arena_array(arena, list->count + 1, sizeof(*parsed));

	for (size_t i = 0; i < list->count; i++)
		if (!parse_address(option, list->items[i], &parsed[i], fault))
			return false;
	*addresses = parsed;
	return true;
}

static bool parse_name(const char *option, const char *text, uint8_t name[NAME_WIRE],
	struct fault *fault)
{
	if (name_from_text(text, name, fault))
		return true;
	return fault_set(fault, "--%s: zone \"%s\": %s", option, text, fault->text);
}

/* "NAME=VALUE"; *value points into `text`. */
static bool parse_zone(const char *option, const char *text, struct arena *arena,
	struct engine_zone *zone, const char **value, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	char *name;

	if (!equals || equals == text || !equals[1])
		return fault_set(fault, "--%s=%s: right is --%s=NAME=%s", option, text, option,
			strcmp(option, "zone") ? "PRIMARY@PORT" : "FILE");
	name = arena_copy(arena, text, (size_t)(equals - text) + 1);
	name[equals - text] = '\0';
	*value = equals + 1;
	return parse_name(option, name, zone->name, fault);
}

/* "PRIMARY@PORT,PRIMARY@PORT" */
static bool parse_primaries(const char *option, const char *list, struct made *made,
	struct engine_zone *zone, struct fault *fault)
{
	struct arena *arena = made->arena;
	char *rest = arena_string(arena, list), *one;
	struct peer *peers = arena_array(arena, ZONE_PRIMARIES, sizeof(*peers)), *peer;

	zone->primaries = peers;
	while ((one = strsep(&rest, ","))) {
		if (zone->primary_count == ZONE_PRIMARIES)
			return fault_set(fault, "--%s: at most %d primaries", option,
				ZONE_PRIMARIES);
		peer = &peers[zone->primary_count++];
		if (!peer_parse(one, &made->settings.keys, peer, fault))
			return fault_set(fault, "--%s: %s", option, fault->text);
		if (peer->is_tls)
			peer->layer = tls_peers_layer(made->tls_peers, peer, fault);
		if (peer->is_tls && !peer->layer)
			return false;
	}
	return true;
}

static bool parse_secondaries(const char *option, const struct option_list *list, struct made *made,
	struct engine_zone *zones, struct fault *fault)
{
	const char *value = NULL;

	for (size_t i = 0; i < list->count; i++)
		if (!parse_zone(option, list->items[i], made->arena, &zones[i], &value, fault) ||
			!parse_primaries(option, value, made, &zones[i], fault))
			return false;
	return true;
}

static bool parse_zones(const struct values *values, struct made *made, struct fault *fault)
{
	struct arena *arena = made->arena;
	struct engine_settings *settings = &made->settings;
	size_t count = values->zones.count + values->secondaries.count + values->catalogs.count;
	struct engine_zone *zones = arena_array(arena, count + 1, sizeof(*zones));

	for (size_t i = 0; i < values->zones.count; i++)
		if (!parse_zone("zone", values->zones.items[i], arena, &zones[i], &zones[i].file,
			    fault))
			return false;
	if (!parse_secondaries("secondary", &values->secondaries, made, &zones[values->zones.count],
		    fault) ||
		!parse_secondaries("secondary-catalog", &values->catalogs, made,
			&zones[values->zones.count + values->secondaries.count], fault))
		return false;
	for (size_t i = count - values->catalogs.count; i < count; i++)
		zones[i].is_catalog = true;
	settings->zones = zones;
	settings->zones_file = values->zones_file;
	settings->zone_count = count;
	if (values->catalog) {
		uint8_t *catalog = arena_alloc(arena, NAME_WIRE);

		settings->catalog = catalog;
		return parse_name("catalog", values->catalog, catalog, fault);
	}
	return true;
}

static bool parse_rules(const char *option, const struct option_list *list, struct arena *arena,
	const struct key_ring *keys, struct access_list *access, struct fault *fault)
{
	struct access_rule *rules = arena_array(arena, list->count + 1, sizeof(*rules));

	for (size_t i = 0; i < list->count; i++)
		if (!access_rule_parse(list->items[i], keys, &rules[i], fault))
			return fault_set(fault, "--%s: %s", option, fault->text);
	*access = (struct access_list){ rules, list->count };
	return true;
}

static bool parse_notify(const struct option_list *list, struct arena *arena,
	struct engine_settings *settings, struct fault *fault)
{
	struct peer_at *targets = arena_array(arena, list->count + 1, sizeof(*targets));

	for (size_t i = 0; i < list->count; i++) {
		if (!peer_at_parse(list->items[i], &settings->keys, &targets[i], fault))
			return fault_set(fault, "--notify: %s", fault->text);
		if (targets[i].peer.is_tls)
			return fault_set(fault, "--notify: %s: NOTIFY goes over UDP only",
				list->items[i]);
	}
	settings->notify = targets;
	settings->notify_count = list->count;
	return true;
}

static bool parse_tls(const struct values *values, struct made *made, struct fault *fault)
{
	const struct option_list *list = &values->tls_hostnames;
	struct tls_hostname *hostnames =
		arena_array(made->arena, list->count + 1, sizeof(*hostnames));

	for (size_t i = 0; i < list->count; i++)
		if (!tls_hostname_parse(list->items[i], &hostnames[i], fault))
			return fault_set(fault, "--tls-hostname: %s", fault->text);
	made->tls_peers = tls_peers_new(
		&(struct tls_peers_settings){ values->tls_ca, hostnames, list->count });
	return true;
}

static bool read_keys(const struct option_list *list, struct arena *arena,
	struct engine_settings *settings, struct fault *fault)
{
	struct text content = { 0 };
	struct key_ring *ring = &settings->keys;
	bool good = true;

	for (size_t i = 0; good && i < list->count; i++) {
		text_cut(&content, 0);
		good = text_read_file(&content, list->items[i], KEY_FILE_MOST, fault);
		if (good &&
			!key_ring_add(ring, text_string(&content), content.length, arena, fault))
			good = fault_set(fault, "%s: %s", list->items[i], fault->text);
	}
	text_free(&content);
	return good;
}

static bool parse_faults(const struct option_list *list, struct arena *arena,
	struct engine_settings *settings, struct fault *fault)
{
	struct engine_fault_at *faults = arena_array(arena, list->count + 1, sizeof(*faults));

	for (size_t i = 0; i < list->count; i++) {
		const char *zone;

		if (!fault_set_parse(list->items[i], &faults[i].set, &zone, fault))
			return fault_set(fault, "--fault: %s", fault->text);
		faults[i].everywhere = !zone;
		if (zone && !parse_name("fault", zone, faults[i].zone, fault))
			return false;
	}
	settings->faults = faults;
	settings->fault_count = list->count;
	return true;
}

static bool make_settings(const struct values *values, struct made *made, struct fault *fault)
{
	struct arena *arena = made->arena;
	struct engine_settings *settings = &made->settings;

	if (!values->listen.count && !values->tls_listen.count)
		return fault_set(fault, "no address to serve on: --listen=127.0.0.1@5300");
	if (!values->zones.count && !values->secondaries.count && !values->catalogs.count &&
		!values->zones_file)
		return fault_set(fault,
			"no zone to serve: --zone=NAME=FILE or --secondary=NAME=PRIMARY@PORT");
	if (values->nsid && strlen(values->nsid) > NSID_MOST)
		return fault_set(fault, "--nsid: at most %d bytes", NSID_MOST);
	if (values->tls_listen.count && (!values->tls_certificate || !values->tls_key))
		return fault_set(fault,
			"--tls-listen wants --tls-certificate=FILE and --tls-key=FILE");
	settings->listen_count = values->listen.count;
	settings->tls_listen_count = values->tls_listen.count;
	settings->nsid = values->nsid;
	settings->version = "axfrd " PACKAGE_VERSION;
	return parse_addresses("listen", &values->listen, arena, &settings->listen, fault) &&
		parse_addresses("tls-listen", &values->tls_listen, arena, &settings->tls_listen,
			fault) &&
		read_keys(&values->key_files, arena, settings, fault) &&
		parse_notify(&values->notify, arena, settings, fault) &&
		parse_tls(values, made, fault) && parse_zones(values, made, fault) &&
		parse_rules("allow-transfer", &values->allow_transfer, arena, &settings->keys,
			&settings->transfer_to, fault) &&
		parse_rules("allow-notify", &values->allow_notify, arena, &settings->keys,
			&settings->notify_from, fault) &&
		parse_faults(&values->faults, arena, settings, fault);
}

/* --- Running ------------------------------------------------------------------------------------
 */

struct program {
	struct loop *loop;
	struct engine *engine;
	struct tls_server *tls; /* or NULL */
};

static void log_line(void *context, const char *line)
{
	char now[32];

	(void)context;
	clock_format_utc(clock_now_s(), now);
	fprintf(stderr, "%s %s\n", now, line);
}

static void signalled(void *context, int number)
{
	struct program *program = context;

	if (number == SIGHUP)
		engine_reload(program->engine);
	else
		loop_stop(program->loop);
}

static void say_ready(const struct engine *engine)
{
	struct text line = { 0 };

	engine_describe(engine, &line);
	printf("axfrd ready: %s\n", text_string(&line));
	fflush(stdout);
	text_free(&line);
}

/* At the next SIGHUP they will be read by who we are then. */
static void say_unreadable(const struct engine_settings *settings)
{
	for (size_t i = 0; i < settings->zone_count; i++) {
		const char *file = settings->zones[i].file;
		struct text line = { 0 };

		if (!file || !faccessat(AT_FDCWD, file, R_OK, AT_EACCESS))
			continue;
		text_addf(&line,
			"%s: %s for this user: it can't be read again upon SIGHUP; give it and its "
			"directory to the user, or choose another with --user=NAME",
			file, strerror(errno));
		log_line(NULL, text_string(&line));
		text_free(&line);
	}
}

static bool give_up_privileges(const struct engine_settings *settings, const char *user,
	struct fault *fault)
{
	struct text said = { 0 };
	bool good = privileges_give_up(user, &said, fault);

	if (good && said.length)
		log_line(NULL, text_string(&said));
	if (good)
		say_unreadable(settings);
	text_free(&said);
	return good;
}

/* As many connections as the system lets us have, of open files that are not ours otherwise. */
static size_t most_connections(void)
{
	struct rlimit limit;
	size_t most = CONNECTIONS_MOST;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY ||
		limit.rlim_cur >= CONNECTIONS_MOST + FILES_OF_OURS)
		return most;
	most = limit.rlim_cur > (rlim_t)2 * FILES_OF_OURS ? limit.rlim_cur - FILES_OF_OURS
							  : limit.rlim_cur / 2 + 1;
	if (most < CONNECTIONS_FEW)
		fprintf(stderr,
			"axfrd: at most %zu connections by TCP, since the limit of open files is %llu: "
			"`ulimit -Hn %d`, or LimitNOFILE= of a service, raises it\n",
			most, (unsigned long long)limit.rlim_cur, CONNECTIONS_MOST + FILES_OF_OURS);
	return most;
}

static int serve(struct engine_settings *settings, const struct values *values, struct fault *fault)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
	enum { COUNT = sizeof(numbers) / sizeof(numbers[0]) };
	struct loop_signal *signals[COUNT];
	struct program program = { .loop = loop_new(fault) };

	if (!program.loop)
		return EXIT_FAILURE;
	if (settings->tls_listen_count) {
		program.tls = tls_server_new(values->tls_certificate, values->tls_key, fault);
		if (!program.tls) {
			loop_free(program.loop);
			return EXIT_FAILURE;
		}
		settings->tls = tls_server_layer(program.tls);
	}
	settings->loop = program.loop;
	settings->log = log_line;
	settings->most_connections = most_connections();
	program.engine = engine_new(settings, fault);
	if (program.engine && !give_up_privileges(settings, values->user, fault)) {
		engine_free(program.engine);
		program.engine = NULL;
	}
	if (program.engine) {
		for (size_t i = 0; i < COUNT; i++)
			signals[i] = loop_signal_new(program.loop, numbers[i], signalled, &program);
		say_ready(program.engine);
		loop_run(program.loop);
		for (size_t i = 0; i < COUNT; i++)
			loop_signal_free(signals[i]);
		engine_free(program.engine);
	}
	tls_server_free(program.tls);
	loop_free(program.loop);
	return program.engine ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct values values = { 0 };
	struct made made = { .arena = &arena };
	struct text out = { 0 };
	struct fault fault = { 0 };
	int result = EXIT_SUCCESS;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stderr, NULL, _IOLBF, 0);
	switch (options_parse(make_table(&arena), argc, argv, &values, &arena, &out, &fault)) {
	case OPTIONS_RUN:
		result = make_settings(&values, &made, &fault)
			? serve(&made.settings, &values, &fault)
			: EXIT_WRONG;
		break;
	case OPTIONS_SHOWN:
		fputs(text_string(&out), stdout);
		break;
	case OPTIONS_WRONG:
		result = EXIT_WRONG;
		break;
	}
	if (fault.text[0] && result)
		fprintf(stderr, "axfrd: %s\n", fault.text);
	text_free(&out);
	tls_peers_free(made.tls_peers);
	arena_free(&arena);
	return result;
}
