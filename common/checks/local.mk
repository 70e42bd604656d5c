# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libchecks.a
%C%_libchecks_a_SOURCES = \
	%D%/check.c \
	%D%/check.h \
	%D%/common_options.c \
	%D%/common_options.h \
	%D%/dns_history.c \
	%D%/dns_history.h \
	%D%/dns_options.c \
	%D%/dns_plan.c \
	%D%/dns_options.h \
	%D%/dns_replication.c \
	%D%/dns_replication.h \
	%D%/dns_wait.c \
	%D%/dns_wait.h \
	%D%/mysql_memory.c \
	%D%/mysql_memory.h \
	%D%/mysql_replication.c \
	%D%/mysql_replication.h \
	%D%/output.c \
	%D%/output.h \
	%D%/progress.c \
	%D%/progress.h \
	%D%/scenario.c \
	%D%/scenario.h \
	%D%/scenario_comparisons.c \
	%D%/scenario_comparisons.h \
	%D%/scenario_databases.c \
	%D%/scenario_databases.h \
	%D%/scenario_fields.h \
	%D%/scenario_line.c \
	%D%/scenario_line.h \
	%D%/scenario_options.c \
	%D%/scenario_read.c \
	%D%/scenario_transfers.c \
	%D%/scenario_transfers.h \
	%D%/transfer_compare.c \
	%D%/transfer_compare.h \
	%D%/zone_filter.c \
	%D%/zone_filter.h \
	%D%/zone_rosters.c \
	%D%/zone_sources.c \
	%D%/zone_sources.h \
	%D%/zone_transfer.c \
	%D%/zone_transfer.h
