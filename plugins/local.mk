# The programs: an option table and one struct check each.
plugin_PROGRAMS += %D%/check_dns_replication
%C%_check_dns_replication_SOURCES = %D%/check_dns_replication.c
%C%_check_dns_replication_LDADD = $(check_libs)
sbin_PROGRAMS += %D%/axfrd
%C%_axfrd_SOURCES = %D%/axfrd.c
%C%_axfrd_LDADD = $(engine_libs)
