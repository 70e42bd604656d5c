# Tests outside of the C code: prove runs tests_perl in `make check`, lab_tests in `make check-lab` (see t/lib/DNSReplication/).
tests_perl = %D%/fake-servers.t
lab_tests =
tests_perl_modules = %D%/lib/DNSReplication/Run.pm %D%/lib/DNSReplication/Fake.pm %D%/lib/DNSReplication/Lab.pm
EXTRA_DIST += $(tests_perl) $(lab_tests) $(tests_perl_modules)
