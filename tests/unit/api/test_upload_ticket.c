#include "api/json_writer.h"
#include "api/upload_ticket.h"
#include "tests/unit/api/exchange.h"

static json_t *ticket(const struct upload_terms *terms) {
    struct exchange_api made = exchange_api_new();
    _cleanup_(buf_free) struct buf text = {0};
    upload_ticket_json(made.api, terms, PENDING, 1795178096000, &text);
    exchange_api_free(&made);
    json_t *json = NULL;
    struct error error = {0};
    assert_true(json_parse(text.data, text.length, JSON_MAX_DEPTH, &json, &error));
    return json;
}

static void a_post_has_form_fields(void **state) {
    (void)state;
    const struct upload_terms terms = {.file_id = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                       .object_key = "files/x/ö.txt",
                                       .content_type = "text/plain",
                                       .size = -1,
                                       .method = UPLOAD_POST};
    _cleanup_(json_freep) json_t *json = ticket(&terms);
    assert_string_equal(json_text(json, "method"), "POST");
    assert_string_equal(json_text(json, "status"), "PENDING");
    assert_string_equal(json_text(json, "upload_url"), "http://127.0.0.1:1/bucket");
    assert_string_equal(json_text(json_object_get(json, "form_fields"), "key"), "files/x/ö.txt");
    assert_non_null(json_text(json_object_get(json, "form_fields"), "policy"));
    assert_int_equal(json_object_size(json_object_get(json, "headers")), 0);
    assert_string_equal(json_text(json, "expires_at"), "2026-11-20T12:49:56.000Z");
}

/* The store refuses a form without the field when the policy says that it may be anything. */
static void a_post_of_no_declared_type_has_a_type_all_the_same(void **state) {
    (void)state;
    const struct upload_terms terms = {.file_id = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                       .object_key = "files/x/a",
                                       .size = -1,
                                       .method = UPLOAD_POST};
    _cleanup_(json_freep) json_t *json = ticket(&terms);
    assert_string_equal(json_text(json_object_get(json, "form_fields"), "Content-Type"), "application/octet-stream");
}

static void a_put_has_headers(void **state) {
    (void)state;
    const struct upload_terms terms = {
        .file_id = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f", .object_key = "files/x/a", .size = 5, .method = UPLOAD_PUT};
    _cleanup_(json_freep) json_t *json = ticket(&terms);
    assert_string_equal(json_text(json, "method"), "PUT");
    assert_int_equal(json_object_size(json_object_get(json, "form_fields")), 0);
    assert_non_null(strstr(json_text(json, "upload_url"), "X-Amz-Signature="));
    assert_string_equal(json_text(json_object_get(json, "headers"), "If-None-Match"), "*");
}

static void more_can_be_signed(void **state) {
    (void)state;
    struct exchange_api made = exchange_api_new();
    const struct s3_field extra = {"x-amz-meta-k", "v"};
    struct upload_terms terms = {.file_id = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f",
                                 .object_key = "files/x/a",
                                 .size = -1,
                                 .method = UPLOAD_POST,
                                 .limit = 4242,
                                 .extra = &extra,
                                 .extra_count = 1};
    _cleanup_(s3_signed_free) struct s3_signed form = {0};
    upload_ticket_sign(made.api, &terms, 1795178096000, &form);
    bool has_field = false;
    for (size_t i = 0; i < form.field_count; i++) {
        has_field = has_field || strcmp(form.fields[i].name, "x-amz-meta-k") == 0;
    }
    assert_true(has_field);
    terms.method = UPLOAD_PUT;
    terms.may_overwrite = true;
    _cleanup_(s3_signed_free) struct s3_signed put = {0};
    upload_ticket_sign(made.api, &terms, 1795178096000, &put);
    assert_int_equal(put.field_count, 1);
    assert_string_equal(put.fields[0].name, "x-amz-meta-k");
    exchange_api_free(&made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_has_form_fields),
        cmocka_unit_test(a_post_of_no_declared_type_has_a_type_all_the_same),
        cmocka_unit_test(a_put_has_headers),
        cmocka_unit_test(more_can_be_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
