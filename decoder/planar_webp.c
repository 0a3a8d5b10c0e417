#include "decoder/planar_webp.h"

#include "decoder/complaint.h"

#include <webp/encode.h>

static bool failed(const WebPPicture *picture, struct error *err) {
    bool memory = picture->error_code == VP8_ENC_ERROR_OUT_OF_MEMORY ||
                  picture->error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY;
    return error_set(err, memory ? ERROR_DECODER_MEMORY : ERROR_DECODE_FAILED, "%s\nlibwebp: %d x %d pixels, error %d",
                     COMPLAINT_NOT_MADE, picture->width, picture->height, (int)picture->error_code);
}

bool planar_webp_encode(const struct planes *planes, int quality, int effort, void **ret_bytes, size_t *ret_size,
                        struct error *err) {
    WebPConfig config;
    WebPPicture picture;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) {
        return error_set(err, ERROR_INTERNAL, "libwebp has another version than its header");
    }
    config.quality = (float)quality;
    config.method = effort;
    WebPMemoryWriter writer;
    WebPMemoryWriterInit(&writer);
    picture.width = planes->width;
    picture.height = planes->height;
    picture.y = planes->plane[PLANE_Y].pixels;
    picture.u = planes->plane[PLANE_U].pixels;
    picture.v = planes->plane[PLANE_V].pixels;
    picture.y_stride = planes->plane[PLANE_Y].stride;
    picture.uv_stride = planes->plane[PLANE_U].stride;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    bool encoded = WebPEncode(&config, &picture) && writer.mem != NULL;
    if (encoded) {
        *ret_bytes = writer.mem;
        *ret_size = writer.size;
    } else {
        failed(&picture, err);
        WebPMemoryWriterClear(&writer);
    }
    WebPPictureFree(&picture); /* frees what it allocated itself, which is not the planes */
    return encoded;
}

void planar_webp_free(void *bytes) {
    WebPFree(bytes);
}
