#include "common/embedding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool parsed(const char *json, struct embedding *embedding) {
    struct error err = {0};
    bool is_parsed = embedding_parse_json(json, strlen(json), embedding, &err);
    assert_true(is_parsed || err.code == ERROR_ML_BAD_REPLY);
    return is_parsed;
}

static void a_vector_gets_length_one(void **state) {
    (void)state;
    _cleanup_(embedding_free) struct embedding embedding = {0};
    assert_true(parsed("[3, -4.0, 0]", &embedding));
    assert_int_equal(embedding.count, 3);
    assert_float_equal(embedding.values[0], 0.6, 1e-6);
    assert_float_equal(embedding.values[1], -0.8, 1e-6);
    assert_float_equal(embedding_cosine(&embedding, &embedding), 1, 1e-6);
}

static void what_is_no_vector_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",        "[]",         "{}",    "[[1]]",       "[1,\"2\"]", "[1,null]",
                                        "[0,0,0]", "[1e999, 1]", "[1] x", "[1e39,1e39]", "null",      "[NaN]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct embedding embedding = {0};
        assert_false(parsed(wrong[i], &embedding));
        assert_null(embedding.values);
    }
}

static void a_vector_has_a_longest_length(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf json = {0};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    buf_append_text(&json, "[1");
    for (int i = 1; i < EMBEDDING_MAX; i++) {
        buf_append_text(&json, ",1");
    }
    buf_append_char(&json, ']');
    assert_true(parsed(buf_text(&json), &embedding));
    json.data[json.length - 1] = ',';
    buf_append_text(&json, "1]");
    assert_false(parsed(buf_text(&json), &embedding));
}

static void the_database_gives_back_what_it_got(void **state) {
    (void)state;
    struct error err = {0};
    _cleanup_(embedding_free) struct embedding embedding = {0};
    _cleanup_(embedding_free) struct embedding back = {0};
    _cleanup_(buf_free) struct buf text = {0};
    assert_true(parsed("[0.1, -0.7, 1e-20]", &embedding));
    embedding_to_array(&embedding, &text);
    assert_true(embedding_parse_array(buf_text(&text), &back, &err));
    assert_int_equal(back.count, 3);
    assert_memory_equal(back.values, embedding.values, 3 * sizeof(float));
}

static void other_arrays_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "{", "{1", "{1,}", "{1}x", "1,2", "{a}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = {0};
        struct embedding embedding = {0};
        assert_false(embedding_parse_array(wrong[i], &embedding, &err));
        assert_int_equal(err.code, ERROR_DATABASE_ERROR);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_gets_length_one),      cmocka_unit_test(what_is_no_vector_is_refused),
        cmocka_unit_test(a_vector_has_a_longest_length), cmocka_unit_test(the_database_gives_back_what_it_got),
        cmocka_unit_test(other_arrays_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
