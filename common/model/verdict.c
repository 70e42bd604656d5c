#include "common/model/verdict.h"

const char *reference_source_name(enum reference_source source)
{
	switch (source) {
	case REFERENCE_NONE:
		return "none";
	case REFERENCE_PRIMARY:
		return "primary";
	case REFERENCE_SOA_MNAME:
		return "soa_mname";
	case REFERENCE_NEWEST:
		return "newest";
	}
	return "none";
}

void verdict_free(struct verdict *verdict)
{
	findings_free(&verdict->findings);
	*verdict = (struct verdict){ 0 };
}
