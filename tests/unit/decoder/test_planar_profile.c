#include "decoder/planar_profile.h"

#include "common/xalloc.h"
#include "tests/unit/vectors.h"

#include <lcms2.h>
#include <string.h>

/* The profile's bytes; closes it. */
static struct buf bytes_of(cmsHPROFILE profile) {
    assert_non_null(profile);
    cmsUInt32Number size = 0;
    assert_true(cmsSaveProfileToMem(profile, NULL, &size));
    struct buf bytes = {0};
    assert_true(cmsSaveProfileToMem(profile, buf_reserve(&bytes, size), &size));
    bytes.length = size;
    cmsCloseProfile(profile);
    return bytes;
}

static cmsHPROFILE rgb_profile(const cmsCIExyYTRIPLE *primaries, double gamma) {
    cmsCIExyY white = {0.3127, 0.3290, 1};
    cmsToneCurve *curve = cmsBuildGamma(NULL, gamma);
    cmsToneCurve *curves[3] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, primaries, curves);
    cmsFreeToneCurve(curve);
    return profile;
}

static const cmsCIExyYTRIPLE rec709 = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
static const cmsCIExyYTRIPLE adobe = {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};

static void test_srgb_is_found_whatever_it_is_called(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf srgb = bytes_of(cmsCreate_sRGBProfile());
    assert_true(profile_is_srgb(srgb.data, srgb.length));
    cmsHPROFILE nameless = cmsCreate_sRGBProfile();
    assert_true(cmsWriteTag(nameless, cmsSigProfileDescriptionTag, NULL));
    _cleanup_(buf_free) struct buf renamed = bytes_of(nameless);
    assert_true(profile_is_srgb(renamed.data, renamed.length));
}

static void test_other_colours_are_not_srgb(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf wide = bytes_of(rgb_profile(&adobe, 2.2));
    assert_false(profile_is_srgb(wide.data, wide.length));
    _cleanup_(buf_free) struct buf linear = bytes_of(rgb_profile(&rec709, 1.0));
    assert_false(profile_is_srgb(linear.data, linear.length));
    cmsToneCurve *curve = cmsBuildGamma(NULL, 2.2);
    _cleanup_(buf_free) struct buf grey = bytes_of(cmsCreateGrayProfile(cmsD50_xyY(), curve));
    cmsFreeToneCurve(curve);
    assert_false(profile_is_srgb(grey.data, grey.length));
    _cleanup_(buf_free) struct buf lab = bytes_of(cmsCreateLab4Profile(NULL));
    assert_false(profile_is_srgb(lab.data, lab.length));
}

static void test_colours_are_changed(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf wide = bytes_of(rgb_profile(&adobe, 2.2));
    _cleanup_(profile_change_freep) struct profile_change *change = profile_change_new(wide.data, wide.length);
    assert_non_null(change);
    /* Adobe RGB's pure green is beyond sRGB; white and grey stay; its mid red is a stronger one in sRGB. */
    uint8_t pixels[] = {0, 255, 0, 255, 255, 255, 128, 128, 128, 200, 100, 100};
    profile_change_apply(change, pixels, 4);
    static const int expected[] = {0, 255, 0, 255, 255, 255, 128, 128, 128, 227, 99, 99};
    for (size_t index = 0; index < sizeof pixels; index++) {
        if (abs(pixels[index] - expected[index]) > 2) {
            fail_msg("%zu: %d, not %d", index, pixels[index], expected[index]);
        }
    }
    cmsToneCurve *curve = cmsBuildGamma(NULL, 2.2);
    _cleanup_(buf_free) struct buf grey = bytes_of(cmsCreateGrayProfile(cmsD50_xyY(), curve));
    cmsFreeToneCurve(curve);
    assert_null(profile_change_new(grey.data, grey.length));
    assert_null(profile_change_new(wide.data, wide.length / 2));
    assert_null(profile_change_new("", 0));
}

static void test_broken_profiles_are_not_srgb(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf srgb = bytes_of(cmsCreate_sRGBProfile());
    assert_false(profile_is_srgb("", 0));
    assert_false(profile_is_srgb("sRGB IEC61966-2.1", 17));
    for (size_t length = 0; length < srgb.length; length += 37) {
        char *part = xmalloc(length + 1); /* its own block, so that reading behind it is seen */
        memcpy(part, srgb.data, length);
        char *exact = xrealloc(part, length > 0 ? length : 1);
        (void)profile_is_srgb(exact, length);
        free(exact);
    }
    assert_false(profile_is_srgb(srgb.data, srgb.length / 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_srgb_is_found_whatever_it_is_called),
        cmocka_unit_test(test_other_colours_are_not_srgb),
        cmocka_unit_test(test_colours_are_changed),
        cmocka_unit_test(test_broken_profiles_are_not_srgb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
