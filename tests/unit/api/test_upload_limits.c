#include "api/upload_limits.h"
#include "tests/unit/api/exchange.h"

static void the_smallest_limit_counts(void **state) {
    const struct api *api = *state;
    struct request request = {0};
    assert_int_equal(upload_limits_of(api, &request, "file").max_bytes, 5000);
    assert_int_equal(upload_limits_of(api, &request, "asset").max_bytes, api->config->max_upload_bytes);
    assert_int_equal(upload_limits_of(api, &request, "avatar").max_bytes, api->config->media_max_bytes);
    request.principal.max_file_bytes = 4000;
    assert_int_equal(upload_limits_of(api, &request, "file").max_bytes, 4000);
    assert_int_equal(upload_limits_of(api, &request, "asset").max_bytes, 4000);
    request.principal.max_file_bytes = 6000;
    assert_int_equal(upload_limits_of(api, &request, "file").max_bytes, 5000);
}

static void a_type_must_be_on_both_lists(void **state) {
    const struct api *api = *state;
    struct error err = {0};
    struct request request = {0};
    struct upload_limits limits = upload_limits_of(api, &request, "file");
    assert_true(upload_limits_check_type(&limits, "text/csv", &err));
    assert_false(upload_limits_check_type(&limits, "image/png", &err));
    assert_int_equal(err.code, ERROR_UNSUPPORTED_TYPE);
    assert_false(upload_limits_check_type(&limits, "", &err));
    snprintf(request.principal.types, sizeof request.principal.types, "text/plain,image/png");
    limits = upload_limits_of(api, &request, "file");
    assert_true(upload_limits_check_type(&limits, "text/plain", &err));
    assert_false(upload_limits_check_type(&limits, "text/csv", &err));
    assert_false(upload_limits_check_type(&limits, "image/png", &err));
    limits = upload_limits_of(api, &request, "asset");
    assert_true(upload_limits_check_type(&limits, "image/png", &err));
}

/* Each is refused before anything of the database is asked for. */
static void every_door_looks_at_them(void **state) {
    struct api *api = *state;
    static const struct {
        const char *path, *body, *answer;
        int status;
    } cases[] = {
        {"/files/presigned-upload", "{\"filename\":\"a\",\"content_type\":\"image/png\"}", "UNSUPPORTED_TYPE", 415},
        {"/files/presigned-upload", "{\"filename\":\"a\"}", "UNSUPPORTED_TYPE", 415},
        {"/files/presigned-upload", "{\"filename\":\"a\",\"content_type\":\"text/csv\",\"size\":5001}",
         "FILE_TOO_LARGE", 413},
        {"/s3/multipart", "{\"filename\":\"a\",\"type\":\"image/png\"}", "UNSUPPORTED_TYPE", 415},
        {"/s3/multipart", "{\"filename\":\"a\",\"type\":\"text/csv\",\"size\":5001}", "FILE_TOO_LARGE", 413},
        {"/users/u/avatar/upload", "{\"filename\":\"a.png\"}", "UNSUPPORTED_TYPE", 415},
        {"/generations/g/media", "{\"content_type\":\"image/png\"}", "UNSUPPORTED_TYPE", 415},
        {"/generations/g/media", "{}", "DATABASE_UNAVAILABLE", 503},
        {"/albums/01a1f94e-2f62-7be1-aa0a-b163f5cce02f/media/upload", "{\"filename\":\"a.png\"}", "UNSUPPORTED_TYPE",
         415},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        exchange_expect(api, (struct exchange){.method = "POST", .path = cases[i].path, .body = cases[i].body},
                        cases[i].status, cases[i].answer);
    }
}

static int start(void **state) {
    setenv("SLUICE_FILE_TYPES", "text/*", 1);
    setenv("SLUICE_FILE_MAX_BYTES", "5000", 1);
    setenv("SLUICE_MEDIA_TYPES", "image/jpeg", 1);
    return exchange_start(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_limit_counts),
        cmocka_unit_test(a_type_must_be_on_both_lists),
        cmocka_unit_test(every_door_looks_at_them),
    };
    return cmocka_run_group_tests(tests, start, exchange_stop);
}
