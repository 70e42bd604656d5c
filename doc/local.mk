# Manual pages come from the programs' option tables: one source for --help, the page and the contract.
# Every program that is built has one: checks in section 1, axfrd in 8.
nodist_man_MANS = %D%/axfrd.8 %D%/check_dns_propagation.1 %D%/check_dns_replication.1 %D%/check_mysql_replication.1 %D%/check_pdns_replication.1 %D%/check_zone_transfer.1

man_of_program = \
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	{ "$<" --manual-page >$@.new || test -s $@.new; } && mv $@.new $@

%D%/%.1: plugins/%$(EXEEXT)
	$(man_of_program)
%D%/%.8: plugins/%$(EXEEXT)
	$(man_of_program)
CLEANFILES += $(nodist_man_MANS)
