# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libdns.a
%C%_libdns_a_SOURCES = \
	%D%/canonical.c \
	%D%/canonical.h \
	%D%/catalog.c \
	%D%/catalog.h \
	%D%/chaos.c \
	%D%/digest.c \
	%D%/digest.h \
	%D%/message.c \
	%D%/message.h \
	%D%/message_text.c \
	%D%/name.c \
	%D%/name.h \
	%D%/nsec3.c \
	%D%/nsec3.h \
	%D%/question.c \
	%D%/rdata.c \
	%D%/rdata.h \
	%D%/record_pile.c \
	%D%/record_pile.h \
	%D%/serial.c \
	%D%/serial.h \
	%D%/soa_answer.c \
	%D%/transfer.c \
	%D%/transfer.h \
	%D%/tsig.c \
	%D%/tsig.h \
	%D%/tsig_algorithm.c \
	%D%/tsig_algorithm.h \
	%D%/tsig_key.c \
	%D%/wire.c \
	%D%/wire.h \
	%D%/zone_file.c \
	%D%/zone_file.h \
	%D%/zone_line.c \
	%D%/zone_line.h \
	%D%/zone_list.c \
	%D%/zone_list.h \
	%D%/zone_rdata.c \
	%D%/zone_rdata.h \
	%D%/zone_text.c \
	%D%/zonemd.c \
	%D%/zonemd.h
