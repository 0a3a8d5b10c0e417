#include "decoder/webp.h"

#include "decoder/complaint.h"

#include <webp/encode.h>

enum { RGB_CHANNELS = 3 };

bool webp_encode(const struct webp_pixels *pixels, int quality, int effort, void **ret_bytes, size_t *ret_size,
                 struct error *err) {
    _cleanup_(WebPPictureFree) WebPPicture picture = {.width = 0};
    WebPMemoryWriter writer;
    WebPConfig config;
    if (WebPPictureInit(&picture) == 0 || WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, (float)quality) == 0) {
        return error_set(err, ERROR_INTERNAL, "libwebp is of another version");
    }
    config.method = effort;
    picture.width = pixels->width;
    picture.height = pixels->height;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    WebPMemoryWriterInit(&writer);
    int stride = pixels->width * pixels->channels;
    int is_good = pixels->channels == RGB_CHANNELS ? WebPPictureImportRGB(&picture, pixels->bytes, stride)
                                                   : WebPPictureImportRGBA(&picture, pixels->bytes, stride);
    if (is_good == 0 || WebPEncode(&config, &picture) == 0) {
        WebPMemoryWriterClear(&writer);
        return error_set(err, ERROR_DECODE_FAILED, "%s\nlibwebp: error %d", COMPLAINT_NOT_MADE,
                         (int)picture.error_code);
    }
    *ret_bytes = writer.mem;
    *ret_size = writer.size;
    return true;
}

void webp_free(void *bytes) {
    WebPFree(bytes);
}
