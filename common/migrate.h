/* Migrations: migrations/NNNN_name.sql, embedded at build time, applied in order under an advisory lock. */
#ifndef SLUICE_COMMON_MIGRATE_H
#define SLUICE_COMMON_MIGRATE_H

#include "common/db.h"

struct migration {
    int number;
    const char *name;
    const char *sql;
};

extern const struct migration migrations[]; /* ends with a NULL name */

/* Applies what is missing, each in its own transaction; `report` is called for each one applied. Refuses a database whose
 * applied migrations differ from the embedded ones (changed text, or newer than this program): ERROR_CONFLICT. */
bool migrate_apply(struct db *db, void (*report)(const struct migration *migration, void *context), void *context,
                   struct error *err) MUST_CHECK;

/* How many of the embedded migrations are missing in the database. */
bool migrate_missing(struct db *db, size_t *ret_missing, struct error *err) MUST_CHECK;

/* Calls `report` for each embedded migration that is missing in the database. Refuses what migrate_apply refuses. */
bool migrate_examine(struct db *db, void (*report)(const struct migration *migration, void *context), void *context,
                     struct error *err) MUST_CHECK;

#endif
