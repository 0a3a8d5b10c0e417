/* bench-variants EFFORT VARIANTS PICTURE [FOLDER]: a picture through sluice-decoder as a worker sends it, again and again, or
 * once into FOLDER as {side}.webp. Reads lines of seconds, answers each with one of JSON. */
#include "processor/decoder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { MEMORY = 512 << 20, TIMEOUT_MS = 60000 };

struct input {
    int file; /* a memfd, as small objects are spooled */
    int64_t size;
};

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool load(const char *path, struct input *ret_input) {
    _cleanup_(fclosep) FILE *file = fopen(path, "rb");
    int copy = memfd_create("picture", MFD_CLOEXEC);
    char block[65536];
    size_t length = 0;
    int64_t size = 0;
    while (file != NULL && copy >= 0 && (length = fread(block, 1, sizeof block, file)) > 0) {
        if (write(copy, block, length) != (ssize_t)length) {
            return false;
        }
        size += (int64_t)length;
    }
    *ret_input = (struct input){copy, size};
    return size > 0;
}

static bool take(void *context, const struct picture_variant *variant, struct error *err) {
    const char *folder = context;
    if (folder == NULL) {
        return true;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/%d.webp", folder, variant->spec->side_px);
    _cleanup_(fclosep) FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(variant->bytes, 1, variant->size, file) != variant->size) {
        return error_set(err, ERROR_INTERNAL, "%s cannot be written", path);
    }
    return true;
}

static bool run(struct decoder *decoder, const struct input *input, char *folder) {
    struct picture picture;
    struct error err = {0};
    if (!decoder_run(decoder, input->file, input->size, take, folder, &picture, &err)) {
        fprintf(stderr, "bench-variants: %s: %s\n", error_name(&err), err.message);
        return false;
    }
    return true;
}

static bool serve(struct decoder *decoder, const struct input *input) {
    char line[64];
    printf("ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        double seconds = strtod(line, NULL);
        double started = now_s();
        int images = 0;
        for (; now_s() - started < seconds; images++) {
            if (!run(decoder, input, NULL)) {
                return false;
            }
        }
        printf("{\"images\": %d, \"seconds\": %.6f}\n", images, now_s() - started);
        fflush(stdout);
    }
    return true;
}

int main(int count, char **words) {
    struct decoder_options options = {
        .max_pixels = 50000000,
        .max_frames = 1000,
        .memory_bytes = MEMORY,
        .timeout_ms = TIMEOUT_MS,
        .keep_gps = true,
    };
    struct error err = {0};
    struct input input = {-1, 0};
    if (count < 4 || !variants_parse(words[2], &options.variants, &err) || !load(words[3], &input)) {
        fprintf(stderr, "usage: bench-variants EFFORT VARIANTS PICTURE [FOLDER] %s\n", err.message);
        return EXIT_FAILURE;
    }
    options.webp_effort = (int)strtol(words[1], NULL, 10);
    _cleanup_(decoder_freep) struct decoder *decoder = decoder_new(&options);
    char *folder = count > 4 ? words[4] : NULL;
    if (!run(decoder, &input, folder)) {
        return EXIT_FAILURE;
    }
    return folder != NULL || serve(decoder, &input) ? EXIT_SUCCESS : EXIT_FAILURE;
}
