# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/address.c \
	%D%/address.h \
	%D%/arena.c \
	%D%/arena.h \
	%D%/clock.c \
	%D%/clock.h \
	%D%/duration.c \
	%D%/duration.h \
	%D%/fault.c \
	%D%/fault.h \
	%D%/json_write.c \
	%D%/json_write.h \
	%D%/map.c \
	%D%/map.h \
	%D%/number.c \
	%D%/number.h \
	%D%/options.h \
	%D%/range.c \
	%D%/range.h \
	%D%/text.c \
	%D%/text.h \
	%D%/utf8.c \
	%D%/utf8.h
