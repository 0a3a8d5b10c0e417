#include "processor/ingest.h"

#include "common/metrics.h"
#include "common/xalloc.h"
#include "processor/crash_point.h"
#include "processor/ingest_effects.h"

struct ingest {
    struct ingest_source source;
    struct ingest_effects effects;
    char *bucket;
};

struct ingest *ingest_new(const struct ingest_source *source, const char *bucket, struct db *db,
                          struct step_tools *tools) {
    struct ingest *ingest = xcalloc(1, sizeof *ingest);
    ingest->source = *source;
    ingest->bucket = xstrdup(bucket);
    ingest->effects = (struct ingest_effects){.db = db, .tools = tools, .bucket = ingest->bucket};
    return ingest;
}

void ingest_free(struct ingest *ingest) {
    if (ingest != NULL) {
        free(ingest->bucket);
        free(ingest);
    }
}

/* Failures of Postgres and of the store leave everything as it is: the source gives the elements again. */
static bool take_effect(struct ingest *ingest, const struct redis_elements *elements, struct ingest_tally *tally,
                        struct error *err) {
    crash_point("ingest_moved");
    if (!ingest_effects_apply(&ingest->effects, elements, &tally->counted, err)) {
        return false;
    }
    crash_point("ingest_committed");
    tally->taken = elements->count;
    return ingest->source.settle(ingest->source.context, elements->count, err);
}

bool ingest_run(struct ingest *ingest, const struct file_claim *claim, struct file_jobs *jobs,
                struct ingest_tally *ret_tally, struct error *err) {
    *ret_tally = (struct ingest_tally){0};
    ingest->effects.claim = claim;
    ingest->effects.jobs = jobs;
    _cleanup_(redis_elements_free) struct redis_elements elements = {0};
    if (!ingest->source.take(ingest->source.context, &elements, err)) {
        return false;
    }
    return elements.count == 0 || take_effect(ingest, &elements, ret_tally, err);
}

void ingest_label_metrics(void) {
    metrics_label(METRIC_EVENTS, ingest_result_names, INGEST_RESULT_COUNT);
}
