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
	%D%/extra_opts.c \
	%D%/fault.c \
	%D%/fault.h \
	%D%/file_writer.c \
	%D%/file_writer.h \
	%D%/json_split.c \
	%D%/json_split.h \
	%D%/json_write.c \
	%D%/json_write.h \
	%D%/map.c \
	%D%/map.h \
	%D%/nearest.c \
	%D%/nearest.h \
	%D%/number.c \
	%D%/number.h \
	%D%/options.c \
	%D%/options.h \
	%D%/options_manual.c \
	%D%/options_private.h \
	%D%/options_show.c \
	%D%/outlet.c \
	%D%/outlet.h \
	%D%/range.c \
	%D%/range.h \
	%D%/text.c \
	%D%/text.h \
	%D%/utf8.c \
	%D%/utf8.h
