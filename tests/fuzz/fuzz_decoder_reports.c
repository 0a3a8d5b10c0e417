/* What a decoder that a picture has taken over may send to its worker: any messages, in any order, with any file beside them. */
#include "processor/decoder_job.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>

enum { ORDER_BYTES = 4, FILE_MAX = 4096, PIXELS_MAX = 1000000, FRAMES_MAX = 10 };

static const struct decoder_options options = {
    .variants = {.specs = {{"small", 240, PICTURE_WEBP, 80},
                           {"big", 480, PICTURE_JPEG, 80},
                           {"best", 960, PICTURE_AVIF, 60}},
                 .count = 3},
    .max_pixels = PIXELS_MAX,
    .max_frames = FRAMES_MAX,
};

static unsigned char_sum; /* so that every byte of a variant is read */

static bool take_variant(void *context, const struct picture_variant *variant, struct error *err) {
    size_t *taken = context;
    const unsigned char *bytes = variant->bytes;
    require(variant->spec >= options.variants.specs && variant->spec < options.variants.specs + options.variants.count,
            "a variant is one of the table");
    require(variant->width >= 1 && variant->width <= variant->spec->side_px && variant->height >= 1 &&
                variant->height <= variant->spec->side_px,
            "a variant fits its side");
    for (size_t i = 0; i < variant->size; i++) {
        char_sum += bytes[i];
    }
    (*taken)++;
    return (char_sum & 63) != 0 || error_set(err, ERROR_STORE_ERROR, "the store refuses");
}

/* A memfd whose first bytes are those of a format, so that some pass; -1 for none. */
static int file_beside(unsigned char order, size_t size) {
    static const unsigned char heads[][12] = {
        {'R', 'I', 'F', 'F', 22, 0, 0, 0, 'W', 'E', 'B', 'P'},
        {0xff, 0xd8, 0xff, 0xe0},
        {0, 0, 0, 16, 'f', 't', 'y', 'p', 'a', 'v', 'i', 'f'},
        {'<', 'h', 't', 'm', 'l', '>'},
    };
    if ((order & 4) == 0) {
        return -1;
    }
    int file = memfd_create("variant", (order & 8) != 0 ? MFD_CLOEXEC : MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0 || ftruncate(file, (off_t)size) != 0 ||
        pwrite(file, heads[order & 3], sizeof heads[0], 0) != sizeof heads[0]) {
        abort();
    }
    return file;
}

static void check_picture(const struct picture *picture) {
    require(picture_type_name(picture->type) != NULL, "a picture has a type");
    require(picture->width >= 1 && picture->height >= 1 && picture->frames >= 1 && picture->frames <= FRAMES_MAX &&
                (int64_t)picture->width * picture->height * picture->frames <= PIXELS_MAX,
            "a picture has a size within the limits");
    require(picture_metadata_valid(&picture->metadata) && !picture->metadata.has_gps,
            "metadata are within their ranges");
    require(picture->has_thumbhash, "a picture has its placeholder");
    require_utf8(picture->thumbhash, "a placeholder is a text");
}

/* Each message: four bytes (what file is beside it, of which size, how much is cut off), then the report. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    size_t taken = 0;
    struct decoder_job job = {.options = &options, .sink = take_variant, .context = &taken};
    struct picture picture;
    struct error err = {0};
    bool goes_on = true;
    while (goes_on && length >= ORDER_BYTES) {
        const uint8_t *order = bytes;
        size_t room =
            length - ORDER_BYTES < sizeof(struct decoder_report) ? length - ORDER_BYTES : sizeof(struct decoder_report);
        /* Short inputs stand for whole reports whose end is zero. */
        unsigned char *message = xcalloc(1, sizeof(struct decoder_report));
        memcpy(message, bytes + ORDER_BYTES, room);
        size_t cut = (order[3] & 0xf0) == 0xf0 ? order[3] & 15U : 0;
        _cleanup_(closep) int file = file_beside(order[0], ((size_t)order[1] << 8 | order[2]) % FILE_MAX + 12);
        goes_on = decoder_job_take(&job, message, sizeof(struct decoder_report) - cut, file, &err);
        require(goes_on == !job.has_failed, "what was refused ends the job");
        free(message);
        bytes += ORDER_BYTES + room;
        length -= ORDER_BYTES + room;
    }
    const struct decoder_end end = {.outcome = DECODER_ENDED};
    if (decoder_job_finish(&job, &end, &picture, &err)) {
        require(taken == options.variants.count, "a good job has all of its variants");
        check_picture(&picture);
    } else {
        require(err.code != ERROR_NONE, "a bad job has an error");
    }
    return 0;
}
