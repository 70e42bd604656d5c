#include "common/judge/commands.h"

#include <string.h>

#include "common/dns/name.h"
#include "common/model/software.h"

/* Where a command changed with the version; what is not said is as in the one before. */
enum dialect {
	PDNS_44, /* up to 4.4 */
	PDNS_45,
	PDNS_49,  /* the old settings' names are gone */
	PDNS_50,  /* pdnsutil takes nouns first */
	BIND_914, /* before 9.16: masters, slave */
	BIND_916,
	NSD,
	KNOT,
	DIALECT_COUNT
};

/*
 * Placeholders: {zone} as a word of the shell, {zone.} the same with its final dot, {zone$} for
 * pdns_control, {primary} its address (with its port as the software has it), {notifier} and
 * {secondary} the addresses that NOTIFY and transfers come from,
 * {name} the secondary's name, {serial}, {soa}, {key} the name of a TSIG key.
 */
/* clang-format off */
static const char *const words[TASK_COUNT][DIALECT_COUNT] = {
	[TASK_RETRANSFER] = {
		[PDNS_44] = "pdns_control retrieve {zone}",
		[BIND_914] = "rndc retransfer {zone}",
		[NSD] = "nsd-control force_transfer {zone}",
		[KNOT] = "knotc zone-retransfer {zone}",
	},
	[TASK_NOTIFY] = {
		[PDNS_44] = "pdns_control notify {zone}",
		[BIND_914] = "rndc notify {zone}",
		[NSD] = "nsd-control notify {zone}",
		[KNOT] = "knotc zone-notify {zone}",
	},
	[TASK_RAISE] = {
		[PDNS_44] = "pdnsutil increase-serial {zone} && pdns_control notify {zone}",
		[PDNS_50] = "pdnsutil zone increase-serial {zone} && pdns_control notify {zone}",
		[BIND_914] = "raise the serial in the zone's file, then rndc reload {zone}",
		[NSD] = "raise the serial in the zone's file, then nsd-control reload {zone}",
		[KNOT] = "raise the serial in the zone's file, then knotc zone-reload {zone}",
	},
	[TASK_RELOAD] = {
		[BIND_914] = "rndc reload {zone}",
		[NSD] = "nsd-control reload {zone}",
		[KNOT] = "knotc zone-reload {zone}",
	},
	[TASK_RAISE_TO] = {
		[PDNS_44] = "pdnsutil replace-rrset {zone} @ SOA {soa} && pdns_control notify {zone}",
		[PDNS_50] = "pdnsutil rrset replace {zone} {zone.} SOA {soa} && pdns_control notify {zone}",
		[BIND_914] = "set the serial in the zone's file to {serial}, then rndc reload {zone}",
		[NSD] = "set the serial in the zone's file to {serial}, then nsd-control reload {zone}",
		[KNOT] = "set the serial in the zone's file to {serial}, then knotc zone-reload {zone}",
	},
	[TASK_ALLOW] = {
		[PDNS_44] = "pdnsutil add-meta {zone} ALLOW-AXFR-FROM {secondary}",
		[PDNS_50] = "pdnsutil metadata add {zone} ALLOW-AXFR-FROM {secondary}",
		[BIND_914] = "add {secondary} to the zone's allow-transfer, then rndc reconfig",
		[NSD] = "add \"provide-xfr: {secondary} NOKEY\" to the zone in nsd.conf, then nsd-control reconfig",
		[KNOT] = "let an acl of the zone in knot.conf allow transfer to {secondary}, then knotc reload",
	},
	[TASK_ALSO_NOTIFY] = {
		[PDNS_44] = "pdnsutil add-meta {zone} ALSO-NOTIFY {secondary}",
		[PDNS_50] = "pdnsutil metadata add {zone} ALSO-NOTIFY {secondary}",
		[BIND_914] = "add {secondary} to the zone's also-notify, then rndc reconfig",
		[NSD] = "add \"notify: {secondary} NOKEY\" to the zone in nsd.conf, then nsd-control reconfig",
		[KNOT] = "add a remote at {secondary} to the zone's notify in knot.conf, then knotc reload",
	},
	[TASK_BE_PRIMARY] = {
		[PDNS_44] = "master=yes in pdns.conf and pdnsutil set-kind {zone} master",
		[PDNS_45] = "primary=yes in pdns.conf and pdnsutil set-kind {zone} primary",
		[PDNS_50] = "primary=yes in pdns.conf and pdnsutil zone set-kind {zone} primary",
	},
	[TASK_ADD_SECONDARY] = {
		[PDNS_44] = "pdnsutil create-slave-zone {zone} {primary}; pdns_control retrieve {zone}",
		[PDNS_45] = "pdnsutil create-secondary-zone {zone} {primary}; pdns_control retrieve {zone}",
		[PDNS_50] = "pdnsutil zone create-secondary {zone} {primary}; pdns_control retrieve {zone}",
		[BIND_914] = "add zone \"{zone}\" { type slave; masters { {primary}; }; file \"{zone}.secondary\"; }; to named.conf, then rndc reconfig",
		[BIND_916] = "add zone \"{zone}\" { type secondary; primaries { {primary}; }; file \"{zone}.secondary\"; }; to named.conf, then rndc reconfig",
		[NSD] = "add the zone {zone} with \"request-xfr: {primary} NOKEY\" and \"allow-notify: {notifier} NOKEY\" to nsd.conf, then nsd-control reconfig",
		[KNOT] = "add the zone {zone} with a master at {primary} to knot.conf, then knotc reload",
	},
	[TASK_PROVISION] = {
		[PDNS_44] = "or let it come by itself (superslave=yes in pdns.conf, pdnsutil add-supermaster {notifier} {name}, and NOTIFY)",
		[PDNS_45] = "or let it come by itself (autosecondary=yes in pdns.conf, {notifier} with {name} in pdnsutil "
			"list-autoprimaries, else pdnsutil add-autoprimary {notifier} {name}, and NOTIFY)",
		[PDNS_50] = "or let it come by itself (autosecondary=yes in pdns.conf, {notifier} with {name} in pdnsutil "
			"autoprimary list, else pdnsutil autoprimary add {notifier} {name}, and NOTIFY)",
	},
	[TASK_STATUS] = {
		[PDNS_44] = "pdnsutil check-zone {zone}",
		[PDNS_50] = "pdnsutil zone check {zone}",
		[BIND_914] = "rndc zonestatus {zone}",
		[NSD] = "nsd-control zonestatus {zone}",
		[KNOT] = "knotc zone-status {zone}",
	},
	[TASK_REMOVE] = {
		[PDNS_44] = "pdnsutil delete-zone {zone}",
		[PDNS_50] = "pdnsutil zone delete {zone}",
		[BIND_914] = "take {zone} out of named.conf (or the catalog), then rndc reconfig",
		[NSD] = "take {zone} out of nsd.conf, then nsd-control reconfig",
		[KNOT] = "take {zone} out of knot.conf (or the catalog), then knotc reload",
	},
	[TASK_SIGN] = {
		[PDNS_44] = "pdnsutil increase-serial {zone} && pdns_control notify {zone}, or load it signed anew with a higher serial if it is pre-signed",
		[PDNS_50] = "pdnsutil zone increase-serial {zone} && pdns_control notify {zone}, or load it signed anew with a higher serial if it is pre-signed",
		[BIND_914] = "rndc sign {zone}",
		[NSD] = "sign the zone's file again, then nsd-control reload {zone}",
		[KNOT] = "knotc zone-sign {zone}",
	},
	[TASK_LOG] = {
		[PDNS_44] = "journalctl -u pdns -S -1h -g {zone}",
		[BIND_914] = "journalctl -u named -S -1h -g {zone}",
		[NSD] = "journalctl -u nsd -S -1h -g {zone}",
		[KNOT] = "journalctl -u knot -S -1h -g {zone}",
	},
	[TASK_KEYS] = {
		[PDNS_44] = "pdnsutil list-tsig-keys",
		[PDNS_50] = "pdnsutil tsigkey list",
		[BIND_914] = "the key statements of named.conf",
		[NSD] = "the key clauses of nsd.conf",
		[KNOT] = "the key section of knot.conf",
	},
	[TASK_START] = {
		[PDNS_44] = "systemctl restart pdns",
		[BIND_914] = "systemctl restart named",
		[NSD] = "systemctl restart nsd",
		[KNOT] = "systemctl restart knot",
	},
	[TASK_PURGE] = {
		[PDNS_44] = "pdns_control purge {zone$}",
	},
	[TASK_SET_PRIMARY] = {
		[PDNS_44] = "pdnsutil set-kind {zone} master",
		[PDNS_45] = "pdnsutil set-kind {zone} primary",
		[PDNS_50] = "pdnsutil zone set-kind {zone} primary",
	},
	[TASK_BE_SECONDARY] = {
		[PDNS_44] = "pdnsutil set-kind {zone} slave",
		[PDNS_45] = "pdnsutil set-kind {zone} secondary",
		[PDNS_50] = "pdnsutil zone set-kind {zone} secondary",
	},
	[TASK_FOLLOW] = {
		[PDNS_44] = "pdnsutil change-slave-zone-master {zone} {primary}",
		[PDNS_45] = "pdnsutil change-secondary-zone-primary {zone} {primary}",
		[PDNS_50] = "pdnsutil zone change-primary {zone} {primary}",
	},
	[TASK_ADD_AUTOPRIMARY] = {
		[PDNS_44] = "pdnsutil add-supermaster {notifier} {name}",
		[PDNS_45] = "pdnsutil add-autoprimary {notifier} {name}",
		[PDNS_50] = "pdnsutil autoprimary add {notifier} {name}",
	},
	[TASK_SOA_EDIT_API] = {
		[PDNS_44] = "pdnsutil set-meta {zone} SOA-EDIT-API DEFAULT",
		[PDNS_50] = "pdnsutil metadata set {zone} SOA-EDIT-API DEFAULT",
	},
	[TASK_SOA_EDIT] = {
		[PDNS_44] = "pdnsutil increase-serial {zone} && pdnsutil set-meta {zone} SOA-EDIT INCREMENT-WEEKS && pdns_control notify {zone}",
		[PDNS_50] = "pdnsutil zone increase-serial {zone} && pdnsutil metadata set {zone} SOA-EDIT INCREMENT-WEEKS && "
			    "pdns_control notify {zone}",
	},
	[TASK_NO_SOA_EDIT] = {
		[PDNS_44] = "pdnsutil set-meta {zone} SOA-EDIT",
		[PDNS_50] = "pdnsutil metadata set {zone} SOA-EDIT",
	},
	[TASK_ALLOW_KEY] = {
		[PDNS_44] = "pdnsutil activate-tsig-key {zone} {key} master",
		[PDNS_45] = "pdnsutil activate-tsig-key {zone} {key} primary",
		[PDNS_50] = "pdnsutil tsigkey activate {zone} {key} primary",
	},
	[TASK_USE_KEY] = {
		[PDNS_44] = "pdnsutil activate-tsig-key {zone} {key} slave",
		[PDNS_45] = "pdnsutil activate-tsig-key {zone} {key} secondary",
		[PDNS_50] = "pdnsutil tsigkey activate {zone} {key} secondary",
	},
	[TASK_CONSUME] = {
		[PDNS_45] = "pdnsutil set-kind {zone} consumer",
		[PDNS_50] = "pdnsutil zone set-kind {zone} consumer",
	},
	[TASK_PRODUCE] = {
		[PDNS_45] = "pdnsutil set-kind {zone} producer",
		[PDNS_50] = "pdnsutil zone set-kind {zone} producer",
	},
	[TASK_ACCEPT_NOTIFY] = {
		[PDNS_44] = "pdnsutil change-slave-zone-master {zone} {primary}, and {notifier} in allow-notify-from",
		[PDNS_45] = "pdnsutil change-secondary-zone-primary {zone} {primary}, and {notifier} in allow-notify-from",
		[PDNS_50] = "pdnsutil zone change-primary {zone} {primary}, and {notifier} in allow-notify-from",
		[BIND_914] = "name {primary} in the zone's masters (or {notifier} in its allow-notify), then rndc reconfig",
		[BIND_916] = "name {primary} in the zone's primaries (or {notifier} in its allow-notify), then rndc reconfig",
		[NSD] = "add \"allow-notify: {notifier} NOKEY\" to the zone in nsd.conf, then nsd-control reconfig",
		[KNOT] = "let an acl of the zone in knot.conf allow notify from {notifier}, then knotc reload",
	},
	[TASK_ALLOW_UPDATE] = {
		[PDNS_44] = "dnsupdate=yes in pdns.conf, pdnsutil set-meta {zone} ALLOW-DNSUPDATE-FROM ADDRESS and TSIG-ALLOW-DNSUPDATE KEY",
		[PDNS_50] = "dnsupdate=yes in pdns.conf, pdnsutil metadata set {zone} ALLOW-DNSUPDATE-FROM ADDRESS and TSIG-ALLOW-DNSUPDATE KEY",
		[BIND_914] = "update-policy { grant KEY name _replication-canary.{zone.} TXT; }; in the zone, then rndc reconfig",
		[KNOT] = "let an acl of the zone in knot.conf allow update with the key, then knotc reload",
	},
};
/* clang-format on */

/* The dialects that are said where the software is not known, and whose they are. */
static const struct {
	enum dialect dialect;
	const char *name;
} common[] = {
	{ PDNS_45, "PowerDNS" },
	{ BIND_916, "BIND" },
	{ NSD, "NSD" },
	{ KNOT, "Knot" },
};
enum { COMMON = sizeof(common) / sizeof(common[0]) };

static enum dialect dialect_of(const struct software *software)
{
	switch (software->kind) {
	case SOFTWARE_POWERDNS:
		if (!software->version) /* what nearly all have */
			return PDNS_45;
		return software->version >= 5000    ? PDNS_50
			: software->version >= 4009 ? PDNS_49
			: software->version >= 4005 ? PDNS_45
						    : PDNS_44;
	case SOFTWARE_BIND:
		return software->version && software->version < 9016 ? BIND_914 : BIND_916;
	case SOFTWARE_NSD:
		return NSD;
	case SOFTWARE_KNOT:
		return KNOT;
	case SOFTWARE_UNKNOWN:
		break;
	}
	return DIALECT_COUNT;
}

/* That of this version, or of the last one before it that had another. */
static const char *pattern_of(enum task task, enum dialect dialect)
{
	enum dialect first = dialect <= PDNS_50 ? PDNS_44
		: dialect <= BIND_916           ? BIND_914
						: dialect;

	while (!words[task][dialect] && dialect > first)
		dialect--;
	return words[task][dialect];
}

static bool is_plain(const char *word)
{
	return *word && *word != '-' &&
		!word[strspn(word,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/")];
}

static void add_quoted(struct text *out, const char *word)
{
	text_add_byte(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			text_add(out, "'\\''");
		else
			text_add_byte(out, *word);
	}
	text_add_byte(out, '\'');
}

void command_word(struct text *out, const char *word)
{
	if (is_plain(word))
		text_add(out, word);
	else
		add_quoted(out, word);
}

/* With its port where that is not 53, as the configuration of each has it. */
static void add_address(struct text *out, const struct server *server, enum dialect dialect)
{
	char text[ADDRESS_TEXT];
	bool is_v6 = server->address.family == 6;

	address_to_text(&server->address, text);
	if (server->address.port == 53)
		text_add(out, text);
	else if (dialect <= PDNS_50)
		text_addf(out, is_v6 ? "[%s]:%u" : "%s:%u", text, server->address.port);
	else
		text_addf(out, dialect <= BIND_916 ? "%s port %u" : "%s@%u", text,
			server->address.port);
}

/* Whoever sends NOTIFY or transfers comes from any port. */
static void add_client(struct text *out, const struct server *server)
{
	char text[ADDRESS_TEXT];

	text_add(out, address_to_text(&server->address, text));
}

static void add_purge(struct text *out, const struct command *command)
{
	struct text all = { 0 };
	char name[NAME_TEXT];

	text_addf(&all, "%s$", name_to_display(command->zone, name));
	add_quoted(out, text_string(&all));
	text_free(&all);
}

static bool is_named(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && !memcmp(name, wanted, length);
}

/* Names whose server is not known stay as words that say what belongs there. */
static void add_value(struct text *out, const struct command *command, enum dialect dialect,
	const char *name, size_t length)
{
	char zone[NAME_TEXT];

	if (is_named(name, length, "zone"))
		command_word(out, name_to_display(command->zone, zone));
	else if (is_named(name, length, "zone."))
		command_word(out, name_to_text(command->zone, zone));
	else if (is_named(name, length, "zone$"))
		add_purge(out, command);
	else if (is_named(name, length, "primary") && command->primary)
		add_address(out, command->primary, dialect);
	else if (is_named(name, length, "notifier") && command->primary)
		add_client(out, command->primary);
	else if (is_named(name, length, "secondary") && command->secondary)
		add_client(out, command->secondary);
	else if (is_named(name, length, "name") && command->secondary && command->secondary->named)
		command_word(out, command->secondary->display);
	else if (is_named(name, length, "serial"))
		text_addf(out, "%u", command->serial);
	else if (is_named(name, length, "soa") && command->soa)
		add_quoted(out, command->soa);
	else if (is_named(name, length, "key"))
		command_word(out, command->key ? command->key : "KEY");
	else if (is_named(name, length, "name"))
		text_add(out, "NS-NAME");
	else
		text_add(out, is_named(name, length, "soa") ? "SOA" : "ADDRESS");
}

/* A brace that names no placeholder is one of named.conf's. */
static void expand(struct text *out, const struct command *command, enum dialect dialect)
{
	const char *at = pattern_of(command->task, dialect);

	while (*at) {
		size_t plain = strcspn(at, "{"), length;

		text_add_bytes(out, at, plain);
		at += plain;
		if (!*at)
			return;
		length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz.$");
		if (length && at[1 + length] == '}') {
			add_value(out, command, dialect, at + 1, length);
			at += length + 2;
		} else {
			text_add_byte(out, *at++);
		}
	}
}

static bool add_all(struct text *out, const struct command *command)
{
	unsigned count = 0, said = 0;

	for (size_t i = 0; i < COMMON; i++)
		count += pattern_of(command->task, common[i].dialect) != NULL;
	for (size_t i = 0; i < COMMON; i++) {
		if (!pattern_of(command->task, common[i].dialect))
			continue;
		said++;
		text_add(out, said == 1 ? "" : said == count ? " or " : ", ");
		expand(out, command, common[i].dialect);
		text_addf(out, " (%s)", common[i].name);
	}
	return count > 0;
}

bool command_add(struct text *out, const struct command *command)
{
	struct software software = software_of(command->software);
	enum dialect dialect = dialect_of(&software);

	if (dialect == DIALECT_COUNT)
		return add_all(out, command);
	if (!pattern_of(command->task, dialect))
		return false;
	expand(out, command, dialect);
	return true;
}
