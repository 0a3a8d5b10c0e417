#include "processor/steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What verify says of this content, declared so. */
static enum step_result verify(const char *content, struct file_job *job, struct work *work, struct error *err) {
    static struct step_tools tools = {.max_upload_bytes = 20};
    *work = (struct work){.job = job, .tools = &tools, .has_sha256 = true};
    work->size = (int64_t)strlen(content);
    work->head_length = strlen(content);
    memcpy(work->head, content, work->head_length);
    sha256_of(content, work->head_length, work->sha256);
    return step_verify(work, err);
}

static void assert_rejected(const char *content, struct file_job *job, enum error_code code) {
    struct work work;
    struct error err = {0};
    assert_int_equal(verify(content, job, &work, &err), STEP_REJECT);
    assert_int_equal(err.code, code);
}

static void an_undeclared_file_passes(void **state) {
    (void)state;
    struct file_job job = {.expected_size = -1};
    struct work work;
    struct error err = {0};
    assert_int_equal(verify("words", &job, &work, &err), STEP_DONE);
    assert_string_equal(work.detected_type, "text/plain");
}

static void a_file_as_declared_passes(void **state) {
    (void)state;
    struct file_job job = {.expected_size = 5, .has_expected_sha256 = true, .content_type = (char[]){"text/csv"}};
    struct work work;
    struct error err = {0};
    sha256_of("words", 5, job.expected_sha256);
    assert_int_equal(verify("words", &job, &work, &err), STEP_DONE);
    assert_string_equal(work.detected_type, "text/csv");
}

static void empty_objects_are_rejected(void **state) {
    (void)state;
    struct file_job job = {.expected_size = -1};
    assert_rejected("", &job, ERROR_EMPTY_OBJECT);
    job.expected_size = 0;
    assert_rejected("", &job, ERROR_EMPTY_OBJECT);
}

static void another_size_is_rejected(void **state) {
    (void)state;
    struct file_job job = {.expected_size = 4};
    assert_rejected("words", &job, ERROR_SIZE_MISMATCH);
    job.expected_size = 6;
    assert_rejected("words", &job, ERROR_SIZE_MISMATCH);
}

static void too_large_is_rejected_whatever_was_declared(void **state) {
    (void)state;
    struct file_job job = {.expected_size = 21};
    assert_rejected("twenty-one characters", &job, ERROR_FILE_TOO_LARGE);
}

static void another_hash_is_rejected_and_told(void **state) {
    (void)state;
    struct file_job job = {.expected_size = -1, .has_expected_sha256 = true};
    struct work work;
    struct error err = {0};
    assert_int_equal(verify("abc", &job, &work, &err), STEP_REJECT);
    assert_int_equal(err.code, ERROR_HASH_MISMATCH);
    assert_non_null(strstr(err.message, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

static void another_type_is_rejected_and_the_found_one_kept(void **state) {
    (void)state;
    struct file_job job = {.expected_size = -1, .content_type = (char[]){"image/jpeg"}};
    struct work work;
    struct error err = {0};
    assert_int_equal(verify("GIF89a", &job, &work, &err), STEP_REJECT);
    assert_int_equal(err.code, ERROR_TYPE_MISMATCH);
    assert_string_equal(work.detected_type, "image/gif");
}

/* What was declared by nobody is found out here. */
static void what_its_kind_does_not_take_is_rejected(void **state) {
    (void)state;
    static struct step_tools tools = {.max_upload_bytes = 20,
                                      .policies = {.file = {.types = "text/plain", .max_bytes = 10}}};
    static const struct {
        const char *content, *declared, *kind;
        enum error_code code;
    } cases[] = {
        {"words", NULL, "file", ERROR_NONE},
        {"words", "text/csv", "file", ERROR_UNSUPPORTED_TYPE},
        {"GIF89a", NULL, "file", ERROR_UNSUPPORTED_TYPE},
        {"\x01\x02", NULL, "file", ERROR_UNSUPPORTED_TYPE},
        {"eleven byte", NULL, "file", ERROR_FILE_TOO_LARGE},
        {"GIF89a", NULL, "asset", ERROR_NONE},
        {"eleven byte", NULL, "asset", ERROR_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        struct file_job job = {
            .expected_size = -1, .content_type = (char *)cases[i].declared, .kind = (char *)cases[i].kind};
        struct work work = {.job = &job, .tools = &tools, .size = (int64_t)strlen(cases[i].content)};
        work.head_length = strlen(cases[i].content);
        memcpy(work.head, cases[i].content, work.head_length);
        assert_int_equal(step_verify(&work, &err), cases[i].code == ERROR_NONE ? STEP_DONE : STEP_REJECT);
        assert_int_equal(err.code, cases[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undeclared_file_passes),
        cmocka_unit_test(a_file_as_declared_passes),
        cmocka_unit_test(empty_objects_are_rejected),
        cmocka_unit_test(another_size_is_rejected),
        cmocka_unit_test(too_large_is_rejected_whatever_was_declared),
        cmocka_unit_test(another_hash_is_rejected_and_told),
        cmocka_unit_test(another_type_is_rejected_and_the_found_one_kept),
        cmocka_unit_test(what_its_kind_does_not_take_is_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
