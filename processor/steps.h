/* The steps that a file goes through, as one table (steps.c), and what they hand to each other.
 *
 * A step answers STEP_DONE or STEP_END, or STEP_RETRY or STEP_REJECT with an error, or STEP_WAIT; it never touches the record.
 * What the answer means for the record is the runner's business (pipeline.h).
 */
#ifndef SLUICE_PROCESSOR_STEPS_H
#define SLUICE_PROCESSOR_STEPS_H

#include "common/asset_store.h"
#include "common/file_state.h"
#include "common/kind_policy.h"
#include "common/picture_store.h"
#include "common/redis.h"
#include "common/s3_client.h"
#include "processor/decoder.h"
#include "processor/dependency.h"
#include "processor/file_type.h"
#include "processor/spool.h"

enum step_result {
    STEP_DONE,
    STEP_END,    /* the file needs none of the steps that follow */
    STEP_WAIT,   /* another worker is at what this file needs: again in a moment, no attempt spent */
    STEP_RETRY,  /* may pass later: with or without a spent attempt, by the error's disposition */
    STEP_REJECT, /* this file can never pass */
};

/* What the steps of every job work with; belongs to the worker. */
struct step_tools {
    struct db *db;
    struct s3_client *store;
    struct redis *cache;
    struct dependency cache_state; /* a cache that is down is reported once, not for each file … */
    int64_t cache_pause_until_ms;  /* … and does not cost each file a timeout (monotonic) */
    int64_t cache_max_bytes;
    int64_t cache_ttl_s;
    int64_t max_upload_bytes;
    struct kind_policies policies;
    struct decoder *decoder;  /* NULL: pictures are files like any other */
    int64_t decoder_attempts; /* in a row, after which its fault is the picture's */
    int64_t media_max_bytes;  /* of a picture that is decoded */
    struct spool *spool;      /* of the present job, while it is a picture */
    struct buf content;       /* of the present job, while it fits the cache; its memory is used again */
};

/* One job on its way through the steps. */
struct work {
    const struct file_job *job;
    struct step_tools *tools;
    /* made by claim */
    char *holder; /* place for the id of the file that this asset duplicates, ID_TEXT_SIZE, "": none; not NULL */
    /* made by fetch */
    int64_t size; /* counted; -1: not yet known */
    bool has_sha256;
    unsigned char sha256[SHA256_SIZE];
    char etag[S3_ETAG_SIZE];
    unsigned char head[FILE_TYPE_HEAD_BYTES];
    size_t head_length;
    bool has_content; /* the whole of it is in tools->content */
    bool is_picture;  /* by its first bytes; the whole of it is in tools->spool */
    /* made by verify */
    char type_room[FILE_TYPE_SIZE];
    const char *detected_type; /* NULL: not known */
    /* made by picture */
    struct picture_result *result; /* place for what is found; not NULL */
    int64_t variant_from_us;       /* monotonic: since when the decoder's next variant is waited for */
    struct error flaw;             /* of a file that is good all the same; ERROR_NONE: none */
};

struct step {
    const char *name;
    const char *log_field; /* of its duration, in the line of a file's end */
    const char *needs;     /* for people: --dump steps */
    const char *makes;
    bool (*applies)(const struct work *work); /* NULL: always */
    enum step_result (*run)(struct work *work, struct error *err);
};

enum { STEP_COUNT = 6 };
extern const struct step steps[STEP_COUNT];

/* The result that goes with an error: retry, unless the same input fails again. */
enum step_result step_failed(const struct error *err);

bool step_is_asset(const struct work *work);
/* Claims the content of an asset. A duplicate ends here, and one whose content another file is about to get waits. */
enum step_result step_claim(struct work *work, struct error *err);

/* Reads the object once: hashed on the way, the head kept for its type, the whole kept only when the cache takes it. */
enum step_result step_fetch(struct work *work, struct error *err);

/* Size, hash and type against what was declared. */
enum step_result step_verify(struct work *work, struct error *err);

bool step_picture_applies(const struct work *work);
/* Reads size, metadata and placeholder of a picture and puts its variants into the store. A failure leaves none of them. */
enum step_result step_picture(struct work *work, struct error *err);
/* Takes the variants of a file that is no more out of the store; best effort. */
void step_picture_forget(struct step_tools *tools, const struct file_job *job);

bool step_cache_applies(const struct work *work);
/* Content into the cache, where the API reads it. Never fails a file: a read that misses fills the cache too. */
enum step_result step_cache(struct work *work, struct error *err);
/* Takes the content of files that are no more out of the cache; best effort. */
void step_cache_forget(struct step_tools *tools, const char *file_id);

bool step_promote_applies(const struct work *work);
/* Copies an object that was staged to where it stays, with what browsers are to know of it; the etag becomes that of the copy. */
enum step_result step_promote(struct work *work, struct error *err);
/* Takes what was made of a staged file that is no more, or of an asset that became a duplicate, out of the store; best effort. */
void step_promote_forget(struct step_tools *tools, const struct file_job *job);

/* The table as Markdown, for --dump steps. */
void steps_dump(FILE *out);

#endif
