/* decode_pictures FOLDER VARIANTS FILE…: each file through sluice-decoder, as a worker does it. Variants are written into the
 * folder as {number of the file}-{name}.{extension}; what came of each file is a line of JSON on stdout.
 *
 * Settings that a test may change come from the environment: MEMORY_BYTES, TIMEOUT_MS, MAX_PIXELS, MAX_FRAMES, WEBP_EFFORT,
 * KEEP_GPS=false, and DECODER for the program. */
#include "common/encode.h"
#include "common/metrics.h"
#include "common/picture_json.h"
#include "common/xalloc.h"
#include "processor/decoder.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct output {
    const char *folder;
    int number;
    json_t *variants;
};

static int64_t number_of(const char *name, int64_t fallback) {
    int64_t number = fallback;
    const char *text = getenv(name);
    if (text != NULL && !parse_int64(text, 0, INT64_MAX, &number)) {
        fprintf(stderr, "decode_pictures: %s is no number\n", name);
        exit(EXIT_FAILURE);
    }
    return number;
}

static bool write_variant(void *context, const struct picture_variant *variant, struct error *err) {
    struct output *output = context;
    _cleanup_(freep) char *path = xasprintf("%s/%d-%s.%s", output->folder, output->number, variant->spec->name,
                                            picture_format_extension(variant->spec->format));
    _cleanup_(fclosep) FILE *file = fopen(path, "wbe");
    if (file == NULL || fwrite(variant->bytes, 1, variant->size, file) != variant->size) {
        return error_set(err, ERROR_INTERNAL, "cannot write %s", path);
    }
    json_t *object = json_object();
    json_set_text(object, "name", variant->spec->name);
    json_set_text(object, "path", path);
    json_set_int(object, "width", variant->width);
    json_set_int(object, "height", variant->height);
    json_set_int(object, "size", (int64_t)variant->size);
    return json_array_append_new(output->variants, object) == 0;
}

static void show_picture(json_t *line, const struct picture *picture) {
    json_set_text(line, "type", picture_type_name(picture->type));
    json_set_int(line, "width", picture->width);
    json_set_int(line, "height", picture->height);
    json_set_int(line, "frames", picture->frames);
    json_set_text(line, "thumbhash", picture->has_thumbhash ? picture->thumbhash : NULL);
    json_set(line, "metadata", picture_metadata_json(&picture->metadata));
}

static void decode(struct decoder *decoder, const char *path, struct output *output) {
    struct picture picture;
    struct stat status;
    struct error err = {0};
    _cleanup_(closep) int input = open(path, O_RDONLY | O_CLOEXEC);
    _cleanup_(json_freep) json_t *line = json_object();
    if (input < 0 || fstat(input, &status) != 0) {
        fprintf(stderr, "decode_pictures: cannot open %s\n", path);
        exit(EXIT_FAILURE);
    }
    output->variants = json_array();
    bool is_good = decoder_run(decoder, input, status.st_size, write_variant, output, &picture, &err);
    json_set_text(line, "code", is_good ? "OK" : error_name(&err));
    json_set_text(line, "message", err.message);
    json_set(line, "variants", output->variants);
    if (is_good) {
        show_picture(line, &picture);
    }
    struct decoder_usage usage = decoder_last_usage(decoder);
    json_set_int(line, "peak_bytes", usage.peak_bytes);
    json_set_int(line, "cpu_us", usage.cpu_us);
    json_set_int(line, "elapsed_us", usage.elapsed_us);
    json_set_int(line, "decoder_pid", decoder_pid(decoder));
    _cleanup_(freep) char *text = json_to_text(line);
    puts(text);
    fflush(stdout);
}

int main(int argc, char **argv) {
    struct error err = {0};
    const char *keep_gps = getenv("KEEP_GPS");
    struct decoder_options options = {
        .program = getenv("DECODER"),
        .max_pixels = number_of("MAX_PIXELS", 50000000),
        .max_frames = number_of("MAX_FRAMES", 1000),
        .memory_bytes = number_of("MEMORY_BYTES", 512 << 20),
        .timeout_ms = number_of("TIMEOUT_MS", 10000),
        .webp_effort = (int)number_of("WEBP_EFFORT", 4),
        .keep_gps = keep_gps == NULL || strcmp(keep_gps, "false") != 0,
    };
    if (argc < 4 || !variants_parse(argv[2], &options.variants, &err)) {
        fprintf(stderr, "usage: decode_pictures FOLDER VARIANTS FILE… %s\n", err.message);
        return EXIT_FAILURE;
    }
    metrics_start();
    _cleanup_(decoder_freep) struct decoder *decoder = decoder_new(&options);
    struct output output = {.folder = argv[1]};
    for (int i = 3; i < argc; i++, output.number++) {
        decode(decoder, argv[i], &output);
    }
    return EXIT_SUCCESS;
}
