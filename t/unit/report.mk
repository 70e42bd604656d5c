# Tests of common/report, on verdicts of common/judge.
report_tests = \
	t/unit/test_report
check_PROGRAMS += $(report_tests)
unit_tests += $(report_tests)
t_unit_test_report_SOURCES = t/unit/test_report.c t/unit/story.h
t_unit_test_report_LDADD = common/report/libreport.a $(judge_libs)
