#include "api/streamed_object.h"
#include "tests/unit/api/exchange.h"

static void memory_is_reserved_and_given_back(void **state) {
    struct api *api = *state;
    struct error err = {0};
    assert_true(streamed_object_reserve(api, 1000, &err));
    assert_int_equal(memory_budget_taken(api->asset_memory), 1000);
    assert_false(streamed_object_reserve(api, api->config->asset_memory_bytes, &err));
    assert_int_equal(err.code, ERROR_OVERLOADED);
    streamed_object_give_back(api, 1000);
    assert_int_equal(memory_budget_taken(api->asset_memory), 0);
}

/* What the bytes come to, up to the first refusal. */
static enum error_code stream(struct api *api, const char *content) {
    _cleanup_(streamed_object_free) struct streamed_object object = {.api = api, .limit = 5, .max_bytes = 100};
    struct error err = {0};
    assert_true(streamed_object_begin(&object, "a b.png", "", &err));
    assert_true(strncmp(buf_text(&object.key), "staging/", 8) == 0);
    assert_string_equal(buf_text(&object.key) + 8 + ID_TEXT_SIZE - 1, "/a_b.png");
    if (streamed_object_write(&object, content, strlen(content), &err) && streamed_object_end(&object, &err)) {
        assert_false(streamed_object_finish(&object, &err));
    }
    return err.code;
}

static void what_is_wrong_is_found_before_the_store_is_asked(void **state) {
    assert_int_equal(stream(*state, ""), ERROR_EMPTY_OBJECT);
    assert_int_equal(stream(*state, "123456"), ERROR_FILE_TOO_LARGE);
    assert_int_equal(stream(*state, "12345"), ERROR_STORE_UNAVAILABLE);
}

/* Each of them takes connections, and gives all of them back. */
static void one_after_the_other(void **state) {
    for (int i = 0; i < 20; i++) {
        assert_int_equal(stream(*state, ""), ERROR_EMPTY_OBJECT);
    }
}

static void the_hash_is_that_of_all_bytes(void **state) {
    _cleanup_(streamed_object_free) struct streamed_object object = {.api = *state, .limit = 5, .max_bytes = 5};
    unsigned char expected[SHA256_SIZE];
    struct error err = {0};
    assert_true(streamed_object_begin(&object, "a", "image/png", &err));
    assert_true(streamed_object_write(&object, "ab", 2, &err));
    assert_true(streamed_object_write(&object, "c", 1, &err));
    assert_true(streamed_object_end(&object, &err));
    sha256_of("abc", 3, expected);
    assert_memory_equal(object.sha256, expected, SHA256_SIZE);
    assert_int_equal(object.size, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_reserved_and_given_back),
        cmocka_unit_test(what_is_wrong_is_found_before_the_store_is_asked),
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(the_hash_is_that_of_all_bytes),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
