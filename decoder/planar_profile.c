#include "decoder/planar_profile.h"

#include <lcms2.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    LEVELS = 9, /* of each channel, evenly from 0 to 255 */
    COLOURS = LEVELS * LEVELS * LEVELS,
    TOLERANCE = 2, /* of 255: the published sRGB profiles differ by their rounding */
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

bool profile_is_srgb(const void *profile, size_t size) {
    cmsHPROFILE from = size > UINT32_MAX ? NULL : cmsOpenProfileFromMem(profile, (cmsUInt32Number)size);
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    bool same = false;
    if (from != NULL && to != NULL && cmsGetColorSpace(from) == cmsSigRgbData) {
        cmsHTRANSFORM transform =
            cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
        if (transform != NULL) {
            same = keeps_colours(transform);
            cmsDeleteTransform(transform);
        }
    }
    if (from != NULL) {
        cmsCloseProfile(from);
    }
    if (to != NULL) {
        cmsCloseProfile(to);
    }
    return same;
}
