/*
 * What faults do to the bytes of a finished answer. Pure.
 */
#ifndef COMMON_ENGINE_SPOIL_H
#define COMMON_ENGINE_SPOIL_H

#include <stddef.h>
#include <stdint.h>

#include "common/engine/faults.h"

/* garbage, wrong-id and wrong-question; `bytes` holds a whole answer and room for a question. */
void spoil_answer(uint8_t *bytes, size_t *length, const struct fault_set *faults);
/* The signature of a signed message. */
void spoil_signature(uint8_t *bytes, size_t length);

#endif
