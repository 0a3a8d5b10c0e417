#include "cli/commands.h"
#include "common/clock.h"
#include "common/migrate.h"

enum { DATABASE_PAUSE_MS = 500 };

static void print_applied(const struct migration *migration, void *context) {
    size_t *count = context;
    *count += 1;
    printf("applied %s\n", migration->name);
    fflush(stdout);
}

static bool await_database(struct db *db, int64_t wait_s, struct error *err) {
    int64_t deadline_ms = clock_monotonic_ms() + wait_s * 1000;
    while (!db_connect(db, err)) {
        if (err->code != ERROR_DATABASE_UNAVAILABLE || clock_monotonic_ms() >= deadline_ms) {
            return false;
        }
        clock_sleep_ms(DATABASE_PAUSE_MS);
    }
    return true;
}

/* Under the lock of the migrations: two that replace a function at the same time fail. */
static bool choose_similarity(struct db *db, struct error *err) {
    if (!db_begin(db, err)) {
        return false;
    }
    if (!db_execute(db, SQL_MIGRATIONS_LOCK, NULL, err) || !db_execute(db, SQL_SIMILARITY_CHOOSE, NULL, err)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

bool command_migrate(const struct config *config, const struct options *options, struct error *err) {
    int64_t wait_s = 0;
    if (!options_int(options, "wait", 0, COMMAND_WAIT_MAX_S, 0, &wait_s, err)) {
        return false;
    }
    _cleanup_(db_freep) struct db *db = db_new(config->database_url, PROGRAM_NAME, 0);
    size_t count = 0;
    if (!await_database(db, wait_s, err) || !migrate_apply(db, print_applied, &count, err) ||
        !choose_similarity(db, err)) {
        return false;
    }
    if (count == 0) {
        puts("nothing to do: the schema is up to date");
    }
    return true;
}
