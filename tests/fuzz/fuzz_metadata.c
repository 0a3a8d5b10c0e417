/* What is looked at before a library gets a picture: the parts of PNG, JPEG, WebP and TIFF, and the folders of EXIF. */
#include "decoder/exif_guard.h"
#include "decoder/metadata_limit.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    /* Memory of exactly its size, so that ASan sees a read beyond it. */
    uint8_t *copy = xmalloc(length + 1);
    memcpy(copy, bytes, length);
    copy = realloc(copy, length > 0 ? length : 1);
    for (enum picture_type type = PICTURE_TYPE_NONE; type < PICTURE_TYPE_COUNT; type++) {
        struct error err = {0};
        bool is_cut = false;
        bool is_good = metadata_limit_check(copy, length, type, &is_cut, &err);
        require(is_good == (err.code == ERROR_NONE), "what is refused has an error");
    }
    bool is_tame = exif_is_tame(copy, length);
    require(!is_tame || (length >= 14 && memcmp(copy, "Exif", 4) == 0), "only a block is tame");
    free(copy);
    return 0;
}
