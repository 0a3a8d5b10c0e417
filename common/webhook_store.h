/* Webhook endpoints and the log of what was sent to them, as their owners and operators see and change them.
 *
 * `owner_id` NULL, where a function allows it, is an operator: any owner's. What is another owner's is NOT_FOUND. */
#ifndef SLUICE_COMMON_WEBHOOK_STORE_H
#define SLUICE_COMMON_WEBHOOK_STORE_H

#include "common/config.h"
#include "common/db.h"
#include "common/id.h"
#include "common/json.h"
#include "common/webhook_secret.h"
#include "common/webhook_url.h"

enum { WEBHOOK_DESCRIPTION_MAX = 500, WEBHOOK_EVENTS_MAX = 16 };

/* What can be subscribed. */
extern const char *const webhook_events[];
extern const size_t webhook_event_count;

bool webhook_event_known(const char *name);

struct webhook_url_rules webhook_url_rules_of(const struct config *config);

/* A set of events; count 0: all of them. */
struct webhook_events {
    const char *items[WEBHOOK_EVENTS_MAX];
    size_t count;
};

/* VALIDATION_FAILED for a bad URL, TOO_MANY_ENDPOINTS. The secret is never shown again. */
bool webhook_store_create(struct db *db, const struct config *config, const char *owner_id, const char *url,
                          const struct webhook_events *events, const char *description, char ret_id[ID_TEXT_SIZE],
                          char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) MUST_CHECK;

/* NULL keeps what there is. */
bool webhook_store_change(struct db *db, const struct config *config, const char *owner_id, const char *id,
                          const char *url, const struct webhook_events *events, const char *description,
                          struct error *err) MUST_CHECK;

/* A new secret; the old one signs as well for SLUICE_WEBHOOK_ROTATION_S. */
bool webhook_store_rotate(struct db *db, const struct config *config, const char *owner_id, const char *id,
                          char ret_secret[WEBHOOK_SECRET_SIZE], struct error *err) MUST_CHECK;

/* By the statement: WEBHOOK_ENABLE, WEBHOOK_DISABLE, WEBHOOK_REMOVE (endpoints), WEBHOOK_REPLAY (a delivery). */
bool webhook_store_apply(struct db *db, enum sql_statement statement, const char *owner_id, const char *id,
                         struct error *err) MUST_CHECK;

/* Queues an example; CONFLICT when the endpoint is disabled. */
bool webhook_store_test(struct db *db, const char *owner_id, const char *id, char ret_delivery_id[ID_TEXT_SIZE],
                        struct error *err) MUST_CHECK;

struct webhook_replayed {
    int64_t found;    /* events of that time */
    int64_t queued;   /* of these, to be sent: the others were waiting already */
    int64_t until_ms; /* 0: those were all; else go on from here */
};

/* Events since a time that the outbox still has are sent (again), so many at once. */
bool webhook_store_replay_since(struct db *db, const char *owner_id, const char *id, int64_t since_ms,
                                struct webhook_replayed *ret_replayed, struct error *err) MUST_CHECK;

/* Rows for webhook_endpoint_json, newest first. id, before_id: NULL for any. */
bool webhook_store_list(struct db *db, const char *owner_id, const char *id, const char *before_id, size_t limit,
                        struct db_result **ret_rows, struct error *err) MUST_CHECK;
json_t *webhook_endpoint_json(const struct db_result *rows, size_t row);

struct webhook_delivery_filter {
    const char *id, *endpoint_id, *status, *before_id; /* NULL: any */
    size_t limit;
};
bool webhook_status_known(const char *status);

/* Rows for webhook_delivery_json, newest first. */
bool webhook_store_deliveries(struct db *db, const char *owner_id, const struct webhook_delivery_filter *filter,
                              struct db_result **ret_rows, struct error *err) MUST_CHECK;
json_t *webhook_delivery_json(const struct db_result *rows, size_t row);

/* The codes whose messages are not for the public, and the titles that are told instead: two array parameters. */
void webhook_param_titles(struct db_params *params);

#endif
