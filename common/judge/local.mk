# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libjudge.a
%C%_libjudge_a_SOURCES =
