# Tests of common/base. A program's source is t/unit/test_NAME.c (automake's default).
base_tests = \
	t/unit/test_arena \
	t/unit/test_fault \
	t/unit/test_text \
	t/unit/test_clock \
	t/unit/test_address \
	t/unit/test_map
check_PROGRAMS += $(base_tests)
unit_tests += $(base_tests)
t_unit_test_arena_SOURCES = t/unit/test_arena.c
t_unit_test_arena_LDADD = common/base/libbase.a
t_unit_test_fault_SOURCES = t/unit/test_fault.c
t_unit_test_fault_LDADD = common/base/libbase.a
t_unit_test_text_SOURCES = t/unit/test_text.c
t_unit_test_text_LDADD = common/base/libbase.a
t_unit_test_clock_SOURCES = t/unit/test_clock.c
t_unit_test_clock_LDADD = common/base/libbase.a
t_unit_test_address_SOURCES = t/unit/test_address.c
t_unit_test_address_LDADD = common/base/libbase.a
t_unit_test_map_SOURCES = t/unit/test_map.c
t_unit_test_map_LDADD = common/base/libbase.a
