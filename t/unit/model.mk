# Tests of common/model. A program's source is t/unit/test_NAME.c (automake's default).
model_tests = \
	t/unit/test_observation
check_PROGRAMS += $(model_tests)
unit_tests += $(model_tests)
t_unit_test_observation_SOURCES = t/unit/test_observation.c
t_unit_test_observation_LDADD = $(model_libs)
