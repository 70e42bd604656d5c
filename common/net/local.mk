# The sources of one room; floors are in HACKING.md.
noinst_LIBRARIES += %D%/libnet.a
%C%_libnet_a_SOURCES = \
	%D%/exchange.c \
	%D%/exchange.h \
	%D%/exchange_breaker.c \
	%D%/exchange_flight.c \
	%D%/exchange_private.h \
	%D%/exchange_tcp.c \
	%D%/exchange_udp.c \
	%D%/loop.c \
	%D%/loop.h \
	%D%/notify_sender.c \
	%D%/notify_sender.h \
	%D%/pace.c \
	%D%/pace.h \
	%D%/query_tracker.c \
	%D%/query_tracker.h \
	%D%/resolve.c \
	%D%/resolve.h \
	%D%/resolve_files.c \
	%D%/socket.c \
	%D%/socket.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/stream_layer.h \
	%D%/tls.c \
	%D%/tls.h \
	%D%/tls_server.c \
	%D%/tls_server.h \
	%D%/tls_session.c \
	%D%/tls_session.h \
	%D%/transfer_client.c \
	%D%/transfer_client.h \
	%D%/udp_question.c \
	%D%/udp_question.h
