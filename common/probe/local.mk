# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libprobe.a
%C%_libprobe_a_SOURCES = \
	%D%/bind_zones.c \
	%D%/bind_zones.h \
	%D%/catalog.c \
	%D%/catalog.h \
	%D%/contents.c \
	%D%/contents.h \
	%D%/diagnose.c \
	%D%/diagnose.h \
	%D%/discover.c \
	%D%/discover.h \
	%D%/discover_names.c \
	%D%/discover_ns.c \
	%D%/http.c \
	%D%/http.h \
	%D%/mysql_session.c \
	%D%/mysql_session.h \
	%D%/mysql_status.c \
	%D%/mysql_status.h \
	%D%/pdns_api.c \
	%D%/pdns_api.h \
	%D%/pdns_json.c \
	%D%/pdns_json.h \
	%D%/pdns_key.c \
	%D%/pdns_key.h \
	%D%/published.c \
	%D%/published.h \
	%D%/sibling.c \
	%D%/sibling.h \
	%D%/soa.c \
	%D%/soa.h \
	%D%/soa_answer.c \
	%D%/state.c \
	%D%/state.h \
	%D%/state_record.c \
	%D%/state_record.h \
	%D%/zone_compare.c \
	%D%/zone_compare.h \
	%D%/zone_compare_private.h \
	%D%/zone_locate.c \
	%D%/zone_transfer.c \
	%D%/zone_transfer.h
