/* Counters, gauges and histograms of metrics.def, in memory that the processes of one daemon share, as Prometheus text. */
#ifndef SLUICE_COMMON_METRICS_H
#define SLUICE_COMMON_METRICS_H

#include "common/buf.h"

#include <stdint.h>

enum metric {
#define METRIC(name, kind, label, help) METRIC_##name,
#include "common/metrics.def"
#undef METRIC
    METRIC_COUNT
};

/* Most values that the label of one metric may have. */
enum { METRIC_MAX_LABELS = 128 };

/* Allocates the cells in shared memory; call it before any fork or thread. */
void metrics_start(void);

/* Names the values of a metric's label, in the order of the index used below; the texts must stay. Metrics without a label
 * use index 0. */
void metrics_label(enum metric metric, const char *const *values, size_t count);

/* All are atomic and safe from any thread and process. */
void metrics_add(enum metric metric, size_t label, int64_t amount);
void metrics_set(enum metric metric, size_t label, int64_t value);
void metrics_observe_us(enum metric metric, size_t label, int64_t microseconds);

static inline void metrics_increment(enum metric metric, size_t label) {
    metrics_add(metric, label, 1);
}

/* Prometheus text exposition format 0.0.4. */
void metrics_print(struct buf *out);

/* The table as Markdown, for --dump metrics. */
void metrics_dump(FILE *out);

#endif
