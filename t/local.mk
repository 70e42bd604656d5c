# Tests: see HACKING.md. Unit tests are C programs that print TAP; their names go into unit_tests.
include t/unit/local.mk
include t/fuzz/local.mk

# Tests find the programs by BUILDDIR and the sources by SRCDIR; both are absolute.
prove = env BUILDDIR='$(abs_top_builddir)' SRCDIR='$(abs_top_srcdir)' LC_ALL=C.UTF-8 \
	PERL5LIB="$(abs_top_srcdir)/t/lib$${PERL5LIB:+:$$PERL5LIB}" \
	$(PROVE) --harness House::Harness $(PROVE_FLAGS)
PROVE_FLAGS = -j4

check-local:
	@$(prove) $(srcdir)/t/*.t $(unit_tests)

# Real name servers in private network namespaces; LAB_REQUIRED=1 turns a skip into a bail-out. Each test has its own, and most of
# its time is spent waiting: two at a time.
.PHONY: check-programs check-lab check-bare
check-programs: all
	@$(MAKE) $(AM_MAKEFLAGS) $(check_LIBRARIES) $(check_PROGRAMS)
check-lab: check-programs
	@$(prove) -j2 $(srcdir)/t/lab/*.t

# The whole of .ci/run inside a fresh minimal Debian root: what a newcomer's machine has.
check-bare:
	@$(srcdir)/.ci/bare
