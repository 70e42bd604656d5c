# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libengine.a
%C%_libengine_a_SOURCES =
