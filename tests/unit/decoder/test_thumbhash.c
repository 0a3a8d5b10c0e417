#include "decoder/thumbhash.h"

#include "common/encode.h"
#include "common/xalloc.h"
#include "tests/unit/vectors.h"

#include <string.h>

static int64_t number_at(const json_t *vector, const char *name, size_t index) {
    return json_integer_value(json_array_get(json_object_get(vector, name), index));
}

static void fill(const json_t *vector, int width, int height, unsigned char *rgba) {
    for (int i = 0; i < width * height * 4; i++) {
        size_t channel = (size_t)i % 4;
        int column = i / 4 % width;
        int row = i / 4 / width;
        rgba[i] = (unsigned char)(number_at(vector, "start", channel) + column * number_at(vector, "x", channel) +
                                  row * number_at(vector, "y", channel));
    }
}

static void is_that_of_the_reference_implementation(void **state) {
    (void)state;
    _cleanup_(json_freep) json_t *vectors = read_json(TEST_VECTORS "/thumbhash.json");
    size_t index = 0;
    json_t *vector = NULL;
    assert_true(json_array_size(vectors) >= 40);
    json_array_foreach (vectors, index, vector) {
        int width = (int)json_integer_value(json_object_get(vector, "width"));
        int height = (int)json_integer_value(json_object_get(vector, "height"));
        _cleanup_(freep) unsigned char *rgba = xmalloc((size_t)(width * height * 4));
        unsigned char hash[THUMBHASH_MAX];
        char text[2 * THUMBHASH_MAX + 1];
        fill(vector, width, height, rgba);
        encode_hex(hash, thumbhash_make(width, height, rgba, hash), text);
        const char *expected = json_text(vector, "hash");
        if (strcmp(text, expected) != 0) {
            fail_msg("vector %zu (%d x %d): %s is not %s", index, width, height, text, expected);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_the_reference_implementation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
