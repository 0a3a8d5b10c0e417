/* The one door for changes of a file's status: every function here is one SQL compare-and-swap that takes its allowed
 * statuses from file_state.def and writes queue row and outbox row in the same transaction. */
#ifndef SLUICE_COMMON_FILE_STATE_H
#define SLUICE_COMMON_FILE_STATE_H

#include "common/crypto.h"
#include "common/db.h"
#include "common/id.h"

enum file_status {
    PENDING = 1,
    UPLOADED = 2,
    SYNCING = 4,
    SYNCED = 8,
    FAILED = 16,
    EXPIRED = 32,
    GONE = 64, /* no record; never stored */
};

enum file_event {
#define FILE_EVENT(name, from, to, topic, meaning) FILE_##name,
#include "common/file_state.def"
#undef FILE_EVENT
    FILE_EVENT_COUNT
};

const char *file_status_name(enum file_status status);
/* 0 for a word that is no status. */
enum file_status file_status_of(const char *name);
/* The status after an event, 0 when the event does not count in this status. Pure. */
enum file_status file_state_next(enum file_status status, enum file_event event);
bool file_status_is_final(enum file_status status); /* SYNCED, FAILED or EXPIRED */

/* An object seen in the store, by whatever road. */
struct file_arrival {
    const char *bucket;
    const char *object_key;
    int64_t size;           /* -1: not known */
    const char *etag;       /* without quotes; NULL: not known */
    const char *version_id; /* NULL: none */
    const char *sequencer;  /* NULL: none */
};

enum file_arrival_effect {
    ARRIVAL_UNKNOWN, /* no record has this key */
    ARRIVAL_KNOWN,   /* the record is past PENDING: nothing changed */
    ARRIVAL_COUNTED, /* this call made it UPLOADED, or SYNCING, and queued it */
};

/* ARRIVE for many objects in one statement; duplicates, also within one call, count once. Effects are in the arrivals' order. */
bool file_state_arrive(struct db *db, const struct file_arrival *arrivals, size_t count,
                       enum file_arrival_effect *ret_effects, struct error *err) MUST_CHECK;

/* EXPIRE one PENDING file. ret_changed false: it was no longer PENDING. */
bool file_state_expire(struct db *db, const char *file_id, bool *ret_changed, struct error *err) MUST_CHECK;

/* A job: the queue row that a worker holds by its lease, and what it must know of the file. */
struct file_job {
    int64_t queue_id;
    char lease_token[ID_TEXT_SIZE];
    int attempts; /* this one included */
    char file_id[ID_TEXT_SIZE];
    char *owner_id;
    char *kind;
    char *filename;
    char *content_type; /* as declared; NULL: it was not */
    char *bucket;
    char *object_key;
    int64_t size;          /* as the store announced it; -1: not known */
    int64_t expected_size; /* as declared; -1: it was not */
    char *previous_code;   /* of the last attempt's error; NULL: there was none */
    char *staged_key;      /* where the object lies until the file is SYNCED; NULL: at object_key */
    bool has_expected_sha256;
    unsigned char expected_sha256[SHA256_SIZE];
};

struct file_jobs {
    struct file_job *items;
    size_t count;
};
void file_jobs_free(struct file_jobs *jobs);

struct file_claim {
    const char *worker;
    int64_t lease_s;
    size_t max_jobs;   /* at most so many … */
    int64_t max_bytes; /* … and, beyond the first, at most so many bytes together, so that big files spread out */
};

/* ARRIVE, and what the claim has room for is claimed in the same statement (TAKE), unless older work is due: the jobs are
 * added to *ret_jobs. The others wait in the queue. claim NULL: all wait. */
bool file_state_take(struct db *db, const struct file_arrival *arrivals, size_t count, const struct file_claim *claim,
                     enum file_arrival_effect *ret_effects, struct file_jobs *ret_jobs, struct error *err) MUST_CHECK;

/* CLAIM the jobs that are due, oldest first, added to *ret_jobs; none is fine. */
bool file_state_claim(struct db *db, const struct file_claim *claim, struct file_jobs *ret_jobs,
                      struct error *err) MUST_CHECK;

/* What became of a job: FILE_FINISH, FILE_POSTPONE or FILE_REJECT. */
struct file_outcome {
    const struct file_job *job;
    enum file_event event;
    int64_t size; /* -1: not known */
    bool has_sha256;
    unsigned char sha256[SHA256_SIZE];
    const char *detected_type; /* NULL: not known */
    const char *etag;          /* of the bytes that were read; NULL: not known */
    struct error error;        /* POSTPONE and REJECT; of a FINISH: a flaw that the file has all the same, or none */
    int64_t delay_ms;          /* POSTPONE: until the next attempt */
    bool attempt_spent;        /* POSTPONE: false gives the attempt back (a dependency was down) */
};

/* Settles many jobs in one statement. ret_held[i] is false when the lease of that job was lost: nothing was written. */
bool file_state_settle(struct db *db, const struct file_outcome *outcomes, size_t count, bool *ret_held,
                       struct error *err) MUST_CHECK;

/* Keeps the leases of living workers. */
bool file_state_extend(struct db *db, const char *const *workers, size_t count, int64_t lease_s,
                       struct error *err) MUST_CHECK;

/* POSTPONE (or REJECT with ATTEMPTS_EXHAUSTED) every job whose lease is over, or whose worker is `dead_worker` (NULL: none). */
bool file_state_release(struct db *db, const char *dead_worker, int64_t max_attempts, int64_t *ret_released,
                        struct error *err) MUST_CHECK;

/* RETRY a FAILED file, attempts counted anew. owner_id NULL: any owner. ret_changed false: no such file of this owner in
 * that status. */
bool file_state_retry(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed,
                      struct error *err) MUST_CHECK;

/* RENEW: a new signed URL, valid for ttl_s, for a file that is not uploaded; the time until it expires begins anew.
 * ret_changed false: no such file of this owner in that status. */
bool file_state_renew(struct db *db, const char *owner_id, const char *file_id, int64_t ttl_s, bool *ret_changed,
                      struct error *err) MUST_CHECK;

/* DELETE the record, its work and variants; the caller has removed the objects. owner_id NULL: any owner. */
bool file_state_delete(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed,
                       struct error *err) MUST_CHECK;

/* The same as a part of the caller's transaction. */
bool file_state_delete_within(struct db *db, const char *owner_id, const char *file_id, bool *ret_changed,
                              struct error *err) MUST_CHECK;

/* The table as Markdown, for --dump states. */
void file_state_dump(FILE *out);

#endif
