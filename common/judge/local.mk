# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libjudge.a
%C%_libjudge_a_SOURCES = \
	%D%/advice.c \
	%D%/address_lists.c \
	%D%/address_lists.h \
	%D%/afterwards.c \
	%D%/answers.c \
	%D%/caches.c \
	%D%/api.c \
	%D%/api.h \
	%D%/api_absence.c \
	%D%/api_case.c \
	%D%/api_catalog.c \
	%D%/api_cause.c \
	%D%/api_cause.h \
	%D%/api_doubts.c \
	%D%/api_judge.h \
	%D%/api_obstacles.c \
	%D%/api_private.h \
	%D%/api_words.c \
	%D%/api_zones.c \
	%D%/cause.c \
	%D%/cause_private.h \
	%D%/cause_ways.c \
	%D%/commands.c \
	%D%/commands.h \
	%D%/contents.c \
	%D%/database.c \
	%D%/database.h \
	%D%/database_access.c \
	%D%/database_advice.c \
	%D%/database_private.h \
	%D%/delegation.c \
	%D%/doubts.c \
	%D%/expiry.c \
	%D%/judge.c \
	%D%/judge.h \
	%D%/lists.c \
	%D%/past.c \
	%D%/reachability.c \
	%D%/serials.c \
	%D%/signatures.c \
	%D%/comparisons.c \
	%D%/transfer_failures.c \
	%D%/transfer_private.h \
	%D%/transfer_words.c \
	%D%/transfers.c
