# Tests of common/engine. A program's source is t/unit/test_NAME.c (automake's default).
EXTRA_DIST += t/unit/engine_world.h
engine_tests = \
	t/unit/test_access \
	t/unit/test_cookie \
	t/unit/test_crowd \
	t/unit/test_faults \
	t/unit/test_journal \
	t/unit/test_zone_roll \
	t/unit/test_zone_version \
	t/unit/test_reply \
	t/unit/test_responder \
	t/unit/test_transfer_out \
	t/unit/test_transfer_result \
	t/unit/test_server
check_PROGRAMS += $(engine_tests)
unit_tests += $(engine_tests)
t_unit_test_access_SOURCES = t/unit/test_access.c
t_unit_test_access_LDADD = $(engine_libs) $(TLS_LIBS)
t_unit_test_cookie_SOURCES = t/unit/test_cookie.c
t_unit_test_cookie_LDADD = $(engine_libs)
t_unit_test_crowd_SOURCES = t/unit/test_crowd.c
t_unit_test_crowd_LDADD = $(engine_libs)
t_unit_test_faults_SOURCES = t/unit/test_faults.c t/unit/engine_world.h
t_unit_test_faults_LDADD = $(engine_libs)
t_unit_test_journal_SOURCES = t/unit/test_journal.c t/unit/engine_world.h
t_unit_test_journal_LDADD = $(engine_libs)
t_unit_test_zone_roll_SOURCES = t/unit/test_zone_roll.c
t_unit_test_zone_roll_LDADD = $(engine_libs)
t_unit_test_zone_version_SOURCES = t/unit/test_zone_version.c t/unit/engine_world.h
t_unit_test_zone_version_LDADD = $(engine_libs)
t_unit_test_reply_SOURCES = t/unit/test_reply.c
t_unit_test_reply_LDADD = $(engine_libs)
t_unit_test_responder_SOURCES = t/unit/test_responder.c t/unit/engine_world.h
t_unit_test_responder_LDADD = $(engine_libs)
t_unit_test_transfer_out_SOURCES = t/unit/test_transfer_out.c t/unit/engine_world.h
t_unit_test_transfer_out_LDADD = $(engine_libs)
t_unit_test_transfer_result_SOURCES = t/unit/test_transfer_result.c
t_unit_test_transfer_result_LDADD = $(engine_libs)
t_unit_test_server_SOURCES = t/unit/test_server.c t/unit/engine_world.h
t_unit_test_server_LDADD = $(engine_libs)
