# The programs: an option table and one struct check each.
plugin_PROGRAMS += %D%/check_dns_replication
%C%_check_dns_replication_SOURCES = %D%/check_dns_replication.c
%C%_check_dns_replication_LDFLAGS = $(program_ldflags)
%C%_check_dns_replication_LDADD = $(check_libs)
plugin_PROGRAMS += %D%/check_zone_transfer
%C%_check_zone_transfer_SOURCES = %D%/check_zone_transfer.c
%C%_check_zone_transfer_LDFLAGS = $(program_ldflags)
%C%_check_zone_transfer_LDADD = $(check_libs) $(TLS_LIBS)
plugin_PROGRAMS += %D%/check_dns_propagation
%C%_check_dns_propagation_SOURCES = %D%/check_dns_propagation.c
%C%_check_dns_propagation_LDADD = $(check_libs)
plugin_PROGRAMS += %D%/check_mysql_replication
%C%_check_mysql_replication_SOURCES = %D%/check_mysql_replication.c
%C%_check_mysql_replication_LDFLAGS = $(program_ldflags)
%C%_check_mysql_replication_LDADD = $(check_libs) $(MYSQL_LIBS)
plugin_PROGRAMS += %D%/check_pdns_replication
%C%_check_pdns_replication_SOURCES = %D%/check_pdns_replication.c
%C%_check_pdns_replication_LDADD = $(check_libs) $(CURL_LIBS) $(JANSSON_LIBS)
# Beside the plugins, for check_dns_replication to run: it asks BIND by HTTP, so that the check does not link libcurl.
plugin_PROGRAMS += %D%/bind_zones
%C%_bind_zones_SOURCES = %D%/bind_zones.c
%C%_bind_zones_LDFLAGS = $(program_ldflags)
%C%_bind_zones_LDADD = $(http_libs)
# Beside the plugins, for check_dns_propagation to run: it changes a record by PowerDNS's API.
plugin_PROGRAMS += %D%/pdns_record
%C%_pdns_record_SOURCES = %D%/pdns_record.c
%C%_pdns_record_LDFLAGS = $(program_ldflags)
%C%_pdns_record_LDADD = common/probe/libprobe.a $(model_libs) $(CURL_LIBS) $(JANSSON_LIBS)
sbin_PROGRAMS += %D%/axfrd
%C%_axfrd_SOURCES = %D%/axfrd.c
%C%_axfrd_LDFLAGS = $(program_ldflags)
%C%_axfrd_LDADD = $(engine_libs) $(TLS_LIBS)
