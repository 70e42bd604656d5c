# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libbase.a
%C%_libbase_a_SOURCES = \
	%D%/address.h \
	%D%/arena.h \
	%D%/clock.h \
	%D%/duration.h \
	%D%/fault.h \
	%D%/json_write.h \
	%D%/map.h \
	%D%/options.h \
	%D%/range.h \
	%D%/text.h
