# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libchecks.a
%C%_libchecks_a_SOURCES =
