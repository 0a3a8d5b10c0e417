#include "common/migrate.h"

#include "common/crypto.h"

#include <string.h>

static const char ledger_sql[] = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                 "  number integer PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL,"
                                 "  applied_at timestamptz NOT NULL DEFAULT now())";

static size_t embedded_count(void) {
    size_t count = 0;
    while (migrations[count].name != NULL) {
        count++;
    }
    return count;
}

static const struct migration *embedded(int64_t number) {
    for (const struct migration *migration = migrations; migration->name != NULL; migration++) {
        if (migration->number == number) {
            return migration;
        }
    }
    return NULL;
}

static bool is_applied(const struct db_result *applied, const struct migration *migration) {
    for (size_t row = 0; row < db_rows(applied); row++) {
        if (db_int(applied, row, 0) == migration->number) {
            return true;
        }
    }
    return false;
}

static bool check_applied(const struct db_result *applied, struct error *err) {
    for (size_t row = 0; row < db_rows(applied); row++) {
        long long number = (long long)db_int(applied, row, 0);
        const struct migration *migration = embedded(number);
        if (migration == NULL) {
            return error_set(err, ERROR_CONFLICT, "the database has migration %04lld, which this program does not know",
                             number);
        }
        char checksum[SHA256_HEX_SIZE];
        sha256_hex_of(migration->sql, strlen(migration->sql), checksum);
        if (strcmp(checksum, db_text(applied, row, 1)) != 0) {
            return error_set(err, ERROR_CONFLICT, "migration %s was applied with another text", migration->name);
        }
    }
    return true;
}

static bool record(struct db *db, const struct migration *migration, struct error *err) {
    unsigned char checksum[SHA256_SIZE];
    sha256_of(migration->sql, strlen(migration->sql), checksum);
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_int(&params, migration->number);
    db_param_text(&params, migration->name);
    db_param_bytes(&params, checksum, sizeof checksum);
    return db_execute(db, SQL_MIGRATION_RECORD, &params, err);
}

/* Within a transaction: applies the first migration that is missing; *ret_applied is NULL when none is. */
static bool apply_next(struct db *db, const struct migration **ret_applied, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *applied = NULL;
    if (!db_execute(db, SQL_MIGRATIONS_LOCK, NULL, err) || !db_script(db, ledger_sql, err) ||
        !db_run(db, SQL_MIGRATIONS_APPLIED, NULL, &applied, err) || !check_applied(applied, err)) {
        return false;
    }
    const struct migration *next = migrations;
    while (next->name != NULL && is_applied(applied, next)) {
        next++;
    }
    *ret_applied = next->name == NULL ? NULL : next;
    if (next->name == NULL) {
        return true;
    }
    if (!db_script(db, next->sql, err)) {
        return error_prefix(err, "migration %s", next->name);
    }
    return record(db, next, err);
}

bool migrate_apply(struct db *db, void (*report)(const struct migration *migration, void *context), void *context,
                   struct error *err) {
    /* The lock ends with each transaction, so that a lost connection never leaves a runner without it. */
    for (;;) {
        const struct migration *applied = NULL;
        if (!db_begin(db, err)) {
            return false;
        }
        if (!apply_next(db, &applied, err)) {
            db_rollback(db);
            return false;
        }
        if (!db_commit(db, err)) {
            return false;
        }
        if (applied == NULL) {
            return true;
        }
        if (report != NULL) {
            report(applied, context);
        }
    }
}

/* ret_applied stays NULL where there is no ledger yet. */
static bool read_ledger(struct db *db, struct db_result **ret_applied, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *ledger = NULL;
    if (!db_run(db, SQL_MIGRATIONS_EXIST, NULL, &ledger, err)) {
        return false;
    }
    return db_rows(ledger) == 0 || !db_bool(ledger, 0, 0) || db_run(db, SQL_MIGRATIONS_APPLIED, NULL, ret_applied, err);
}

bool migrate_missing(struct db *db, size_t *ret_missing, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *applied = NULL;
    if (!read_ledger(db, &applied, err)) {
        return false;
    }
    *ret_missing = embedded_count();
    for (const struct migration *migration = migrations; migration->name != NULL && applied != NULL; migration++) {
        *ret_missing -= is_applied(applied, migration) ? 1 : 0;
    }
    return true;
}

bool migrate_examine(struct db *db, void (*report)(const struct migration *migration, void *context), void *context,
                     struct error *err) {
    _cleanup_(db_result_freep) struct db_result *applied = NULL;
    if (!read_ledger(db, &applied, err) || (applied != NULL && !check_applied(applied, err))) {
        return false;
    }
    for (const struct migration *migration = migrations; migration->name != NULL; migration++) {
        if (applied == NULL || !is_applied(applied, migration)) {
            report(migration, context);
        }
    }
    return true;
}
