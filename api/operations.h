/* What the page of operations shows: figures of the whole instance and, of the owner who looks, the names of files. */
#ifndef SLUICE_API_OPERATIONS_H
#define SLUICE_API_OPERATIONS_H

#include "api/api.h"

enum { OPERATIONS_MINUTES = 10, OPERATIONS_ROWS = 25, OPERATIONS_AT_ONCE = 100 };

struct operations {
    struct db_result *queue, *throughput, *work, *failed, *totals, *dead;
    int64_t list_length, workers; /* -1: Redis does not say */
    struct buf cache_info;        /* INFO of the cache's Redis; "": it does not say */
    struct buf troubles;          /* what could not be read, a line each */
};
void operations_free(struct operations *operations);

/* Without Redis, what it would tell is missing; without the database, nothing can be told. */
bool operations_read(struct api *api, const char *owner_id, struct operations *ret_operations,
                     struct error *err) MUST_CHECK;

#endif
