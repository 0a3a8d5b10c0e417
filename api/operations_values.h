/* The values of the page of operations, from what was read. Pure. */
#ifndef SLUICE_API_OPERATIONS_VALUES_H
#define SLUICE_API_OPERATIONS_VALUES_H

#include "api/operations.h"

json_t *operations_values(const struct operations *operations, int64_t now_ms);

#endif
