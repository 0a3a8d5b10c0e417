#include "decoder/planar_planes.h"

#include "common/xalloc.h"

enum { TILE = 16 }; /* pixels; a tile of rows and its mirror image stay in the first-level cache */

const struct sampling SAMPLING_420 = {2, 2};
const struct sampling SAMPLING_444 = {1, 1};

static int divided(int length, int by) {
    return (length + by - 1) / by;
}

/* TurboJPEG writes whole samples of chroma: one more row of luma, when chroma has half of an odd number. */
static size_t layout(struct plane *plane, int width, int height, int down) {
    plane->width = width;
    plane->height = height;
    plane->stride = divided(width, PLANE_ALIGN) * PLANE_ALIGN;
    return (size_t)plane->stride * (size_t)(divided(height, down) * down);
}

static size_t layout_all(struct planes *planes, size_t sizes[PLANE_COUNT]) {
    const struct sampling sampling = planes->sampling;
    int chroma_width = divided(planes->width, sampling.across);
    int chroma_height = divided(planes->height, sampling.down);
    sizes[PLANE_Y] = layout(&planes->plane[PLANE_Y], planes->width, planes->height, sampling.down);
    sizes[PLANE_U] = layout(&planes->plane[PLANE_U], chroma_width, chroma_height, 1);
    sizes[PLANE_V] = layout(&planes->plane[PLANE_V], chroma_width, chroma_height, 1);
    return sizes[PLANE_Y] + sizes[PLANE_U] + sizes[PLANE_V];
}

int64_t planes_size(int width, int height, struct sampling sampling) {
    struct planes planes = {.width = width, .height = height, .sampling = sampling};
    size_t sizes[PLANE_COUNT];
    return (int64_t)layout_all(&planes, sizes);
}

struct planes planes_new(int width, int height, struct sampling sampling) {
    struct planes planes = {.width = width, .height = height, .sampling = sampling};
    size_t sizes[PLANE_COUNT];
    planes.memory = xcalloc(1, layout_all(&planes, sizes));
    uint8_t *next = planes.memory;
    for (int index = 0; index < PLANE_COUNT; index++) {
        planes.plane[index].pixels = next;
        next += sizes[index];
    }
    return planes;
}

static int smaller(int left, int right) {
    return left < right ? left : right;
}

static void transpose_plane(const struct plane *from, const struct plane *to) {
    for (int top = 0; top < from->height; top += TILE) {
        int bottom = smaller(top + TILE, from->height);
        for (int left = 0; left < from->width; left += TILE) {
            int right = smaller(left + TILE, from->width);
            for (int x = left; x < right; x++) {
                size_t row = (size_t)x * (size_t)to->stride;
                for (int y = top; y < bottom; y++) {
                    to->pixels[row + (size_t)y] = from->pixels[(size_t)y * (size_t)from->stride + (size_t)x];
                }
            }
        }
    }
}

struct planes planes_transpose(const struct planes *from) {
    struct planes planes = planes_new(from->height, from->width, SAMPLING_420);
    for (int index = 0; index < PLANE_COUNT; index++) {
        transpose_plane(&from->plane[index], &planes.plane[index]);
    }
    return planes;
}

void planes_free(struct planes *planes) {
    free(planes->memory);
    *planes = (struct planes){0};
}

struct planes planes_take(struct planes *planes) {
    struct planes taken = *planes;
    *planes = (struct planes){0};
    return taken;
}
