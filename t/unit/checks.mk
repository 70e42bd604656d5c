# Tests of common/checks: what of it is pure.
checks_tests = \
	t/unit/test_canary_zone
check_PROGRAMS += $(checks_tests)
unit_tests += $(checks_tests)
t_unit_test_canary_zone_SOURCES = t/unit/test_canary_zone.c
t_unit_test_canary_zone_LDADD = $(check_libs)
