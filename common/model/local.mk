# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libmodel.a
%C%_libmodel_a_SOURCES = \
	%D%/observation.h
