#include "api/media_lookup.h"
#include "tests/unit/api/exchange.h"

static void album_ids_are_lowered(void **state) {
    (void)state;
    struct error err = {0};
    char album_id[ID_TEXT_SIZE];
    struct request request = {.match.parameters = {"01A1F94E-2F62-7BE1-AA0A-B163F5CCE02F"}};
    assert_true(album_id_of(&request, album_id, &err));
    assert_string_equal(album_id, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f");
    request.match.parameters[0] = "album";
    assert_false(album_id_of(&request, album_id, &err));
    assert_int_equal(err.code, ERROR_ALBUM_NOT_FOUND);
}

static void a_files_id_needs_no_database(void **state) {
    struct error err = {0};
    char file_id[ID_TEXT_SIZE];
    struct request request = {.match.parameters = {"01A1F94E-2F62-7BE1-AA0A-B163F5CCE02F"}};
    assert_true(media_file_id(*state, &request, file_id, &err));
    assert_string_equal(file_id, "01a1f94e-2f62-7be1-aa0a-b163f5cce02f");
    assert_string_equal(request.file_id, file_id);
}

static void what_is_no_media_id_is_not_found(void **state) {
    static const char *const ids[] = {"x", "_1", "a b_1", "g_01", ""};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        struct error err = {0};
        char file_id[ID_TEXT_SIZE];
        struct request request = {.match.parameters = {ids[i]}};
        assert_false(media_file_id(*state, &request, file_id, &err));
        assert_int_equal(err.code, ERROR_NOT_FOUND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(album_ids_are_lowered),
        cmocka_unit_test(a_files_id_needs_no_database),
        cmocka_unit_test(what_is_no_media_id_is_not_found),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
