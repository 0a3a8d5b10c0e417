#include "decoder/planar_profile.h"

#include "common/xalloc.h"

#include <lcms2.h>
#include <stdlib.h>

enum {
    LEVELS = 9, /* of each channel, evenly from 0 to 255 */
    COLOURS = LEVELS * LEVELS * LEVELS,
    TOLERANCE = 2, /* of 255: the published sRGB profiles differ by their rounding */
    PIXELS_AT_ONCE = 1 << 16,
};

struct profile_change {
    cmsHTRANSFORM transform;
};

static void grid(unsigned char *colours) {
    for (size_t index = 0; index < COLOURS; index++, colours += 3) {
        colours[0] = (unsigned char)(index % LEVELS * 255 / (LEVELS - 1));
        colours[1] = (unsigned char)(index / LEVELS % LEVELS * 255 / (LEVELS - 1));
        colours[2] = (unsigned char)(index / LEVELS / LEVELS * 255 / (LEVELS - 1));
    }
}

static bool keeps_colours(cmsHTRANSFORM transform) {
    unsigned char before[3 * COLOURS];
    unsigned char after[3 * COLOURS];
    grid(before);
    cmsDoTransform(transform, before, after, COLOURS);
    for (int index = 0; index < 3 * COLOURS; index++) {
        if (abs(before[index] - after[index]) > TOLERANCE) {
            return false;
        }
    }
    return true;
}

/* NULL for a profile of other than RGB, and for a broken one. */
static cmsHTRANSFORM transform_of(const void *profile, size_t size, cmsUInt32Number flags) {
    cmsHPROFILE from = size > UINT32_MAX ? NULL : cmsOpenProfileFromMem(profile, (cmsUInt32Number)size);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM transform = NULL;
    if (from != NULL && to != NULL && cmsGetColorSpace(from) == cmsSigRgbData) {
        transform = cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, flags);
    }
    if (from != NULL) {
        cmsCloseProfile(from);
    }
    if (to != NULL) {
        cmsCloseProfile(to);
    }
    return transform;
}

bool profile_is_srgb(const void *profile, size_t size) {
    cmsHTRANSFORM transform = transform_of(profile, size, cmsFLAGS_NOOPTIMIZE);
    bool same = transform != NULL && keeps_colours(transform);
    if (transform != NULL) {
        cmsDeleteTransform(transform);
    }
    return same;
}

struct profile_change *profile_change_new(const void *profile, size_t size) {
    cmsHTRANSFORM transform = transform_of(profile, size, 0);
    if (transform == NULL) {
        return NULL;
    }
    struct profile_change *change = xmalloc(sizeof *change);
    change->transform = transform;
    return change;
}

void profile_change_free(struct profile_change *change) {
    if (change != NULL) {
        cmsDeleteTransform(change->transform);
        free(change);
    }
}

void profile_change_apply(const struct profile_change *change, uint8_t *pixels, size_t count) {
    for (size_t done = 0; done < count; done += PIXELS_AT_ONCE) {
        size_t left = count - done;
        cmsDoTransform(change->transform, pixels + 3 * done, pixels + 3 * done,
                       (cmsUInt32Number)(left < PIXELS_AT_ONCE ? left : PIXELS_AT_ONCE));
    }
}
