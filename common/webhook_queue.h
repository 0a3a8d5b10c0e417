/* Webhooks that are to be sent: from the outbox to a delivery for each endpoint, and from there, on a lease, to the sender. */
#ifndef SLUICE_COMMON_WEBHOOK_QUEUE_H
#define SLUICE_COMMON_WEBHOOK_QUEUE_H

#include "common/db.h"
#include "common/id.h"

/* Makes deliveries of up to `limit` announcements that were not read yet; one reader at a time, whatever their number. What
 * is read counts only with the commit of its deliveries. ret_read below limit: nothing more is there. */
bool webhook_queue_read_on(struct db *db, size_t limit, size_t *ret_read, size_t *ret_made,
                           struct error *err) MUST_CHECK;

/* One delivery, held by its lease. */
struct webhook_job {
    char id[ID_TEXT_SIZE];
    char lease_token[ID_TEXT_SIZE];
    char endpoint_id[ID_TEXT_SIZE];
    char *event_id, *topic, *body, *url;
    char *secret, *old_secret; /* as stored; the old one NULL when it does not sign any more */
    char *file_id;             /* NULL: a test */
    int64_t attempts;          /* this one included */
    int64_t age_ms;            /* since it was due first */
    int64_t failures;          /* of its endpoint, in a row, before it */
};
void webhook_job_free(struct webhook_job *job);

/* Up to `limit` that are due, at most `per_endpoint` of one endpoint under way at once; of a file's events to one endpoint only
 * the first that is open. ret_jobs has room for them. */
bool webhook_queue_claim(struct db *db, size_t limit, int64_t per_endpoint, int64_t lease_s,
                         struct webhook_job *ret_jobs, size_t *ret_count, struct error *err) MUST_CHECK;

/* What came of an attempt. */
struct webhook_outcome {
    const char *status; /* delivered; pending: again; failed: given up */
    int64_t delay_ms;   /* until the next attempt */
    int64_t pause_ms;   /* that the endpoint gets, whatever the delivery */
    bool is_gone;       /* the endpoint wants nothing any more */
    int http_status;    /* 0: none */
    const char *error;  /* NULL: none */
    const char *response;
};

struct webhook_settled {
    bool is_held;      /* false: the lease was lost, nothing was written */
    int64_t lag_us;    /* since the event was read */
    char disabled[16]; /* why this disabled the endpoint: gone, failing; "": it did not */
};

/* An attempt that ended. */
struct webhook_attempt {
    const struct webhook_job *job;
    struct webhook_outcome outcome;
    struct webhook_settled settled; /* what webhook_queue_settle made of it */
};

/* Writes what came of all of them, or, when it fails, of none. An endpoint that said yes to one of them works. */
bool webhook_queue_settle(struct db *db, int64_t disable_after_s, struct webhook_attempt *attempts, size_t count,
                          struct error *err) MUST_CHECK;

bool webhook_queue_count(struct db *db, int64_t *ret_open, int64_t *ret_disabled, struct error *err) MUST_CHECK;

#endif
