/* bench-webp PICTURE SIDE FOLDER: the planar renderer with every effort and quality. Writes {effort}-{quality}.webp and prints
 * `effort quality bytes milliseconds` of each, in CPU time of the encoder alone: the planes are made once a job. */
#include "decoder/planar.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct run {
    const char *folder;
    int effort;
    double last_ms;
    bool is_first; /* its time holds decoding and resizing too: a quality that is asked for twice */
};

static double cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static bool take(void *context, const struct rendered *rendered, struct error *err) {
    struct run *run = context;
    double spent = cpu_ms() - run->last_ms;
    if (rendered->spec != NULL && !run->is_first) {
        char path[4096];
        int quality = rendered->spec->quality;
        snprintf(path, sizeof path, "%s/%d-%d.webp", run->folder, run->effort, quality);
        _cleanup_(fclosep) FILE *file = fopen(path, "wb");
        if (file == NULL || fwrite(rendered->bytes, 1, rendered->size, file) != rendered->size) {
            return error_set(err, ERROR_INTERNAL, "%s cannot be written", path);
        }
        printf("%d %d %zu %.2f\n", run->effort, quality, rendered->size, spent);
    }
    run->is_first = false;
    run->last_ms = cpu_ms();
    return true;
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: bench-webp PICTURE SIDE FOLDER\n");
        return EXIT_FAILURE;
    }
    struct variant_table variants = {0};
    static const int qualities[] = {70, 70, 75, 80, 82, 85, 90};
    for (; variants.count < sizeof qualities / sizeof *qualities; variants.count++) {
        variants.specs[variants.count] = (struct variant_spec){
            .side_px = (int)strtol(words[2], NULL, 10), .format = PICTURE_WEBP, .quality = qualities[variants.count]};
    }
    _cleanup_(closep) int file = open(words[1], O_RDONLY | O_CLOEXEC);
    struct stat status = {0};
    struct error err = {0};
    for (int effort = 0; effort <= 6; effort++) {
        struct run run = {words[3], effort, cpu_ms(), true};
        const struct render_job job = {
            .header = {.type = PICTURE_TYPE_JPEG, .orientation = 1, .frames = 1},
            .input_fd = file,
            .input_size = fstat(file, &status) == 0 ? status.st_size : 0,
            .variants = &variants,
            .webp_effort = effort,
        };
        if (!planar_render(&job, take, &run, &err)) {
            fprintf(stderr, "bench-webp: %s: %s\n", words[1], err.message);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
