# Tests: see HACKING.md. Unit tests are C programs that print TAP; their names go into unit_tests.
EXTRA_DIST += t/unit/tap.h
include t/unit/local.mk
