/* Batches: photos that come together into an album, of which an album has one at a time. Here: the lock that says so, and how a
 * batch stands. What of it waits and when it has ended is the database's business (migrations/0005_batches.sql). */
#ifndef SLUICE_COMMON_BATCH_STORE_H
#define SLUICE_COMMON_BATCH_STORE_H

#include "common/db.h"
#include "common/id.h"

enum batch_state {
    BATCH_NONE,      /* the album never had one */
    BATCH_RECEIVING, /* its photos are on their way here */
    BATCH_RUNNING,   /* accepted; they are being processed */
    BATCH_DONE,      /* every one of them is completed or failed */
    BATCH_STATE_COUNT
};

/* In lower case, as the column has it. */
const char *batch_state_name(enum batch_state state);

/* Whether the album's next batch has to wait. Pure. */
bool batch_state_is_open(enum batch_state state);

/* Makes the album this batch's for lease_s seconds. ret_open false: another one is open. ALBUM_NOT_FOUND. */
bool batch_open(struct db *db, const char *owner_id, const char *album_id, const char *batch_id, int64_t lease_s,
                bool *ret_open, struct error *err) MUST_CHECK;

/* As long as photos come: so many so far. ret_held false: the album is gone, or another batch's, because the lease was over. */
bool batch_extend(struct db *db, const char *batch_id, int64_t lease_s, size_t photos, bool *ret_held,
                  struct error *err) MUST_CHECK;

/* Gives the album up again, unless the batch was accepted. */
bool batch_drop(struct db *db, const char *batch_id, struct error *err) MUST_CHECK;

/* How an album's newest batch stands, all at one moment. While it runs, completed + failed never falls by itself. */
struct batch_progress {
    char batch_id[ID_TEXT_SIZE]; /* "": none */
    enum batch_state state;
    int64_t total, completed, failed, pending, processing; /* photos; while they are received, total is those so far */
};

/* ALBUM_NOT_FOUND also for another owner's. */
bool batch_progress_read(struct db *db, const char *owner_id, const char *album_id, struct batch_progress *ret_progress,
                         struct error *err) MUST_CHECK;

/* A photo that failed. */
struct batch_failure {
    char file_id[ID_TEXT_SIZE];
    char *filename;
    char *code;    /* a word of error_codes.def */
    char *message; /* NULL: none */
};

struct batch_failures {
    struct batch_failure *items;
    size_t count;
};
void batch_failures_free(struct batch_failures *failures);

/* In the order in which they came; at most so many. A batch_id "" has none. */
bool batch_failures_read(struct db *db, const char *batch_id, size_t limit, struct batch_failures *ret_failures,
                         struct error *err) MUST_CHECK;

/* The rows of BATCH_FAILURES and its like. */
void batch_failures_take(const struct db_result *result, struct batch_failures *ret_failures);

#endif
