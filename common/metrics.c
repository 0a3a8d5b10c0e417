#include "common/metrics.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum metric_kind { COUNTER, GAUGE, HISTOGRAM };

struct metric_info {
    const char *name; /* as in the table, UPPER_SNAKE */
    enum metric_kind kind;
    const char *label; /* "" for none */
    const char *help;
};

static const struct metric_info infos[METRIC_COUNT] = {
#define METRIC(name, kind, label, help) {#name, kind, label, help},
#include "common/metrics.def"
#undef METRIC
};

/* Upper bounds of the buckets; one more holds the rest. */
static const struct {
    int64_t microseconds;
    const char *seconds;
} bounds[] = {
    {500, "0.0005"}, {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"}, {25000, "0.025"},
    {50000, "0.05"}, {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},  {1000000, "1"},  {2500000, "2.5"},
    {5000000, "5"},  {10000000, "10"}, {30000000, "30"}, {60000000, "60"},
};

enum { BOUND_COUNT = sizeof bounds / sizeof bounds[0] };

struct cell {
    _Atomic int64_t value;                    /* of a counter or gauge; sum of a histogram in microseconds */
    _Atomic int64_t buckets[BOUND_COUNT + 1]; /* each its own observations only; added up when printed */
};

/* Shared by the processes forked after metrics_start; NULL before, when nothing is counted. */
static struct cell (*cells)[METRIC_MAX_LABELS];

static struct {
    const char *const *values;
    size_t count;
} labels[METRIC_COUNT];

void metrics_start(void) {
    size_t size = METRIC_COUNT * sizeof *cells;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cells = memory == MAP_FAILED ? NULL : memory;
}

void metrics_label(enum metric metric, const char *const *values, size_t count) {
    labels[metric].values = values;
    labels[metric].count = count < METRIC_MAX_LABELS ? count : METRIC_MAX_LABELS;
}

static struct cell *cell_of(enum metric metric, size_t label) {
    return cells == NULL || metric >= METRIC_COUNT || label >= METRIC_MAX_LABELS ? NULL : &cells[metric][label];
}

void metrics_add(enum metric metric, size_t label, int64_t amount) {
    struct cell *cell = cell_of(metric, label);
    if (cell != NULL) {
        atomic_fetch_add_explicit(&cell->value, amount, memory_order_relaxed);
    }
}

void metrics_set(enum metric metric, size_t label, int64_t value) {
    struct cell *cell = cell_of(metric, label);
    if (cell != NULL) {
        atomic_store_explicit(&cell->value, value, memory_order_relaxed);
    }
}

void metrics_observe_us(enum metric metric, size_t label, int64_t microseconds) {
    struct cell *cell = cell_of(metric, label);
    if (cell == NULL) {
        return;
    }
    size_t bucket = 0;
    while (bucket < BOUND_COUNT && microseconds > bounds[bucket].microseconds) {
        bucket++;
    }
    atomic_fetch_add_explicit(&cell->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cell->value, microseconds, memory_order_relaxed);
}

/* sluice_http_requests_total */
static void append_name(struct buf *out, const struct metric_info *info) {
    static const char *const suffixes[] = {"_total", "", "_seconds"};
    buf_append_text(out, "sluice_");
    for (const char *c = info->name; *c != '\0'; c++) {
        buf_append_char(out, (char)tolower((unsigned char)*c));
    }
    buf_append_text(out, suffixes[info->kind]);
}

static void append_escaped(struct buf *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"') {
            buf_append_char(out, '\\');
        }
        buf_append_text(out, *c == '\n' ? "\\n" : (const char[]){*c, '\0'});
    }
}

struct sample {
    const char *name;        /* of the metric, as exposed */
    const char *label;       /* "" for none */
    const char *label_value; /* NULL for none */
};

static void append_labels(struct buf *out, const struct sample *sample, const char *bound) {
    bool labelled = sample->label_value != NULL;
    if (labelled || bound != NULL) {
        buf_append_char(out, '{');
        if (labelled) {
            buf_printf(out, "%s=\"", sample->label);
            append_escaped(out, sample->label_value);
            buf_append_text(out, bound != NULL ? "\"," : "\"");
        }
        if (bound != NULL) {
            buf_printf(out, "le=\"%s\"", bound);
        }
        buf_append_char(out, '}');
    }
    buf_append_char(out, ' ');
}

static void append_histogram(struct buf *out, const struct sample *sample, struct cell *cell) {
    int64_t count = 0;
    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        count += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket", sample->name);
        append_labels(out, sample, i < BOUND_COUNT ? bounds[i].seconds : "+Inf");
        buf_printf(out, "%" PRId64 "\n", count);
    }
    int64_t sum_us = atomic_load_explicit(&cell->value, memory_order_relaxed);
    buf_printf(out, "%s_sum", sample->name);
    append_labels(out, sample, NULL);
    buf_printf(out, "%" PRId64 ".%06" PRId64 "\n%s_count", sum_us / 1000000, sum_us % 1000000, sample->name);
    append_labels(out, sample, NULL);
    buf_printf(out, "%" PRId64 "\n", count);
}

static void append_sample(struct buf *out, enum metric metric, const struct sample *sample, size_t label) {
    struct cell *cell = &cells[metric][label];
    if (infos[metric].kind == HISTOGRAM) {
        append_histogram(out, sample, cell);
        return;
    }
    buf_append_text(out, sample->name);
    append_labels(out, sample, NULL);
    buf_printf(out, "%" PRId64 "\n", atomic_load_explicit(&cell->value, memory_order_relaxed));
}

static const char *kind_name(enum metric_kind kind) {
    static const char *const names[] = {"counter", "gauge", "histogram"};
    return names[kind];
}

static void append_metric(struct buf *out, enum metric metric) {
    const struct metric_info *info = &infos[metric];
    bool labelled = *info->label != '\0';
    if (labelled && labels[metric].count == 0) {
        return; /* not a metric of this program */
    }
    _cleanup_(buf_free) struct buf name = {0};
    append_name(&name, info);
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name.data, info->help, name.data, kind_name(info->kind));
    for (size_t i = 0; i < (labelled ? labels[metric].count : 1); i++) {
        struct sample sample = {name.data, info->label, labelled ? labels[metric].values[i] : NULL};
        append_sample(out, metric, &sample, i);
    }
}

void metrics_print(struct buf *out) {
    for (size_t i = 0; cells != NULL && i < METRIC_COUNT; i++) {
        append_metric(out, (enum metric)i);
    }
}

void metrics_dump(FILE *out) {
    fputs("# Metrics\n\n| name | type | label | meaning |\n| --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        _cleanup_(buf_free) struct buf name = {0};
        append_name(&name, &infos[i]);
        fprintf(out, "| `%s` | %s | %s | %s |\n", name.data, kind_name(infos[i].kind), infos[i].label, infos[i].help);
    }
}
