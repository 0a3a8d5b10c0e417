#include "decoder/planar_jpeg.h"

#include "common/xalloc.h"
#include "decoder/complaint.h"

#include <string.h>
#include <turbojpeg.h>

/* ITU-T T.81, table B.1 */
enum { MARKER = 0xFF, SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, RST0 = 0xD0, RST7 = 0xD7, TEM = 0x01 };
enum { SCANS_MAX = 100 }; /* as libvips has it */
enum { NO_COLOUR = 128 };

struct planar_jpeg {
    tjhandle decompressor;
    const unsigned char *bytes;
    unsigned long size;
    int width, height;
    bool is_grey;
    struct sampling sampling;
};

struct planar_jpeg *planar_jpeg_open(const void *bytes, size_t size) {
    _cleanup_(planar_jpeg_freep) struct planar_jpeg *jpeg = xcalloc(1, sizeof *jpeg);
    jpeg->decompressor = tjInitDecompress();
    if (jpeg->decompressor == NULL) {
        return NULL;
    }
    jpeg->bytes = bytes;
    jpeg->size = size;
    int sampling = -1;
    int colours = -1;
    if (tjDecompressHeader3(jpeg->decompressor, bytes, size, &jpeg->width, &jpeg->height, &sampling, &colours) != 0 ||
        sampling < 0 || sampling >= TJ_NUMSAMP || (colours != TJCS_YCbCr && colours != TJCS_GRAY)) {
        return NULL;
    }
    jpeg->is_grey = colours == TJCS_GRAY;
    jpeg->sampling =
        jpeg->is_grey ? SAMPLING_420 : (struct sampling){tjMCUWidth[sampling] / 8, tjMCUHeight[sampling] / 8};
    return take_ptr(jpeg);
}

void planar_jpeg_free(struct planar_jpeg *jpeg) {
    if (jpeg != NULL) {
        if (jpeg->decompressor != NULL) {
            tjDestroy(jpeg->decompressor);
        }
        free(jpeg);
    }
}

/* Skips entropy-coded data: the position of the next marker that is not part of it, or size. */
static size_t after_scan(const unsigned char *bytes, size_t size, size_t position) {
    while (position + 1 < size) {
        const unsigned char *found = memchr(bytes + position, MARKER, size - 1 - position);
        if (found == NULL) {
            return size;
        }
        position = (size_t)(found - bytes);
        if (found[1] != 0 && found[1] != MARKER && (found[1] < RST0 || found[1] > RST7)) {
            return position;
        }
        position += found[1] == MARKER ? 1 : 2;
    }
    return size;
}

bool planar_jpeg_is_whole(const void *start, size_t size) {
    const unsigned char *bytes = start;
    size_t position = 0;
    int scans = 0;
    while (position + 1 < size && bytes[position] == MARKER) {
        unsigned char kind = bytes[position + 1];
        if (kind == EOI) {
            return true;
        }
        bool is_bare = kind == SOI || kind == TEM || kind == MARKER || (kind >= RST0 && kind <= RST7);
        if (is_bare) {
            position += kind == MARKER ? 1 : 2; /* fill bytes may come before any marker */
            continue;
        }
        if (position + 3 >= size) {
            return false;
        }
        position += 2 + (size_t)((bytes[position + 2] << 8) | bytes[position + 3]);
        if (kind == SOS) {
            if (++scans > SCANS_MAX) {
                return false;
            }
            position = after_scan(bytes, size, position);
        }
    }
    return false;
}

int planar_jpeg_width(const struct planar_jpeg *jpeg) {
    return jpeg->width;
}

int planar_jpeg_height(const struct planar_jpeg *jpeg) {
    return jpeg->height;
}

bool planar_jpeg_decode(struct planar_jpeg *jpeg, int reduction, struct planes *ret_planes, struct error *err) {
    int width = (jpeg->width + reduction - 1) / reduction;
    int height = (jpeg->height + reduction - 1) / reduction;
    _cleanup_(planes_free) struct planes planes = planes_new(width, height, jpeg->sampling);
    unsigned char *pixels[PLANE_COUNT];
    int strides[PLANE_COUNT];
    for (int index = 0; index < PLANE_COUNT; index++) {
        pixels[index] = planes.plane[index].pixels;
        strides[index] = planes.plane[index].stride;
    }
    for (int index = PLANE_U; jpeg->is_grey && index <= PLANE_V; index++) {
        memset(pixels[index], NO_COLOUR, (size_t)strides[index] * (size_t)planes.plane[index].height);
    }
    if (tjDecompressToYUVPlanes(jpeg->decompressor, jpeg->bytes, jpeg->size, pixels, width, strides, height, 0) != 0 &&
        tjGetErrorCode(jpeg->decompressor) != TJERR_WARNING) {
        return complaint_set(err, COMPLAINT_DAMAGED, tjGetErrorStr2(jpeg->decompressor));
    }
    *ret_planes = planes_take(&planes);
    return true;
}
