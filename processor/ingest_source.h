/* Where raw events come from: the list in Redis (ingest_list.h), or a queue of SQS (ingest_sqs.h). */
#ifndef SLUICE_PROCESSOR_INGEST_SOURCE_H
#define SLUICE_PROCESSOR_INGEST_SOURCE_H

#include "common/redis.h"

/* Most that a source gives at once. */
enum { INGEST_MAX_EVENTS = 32 };

struct ingest_source {
    void *context;
    /* What was taken before and is not settled, else what there is, in its order; none when there is nothing. The caller frees
     * the elements. After a failure nothing is lost. */
    bool (*take)(void *context, struct redis_elements *ret_elements, struct error *err);
    /* The effects of all elements that `take` gave last are committed, `count` of them: they must not come again. When this
     * fails, or the process ends before it, they do. */
    bool (*settle)(void *context, size_t count, struct error *err);
};

#endif
