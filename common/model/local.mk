# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libmodel.a
%C%_libmodel_a_SOURCES = \
	%D%/channel.c \
	%D%/database.h \
	%D%/database_content.c \
	%D%/database_content.h \
	%D%/database_zones.c \
	%D%/database_zones.h \
	%D%/finding.c \
	%D%/finding.h \
	%D%/gtid.c \
	%D%/history.c \
	%D%/history.h \
	%D%/informant.c \
	%D%/informant.h \
	%D%/observation.c \
	%D%/observation.h \
	%D%/pdns.c \
	%D%/pdns.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/propagation.c \
	%D%/propagation.h \
	%D%/policy.c \
	%D%/policy.h \
	%D%/roster.c \
	%D%/roster.h \
	%D%/software.c \
	%D%/software.h \
	%D%/verdict.c \
	%D%/verdict.h \
	%D%/zone_comparison.c \
	%D%/zone_comparison.h \
	%D%/zone_print.c \
	%D%/zone_print.h \
	%D%/zone_transfer.c \
	%D%/zone_transfer.h
