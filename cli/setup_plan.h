/* What `sluice setup` wants the bucket's notifications to be: every target gets the named events of every upload prefix,
 * and what others subscribed stays. Pure. */
#ifndef SLUICE_CLI_SETUP_PLAN_H
#define SLUICE_CLI_SETUP_PLAN_H

#include "common/s3_bucket.h"
#include "common/text_list.h"

/* Named one by one: ObjectCreated:* would also report tagging and retention. Ends with NULL. */
extern const char *const setup_events[];

/* What to say of a store that answers NotImplemented to a question about notifications, and what to do there. */
extern const char setup_no_subscriptions[];

struct setup_plan {
    struct s3_notification *notifications;
    size_t count;
    size_t kept;              /* of these, the last ones: subscriptions of others */
    struct text_list *events; /* private: of the kept ones */
};

/* The plan borrows the texts of `arns` and `current`. */
void setup_plan_make(const struct text_list *arns, const struct s3_notification_rows *current,
                     struct setup_plan *ret_plan);
void setup_plan_free(struct setup_plan *plan);

/* Whether the bucket already has exactly these notifications. */
bool setup_plan_is_current(const struct setup_plan *plan, const struct s3_notification_rows *current);

#endif
