# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES = \
	%D%/access.c \
	%D%/access.h \
	%D%/answer.c \
	%D%/answer.h \
	%D%/answer_private.h \
	%D%/connection.c \
	%D%/connection.h \
	%D%/cookie.c \
	%D%/cookie.h \
	%D%/denial.c \
	%D%/denial.h \
	%D%/edns.c \
	%D%/edns.h \
	%D%/engine.c \
	%D%/engine.h \
	%D%/faults.c \
	%D%/faults.h \
	%D%/listen.c \
	%D%/listen.h \
	%D%/reply.c \
	%D%/reply.h \
	%D%/responder.c \
	%D%/responder.h \
	%D%/secondary.c \
	%D%/secondary.h \
	%D%/server.c \
	%D%/server.h \
	%D%/spoil.c \
	%D%/spoil.h \
	%D%/transfer_out.c \
	%D%/transfer_out.h \
	%D%/transfer_stream.c \
	%D%/transfer_stream.h \
	%D%/udp_server.c \
	%D%/udp_server.h \
	%D%/zone_chain.c \
	%D%/zone_chain.h \
	%D%/zone_store.c \
	%D%/zone_store.h \
	%D%/zone_version.c \
	%D%/zone_version.h
