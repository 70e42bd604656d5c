#include "common/model/finding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/arena.h"

/* clang-format off */
const struct finding_kind finding_kinds[FINDING_COUNT] = {
	[FINDING_SECONDARY_BEHIND] = { "secondary_behind", SEVERITY_WARNING, "by lag", "s",
		"The server's serial is older than the reference (RFC 1982), confirmed by a second question." },
	[FINDING_SECONDARY_AHEAD] = { "secondary_ahead", SEVERITY_CRITICAL, "critical", "serials",
		"The server's serial is newer than the primary's (-H), confirmed by a second question." },
	[FINDING_SERIAL_UNDEFINED] = { "serial_undefined", SEVERITY_CRITICAL, "critical", "",
		"The server's serial and the reference are 2^31 apart: RFC 1982 defines no order." },
	[FINDING_SOA_DIFFERS] = { "soa_differs", SEVERITY_WARNING, "warning", "",
		"The serial is equal, but another field of the SOA differs." },
	[FINDING_SERVER_TIMEOUT] = { "server_timeout", SEVERITY_CRITICAL, "critical", "s",
		"The server answers neither by UDP nor by TCP." },
	[FINDING_SERVER_PORT_CLOSED] = { "server_port_closed", SEVERITY_CRITICAL, "critical", "s",
		"The server's host says that nothing listens on the port." },
	[FINDING_SERVER_UNREACHABLE] = { "server_unreachable", SEVERITY_CRITICAL, "critical", "s",
		"The network says that the server can't be reached." },
	[FINDING_ZONE_TIMEOUT] = { "zone_timeout", SEVERITY_CRITICAL, "critical", "s",
		"The server answers for other zones, but is silent for this one." },
	[FINDING_TCP_UNREACHABLE] = { "tcp_unreachable", SEVERITY_CRITICAL, "critical", "",
		"The server answers by UDP, but not by TCP: no transfer can come from it." },
	[FINDING_UDP_UNREACHABLE] = { "udp_unreachable", SEVERITY_CRITICAL, "critical", "",
		"The server answers by TCP, but not by UDP." },
	[FINDING_ZONE_REFUSED] = { "zone_refused", SEVERITY_CRITICAL, "critical", "s",
		"The server answers REFUSED: it does not serve the zone (to us)." },
	[FINDING_ZONE_SERVFAIL] = { "zone_servfail", SEVERITY_CRITICAL, "critical", "s",
		"The server answers SERVFAIL: it knows the zone and can't serve it." },
	[FINDING_ZONE_NOTAUTH] = { "zone_notauth", SEVERITY_CRITICAL, "critical", "s",
		"The server answers NOTAUTH." },
	[FINDING_ZONE_NXDOMAIN] = { "zone_nxdomain", SEVERITY_CRITICAL, "critical", "s",
		"The server answers that the zone's name does not exist." },
	[FINDING_NOT_AUTHORITATIVE] = { "not_authoritative", SEVERITY_CRITICAL, "critical", "s",
		"The answer lacks the AA flag: the server is no authority for the zone." },
	[FINDING_NO_SOA] = { "no_soa", SEVERITY_CRITICAL, "critical", "s",
		"The answer is NOERROR, but holds no SOA of the zone." },
	[FINDING_MALFORMED_ANSWER] = { "malformed_answer", SEVERITY_CRITICAL, "critical", "s",
		"What the server sends is no answer to the question." },
	[FINDING_UNEXPECTED_RCODE] = { "unexpected_rcode", SEVERITY_CRITICAL, "critical", "s",
		"The server answers with an rcode that has no finding of its own." },
	[FINDING_TSIG_FAILED] = { "tsig_failed", SEVERITY_CRITICAL, "critical", "s",
		"The answer's signature is absent or wrong, or the server rejects ours." },
	[FINDING_ZONE_EXPIRED] = { "zone_expired", SEVERITY_CRITICAL, "critical", "s",
		"SERVFAIL with EDE 24: the zone has expired, or was never transferred." },
	[FINDING_ZONE_NOT_LOADED] = { "zone_not_loaded", SEVERITY_CRITICAL, "critical", "s",
		"SERVFAIL with EDE 14: the zone is configured, but not loaded." },
	[FINDING_ORPHAN_ZONE] = { "orphan_zone", SEVERITY_WARNING, "warning", "",
		"The primary no longer has the zone, or it vanished from its list, and the server still serves it." },
	[FINDING_EXPIRE_NEAR] = { "expire_near", SEVERITY_WARNING, "by thresholds", "s",
		"The server will stop serving the zone soon, unless it reaches its primary (EDNS EXPIRE)." },
	[FINDING_REFRESH_OVERDUE] = { "refresh_overdue", SEVERITY_WARNING, "warning", "s",
		"The server's last successful refresh is longer ago than the SOA's timers allow (EDNS EXPIRE)." },
	[FINDING_SIGNATURE_EXPIRING] = { "signature_expiring", SEVERITY_WARNING, "by thresholds", "s",
		"The signature over the SOA expires soon." },
	[FINDING_SIGNATURE_EXPIRED] = { "signature_expired", SEVERITY_CRITICAL, "critical", "s",
		"The signature over the SOA has expired: validating resolvers answer SERVFAIL." },
	[FINDING_SIGNATURE_STALE] = { "signature_stale", SEVERITY_WARNING, "warning", "s",
		"The serial is equal, but the signature is over a day older than the primary's." },
	[FINDING_CACHE_STALE] = { "cache_stale", SEVERITY_OK, "ok", "",
		"The server's AXFR is newer than its DNS answer, which is from a cache." },
	[FINDING_NS_UNRESOLVABLE] = { "ns_unresolvable", SEVERITY_WARNING, "warning", "",
		"An NS name has no address." },
	[FINDING_RESOLVER_FAILED] = { "resolver_failed", SEVERITY_WARNING, "warning", "",
		"The resolver can't be asked; last known addresses serve." },
	[FINDING_IPV6_BROKEN_HERE] = { "ipv6_broken_here", SEVERITY_WARNING, "warning", "",
		"There is a route for IPv6, but no IPv6 address answers while their IPv4 ones do." },
	[FINDING_NS_SET_DIFFERS] = { "ns_set_differs", SEVERITY_WARNING, "warning", "",
		"Servers disagree on the zone's NS set, or it is not the expected one (-N)." },
	[FINDING_NO_SECONDARIES] = { "no_secondaries", SEVERITY_WARNING, "warning", "",
		"There is nothing to replicate to." },
	[FINDING_IPV6_SKIPPED] = { "ipv6_skipped", SEVERITY_OK, "ok", "addresses",
		"This machine has no route for IPv6: these addresses were not asked." },
	[FINDING_DEADLINE_REACHED] = { "deadline_reached", SEVERITY_UNKNOWN, "--timeout-result", "questions",
		"Not everything was asked before the deadline." },
	[FINDING_TRANSFER_REFUSED] = { "transfer_refused", SEVERITY_CRITICAL, "critical", "",
		"The server answers REFUSED to a transfer that should be allowed." },
	[FINDING_TRANSFER_NOTAUTH] = { "transfer_notauth", SEVERITY_CRITICAL, "critical", "",
		"The server answers NOTAUTH to a transfer that should be allowed: denied (PowerDNS, Knot), or it does not serve the zone." },
	[FINDING_TRANSFER_TIMEOUT] = { "transfer_timeout", SEVERITY_CRITICAL, "critical", "",
		"The transfer did not begin, or not end, in time. Where it should be refused: unknown, since silence proves nothing." },
	[FINDING_TRANSFER_BROKEN] = { "transfer_broken", SEVERITY_CRITICAL, "critical", "",
		"The connection ended in the middle, or what came is no transfer of this zone (RFC 5936, RFC 1995)." },
	[FINDING_TRANSFER_UNSIGNED] = { "transfer_unsigned", SEVERITY_CRITICAL, "critical", "",
		"The question was signed, and the transfer is not, or not to its end (RFC 8945 5.3.1)." },
	[FINDING_TLS_FAILED] = { "tls_failed", SEVERITY_CRITICAL, "critical", "",
		"There is no TLS session with this server as RFC 9103 wants it: certificate, version or ALPN." },
	[FINDING_TRANSFER_OPEN] = { "transfer_open", SEVERITY_CRITICAL, "critical", "",
		"A transfer that should be refused succeeds: anybody like this host can read the whole zone." },
	[FINDING_TRANSFER_SHORT] = { "transfer_short", SEVERITY_CRITICAL, "critical", "records",
		"The zone holds fewer records than it should (--min-records)." },
	[FINDING_TRANSFER_SLOW] = { "transfer_slow", SEVERITY_WARNING, "by thresholds", "ms",
		"The transfer takes longer than it should (-w, -c)." },
	[FINDING_IXFR_FELL_BACK] = { "ixfr_fell_back", SEVERITY_OK, "ok", "",
		"The server answers IXFR with the whole zone instead of differences." },
	[FINDING_NOTIFY_REFUSED] = { "notify_refused", SEVERITY_CRITICAL, "critical", "",
		"The secondary refuses the NOTIFY of a change, and did not come by itself." },
	[FINDING_NOTIFY_NOTAUTH] = { "notify_notauth", SEVERITY_CRITICAL, "critical", "",
		"The secondary answers NOTAUTH to the NOTIFY of a change: it does not have the zone, or not this key or primary." },
	[FINDING_NOTIFY_UNANSWERED] = { "notify_unanswered", SEVERITY_CRITICAL, "critical", "",
		"The secondary does not answer the NOTIFY of a change, and did not come by itself." },
	[FINDING_SOA_NOT_QUERIED] = { "soa_not_queried", SEVERITY_CRITICAL, "critical", "",
		"The secondary accepts the NOTIFY of a change, but does not ask the primary for its SOA." },
	[FINDING_TRANSFER_NOT_REQUESTED] = { "transfer_not_requested", SEVERITY_CRITICAL, "critical", "",
		"The secondary knows of the change, but does not ask for the transfer." },
	[FINDING_TRANSFER_FAILED] = { "transfer_failed", SEVERITY_CRITICAL, "critical", "",
		"The secondary asks for the transfer of a change, but does not get it." },
	[FINDING_NOT_PUBLISHED] = { "not_published", SEVERITY_CRITICAL, "critical", "s",
		"The server does not serve a change that it has, or that its primary has made." },
	[FINDING_PROPAGATION_SLOW] = { "propagation_slow", SEVERITY_WARNING, "by thresholds", "ms",
		"The server takes longer than it should until it serves a change (-w, -c)." },
	[FINDING_CHANGE_FAILED] = { "change_failed", SEVERITY_CRITICAL, "critical", "",
		"The primary does not take the change (RFC 2136, or its API): nothing can be said of its secondaries." },
	[FINDING_CONTENT_DIFFERS] = { "content_differs", SEVERITY_CRITICAL, "critical", "records",
		"The server has the reference's serial, but other records (--compare)." },
	[FINDING_CONTENT_UNSETTLED] = { "content_unsettled", SEVERITY_UNKNOWN, "unknown", "",
		"Whenever the zone was compared it had changed meanwhile: it changes faster than it transfers or replicates." },
	[FINDING_ZONEMD_MISMATCH] = { "zonemd_mismatch", SEVERITY_CRITICAL, "critical", "",
		"The zone's content does not fit the digest that it carries of itself (RFC 8976)." },
	[FINDING_ZONEMD_MISSING] = { "zonemd_missing", SEVERITY_OK, "ok", "",
		"The zone carries no digest of itself, or none that can be verified here (RFC 8976)." },
	[FINDING_REPLICA_NOT_CONFIGURED] = { "replica_not_configured", SEVERITY_CRITICAL, "critical", "",
		"The database is no replica, or has no channel of that name." },
	[FINDING_REPLICA_IO_STOPPED] = { "replica_io_stopped", SEVERITY_CRITICAL, "critical", "",
		"The IO thread does not run: nothing arrives." },
	[FINDING_REPLICA_IO_CONNECTING] = { "replica_io_connecting", SEVERITY_CRITICAL, "critical", "",
		"The IO thread can't connect to the primary." },
	[FINDING_REPLICA_LAG_UNKNOWN] = { "replica_lag_unknown", SEVERITY_CRITICAL, "critical", "",
		"The threads run, but the server does not say how far it is behind (NULL is not 0)." },
	[FINDING_REPLICA_SQL_STOPPED] = { "replica_sql_stopped", SEVERITY_CRITICAL, "critical", "",
		"The SQL thread does not run, without an error: nothing is applied." },
	[FINDING_REPLICA_SQL_ERROR] = { "replica_sql_error", SEVERITY_CRITICAL, "critical", "",
		"The SQL thread stopped with an error: nothing is applied." },
	[FINDING_REPLICA_LAG] = { "replica_lag", SEVERITY_WARNING, "by thresholds", "s",
		"The replica is behind its primary by more than the configured delay." },
	[FINDING_REPLICA_HEARTBEAT_STALLED] = { "replica_heartbeat_stalled", SEVERITY_CRITICAL, "critical", "s",
		"The threads are said to run, but neither events nor heartbeats arrive." },
	[FINDING_GTID_BEHIND] = { "gtid_behind", SEVERITY_CRITICAL, "critical", "transactions",
		"The primary has transactions that did not arrive, although the threads are said to run." },
	[FINDING_GTID_ERRANT] = { "gtid_errant", SEVERITY_WARNING, "warning", "",
		"The replica has transactions that its primary does not have." },
	[FINDING_REPLICA_WRITABLE] = { "replica_writable", SEVERITY_WARNING, "warning", "",
		"The replica is not read-only." },
	[FINDING_REPLICA_FILTERED] = { "replica_filtered", SEVERITY_WARNING, "warning", "",
		"Filters keep tables of PowerDNS from being replicated." },
	[FINDING_DATABASE_UNREACHABLE] = { "database_unreachable", SEVERITY_CRITICAL, "critical", "",
		"The database can't be reached, is silent, or takes no more connections." },
	[FINDING_DATABASE_LOGIN_FAILED] = { "database_login_failed", SEVERITY_CRITICAL, "critical", "",
		"The database refuses user or password, or demands TLS." },
	[FINDING_DATABASE_NO_TLS] = { "database_no_tls", SEVERITY_CRITICAL, "critical", "",
		"The connection is not encrypted, although --tls-required demands it." },
	[FINDING_DATABASE_SERIAL_DIFFERS] = { "database_serial_differs", SEVERITY_WARNING, "warning", "s",
		"For longer than PowerDNS's caches can explain, a server serves another serial than its database has (SOA-EDIT apart)." },
	[FINDING_PRIVILEGE_MISSING] = { "privilege_missing", SEVERITY_UNKNOWN, "unknown", "",
		"The user lacks the right to see how replication is, or to read PowerDNS's tables." },
	[FINDING_DATABASE_CONTENT_DIFFERS] = { "database_content_differs", SEVERITY_CRITICAL, "critical", "rows",
		"At one position of replication both databases hold other records, metadata or keys (--content)." },
	[FINDING_DATABASE_SCHEMA_BROKEN] = { "database_schema_broken", SEVERITY_CRITICAL, "critical", "",
		"The database lacks tables or columns that PowerDNS needs, or that the other side has (--content)." },
	[FINDING_CONTENT_NOT_COMPARED] = { "content_not_compared", SEVERITY_UNKNOWN, "unknown", "",
		"The databases' contents could not be compared, and why (--content)." },
	[FINDING_GALERA_NOT_PRIMARY] = { "galera_not_primary", SEVERITY_CRITICAL, "critical", "",
		"The Galera node is in a part of the cluster without quorum." },
	[FINDING_GALERA_NOT_SYNCED] = { "galera_not_synced", SEVERITY_CRITICAL, "critical", "",
		"The Galera node is not in sync with its cluster." },
	[FINDING_GALERA_NOT_READY] = { "galera_not_ready", SEVERITY_CRITICAL, "critical", "",
		"The Galera node takes no statements, or is none." },
	[FINDING_GALERA_SIZE] = { "galera_size", SEVERITY_CRITICAL, "critical", "nodes",
		"The Galera cluster has fewer nodes than it should." },
	[FINDING_GROUP_MEMBER_NOT_ONLINE] = { "group_member_not_online", SEVERITY_CRITICAL, "critical", "",
		"The member of MySQL's group replication is OFFLINE, RECOVERING or in ERROR, or is none." },
	[FINDING_GROUP_NO_MAJORITY] = { "group_no_majority", SEVERITY_CRITICAL, "critical", "",
		"The member does not reach the majority of its group: nothing is committed there." },
	[FINDING_GROUP_SIZE] = { "group_size", SEVERITY_CRITICAL, "critical", "members",
		"Fewer members of the group are ONLINE than should be." },
	[FINDING_QUERY_CACHE_ON] = { "query_cache_on", SEVERITY_WARNING, "warning", "",
		"The replica's query cache is on: PowerDNS may be given old rows." },
	[FINDING_API_UNREACHABLE] = { "api_unreachable", SEVERITY_UNKNOWN, "unknown", "",
		"The server's PowerDNS API can't be used: silent, refused, or something else answers." },
	[FINDING_API_UNAUTHORIZED] = { "api_unauthorized", SEVERITY_UNKNOWN, "unknown", "",
		"The server's PowerDNS API rejects the key, or this host." },
	[FINDING_PRIMARY_DISABLED] = { "primary_disabled", SEVERITY_CRITICAL, "critical", "",
		"primary=no (master=no), and others transfer zones from the server: it sends no NOTIFY." },
	[FINDING_SECONDARY_DISABLED] = { "secondary_disabled", SEVERITY_CRITICAL, "critical", "",
		"secondary=no (slave=no), and the server has secondary zones: they are never refreshed." },
	[FINDING_AUTOSECONDARY_DISABLED] = { "autosecondary_disabled", SEVERITY_CRITICAL, "critical", "",
		"autosecondary=no (superslave=no), a zone is absent, and nothing else provisions it." },
	[FINDING_AUTOPRIMARY_MISSING] = { "autoprimary_missing", SEVERITY_CRITICAL, "critical", "",
		"A zone is absent, and the server has no autoprimary that could bring it." },
	[FINDING_AUTOPRIMARY_WRONG_ADDRESS] = { "autoprimary_wrong_address", SEVERITY_CRITICAL, "critical", "",
		"A zone is absent, and no autoprimary of the server has the primary's address." },
	[FINDING_AUTOPRIMARY_WRONG_NAME] = { "autoprimary_wrong_name", SEVERITY_CRITICAL, "critical", "",
		"A zone is absent, and the autoprimary's name is none of the zone's NS names." },
	[FINDING_ZONE_KIND_NATIVE] = { "zone_kind_native", SEVERITY_OK, "ok", "",
		"The zone is Native, so no NOTIFY is sent; a warning where a secondary is behind, absent, or says Slave." },
	[FINDING_AXFR_DENIED] = { "axfr_denied", SEVERITY_CRITICAL, "critical", "",
		"allow-axfr-ips, ALLOW-AXFR-FROM and TSIG-ALLOW-AXFR all lack a secondary that transfers from here." },
	[FINDING_AXFR_ACL_WIDE] = { "axfr_acl_wide", SEVERITY_WARNING, "warning", "",
		"A list of who may transfer is wider than /24 or /48." },
	[FINDING_NOTIFY_REJECTED] = { "notify_rejected", SEVERITY_CRITICAL, "critical", "",
		"allow-notify-from, allow-unsigned-notify or the zone's masters exclude the primary." },
	[FINDING_NOTIFY_PENDING] = { "notify_pending", SEVERITY_OK, "ok, then by lag", "s",
		"No NOTIFY of the primary's serial was sent yet." },
	[FINDING_ZONE_MISSING_ON_SECONDARY] = { "zone_missing_on_secondary", SEVERITY_CRITICAL, "critical", "",
		"The primary has the zone, and a secondary that should have it does not." },
	[FINDING_NEVER_TRANSFERRED] = { "never_transferred", SEVERITY_CRITICAL, "critical", "s",
		"The zone is configured on the secondary and was never transferred." },
	[FINDING_LAST_CHECK_OLD] = { "last_check_old", SEVERITY_WARNING, "warning", "s",
		"A PowerDNS secondary has not reached its primary for longer than the SOA's timers allow." },
	[FINDING_SOA_EDIT_API_UNSET] = { "soa_edit_api_unset", SEVERITY_OK, "ok", "",
		"SOA-EDIT-API is empty: changes by the API do not raise the serial." },
	[FINDING_SOA_EDIT] = { "soa_edit", SEVERITY_OK, "ok", "",
		"By SOA-EDIT the serial that is served stays while what is served changes." },
	[FINDING_INSPECTION_PARTIAL] = { "inspection_partial", SEVERITY_OK, "ok", "",
		"More zones than one run asks a server about can't be judged by its list alone; runs take turns." },
	[FINDING_CATALOG_MEMBER_MISSING] = { "catalog_member_missing", SEVERITY_CRITICAL, "critical", "",
		"A member of the catalog zone is absent on a server that consumes it." },
	[FINDING_CATALOG_MEMBER_EXTRA] = { "catalog_member_extra", SEVERITY_WARNING, "warning", "",
		"A server has a zone as a member of the catalog that it is not a member of any more." },
	[FINDING_ZONE_LIST_BROKEN] = { "zone_list_broken", SEVERITY_WARNING, "warning", "lines",
		"Lines of the list of zones say no zone; the other zones are checked." },
	[FINDING_ZONE_LIST_FAILED] = { "zone_list_failed", SEVERITY_WARNING, "warning", "",
		"A server's list of zones can't be read; the zones that it had in an earlier run are asked." },
	[FINDING_SOURCE_UNMATCHED] = { "source_unmatched", SEVERITY_WARNING, "warning", "",
		"The NAME of --pdns-api or --mysql is that of no server of the run, so that API or database is used for none." },
	[FINDING_SHARD_EMPTY] = { "shard_empty", SEVERITY_OK, "ok", "zones",
		"There are zones, but none of them is in this shard (--shard): nothing is asked." },
	[FINDING_STATE_UNUSABLE] = { "state_unusable", SEVERITY_WARNING, "warning", "",
		"The directory given by --state-dir can't be used: no lag can be told." },
	[FINDING_REPORT_UNWRITTEN] = { "report_unwritten", SEVERITY_UNKNOWN, "unknown", "",
		"A file named by --write can't be written; the one that was there is left as it was." },
};
/* clang-format on */

struct finding *finding_add(struct findings *findings, enum finding_code code)
{
	struct finding *finding;

	if (findings->count == findings->capacity) {
		findings->capacity = findings->capacity ? findings->capacity * 2 : 16;
		findings->items = memory_resize(findings->items, findings->capacity,
			sizeof(*findings->items));
	}
	finding = &findings->items[findings->count++];
	*finding = (struct finding){
		.severity = finding_kinds[code].severity,
		.code = code,
		.cause = FINDING_NONE,
		.cause_server = 0xffffffff,
		.zone = 0xffffffff,
		.server = 0xffffffff,
		.text = "",
	};
	return finding;
}

bool finding_code_from_text(const char *text, enum finding_code *code)
{
	for (enum finding_code each = 0; each < FINDING_COUNT; each++) {
		if (!strcmp(finding_kinds[each].code, text)) {
			*code = each;
			return true;
		}
	}
	return false;
}

void findings_free(struct findings *findings)
{
	arena_free(&findings->arena);
	free(findings->items);
	*findings = (struct findings){ 0 };
}

const char *severity_text(enum severity severity)
{
	switch (severity) {
	case SEVERITY_OK:
		return "OK";
	case SEVERITY_WARNING:
		return "WARNING";
	case SEVERITY_CRITICAL:
		return "CRITICAL";
	case SEVERITY_UNKNOWN:
		return "UNKNOWN";
	}
	return "UNKNOWN";
}

bool severity_from_text(const char *text, enum severity *severity)
{
	for (int each = SEVERITY_OK; each <= SEVERITY_UNKNOWN; each++) {
		if (!strcasecmp(severity_text((enum severity)each), text)) {
			*severity = (enum severity)each;
			return true;
		}
	}
	return false;
}

unsigned severity_rank(enum severity severity)
{
	switch (severity) {
	case SEVERITY_OK:
		return 0;
	case SEVERITY_UNKNOWN:
		return 1;
	case SEVERITY_WARNING:
		return 2;
	case SEVERITY_CRITICAL:
		return 3;
	}
	return 1;
}

enum severity severity_worse(enum severity a, enum severity b)
{
	return severity_rank(a) >= severity_rank(b) ? a : b;
}

const char *role_text(enum role role)
{
	switch (role) {
	case ROLE_ANY:
		return "";
	case ROLE_PRIMARY:
		return "primary";
	case ROLE_SECONDARY:
		return "secondary";
	}
	return "";
}
