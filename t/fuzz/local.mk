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
