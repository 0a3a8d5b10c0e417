#include "common/embedding.h"

#include "common/json.h"
#include "common/xalloc.h"

#include <math.h>

void embedding_free(struct embedding *embedding) {
    free(embedding->values);
    *embedding = (struct embedding){0};
}

static bool normalise(struct embedding *embedding) {
    double squares = 0;
    for (size_t i = 0; i < embedding->count; i++) {
        squares += (double)embedding->values[i] * (double)embedding->values[i];
    }
    double length = sqrt(squares);
    if (!isfinite(length) || length < 1e-12) {
        return false;
    }
    for (size_t i = 0; i < embedding->count; i++) {
        embedding->values[i] = (float)((double)embedding->values[i] / length);
    }
    return true;
}

static bool read_numbers(const json_t *array, struct embedding *embedding, struct error *err) {
    embedding->count = json_array_size(array);
    if (embedding->count == 0 || embedding->count > EMBEDDING_MAX) {
        return error_set(err, ERROR_ML_BAD_REPLY, "a vector must be an array of 1 to %d numbers", EMBEDDING_MAX);
    }
    embedding->values = xcalloc(embedding->count, sizeof *embedding->values);
    for (size_t i = 0; i < embedding->count; i++) {
        const json_t *number = json_array_get(array, i);
        if (!json_is_number(number)) {
            return error_set(err, ERROR_ML_BAD_REPLY, "item %zu of the vector is no number", i);
        }
        embedding->values[i] = (float)json_number_value(number);
    }
    return normalise(embedding) || error_set(err, ERROR_ML_BAD_REPLY, "the vector has no finite length above zero");
}

bool embedding_parse_json(const char *text, size_t length, struct embedding *ret_embedding, struct error *err) {
    _cleanup_(json_freep) json_t *array = NULL;
    _cleanup_(embedding_free) struct embedding embedding = {0};
    if (!json_parse(text, length, 1, &array, err)) {
        err->code = ERROR_ML_BAD_REPLY;
        return error_prefix(err, "the vector");
    }
    if (!read_numbers(array, &embedding, err)) {
        return false;
    }
    *ret_embedding = (struct embedding){take_ptr(embedding.values), embedding.count};
    return true;
}

void embedding_to_array(const struct embedding *embedding, struct buf *out) {
    buf_append_char(out, '{');
    for (size_t i = 0; i < embedding->count; i++) {
        buf_printf(out, "%s%.9g", i == 0 ? "" : ",", (double)embedding->values[i]);
    }
    buf_append_char(out, '}');
}

bool embedding_parse_array(const char *text, struct embedding *ret_embedding, struct error *err) {
    _cleanup_(embedding_free) struct embedding embedding = {.values = xcalloc(EMBEDDING_MAX, sizeof(float))};
    bool is_good = *text == '{';
    while (is_good && *text != '}' && embedding.count < EMBEDDING_MAX) {
        char *end = NULL;
        embedding.values[embedding.count++] = strtof(text + 1, &end);
        is_good = end != text + 1 && (*end == ',' || *end == '}');
        text = end;
    }
    if (!is_good || strcmp(text, "}") != 0) {
        return error_set(err, ERROR_DATABASE_ERROR, "a stored vector cannot be read");
    }
    *ret_embedding = (struct embedding){take_ptr(embedding.values), embedding.count};
    return true;
}

float embedding_cosine(const struct embedding *left, const struct embedding *right) {
    double sum = 0;
    for (size_t i = 0; i < left->count && i < right->count; i++) {
        sum += (double)left->values[i] * (double)right->values[i];
    }
    return (float)sum;
}
