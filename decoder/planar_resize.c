#include "decoder/planar_resize.h"

#include "decoder/planar_resample.h"

/* What each orientation is: mirror, then swap rows and columns. */
static const struct turn {
    bool mirror_x, mirror_y, transpose;
} turns[] = {
    [1] = {false, false, false}, [2] = {true, false, false}, [3] = {true, true, false}, [4] = {false, true, false},
    [5] = {false, false, true},  [6] = {false, true, true},  [7] = {true, true, true},  [8] = {true, false, true},
};

static struct turn turn_of(int orientation) {
    return turns[orientation >= 1 && orientation <= 8 ? orientation : 1];
}

bool orientation_transposes(int orientation) {
    return turn_of(orientation).transpose;
}

static struct resample_range range_change(enum planes_range from, enum planes_range to, int plane) {
    double low = 16;
    double zero = plane == PLANE_Y ? 16 : 128; /* keeps its meaning: black, or no colour */
    double full_zero = plane == PLANE_Y ? 0 : 128;
    int high = plane == PLANE_Y ? 235 : 240;
    double scale = (high - low) / 255;
    if (from == to) {
        return to == RANGE_FULL ? RESAMPLE_SAME_RANGE : (struct resample_range){1, 0, (int)low, high};
    }
    if (to == RANGE_LIMITED) {
        return (struct resample_range){scale, zero - full_zero * scale, (int)low, high};
    }
    return (struct resample_range){1 / scale, full_zero - zero / scale, 0, 255};
}

/* One side of a plane: its samples, and how many pixels each stands for. */
struct side {
    int samples, pixels;
};

/* Positions are those of the picture, not of the plane: chroma of an odd width ends in the middle of its last sample. */
static struct resample_side side_of(struct side from, struct side to, double extent, int picture_to, bool mirrored) {
    return (struct resample_side){
        .from = from.samples,
        .to = to.samples,
        .extent = extent / from.pixels,
        .step = extent / picture_to * to.pixels / from.pixels,
        .mirrored = mirrored,
    };
}

static void resample(const struct resize_source *source, struct turn turn, enum planes_range range,
                     const struct planes *to) {
    for (int index = 0; index < PLANE_COUNT; index++) {
        const struct plane *from = &source->planes->plane[index];
        const struct plane *result = &to->plane[index];
        struct sampling old = index == PLANE_Y ? SAMPLING_444 : source->planes->sampling;
        struct sampling new = index == PLANE_Y ? SAMPLING_444 : to->sampling;
        struct resample_side across =
            side_of((struct side){from->width, old.across}, (struct side){result->width, new.across}, source->width,
                    to->width, turn.mirror_x);
        struct resample_side down =
            side_of((struct side){from->height, old.down}, (struct side){result->height, new.down}, source->height,
                    to->height, turn.mirror_y);
        struct resample_range change = range_change(source->range, range, index);
        resample_plane(from, result, &across, &down, &change);
    }
}

struct planes planes_resize(const struct resize_source *source, int width, int height, enum planes_range range) {
    struct turn turn = turn_of(source->orientation);
    struct planes planes = planes_new(turn.transpose ? height : width, turn.transpose ? width : height, SAMPLING_420);
    resample(source, turn, range, &planes);
    if (turn.transpose) {
        struct planes turned = planes_transpose(&planes);
        planes_free(&planes);
        return turned;
    }
    return planes;
}
