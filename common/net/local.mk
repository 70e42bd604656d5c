# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libnet.a
%C%_libnet_a_SOURCES = \
	%D%/exchange.h \
	%D%/loop.c \
	%D%/loop.h \
	%D%/resolve.h
