# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libdns.a
%C%_libdns_a_SOURCES = \
	%D%/message.c \
	%D%/message.h \
	%D%/message_text.c \
	%D%/name.c \
	%D%/name.h \
	%D%/question.c \
	%D%/rdata.c \
	%D%/rdata.h \
	%D%/serial.c \
	%D%/serial.h \
	%D%/soa_answer.c \
	%D%/transfer.h \
	%D%/tsig.h \
	%D%/wire.c \
	%D%/wire.h \
	%D%/zone_file.h
