# Tests of common/base, in the order in which they build on each other.
base_tests = \
	t/unit/test_arena \
	t/unit/test_fault \
	t/unit/test_text \
	t/unit/test_outlet \
	t/unit/test_number \
	t/unit/test_utf8 \
	t/unit/test_clock \
	t/unit/test_address \
	t/unit/test_map \
	t/unit/test_duration \
	t/unit/test_range \
	t/unit/test_json_split \
	t/unit/test_json_write \
	t/unit/test_nearest \
	t/unit/test_options \
	t/unit/test_options_show \
	t/unit/test_extra_opts
check_PROGRAMS += $(base_tests)
unit_tests += $(base_tests)
t_unit_test_arena_SOURCES = t/unit/test_arena.c
t_unit_test_arena_LDADD = common/base/libbase.a
t_unit_test_fault_SOURCES = t/unit/test_fault.c
t_unit_test_fault_LDADD = common/base/libbase.a
t_unit_test_text_SOURCES = t/unit/test_text.c
t_unit_test_text_LDADD = common/base/libbase.a
t_unit_test_outlet_SOURCES = t/unit/test_outlet.c
t_unit_test_outlet_LDADD = common/base/libbase.a -lpthread
t_unit_test_number_SOURCES = t/unit/test_number.c
t_unit_test_number_LDADD = common/base/libbase.a
t_unit_test_utf8_SOURCES = t/unit/test_utf8.c
t_unit_test_utf8_LDADD = common/base/libbase.a
t_unit_test_clock_SOURCES = t/unit/test_clock.c
t_unit_test_clock_LDADD = common/base/libbase.a
t_unit_test_address_SOURCES = t/unit/test_address.c
t_unit_test_address_LDADD = common/base/libbase.a
t_unit_test_map_SOURCES = t/unit/test_map.c
t_unit_test_map_LDADD = common/base/libbase.a
t_unit_test_duration_SOURCES = t/unit/test_duration.c
t_unit_test_duration_LDADD = common/base/libbase.a
t_unit_test_range_SOURCES = t/unit/test_range.c
t_unit_test_range_LDADD = common/base/libbase.a
t_unit_test_json_split_SOURCES = t/unit/test_json_split.c
t_unit_test_json_split_LDADD = common/base/libbase.a
t_unit_test_json_write_SOURCES = t/unit/test_json_write.c
t_unit_test_json_write_LDADD = common/base/libbase.a
t_unit_test_nearest_SOURCES = t/unit/test_nearest.c
t_unit_test_nearest_LDADD = common/base/libbase.a
t_unit_test_options_SOURCES = t/unit/test_options.c
t_unit_test_options_LDADD = common/base/libbase.a
t_unit_test_options_show_SOURCES = t/unit/test_options_show.c
t_unit_test_options_show_LDADD = common/base/libbase.a
t_unit_test_extra_opts_SOURCES = t/unit/test_extra_opts.c
t_unit_test_extra_opts_LDADD = common/base/libbase.a
EXTRA_DIST += t/unit/options_sample.h
