/* Memory that requests may take together: who finds no room is turned away before it takes any. */
#ifndef SLUICE_API_MEMORY_BUDGET_H
#define SLUICE_API_MEMORY_BUDGET_H

#include "common/error.h"

#include <stdint.h>

struct memory_budget;

struct memory_budget *memory_budget_new(int64_t bytes);
void memory_budget_free(struct memory_budget *budget);

/* OVERLOADED when there is not so much left now, FILE_TOO_LARGE when there never is. Any thread. */
bool memory_budget_take(struct memory_budget *budget, int64_t bytes, struct error *err) MUST_CHECK;
void memory_budget_give(struct memory_budget *budget, int64_t bytes);

int64_t memory_budget_taken(const struct memory_budget *budget);

#endif
