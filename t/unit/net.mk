# Tests of common/net. A program's source is t/unit/test_NAME.c (automake's default).
net_tests = \
	t/unit/test_loop
check_PROGRAMS += $(net_tests)
unit_tests += $(net_tests)
t_unit_test_loop_SOURCES = t/unit/test_loop.c
t_unit_test_loop_LDADD = common/net/libnet.a common/base/libbase.a $(LIBUV_LIBS)
