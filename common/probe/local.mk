# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libprobe.a
%C%_libprobe_a_SOURCES =
