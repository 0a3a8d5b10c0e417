/* JPEG files through the planar renderer: its own walk over the markers, the profile, planes of any size, every orientation. */
#include "decoder/planar.h"
#include "decoder/planar_jpeg.h"
#include "decoder/planar_profile.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>

enum { PIXELS_MAX = 1 << 18, ORIENTATIONS = 8 };

struct seen {
    int longest; /* side of the last result, which no later one exceeds */
    int count;
};

static bool take(void *context, const struct rendered *rendered, struct error *err) {
    struct seen *seen = context;
    int longest = rendered->width > rendered->height ? rendered->width : rendered->height;
    (void)err;
    require(rendered->width >= 1 && rendered->height >= 1, "a variant has pixels");
    require(longest <= seen->longest, "the largest comes first");
    require(rendered->spec != NULL || rendered->size == (size_t)rendered->width * (size_t)rendered->height * 4,
            "the placeholder is RGBA");
    seen->longest = longest;
    seen->count++;
    return true;
}

/* By whatever Little CMS takes for a profile, colours can be changed. */
static void check_profile(const uint8_t *bytes, size_t length) {
    struct profile_change *change = profile_change_new(bytes, length);
    if (change != NULL) {
        uint8_t pixels[3 * 256];
        for (size_t index = 0; index < sizeof pixels; index++) {
            pixels[index] = (uint8_t)index;
        }
        profile_change_apply(change, pixels, sizeof pixels / 3);
    }
    profile_change_free(change);
}

static void render(int file, const struct planar_jpeg *jpeg, size_t length) {
    struct variant_table variants = {0};
    struct error err = {0};
    require(variants_parse("a:31:webp:50,b:300:webp:70", &variants, &err), "the table is right");
    const struct render_job job = {
        .header = {.type = PICTURE_TYPE_JPEG,
                   .width = planar_jpeg_width(jpeg),
                   .height = planar_jpeg_height(jpeg),
                   .orientation = 1 + (int)(length % ORIENTATIONS),
                   .frames = 1},
        .input_fd = file,
        .input_size = (int64_t)length,
        .variants = &variants,
    };
    (void)planar_suits(&job);
    struct seen seen = {.longest = 300};
    bool is_rendered = planar_render(&job, take, &seen, &err);
    require(is_rendered ? seen.count == 3 : err.code == ERROR_DECODE_FAILED, "all variants, or the picture's error");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const uint8_t end[] = {0xFF, 0xD9};
    (void)planar_jpeg_is_whole(bytes, length);
    (void)profile_is_srgb(bytes, length);
    check_profile(bytes, length);
    struct planar_jpeg *jpeg = planar_jpeg_open(bytes, length);
    if (jpeg != NULL && (int64_t)planar_jpeg_width(jpeg) * planar_jpeg_height(jpeg) <= PIXELS_MAX) {
        int file = memfd_create("fuzz", MFD_CLOEXEC);
        require(write(file, bytes, length) == (ssize_t)length && write(file, end, sizeof end) == sizeof end,
                "a memfd takes the bytes");
        render(file, jpeg, length + sizeof end);
        close(file);
    }
    planar_jpeg_free(jpeg);
    return 0;
}
