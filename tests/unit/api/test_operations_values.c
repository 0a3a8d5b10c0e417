#include "api/operations_values.h"

#include "tests/unit/api/exchange.h"
#include "tests/unit/common/made_rows.h"

static const char *const queue[][MADE_COLUMNS_MAX] = {{"100001", "2", "0", "75"}};
static const char *const throughput[][MADE_COLUMNS_MAX] = {{"0", "12", "1"}, {"1", "30", "0"}};
static const char *const work[][MADE_COLUMNS_MAX] = {{"w1", "3", "1", "f", "a.jpg"}, {"w2", "61", "2", NULL, NULL}};
static const char *const failed[][MADE_COLUMNS_MAX] = {
    {"f1", "a1", "<b>.jpg", "DECODE_FAILED", "no JPEG", "1", "2026-11-27T21:55:03.123Z"},
    {"f2", NULL, "b.txt", "INTERNAL", "a secret", "3", "2026-11-27T21:55:03.123Z"}};
static const char *const totals[][MADE_COLUMNS_MAX] = {{"2", "10001", "100000", "2147483648", "9"}};
static const char *const dead[][MADE_COLUMNS_MAX] = {{"7", "2026-11-27T21:55:03.123Z", "no JSON", "2048", ""}};

static struct operations made(void) {
    struct operations operations = {
        .queue = made_rows(queue, 1, 4),
        .throughput = made_rows(throughput, 2, 3),
        .work = made_rows(work, 2, 5),
        .failed = made_rows(failed, 2, 7),
        .totals = made_rows(totals, 1, 5),
        .dead = made_rows(dead, 1, 5),
        .list_length = 4,
        .workers = -1,
    };
    buf_append_text(&operations.cache_info,
                    "used_memory:1048576\r\nmaxmemory:0\r\nkeyspace_hits:3\r\nkeyspace_misses:1\r\n");
    buf_append_text(&operations.troubles, "Cache: down\n");
    return operations;
}

static void expect(const json_t *values, const char *name, const char *expected) {
    const char *text = json_text(values, name);
    if (text == NULL || strcmp(text, expected) != 0) {
        fail_msg("%s is %s", name, text == NULL ? "no text" : text);
    }
}

static void figures_are_of_people(void **state) {
    (void)state;
    struct operations operations = made();
    _cleanup_(json_freep) json_t *values = operations_values(&operations, 1795816503123);
    static const char *const expected[][2] = {{"due", "100000+"},
                                              {"later", "2"},
                                              {"processing", "0"},
                                              {"oldest", "1 min 15 s"},
                                              {"workers", "?"},
                                              {"list_length", "4"},
                                              {"failed_count", "2"},
                                              {"dead_count", "10000+"},
                                              {"stored_files", "99999+ files"},
                                              {"stored_bytes", "over 2.0 GiB"},
                                              {"cache_used", "1.0 MiB"},
                                              {"cache_hits", "75 %"}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        expect(values, expected[i][0], expected[i][1]);
    }
    assert_true(json_is_null(json_object_get(values, "cache_limit")));
    assert_int_equal(json_integer_value(json_object_get(values, "most")), 30);
    assert_string_equal(json_string_value(json_array_get(json_object_get(values, "troubles"), 0)), "Cache: down");
    operations_free(&operations);
}

static void names_and_reasons_are_told_as_far_as_they_may_be(void **state) {
    (void)state;
    struct operations operations = made();
    _cleanup_(json_freep) json_t *values = operations_values(&operations, 0);
    const json_t *first = json_array_get(json_object_get(values, "failed"), 0);
    expect(first, "reason", "no JPEG");
    expect(first, "album_url", "/admin/albums/a1");
    const json_t *second = json_array_get(json_object_get(values, "failed"), 1);
    expect(second, "reason", "Internal error");
    assert_null(json_text(second, "album_url"));
    expect(json_array_get(json_object_get(values, "work"), 0), "job", "a.jpg");
    expect(json_array_get(json_object_get(values, "work"), 1), "job", "a file of another owner");
    operations_free(&operations);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_of_people),
        cmocka_unit_test(names_and_reasons_are_told_as_far_as_they_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
