# Tests of common/probe.
probe_tests = \
	t/unit/test_sibling \
	t/unit/test_state
check_PROGRAMS += $(probe_tests)
unit_tests += $(probe_tests)
t_unit_test_sibling_SOURCES = t/unit/test_sibling.c
t_unit_test_sibling_LDADD = $(probe_libs)
t_unit_test_state_SOURCES = t/unit/test_state.c
t_unit_test_state_LDADD = $(probe_libs)
