# Tests of common/judge: stories (t/unit/story.h) and properties.
judge_tests = \
	t/unit/test_address_lists \
	t/unit/test_api \
	t/unit/test_api_cause \
	t/unit/test_api_access \
	t/unit/test_api_doubts \
	t/unit/test_api_memory \
	t/unit/test_api_roles \
	t/unit/test_backends \
	t/unit/test_cause_ways \
	t/unit/test_database \
	t/unit/test_informants \
	t/unit/test_judge_serials \
	t/unit/test_propagation \
	t/unit/test_judge_servers \
	t/unit/test_judge_zone \
	t/unit/test_commands \
	t/unit/test_cause \
	t/unit/test_diagnosis \
	t/unit/test_judge_properties
check_PROGRAMS += $(judge_tests)
unit_tests += $(judge_tests)
t_unit_test_judge_serials_SOURCES = t/unit/test_judge_serials.c t/unit/story.h
t_unit_test_judge_serials_LDADD = $(judge_libs)
t_unit_test_judge_servers_SOURCES = t/unit/test_judge_servers.c t/unit/story.h
t_unit_test_judge_servers_LDADD = $(judge_libs)
t_unit_test_judge_zone_SOURCES = t/unit/test_judge_zone.c t/unit/story.h
t_unit_test_judge_zone_LDADD = $(judge_libs)
t_unit_test_cause_SOURCES = t/unit/test_cause.c t/unit/letter.h t/unit/pdns_story.h t/unit/story.h
t_unit_test_cause_LDADD = $(judge_libs)
t_unit_test_diagnosis_SOURCES = t/unit/test_diagnosis.c t/unit/story.h
t_unit_test_diagnosis_LDADD = $(judge_libs)
t_unit_test_commands_SOURCES = t/unit/test_commands.c
t_unit_test_commands_LDADD = $(judge_libs)
t_unit_test_judge_properties_SOURCES = t/unit/test_judge_properties.c t/unit/story.h
t_unit_test_judge_properties_LDADD = $(judge_libs)

t_unit_test_backends_SOURCES = t/unit/test_backends.c t/unit/story.h
t_unit_test_backends_LDADD = $(judge_libs)
t_unit_test_informants_SOURCES = t/unit/test_informants.c t/unit/story.h
t_unit_test_informants_LDADD = $(judge_libs)
t_unit_test_database_SOURCES = t/unit/test_database.c
t_unit_test_database_LDADD = $(judge_libs)
t_unit_test_api_SOURCES = t/unit/test_api.c t/unit/api_story.h t/unit/story.h t/unit/pdns_story.h
t_unit_test_api_LDADD = $(judge_libs)
t_unit_test_api_memory_SOURCES = t/unit/test_api_memory.c t/unit/api_story.h t/unit/story.h t/unit/pdns_story.h
t_unit_test_api_memory_LDADD = $(judge_libs)
t_unit_test_api_roles_SOURCES = t/unit/test_api_roles.c t/unit/api_story.h t/unit/story.h t/unit/pdns_story.h
t_unit_test_api_roles_LDADD = $(judge_libs)
t_unit_test_address_lists_SOURCES = t/unit/test_address_lists.c
t_unit_test_address_lists_LDADD = $(judge_libs)
t_unit_test_api_access_SOURCES = t/unit/test_api_access.c t/unit/api_letter.h t/unit/letter.h t/unit/pdns_story.h t/unit/story.h
t_unit_test_api_access_LDADD = $(judge_libs)
t_unit_test_api_doubts_SOURCES = t/unit/test_api_doubts.c t/unit/pdns_story.h t/unit/story.h
t_unit_test_api_doubts_LDADD = $(judge_libs)
t_unit_test_api_cause_SOURCES = t/unit/test_api_cause.c t/unit/api_letter.h t/unit/letter.h t/unit/pdns_story.h t/unit/story.h
t_unit_test_api_cause_LDADD = $(judge_libs)
t_unit_test_cause_ways_SOURCES = t/unit/test_cause_ways.c t/unit/letter.h t/unit/pdns_story.h t/unit/story.h
t_unit_test_cause_ways_LDADD = $(judge_libs)
t_unit_test_propagation_SOURCES = t/unit/test_propagation.c
t_unit_test_propagation_LDADD = $(judge_libs)
