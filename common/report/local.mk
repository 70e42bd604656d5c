# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libreport.a
%C%_libreport_a_SOURCES = \
	%D%/database_content.c \
	%D%/databases.c \
	%D%/details.c \
	%D%/fold.c \
	%D%/fold.h \
	%D%/html.c \
	%D%/json.c \
	%D%/measures.c \
	%D%/plugin.c \
	%D%/prometheus.c \
	%D%/report.c \
	%D%/report.h \
	%D%/report_private.h \
	%D%/servers.c \
	%D%/comparisons.c \
	%D%/steps.c \
	%D%/transfers.c
