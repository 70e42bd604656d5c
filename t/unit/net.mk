# Tests of common/net. A program's source is t/unit/test_NAME.c (automake's default).
net_tests = \
	t/unit/test_exchange \
	t/unit/test_exchange_breaker \
	t/unit/test_exchange_errors \
	t/unit/test_exchange_many \
	t/unit/test_loop \
	t/unit/test_pace \
	t/unit/test_query_tracker \
	t/unit/test_resolve \
	t/unit/test_stream \
	t/unit/test_transfer_client
check_PROGRAMS += $(net_tests)
unit_tests += $(net_tests)
t_unit_test_loop_SOURCES = t/unit/test_loop.c
t_unit_test_loop_LDADD = common/net/libnet.a common/base/libbase.a $(LIBUV_LIBS)
t_unit_test_pace_SOURCES = t/unit/test_pace.c
t_unit_test_pace_LDADD = common/net/libnet.a common/base/libbase.a
t_unit_test_query_tracker_SOURCES = t/unit/test_query_tracker.c
t_unit_test_query_tracker_LDADD = common/net/libnet.a common/base/libbase.a
t_unit_test_resolve_SOURCES = t/unit/test_resolve.c t/unit/fake_server.h
t_unit_test_resolve_LDADD = common/net/libnet.a common/model/libmodel.a common/dns/libdns.a common/base/libbase.a $(LIBUV_LIBS) $(CRYPTO_LIBS) $(LDNS_LIBS)
t_unit_test_stream_SOURCES = t/unit/test_stream.c t/unit/fake_server.h
t_unit_test_stream_LDADD = common/net/libnet.a common/dns/libdns.a common/base/libbase.a $(LIBUV_LIBS)
exchange_world = t/unit/exchange_world.h t/unit/fake_server.h
exchange_libraries = common/net/libnet.a common/dns/libdns.a common/base/libbase.a $(LIBUV_LIBS) $(CRYPTO_LIBS)
t_unit_test_exchange_SOURCES = t/unit/test_exchange.c $(exchange_world)
t_unit_test_exchange_LDADD = $(exchange_libraries)
t_unit_test_exchange_breaker_SOURCES = t/unit/test_exchange_breaker.c $(exchange_world)
t_unit_test_exchange_breaker_LDADD = $(exchange_libraries)
t_unit_test_exchange_errors_SOURCES = t/unit/test_exchange_errors.c $(exchange_world)
t_unit_test_exchange_errors_LDADD = $(exchange_libraries)
t_unit_test_exchange_many_SOURCES = t/unit/test_exchange_many.c $(exchange_world)
t_unit_test_exchange_many_LDADD = $(exchange_libraries)
t_unit_test_transfer_client_SOURCES = t/unit/test_transfer_client.c
t_unit_test_transfer_client_LDADD = common/net/libnet.a common/dns/libdns.a common/base/libbase.a $(LIBUV_LIBS) $(CRYPTO_LIBS) $(LDNS_LIBS)
