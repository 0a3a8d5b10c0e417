#include "decoder/planar_planes.h"

#include "common/xalloc.h"

enum { TILE = 16 }; /* pixels; a tile of rows and its mirror image stay in the first-level cache */

/* TurboJPEG writes whole samples of chroma: one more row of an odd number of rows of luma. */
static size_t layout(struct plane *plane, int width, int height) {
    int rows = (height + 1) / 2 * 2;
    plane->width = width;
    plane->height = height;
    plane->stride = (width + PLANE_ALIGN - 1) / PLANE_ALIGN * PLANE_ALIGN;
    return (size_t)plane->stride * (size_t)rows;
}

struct planes planes_new(int width, int height) {
    struct planes planes = {.width = width, .height = height};
    size_t sizes[PLANE_COUNT];
    size_t total = 0;
    for (int index = 0; index < PLANE_COUNT; index++) {
        bool full = index == PLANE_Y;
        sizes[index] = layout(&planes.plane[index], full ? width : (width + 1) / 2, full ? height : (height + 1) / 2);
        total += sizes[index];
    }
    planes.memory = xcalloc(1, total);
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
    struct planes planes = planes_new(from->height, from->width);
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
