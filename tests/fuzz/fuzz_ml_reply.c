/* What a machine-learning service answers, and vectors as the database keeps them. */
#include "common/ml_client.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>

static void check_length(const struct embedding *embedding) {
    require(embedding->count >= 1 && embedding->count <= EMBEDDING_MAX, "a vector has a bounded length");
    require(fabsf(embedding_cosine(embedding, embedding) - 1) < 1e-3F, "a vector from a service has length 1");
}

static void check_array(const char *text) {
    struct error err = {0};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    require(embedding_parse_array(text, &embedding, &err) || err.code == ERROR_DATABASE_ERROR,
            "a refusal has its code");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = {0};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    _cleanup_(freep) char *text = text_of(data, size);
    if (ml_reply_parse(text, strlen(text), &embedding, &err)) {
        _cleanup_(buf_free) struct buf array = {0};
        check_length(&embedding);
        embedding_to_array(&embedding, &array);
        check_array(buf_text(&array));
    } else {
        require(err.code == ERROR_ML_BAD_REPLY, "a refusal has its code");
    }
    check_array(text);
    return 0;
}
