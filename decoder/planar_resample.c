#include "decoder/planar_resample.h"

#include "common/xalloc.h"

#include <math.h>

/* Weights are fixed-point numbers with 14 bits, so that they and samples multiply in 16 bits and add up in 32, which is what
 * a compiler turns into SIMD. Columns come first: their result has 6 bits of fraction in 16 bits. */
enum {
    LOBES = 3,
    WEIGHT_BITS = 14,
    COLUMN_BITS = 6,
    BLOCK = 16,   /* columns at a time; divides PLANE_ALIGN */
    TAP_ALIGN = 8 /* taps of a row are padded with zeros to a multiple of it */
};

_Static_assert(PLANE_ALIGN % BLOCK == 0, "a block of columns must not leave its row");

const struct resample_range RESAMPLE_SAME_RANGE = {.scale = 1, .offset = 0, .low = 0, .high = 255};

struct resample_weights {
    int count;       /* samples of the result */
    int taps;        /* of each, a multiple of TAP_ALIGN; those that are not needed are 0 */
    int *first;      /* the sample of the source that the first tap stands for */
    int *used;       /* taps from the first on that are not 0 */
    int16_t *values; /* count × taps */
};

static double lanczos(double x) {
    if (fabs(x) < 1e-9) {
        return 1;
    }
    if (fabs(x) >= LOBES) {
        return 0;
    }
    double angle = x * 3.14159265358979323846;
    return LOBES * sin(angle) * sin(angle / LOBES) / (angle * angle);
}

/* Rounds the weights and gives what is missing to the largest one, so that a plane of one value keeps it. */
static void quantise(const double *exact, int taps, double sum, double scale, int16_t *values) {
    int wanted = (int)lrint(scale * (1 << WEIGHT_BITS));
    int total = 0;
    int largest = 0;
    for (int tap = 0; tap < taps; tap++) {
        values[tap] = (int16_t)lrint(exact[tap] / sum * scale * (1 << WEIGHT_BITS));
        total += values[tap];
        if (values[tap] > values[largest]) {
            largest = tap;
        }
    }
    values[largest] = (int16_t)(values[largest] + wanted - total);
}

/* Drops the zeros at both ends: a side that keeps its length has one tap. */
static void trim(struct resample_weights *weights, int index, int taps) {
    int16_t *values = weights->values + (size_t)index * (size_t)weights->taps;
    int skipped = 0;
    while (skipped < taps - 1 && values[skipped] == 0) {
        skipped++;
    }
    while (taps > skipped + 1 && values[taps - 1] == 0) {
        taps--;
    }
    for (int tap = 0; tap < taps; tap++) {
        values[tap] = tap + skipped < taps ? values[tap + skipped] : 0;
    }
    weights->first[index] += skipped;
    weights->used[index] = taps - skipped;
}

static void weigh(struct resample_weights *weights, const struct resample_side *side, int index, double scale,
                  double *exact) {
    double width = side->step > 1 ? side->step : 1; /* of a lobe: enlarging interpolates, reducing averages */
    double distance = (index + 0.5) * side->step;
    double center = side->mirrored ? side->extent - distance : distance;
    int first = (int)fmax(0, ceil(center - LOBES * width - 0.5));
    int last = (int)fmin(side->from - 1, floor(center + LOBES * width - 0.5));
    if (first > side->from - 1) {
        first = side->from - 1;
    }
    if (last < first) {
        last = first;
    }
    double sum = 0;
    for (int sample = first; sample <= last; sample++) {
        exact[sample - first] = lanczos((sample + 0.5 - center) / width);
        sum += exact[sample - first];
    }
    weights->first[index] = first;
    quantise(exact, last - first + 1, sum, scale, weights->values + (size_t)index * (size_t)weights->taps);
    trim(weights, index, last - first + 1);
}

static int most_taps(const struct resample_side *side) {
    double width = side->step > 1 ? side->step : 1;
    double taps = fmin(2 * ceil(LOBES * width) + 2, side->from);
    return ((int)taps + TAP_ALIGN - 1) / TAP_ALIGN * TAP_ALIGN;
}

struct resample_weights *resample_weights_new(const struct resample_side *side, double scale) {
    struct resample_weights *weights = xcalloc(1, sizeof *weights);
    weights->count = side->to;
    weights->taps = most_taps(side);
    weights->first = xcalloc((size_t)side->to, sizeof *weights->first);
    weights->used = xcalloc((size_t)side->to, sizeof *weights->used);
    weights->values = xcalloc((size_t)side->to * (size_t)weights->taps, sizeof *weights->values);
    _cleanup_(freep) double *exact = xcalloc((size_t)weights->taps, sizeof *exact);
    for (int index = 0; index < side->to; index++) {
        weigh(weights, side, index, scale, exact);
    }
    return weights;
}

void resample_weights_free(struct resample_weights *weights) {
    if (weights != NULL) {
        free(weights->first);
        free(weights->used);
        free(weights->values);
        free(weights);
    }
}

double resample_weights_gain(const struct resample_weights *weights) {
    int most = 0;
    for (int index = 0; index < weights->count; index++) {
        int positive = 0;
        int negative = 0;
        for (int tap = 0; tap < weights->used[index]; tap++) {
            int value = weights->values[(size_t)index * (size_t)weights->taps + (size_t)tap];
            positive += value > 0 ? value : 0;
            negative -= value < 0 ? value : 0;
        }
        most = positive > most ? positive : most;
        most = negative > most ? negative : most;
    }
    return (double)most / (1 << WEIGHT_BITS);
}

/* Adds up the rows of the source that one row of the result stands for. */
static void reduce_columns(const struct plane *from, const struct resample_weights *down, int index, int16_t *row) {
    const int16_t *values = down->values + (size_t)index * (size_t)down->taps;
    const uint8_t *top = from->pixels + (size_t)down->first[index] * (size_t)from->stride;
    int taps = down->used[index];
    for (int left = 0; left < from->stride; left += BLOCK) {
        int32_t sums[BLOCK];
        for (int x = 0; x < BLOCK; x++) {
            sums[x] = 1 << (WEIGHT_BITS - COLUMN_BITS - 1);
        }
        const uint8_t *pixels = top + left;
        for (int tap = 0; tap < taps; tap++, pixels += from->stride) {
            int16_t weight = values[tap];
            for (int x = 0; x < BLOCK; x++) {
                sums[x] += (int16_t)pixels[x] * weight;
            }
        }
        for (int x = 0; x < BLOCK; x++) {
            row[left + x] = (int16_t)(sums[x] >> (WEIGHT_BITS - COLUMN_BITS));
        }
    }
}

static void reduce_row(const int16_t *row, const struct resample_weights *across, const struct resample_range *range,
                       uint8_t *pixels) {
    const int bits = WEIGHT_BITS + COLUMN_BITS;
    const int32_t offset = (int32_t)lrint((range->offset + 0.5) * (1 << bits));
    const int16_t *values = across->values;
    for (int index = 0; index < across->count; index++, values += across->taps) {
        const int16_t *samples = row + across->first[index];
        int32_t sum = 0;
        for (int tap = 0; tap < across->taps; tap += TAP_ALIGN) {
            for (int lane = 0; lane < TAP_ALIGN; lane++) {
                sum += samples[tap + lane] * values[tap + lane];
            }
        }
        int value = (sum + offset) >> bits;
        value = value < range->low ? range->low : value;
        pixels[index] = (uint8_t)(value > range->high ? range->high : value);
    }
}

void resample_plane(const struct plane *from, const struct plane *to, const struct resample_side *across,
                    const struct resample_side *down, const struct resample_range *range) {
    _cleanup_(resample_weights_freep) struct resample_weights *columns = resample_weights_new(down, 1);
    _cleanup_(resample_weights_freep) struct resample_weights *rows = resample_weights_new(across, range->scale);
    size_t padding = (size_t)rows->taps; /* taps of weight 0 may lie behind the end */
    _cleanup_(freep) int16_t *row = xcalloc((size_t)from->stride + padding, sizeof *row);
    for (int y = 0; y < to->height; y++) {
        reduce_columns(from, columns, y, row);
        reduce_row(row, rows, range, to->pixels + (size_t)y * (size_t)to->stride);
    }
}
