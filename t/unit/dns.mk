# Tests of common/dns. A program's source is t/unit/test_NAME.c (automake's default).
EXTRA_DIST += t/unit/packet.h t/unit/zone_text.h
dns_tests = \
	t/unit/test_wire \
	t/unit/test_name \
	t/unit/test_message \
	t/unit/test_nsec3 \
	t/unit/test_plain_soa \
	t/unit/test_soa_answer \
	t/unit/test_tsig \
	t/unit/test_tsig_key \
	t/unit/test_zone_file \
	t/unit/test_zone_list \
	t/unit/test_catalog \
	t/unit/test_transfer \
	t/unit/test_update \
	t/unit/test_canonical \
	t/unit/test_digest \
	t/unit/test_zonemd
check_PROGRAMS += $(dns_tests)
unit_tests += $(dns_tests)
t_unit_test_wire_SOURCES = t/unit/test_wire.c
t_unit_test_wire_LDADD = $(dns_libs)
t_unit_test_name_SOURCES = t/unit/test_name.c
t_unit_test_name_LDADD = $(dns_libs)
t_unit_test_nsec3_SOURCES = t/unit/test_nsec3.c
t_unit_test_nsec3_LDADD = $(dns_libs)
t_unit_test_message_SOURCES = t/unit/test_message.c t/unit/packet.h
t_unit_test_message_LDADD = $(dns_libs)
t_unit_test_soa_answer_SOURCES = t/unit/test_soa_answer.c t/unit/packet.h
t_unit_test_soa_answer_LDADD = $(dns_libs)
t_unit_test_plain_soa_SOURCES = t/unit/test_plain_soa.c t/unit/packet.h
t_unit_test_plain_soa_LDADD = $(dns_libs)
t_unit_test_tsig_SOURCES = t/unit/test_tsig.c t/unit/packet.h
t_unit_test_tsig_LDADD = $(dns_libs)
t_unit_test_tsig_key_SOURCES = t/unit/test_tsig_key.c
t_unit_test_tsig_key_LDADD = $(dns_libs)
t_unit_test_zone_file_SOURCES = t/unit/test_zone_file.c
t_unit_test_zone_file_LDADD = $(dns_libs)
t_unit_test_catalog_SOURCES = t/unit/test_catalog.c
t_unit_test_catalog_LDADD = $(dns_libs)
t_unit_test_zone_list_SOURCES = t/unit/test_zone_list.c
t_unit_test_zone_list_LDADD = $(dns_libs)
t_unit_test_transfer_SOURCES = t/unit/test_transfer.c t/unit/packet.h
t_unit_test_transfer_LDADD = $(dns_libs)
t_unit_test_canonical_SOURCES = t/unit/test_canonical.c t/unit/packet.h t/unit/zone_text.h
t_unit_test_canonical_LDADD = $(dns_libs)
t_unit_test_digest_SOURCES = t/unit/test_digest.c t/unit/packet.h t/unit/zone_text.h
t_unit_test_digest_LDADD = $(dns_libs)
t_unit_test_zonemd_SOURCES = t/unit/test_zonemd.c t/unit/zone_text.h
t_unit_test_zonemd_LDADD = $(dns_libs)
# The codecs on a pipe, for t/codecs.t and t/lab/codecs.t.
check_PROGRAMS += t/unit/codec
t_unit_codec_SOURCES = t/unit/codec.c
t_unit_codec_LDADD = $(dns_libs)
t_unit_test_update_SOURCES = t/unit/test_update.c
t_unit_test_update_LDADD = $(dns_libs)
