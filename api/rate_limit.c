#include "api/rate_limit.h"

#include "common/xalloc.h"

#include <pthread.h>

enum { MINUTE_US = 60000000, SECOND_US = 1000000 };

/* A caller, and when its bucket is full again; in the past: nobody. */
struct place {
    uint64_t caller;
    int64_t full_us;
};

struct rate_table {
    pthread_mutex_t lock;
    struct place places[RATE_TABLE_SETS][RATE_TABLE_WAYS];
};

static int64_t seconds_up(int64_t duration_us) {
    return (duration_us + SECOND_US - 1) / SECOND_US;
}

struct rate_verdict rate_limit_decide(const struct rate_terms *terms, int64_t now_us, int64_t *full_us) {
    int64_t one_us = terms->per_minute < MINUTE_US ? MINUTE_US / terms->per_minute : 1;
    int64_t room_us = one_us * terms->burst;
    int64_t before_us = *full_us > now_us ? *full_us - now_us : 0; /* what was taken and has not come back */
    struct rate_verdict verdict = {.allowed = before_us + one_us <= room_us};
    int64_t after_us = verdict.allowed ? before_us + one_us : before_us;
    verdict.remaining = after_us < room_us ? (room_us - after_us) / one_us : 0;
    verdict.reset_s = seconds_up(after_us);
    if (verdict.allowed) {
        *full_us = now_us + after_us;
    } else {
        verdict.retry_after_s = seconds_up(before_us + one_us - room_us);
    }
    return verdict;
}

struct rate_table *rate_table_new(void) {
    struct rate_table *table = xcalloc(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    return table;
}

void rate_table_free(struct rate_table *table) {
    if (table != NULL) {
        pthread_mutex_destroy(&table->lock);
        free(table);
    }
}

/* The caller's place, or else the one whose bucket is, or will be, full first. */
static struct place *place_of(struct rate_table *table, uint64_t caller) {
    struct place *set = table->places[caller % RATE_TABLE_SETS];
    struct place *first = &set[0];
    for (int i = 0; i < RATE_TABLE_WAYS; i++) {
        if (set[i].caller == caller) {
            return &set[i];
        }
        first = set[i].full_us < first->full_us ? &set[i] : first;
    }
    *first = (struct place){.caller = caller};
    return first;
}

struct rate_verdict rate_table_take(struct rate_table *table, uint64_t caller, const struct rate_terms *terms,
                                    int64_t now_us) {
    pthread_mutex_lock(&table->lock);
    struct rate_verdict verdict = rate_limit_decide(terms, now_us, &place_of(table, caller)->full_us);
    pthread_mutex_unlock(&table->lock);
    return verdict;
}
