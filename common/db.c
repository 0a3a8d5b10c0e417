#include "common/db.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/db_connection.h"
#include "common/db_private.h"
#include "common/db_result.h"
#include "common/xalloc.h"

#include <string.h>

enum { CONFLICT_RETRIES = 3, CONFLICT_PAUSE_MS = 10, CONFLICT_PAUSE_MAX_MS = 100 };

struct statement {
    const char *name;
    size_t parameters;
    const char *text;
    bool is_list; /* planned for each call */
};

static const struct statement statements[SQL_STATEMENT_COUNT] = {
#define SQL(name, parameters, text) {#name, parameters, text, false},
#define SQL_LIST(name, parameters, text) {#name, parameters, text, true},
#include "common/sql.def"
#undef SQL
};

struct db {
    struct db_connection connection;
    bool prepared[SQL_STATEMENT_COUNT]; /* on the present connection */
    bool in_transaction;
    bool has_announced; /* in the open transaction */
    void (*notify)(void *context);
    void *notify_context;
};

struct db *db_new(const char *url, const char *application, int64_t statement_timeout_ms) {
    struct db *db = xcalloc(1, sizeof *db);
    db->connection.url = xstrdup(url);
    db->connection.application = xstrdup(application);
    db->connection.statement_timeout_ms = statement_timeout_ms;
    db->connection.gate = &db->connection.own_gate;
    return db;
}

void db_plan_look_ups(struct db *db) {
    db->connection.plans_look_ups = true;
}

void db_commit_without_wait(struct db *db) {
    db->connection.commits_without_wait = true;
}

void db_free(struct db *db) {
    if (db != NULL) {
        db_connection_close(&db->connection);
        free(db->connection.url);
        free(db->connection.application);
        free(db);
    }
}

void db_share_gate(struct db *db, struct retry_gate *gate) {
    db->connection.gate = gate;
}

bool db_connect(struct db *db, struct error *err) {
    if (db_connection_alive(&db->connection)) {
        return true;
    }
    if (db->in_transaction) {
        db_connection_close(&db->connection);
        return error_set(err, ERROR_DATABASE_UNAVAILABLE, "the connection was lost within a transaction");
    }
    memset(db->prepared, 0, sizeof db->prepared);
    return db_connection_open(&db->connection, err);
}

/* Runs text without parameters; several statements in it are one transaction, unless one is open. */
static bool run_text(struct db *db, const char *text, int64_t limit_ms, const char *what, struct error *err) {
    if (!db_connect(db, err)) {
        return false;
    }
    _cleanup_(db_pg_result_freep) PGresult *result = NULL;
    int sent = PQsendQuery(db->connection.pg, text);
    return db_connection_receive(&db->connection, sent, limit_ms, what, &result, err);
}

static bool run_word(struct db *db, const char *word, struct error *err) {
    return run_text(db, word, db_connection_limit_ms(&db->connection), word, err);
}

static bool prepare(struct db *db, enum sql_statement statement, struct error *err) {
    if (db->prepared[statement] || statements[statement].is_list) {
        return true;
    }
    const struct statement *sql = &statements[statement];
    _cleanup_(db_pg_result_freep) PGresult *result = NULL;
    int sent = PQsendPrepare(db->connection.pg, sql->name, sql->text, 0, NULL);
    db->prepared[statement] =
        db_connection_receive(&db->connection, sent, db_connection_limit_ms(&db->connection), sql->name, &result, err);
    return db->prepared[statement];
}

static bool run_once(struct db *db, enum sql_statement statement, const struct db_params *params, PGresult **ret_result,
                     struct error *err) {
    db->connection.stale = false;
    db->connection.dismissed = false;
    if (!db_connect(db, err) || !prepare(db, statement, err)) {
        return false;
    }
    const struct statement *sql = &statements[statement];
    const char *values[DB_MAX_PARAMS] = {0};
    for (size_t i = 0; i < sql->parameters; i++) {
        values[i] = params->is_null[i] ? NULL : params->values.data + params->offsets[i];
    }
    PGconn *pg = db->connection.pg;
    int count = (int)sql->parameters;
    int sent = sql->is_list ? PQsendQueryParams(pg, sql->text, count, NULL, values, NULL, NULL, 0)
                            : PQsendQueryPrepared(pg, sql->name, count, values, NULL, NULL, 0);
    return db_connection_receive(&db->connection, sent, db_connection_limit_ms(&db->connection), sql->name, ret_result,
                                 err);
}

/* Makes the next use prepare the statement anew. */
static void forget(struct db *db, enum sql_statement statement) {
    if (db->prepared[statement] && db->connection.pg != NULL) {
        db->prepared[statement] = false;
        _cleanup_(freep) char *text = xasprintf("DEALLOCATE \"%s\"", statements[statement].name);
        struct error ignored; /* it may not be there */
        (void)!run_word(db, text, &ignored);
    }
}

static void pause_before_retry(unsigned retry) {
    uint64_t random = 0;
    random_bytes(&random, sizeof random);
    clock_sleep_ms(backoff_ms(retry, CONFLICT_PAUSE_MS, CONFLICT_PAUSE_MAX_MS, random));
}

/* A failure within a transaction ends it, and what failed cannot be repeated without what went before. */
static bool fail_transaction(struct db *db, enum sql_statement statement, struct error *problem) {
    bool stale = db->connection.stale;
    db_rollback(db);
    if (stale) {
        forget(db, statement);
        problem->code = ERROR_DATABASE_CONFLICT;
    }
    return false;
}

static bool run_with_retries(struct db *db, enum sql_statement statement, const struct db_params *params,
                             PGresult **ret_result, struct error *problem) {
    bool sent_again = false;
    for (unsigned retry = 0; !run_once(db, statement, params, ret_result, problem);) {
        if (db->in_transaction) {
            return fail_transaction(db, statement, problem);
        }
        if ((db->connection.stale || db->connection.dismissed) && !sent_again) {
            forget(db, statement);
            sent_again = true;
        } else if (problem->code == ERROR_DATABASE_CONFLICT && retry < CONFLICT_RETRIES) {
            pause_before_retry(retry++);
        } else {
            return false;
        }
    }
    return true;
}

bool db_run(struct db *db, enum sql_statement statement, const struct db_params *params, struct db_result **ret_result,
            struct error *err) {
    static const struct db_params none = {0};
    params = params == NULL ? &none : params;
    if (params->count != statements[statement].parameters) {
        return error_set(err, ERROR_INTERNAL, "%s takes %zu parameters, got %zu", statements[statement].name,
                         statements[statement].parameters, params->count);
    }
    struct error problem = {0};
    PGresult *rows = NULL;
    if (!run_with_retries(db, statement, params, &rows, &problem)) {
        return error_set(err, problem.code, "%s", problem.message);
    }
    *ret_result = db_result_new(rows);
    return true;
}

bool db_execute(struct db *db, enum sql_statement statement, const struct db_params *params, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    return db_run(db, statement, params, &result, err);
}

bool db_finds(struct db *db, enum sql_statement statement, const struct db_params *params, bool *ret_found,
              struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, params, &result, err)) {
        return false;
    }
    *ret_found = db_rows(result) > 0;
    return true;
}

void db_on_announcement(struct db *db, void (*notify)(void *context), void *context) {
    db->notify = notify;
    db->notify_context = context;
}

void db_announce(struct db *db) {
    db->has_announced = db->in_transaction;
    if (!db->in_transaction && db->notify != NULL) {
        db->notify(db->notify_context);
    }
}

static bool begin(struct db *db, const char *word, struct error *err) {
    if (db->in_transaction) {
        return error_set(err, ERROR_INTERNAL, "a transaction is already open");
    }
    db->has_announced = false;
    db->in_transaction = run_word(db, word, err) || (db->connection.dismissed && run_word(db, word, err));
    return db->in_transaction;
}

bool db_begin(struct db *db, struct error *err) {
    return begin(db, "BEGIN", err);
}

bool db_begin_snapshot(struct db *db, struct error *err) {
    return begin(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
}

bool db_commit(struct db *db, struct error *err) {
    if (!db->in_transaction) {
        return error_set(err, ERROR_INTERNAL, "no transaction is open");
    }
    bool committed = run_word(db, "COMMIT", err);
    db->in_transaction = false;
    if (committed && db->has_announced) {
        db_announce(db);
    }
    return committed;
}

void db_rollback(struct db *db) {
    if (db->in_transaction) {
        struct error ignored; /* a connection that cannot roll back is closed, which does it too */
        if (!run_word(db, "ROLLBACK", &ignored)) {
            db_connection_close(&db->connection);
        }
        db->in_transaction = false;
    }
}

bool db_script(struct db *db, const char *sql, struct error *err) {
    bool done = run_text(db, sql, 0, "script", err);
    if (!done) {
        db_rollback(db);
    }
    return done;
}
