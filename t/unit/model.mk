# Tests of common/model. A program's source is t/unit/test_NAME.c (automake's default).
model_tests = \
	t/unit/test_database_zones \
	t/unit/test_observation \
	t/unit/test_roster \
	t/unit/test_software \
	t/unit/test_history \
	t/unit/test_pdns \
	t/unit/test_plan \
	t/unit/test_zone_print
check_PROGRAMS += $(model_tests)
unit_tests += $(model_tests)
t_unit_test_database_zones_SOURCES = t/unit/test_database_zones.c
t_unit_test_database_zones_LDADD = $(model_libs)
t_unit_test_roster_SOURCES = t/unit/test_roster.c
t_unit_test_roster_LDADD = $(model_libs)
t_unit_test_observation_SOURCES = t/unit/test_observation.c
t_unit_test_observation_LDADD = $(model_libs)
t_unit_test_history_SOURCES = t/unit/test_history.c
t_unit_test_history_LDADD = $(model_libs)
t_unit_test_software_SOURCES = t/unit/test_software.c
t_unit_test_software_LDADD = $(model_libs)
t_unit_test_plan_SOURCES = t/unit/test_plan.c
t_unit_test_plan_LDADD = $(model_libs)
t_unit_test_pdns_SOURCES = t/unit/test_pdns.c
t_unit_test_pdns_LDADD = $(model_libs)
t_unit_test_zone_print_SOURCES = t/unit/test_zone_print.c
t_unit_test_zone_print_LDADD = $(model_libs)
