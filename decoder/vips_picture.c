#include "decoder/vips_picture.h"

#include "common/xalloc.h"
#include "decoder/exif.h"
#include "decoder/vips_open.h"

#include <string.h>
#include <vips/vips.h>

enum { TIFF_HEAD_BYTES = 65536 };

/* Class names of libvips; each stands for its subclasses, too. */
static const char *const allowed[] = {
    "VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadNsgif", "VipsForeignLoadWebp",
    "VipsForeignLoadTiff", "VipsForeignLoadHeif", "VipsForeignSaveHeif",  "VipsForeignSaveJpeg",
};

/* What GLib would do to log, and to find out where to, a confined process may not do. Errors come back as values. */
static GLogWriterOutput drop_log(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer context) {
    (void)level;
    (void)fields;
    (void)count;
    (void)context;
    return G_LOG_WRITER_HANDLED;
}

bool vips_picture_start(const char *program, struct error *err) {
    g_log_set_writer_func(drop_log, NULL, NULL);
    if (vips_init(program) != 0) {
        vips_failed("libvips does not start", err);
        err->code = ERROR_INTERNAL;
        return false;
    }
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    vips_operation_block_set("VipsForeignSave", TRUE);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        vips_operation_block_set(allowed[i], FALSE);
    }
    return true;
}

/* A field with bytes; NULL when the picture has none. */
static const void *blob_of(VipsImage *image, const char *name, size_t *ret_length) {
    const void *bytes = NULL;
    *ret_length = 0;
    if (vips_image_get_typeof(image, name) != VIPS_TYPE_BLOB ||
        vips_image_get_blob(image, name, &bytes, ret_length) != 0) {
        return NULL;
    }
    return bytes;
}

/* Not by vips_image_get_n_pages, which takes more than 10,000 pages for one. */
static int64_t frames_of(VipsImage *image) {
    int pages = 1;
    if (vips_image_get_typeof(image, VIPS_META_N_PAGES) == 0 ||
        vips_image_get_int(image, VIPS_META_N_PAGES, &pages) != 0 || pages < 1) {
        return 1;
    }
    return pages;
}

static void read_metadata(VipsImage *image, int input_fd, enum picture_type type, bool keep_gps,
                          struct picture_metadata *ret_metadata) {
    size_t length = 0;
    const void *exif = blob_of(image, VIPS_META_EXIF_NAME, &length);
    *ret_metadata = (struct picture_metadata){.orientation = 0};
    if (exif != NULL) {
        exif_read(exif, length, keep_gps, ret_metadata);
    } else if (type == PICTURE_TYPE_TIFF) { /* it is the structure that EXIF borrowed */
        _cleanup_(freep) unsigned char *head = xmalloc(TIFF_HEAD_BYTES);
        ssize_t taken = pread(input_fd, head, TIFF_HEAD_BYTES, 0);
        exif_read(head, taken > 0 ? (size_t)taken : 0, keep_gps, ret_metadata);
    }
}

bool vips_picture_read_header(int input_fd, enum picture_type type, bool keep_gps, struct picture_header *ret_header,
                              struct picture_metadata *ret_metadata, struct error *err) {
    _cleanup_(vips_unrefp) VipsImage *image = NULL;
    const struct vips_open open = {.input_fd = input_fd, .type = type, .shrink = 1};
    if (!vips_open(&open, &image, err)) {
        return false;
    }
    *ret_header = (struct picture_header){
        .type = type,
        .width = vips_image_get_width(image),
        .height = vips_image_get_height(image),
        .orientation = vips_image_get_orientation(image),
        .frames = frames_of(image),
    };
    const void *icc = blob_of(image, VIPS_META_ICC_NAME, &ret_header->icc_size);
    if (icc != NULL && ret_header->icc_size > 0) {
        void *copy = xmalloc(ret_header->icc_size);
        memcpy(copy, icc, ret_header->icc_size);
        ret_header->icc = copy;
    }
    read_metadata(image, input_fd, type, keep_gps, ret_metadata);
    return true;
}
