/* Postgres by libpq: prepared statements of sql.def, one connection (struct db) or a pool of them.
 *
 * Errors: ERROR_DATABASE_UNAVAILABLE (no connection, or it broke: the statement may or may not have happened; every
 * statement of sql.def may therefore be sent again), ERROR_DATABASE_CONFLICT (serialization failure, deadlock, after the
 * module's own retries), ERROR_DATABASE_ERROR (anything else, with the SQLSTATE).
 */
#ifndef SLUICE_COMMON_DB_H
#define SLUICE_COMMON_DB_H

#include "common/buf.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

enum sql_statement {
#define SQL(name, parameters, text) SQL_##name,
#include "common/sql.def"
#undef SQL
    SQL_STATEMENT_COUNT
};

enum { DB_MAX_PARAMS = 24 };

/* Parameters of one statement, in order ($1, $2, …), in text form; values are copied. Zero-initialise, then add. */
struct db_params {
    size_t count;
    bool is_null[DB_MAX_PARAMS];
    size_t offsets[DB_MAX_PARAMS]; /* of each value in `values` */
    struct buf values;
};

void db_param_text(struct db_params *params, const char *text); /* NULL is SQL NULL */
void db_param_int(struct db_params *params, int64_t number);
void db_param_bool(struct db_params *params, bool value);
void db_param_bytes(struct db_params *params, const void *bytes, size_t length); /* bytea; NULL is SQL NULL */
/* Arrays are built element by element: db_array_start, then db_array_add_… for each, then db_array_end. */
void db_array_start(struct db_params *params);
void db_array_add_text(struct db_params *params, const char *text); /* NULL is SQL NULL */
void db_array_add_int(struct db_params *params, int64_t number);
void db_array_add_bytes(struct db_params *params, const void *bytes, size_t length);
void db_array_end(struct db_params *params);
void db_params_free(struct db_params *params);

/* Whether libpq can read a connection URL; ports are numbers. ERROR_CONFIG, with a message that repeats nothing of it, since it
 * holds the password. */
bool db_url_check(const char *url, struct error *err) MUST_CHECK;

/* Rows of a statement; columns by position. */
struct db_result;

size_t db_rows(const struct db_result *result);
size_t db_columns(const struct db_result *result);
bool db_is_null(const struct db_result *result, size_t row, size_t column);
const char *db_text(const struct db_result *result, size_t row, size_t column); /* NULL for SQL NULL */
int64_t db_int(const struct db_result *result, size_t row, size_t column);      /* 0 for SQL NULL */
bool db_bool(const struct db_result *result, size_t row, size_t column);        /* false for SQL NULL */
void db_result_free(struct db_result *result);
DEFINE_CLEANUP(struct db_result *, db_result)

struct db; /* one connection; not thread-safe */

/* Does not connect yet: the first use does, and every use after the connection was lost. `url` is a libpq URI,
 * `application` is shown in pg_stat_activity. statement_timeout_ms 0: none. */
struct db *db_new(const char *url, const char *application, int64_t statement_timeout_ms);
/* For a connection that only looks up single records, before its first use: its statements are planned as look-ups in indexes
 * where the statistics say that reading all is cheaper: a plan that was made while a table was small is kept as it grows. */
void db_plan_look_ups(struct db *db);
/* For a connection whose writes may be done again, before its first use: commits do not wait for the disk. When the server dies,
 * the last ones of up to a second are gone, the earlier ones are not. */
void db_commit_without_wait(struct db *db);
void db_free(struct db *db);
DEFINE_CLEANUP(struct db *, db)

/* Connects if needed; with an own, bounded connect timeout. */
bool db_connect(struct db *db, struct error *err) MUST_CHECK;

/* Runs a statement as its own transaction. params may be NULL. Outside of db_begin…db_commit, serialization failures and
 * deadlocks are retried here, and so is a statement that found the connection closed before it was sent. */
bool db_run(struct db *db, enum sql_statement statement, const struct db_params *params, struct db_result **ret_result,
            struct error *err) MUST_CHECK;

/* db_run for statements whose rows do not matter. */
bool db_execute(struct db *db, enum sql_statement statement, const struct db_params *params,
                struct error *err) MUST_CHECK;

/* db_run for statements of which only matters whether they have rows: whether something is there, or was changed. */
bool db_finds(struct db *db, enum sql_statement statement, const struct db_params *params, bool *ret_found,
              struct error *err) MUST_CHECK;

/* A transaction over several statements. A failed db_run inside rolls it back; db_rollback after that is harmless. */
bool db_begin(struct db *db, struct error *err) MUST_CHECK;
/* The same for reading only, where all statements see one moment. */
bool db_begin_snapshot(struct db *db, struct error *err) MUST_CHECK;
bool db_commit(struct db *db, struct error *err) MUST_CHECK;
void db_rollback(struct db *db);

/* What to call after each commit that announced something (db_announce), on the thread that commits; NULL: nothing. */
void db_on_announcement(struct db *db, void (*notify)(void *context), void *context);
/* Says that what was just written is to be announced: at once, or with the commit when a transaction is open. */
void db_announce(struct db *db);

/* Runs plain SQL text, several statements allowed: migrations only. */
bool db_script(struct db *db, const char *sql, struct error *err) MUST_CHECK;

/* A fixed number of connections shared by threads. */
struct db_pool;

struct db_pool *db_pool_new(const char *url, const char *application, size_t size, int64_t statement_timeout_ms);
/* db_on_announcement for all of its connections, before its first use. */
void db_pool_on_announcement(struct db_pool *pool, void (*notify)(void *context), void *context);
void db_pool_free(struct db_pool *pool);
DEFINE_CLEANUP(struct db_pool *, db_pool)

/* Waits up to timeout_ms for a free connection; ERROR_OVERLOADED when none comes free. */
bool db_pool_take(struct db_pool *pool, int64_t timeout_ms, struct db **ret_db, struct error *err) MUST_CHECK;
void db_pool_give(struct db_pool *pool, struct db *db);

#endif
