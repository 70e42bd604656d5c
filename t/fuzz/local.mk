# One stanza per parser of foreign bytes: fuzz_NAME.c has LLVMFuzzerTestOneInput(), corpus/NAME/ its
# inputs (small ones, one for each branch of interest). With --enable-fuzzing (CC=clang) they are libFuzzer programs,
# otherwise replay.c feeds them the corpus, and make check does so every time.
#
#   check_PROGRAMS += t/fuzz/fuzz_NAME
#   t_fuzz_fuzz_NAME_SOURCES = t/fuzz/fuzz_NAME.c
#   t_fuzz_fuzz_NAME_LDADD = $(fuzz_main) $(dns_libs)
if FUZZING
fuzz_main = $(libfuzzer)
else
fuzz_main = t/fuzz/libreplay.a
check_LIBRARIES += t/fuzz/libreplay.a
t_fuzz_libreplay_a_SOURCES = t/fuzz/replay.c
endif

check_PROGRAMS += t/fuzz/fuzz_options
t_fuzz_fuzz_options_SOURCES = t/fuzz/fuzz_options.c t/unit/options_sample.h
t_fuzz_fuzz_options_LDADD = $(fuzz_main) $(base_libs)

check_PROGRAMS += t/fuzz/fuzz_name
t_fuzz_fuzz_name_SOURCES = t/fuzz/fuzz_name.c
t_fuzz_fuzz_name_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_message
t_fuzz_fuzz_message_SOURCES = t/fuzz/fuzz_message.c
t_fuzz_fuzz_message_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_tsig
t_fuzz_fuzz_tsig_SOURCES = t/fuzz/fuzz_tsig.c
t_fuzz_fuzz_tsig_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_zone_file
t_fuzz_fuzz_zone_file_SOURCES = t/fuzz/fuzz_zone_file.c
t_fuzz_fuzz_zone_file_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_json_split
t_fuzz_fuzz_json_split_SOURCES = t/fuzz/fuzz_json_split.c
t_fuzz_fuzz_json_split_LDADD = $(fuzz_main) $(base_libs)

check_PROGRAMS += t/fuzz/fuzz_zone_roll
t_fuzz_fuzz_zone_roll_SOURCES = t/fuzz/fuzz_zone_roll.c
t_fuzz_fuzz_zone_roll_LDADD = $(fuzz_main) $(engine_libs)

check_PROGRAMS += t/fuzz/fuzz_zone_list
t_fuzz_fuzz_zone_list_SOURCES = t/fuzz/fuzz_zone_list.c
t_fuzz_fuzz_zone_list_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_transfer
t_fuzz_fuzz_transfer_SOURCES = t/fuzz/fuzz_transfer.c
t_fuzz_fuzz_transfer_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_digest
t_fuzz_fuzz_digest_SOURCES = t/fuzz/fuzz_digest.c
t_fuzz_fuzz_digest_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_responder
t_fuzz_fuzz_responder_SOURCES = t/fuzz/fuzz_responder.c t/unit/engine_world.h
t_fuzz_fuzz_responder_LDADD = $(fuzz_main) $(engine_libs)

check_PROGRAMS += t/fuzz/fuzz_observed
t_fuzz_fuzz_observed_SOURCES = t/fuzz/fuzz_observed.c
t_fuzz_fuzz_observed_LDADD = $(fuzz_main) $(check_libs)

check_PROGRAMS += t/fuzz/fuzz_scenario t/fuzz/fuzz_state_record
t_fuzz_fuzz_scenario_SOURCES = t/fuzz/fuzz_scenario.c
t_fuzz_fuzz_scenario_LDADD = $(fuzz_main) $(check_libs)
t_fuzz_fuzz_state_record_SOURCES = t/fuzz/fuzz_state_record.c
t_fuzz_fuzz_state_record_LDADD = $(fuzz_main) $(probe_libs)

check_PROGRAMS += t/fuzz/fuzz_catalog
t_fuzz_fuzz_catalog_SOURCES = t/fuzz/fuzz_catalog.c
t_fuzz_fuzz_catalog_LDADD = $(fuzz_main) $(dns_libs)

check_PROGRAMS += t/fuzz/fuzz_journal
t_fuzz_fuzz_journal_SOURCES = t/fuzz/fuzz_journal.c t/unit/engine_world.h
t_fuzz_fuzz_journal_LDADD = $(fuzz_main) $(engine_libs)

check_PROGRAMS += t/fuzz/fuzz_pdns_json
t_fuzz_fuzz_pdns_json_SOURCES = t/fuzz/fuzz_pdns_json.c
t_fuzz_fuzz_pdns_json_LDADD = $(fuzz_main) common/probe/libprobe.a $(model_libs) $(JANSSON_LIBS)
check_PROGRAMS += t/fuzz/fuzz_canary
t_fuzz_fuzz_canary_SOURCES = t/fuzz/fuzz_canary.c
t_fuzz_fuzz_canary_LDADD = $(fuzz_main) $(dns_libs)
