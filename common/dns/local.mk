# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libdns.a
%C%_libdns_a_SOURCES = \
	%D%/message.h \
	%D%/name.h \
	%D%/serial.h \
	%D%/transfer.h \
	%D%/tsig.h \
	%D%/wire.h \
	%D%/zone_file.h
