#include "cli/setup_plan.h"

#include "common/upload_prefixes.h"
#include "common/xalloc.h"

#include <string.h>

const char *const setup_events[] = {
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    NULL,
};

const char setup_no_subscriptions[] = "this store keeps no subscriptions in buckets; let its own configuration send "
                                      "events to POST /events/s3 (versitygw: "
                                      "VGW_EVENT_WEBHOOK_URL=http://events:SLUICE_EVENTS_KEY@HOST:PORT/events/s3)";

static bool contains(const char *const *items, const char *item) {
    for (; *items != NULL; items++) {
        if (strcmp(*items, item) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_of(const char *const *items) {
    size_t count = 0;
    while (items[count] != NULL) {
        count++;
    }
    return count;
}

/* Texts before and after the region of an ARN (arn:partition:service:region:account:resource). */
static bool split_region(const char *arn, size_t *ret_before, const char **ret_after) {
    const char *region = arn;
    for (int colons = 0; colons < 3; colons++) {
        region = strchr(region, ':');
        if (region == NULL) {
            return false;
        }
        region++;
    }
    *ret_before = (size_t)(region - arn);
    *ret_after = strchr(region, ':');
    return *ret_after != NULL;
}

/* MinIO takes an ARN without a region and answers with its own put in. */
static bool same_arn(const char *wanted, const char *found) {
    size_t wanted_before = 0;
    size_t found_before = 0;
    const char *wanted_after = NULL;
    const char *found_after = NULL;
    if (strcmp(wanted, found) == 0) {
        return true;
    }
    return split_region(wanted, &wanted_before, &wanted_after) && split_region(found, &found_before, &found_after) &&
           wanted_after == wanted + wanted_before && wanted_before == found_before &&
           memcmp(wanted, found, wanted_before) == 0 && strcmp(wanted_after, found_after) == 0;
}

static bool same_events(const char *const *wanted, const char *found) {
    _cleanup_(text_list_free) struct text_list events = {0};
    text_list_split(found, ' ', &events);
    if (events.count != count_of(wanted)) {
        return false;
    }
    for (size_t i = 0; i < events.count; i++) {
        if (!contains(wanted, events.items[i])) {
            return false;
        }
    }
    return true;
}

/* Whether an earlier setup made the row, be it for a target that is no longer wanted. */
static bool is_own(const struct text_list *arns, const struct s3_notification_row *row) {
    for (size_t i = 0; i < arns->count; i++) {
        if (same_arn(arns->items[i], row->arn)) {
            return true;
        }
    }
    return contains(upload_prefixes, row->prefix) && same_events(setup_events, row->events);
}

void setup_plan_make(const struct text_list *arns, const struct s3_notification_rows *current,
                     struct setup_plan *ret_plan) {
    size_t own = arns->count * count_of(upload_prefixes);
    struct setup_plan plan = {.notifications = xcalloc(own + current->count, sizeof *plan.notifications),
                              .events = xcalloc(current->count, sizeof *plan.events)};
    for (size_t i = 0; i < arns->count; i++) {
        for (const char *const *prefix = upload_prefixes; *prefix != NULL; prefix++) {
            plan.notifications[plan.count++] =
                (struct s3_notification){.arn = arns->items[i], .events = setup_events, .prefix = *prefix};
        }
    }
    for (size_t i = 0; i < current->count; i++) {
        const struct s3_notification_row *row = &current->rows[i];
        if (!is_own(arns, row)) {
            struct text_list *events = &plan.events[plan.kept++];
            text_list_split(row->events, ' ', events);
            plan.notifications[plan.count++] = (struct s3_notification){
                .arn = row->arn, .events = (const char *const *)events->items, .prefix = row->prefix};
        }
    }
    *ret_plan = plan;
}

void setup_plan_free(struct setup_plan *plan) {
    for (size_t i = 0; i < plan->kept; i++) {
        text_list_free(&plan->events[i]);
    }
    free(plan->events);
    free(plan->notifications);
    *plan = (struct setup_plan){0};
}

/* A row and a notification mean the same; the order of events does not matter. */
static bool same(const struct s3_notification *wanted, const struct s3_notification_row *row) {
    return same_arn(wanted->arn, row->arn) && strcmp(wanted->prefix, row->prefix) == 0 &&
           same_events(wanted->events, row->events);
}

bool setup_plan_is_current(const struct setup_plan *plan, const struct s3_notification_rows *current) {
    if (plan->count != current->count) {
        return false;
    }
    for (size_t i = 0; i < plan->count; i++) {
        bool found = false;
        for (size_t k = 0; k < current->count && !found; k++) {
            found = same(&plan->notifications[i], &current->rows[k]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}
