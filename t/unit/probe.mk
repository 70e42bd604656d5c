# Tests of common/probe.
probe_tests = \
	t/unit/test_pdns_json \
	t/unit/test_sibling \
	t/unit/test_state
check_PROGRAMS += $(probe_tests)
unit_tests += $(probe_tests)
t_unit_test_pdns_json_SOURCES = t/unit/test_pdns_json.c
t_unit_test_pdns_json_LDADD = common/probe/libprobe.a $(model_libs) $(JANSSON_LIBS)
t_unit_test_sibling_SOURCES = t/unit/test_sibling.c
t_unit_test_sibling_LDADD = $(probe_libs)
t_unit_test_state_SOURCES = t/unit/test_state.c
t_unit_test_state_LDADD = $(probe_libs)
