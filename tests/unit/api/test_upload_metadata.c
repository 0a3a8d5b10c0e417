#include "api/upload_metadata.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fields_of_a_query_become_headers(void **state) {
    (void)state;
    _cleanup_(upload_metadata_free) struct upload_metadata metadata = {0};
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    upload_metadata_from_query(
        "filename=a&metadata%5BCaption%5D=a+b&metadata[name]=a.txt&metadata[empty]=&metadata[caption]=c"
        "&metadata[external_id]=order-7&metadata[o]=%C3%B6&metadata[d]=%24%7Bfilename%7D&metadata=x&metadata[",
        &reader, &metadata);
    assert_true(json_reader_ok(&reader));
    assert_int_equal(metadata.count, 3);
    assert_string_equal(metadata.fields[0].name, "x-amz-meta-caption");
    assert_string_equal(metadata.fields[0].value, "a b");
    assert_string_equal(metadata.fields[1].value, "=?UTF-8?B?w7Y=?=");
    assert_string_equal(metadata.fields[2].value, "=?UTF-8?B?JHtmaWxlbmFtZX0=?=");
    assert_string_equal(metadata.external_id, "order-7");
}

static void members_of_an_object_become_headers(void **state) {
    (void)state;
    _cleanup_(upload_metadata_free) struct upload_metadata metadata = {0};
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    _cleanup_(json_freep) json_t *json =
        json_pack("{s:{s:s,s:i,s:n,s:s}}", "metadata", "caption", "hello", "width", 12, "none", "type", "text/plain");
    upload_metadata_from_json(json, &reader, &metadata);
    assert_true(json_reader_ok(&reader));
    assert_int_equal(metadata.count, 2);
    assert_string_equal(metadata.fields[0].value, "hello");
    assert_string_equal(metadata.fields[1].value, "12");
    assert_null(metadata.external_id);
}

static void expect_complaint(const char *query) {
    _cleanup_(upload_metadata_free) struct upload_metadata metadata = {0};
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    upload_metadata_from_query(query, &reader, &metadata);
    assert_false(json_reader_ok(&reader));
}

static void what_cannot_be_metadata_is_named(void **state) {
    (void)state;
    expect_complaint("metadata[a+b]=c");
    expect_complaint("metadata[]=c");
    expect_complaint("metadata[a]=%zz");
    expect_complaint("metadata[a]=%ff");
    char query[4096] = "metadata[a]=";
    memset(query + strlen(query), 'x', UPLOAD_METADATA_BYTES_MAX);
    expect_complaint(query);
    char many[1024] = "";
    for (size_t i = 0; i <= UPLOAD_METADATA_MAX; i++) {
        snprintf(many + strlen(many), sizeof many - strlen(many), "&metadata[f%zu]=v", i);
    }
    expect_complaint(many);
    _cleanup_(upload_metadata_free) struct upload_metadata metadata = {0};
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    _cleanup_(json_freep) json_t *json = json_pack("{s:[]}", "metadata");
    upload_metadata_from_json(json, &reader, &metadata);
    assert_false(json_reader_ok(&reader));
}

static void none_is_none(void **state) {
    (void)state;
    _cleanup_(upload_metadata_free) struct upload_metadata metadata = {0};
    _cleanup_(json_reader_free) struct json_reader reader = {0};
    _cleanup_(json_freep) json_t *json = json_pack("{s:n}", "metadata");
    upload_metadata_from_json(json, &reader, &metadata);
    upload_metadata_from_query("", &reader, &metadata);
    assert_true(json_reader_ok(&reader));
    assert_int_equal(metadata.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_query_become_headers),
        cmocka_unit_test(members_of_an_object_become_headers),
        cmocka_unit_test(what_cannot_be_metadata_is_named),
        cmocka_unit_test(none_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
