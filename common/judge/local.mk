# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libjudge.a
%C%_libjudge_a_SOURCES = \
	%D%/advice.c \
	%D%/afterwards.c \
	%D%/answers.c \
	%D%/caches.c \
	%D%/cause.c \
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
