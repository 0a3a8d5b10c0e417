#include "decoder/planar_rgb.h"

#include "common/xalloc.h"
#include "decoder/complaint.h"

#include <turbojpeg.h>

struct planar_rgb {
    tjhandle converter;
    struct planes *planes;
    int row; /* the next one */
};

bool planar_rgb_of(const struct planes *planes, int channels, uint8_t *ret_pixels, struct error *err) {
    const unsigned char *sources[PLANE_COUNT];
    int strides[PLANE_COUNT];
    int format = channels == RGBA_CHANNELS ? TJPF_RGBA : TJPF_RGB;
    for (int index = 0; index < PLANE_COUNT; index++) {
        sources[index] = planes->plane[index].pixels;
        strides[index] = planes->plane[index].stride;
    }
    tjhandle converter = tjInitDecompress();
    if (converter == NULL) {
        return error_set(err, ERROR_DECODER_MEMORY, "no memory to convert colours");
    }
    bool converted = tjDecodeYUVPlanes(converter, sources, strides, TJSAMP_420, ret_pixels, planes->width,
                                       planes->width * channels, planes->height, format, 0) == 0;
    if (!converted) {
        complaint_set(err, COMPLAINT_DAMAGED, tjGetErrorStr2(converter));
    }
    tjDestroy(converter);
    return converted;
}

struct planar_rgb *planar_rgb_new(struct planes *planes) {
    struct planar_rgb *rgb = xcalloc(1, sizeof *rgb);
    rgb->planes = planes;
    rgb->converter = tjInitCompress();
    if (rgb->converter == NULL) {
        abort(); /* out of memory, as in xalloc */
    }
    return rgb;
}

void planar_rgb_free(struct planar_rgb *rgb) {
    if (rgb != NULL) {
        tjDestroy(rgb->converter);
        free(rgb);
    }
}

bool planar_rgb_add(struct planar_rgb *rgb, const uint8_t *pixels, size_t stride, int rows, struct error *err) {
    unsigned char *places[PLANE_COUNT];
    int strides[PLANE_COUNT];
    struct sampling sampling = rgb->planes->sampling;
    for (int index = 0; index < PLANE_COUNT; index++) {
        const struct plane *plane = &rgb->planes->plane[index];
        int row = index == PLANE_Y ? rgb->row : rgb->row / sampling.down;
        places[index] = plane->pixels + (size_t)row * (size_t)plane->stride;
        strides[index] = plane->stride;
    }
    if (tjEncodeYUVPlanes(rgb->converter, pixels, rgb->planes->width, (int)stride, rows, TJPF_RGB, places, strides,
                          sampling.down == 1 ? TJSAMP_444 : TJSAMP_420, 0) != 0) {
        return complaint_set(err, COMPLAINT_NOT_MADE, tjGetErrorStr2(rgb->converter));
    }
    rgb->row += rows;
    return true;
}
