#include "common/config.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What the API requires, and nothing else of ours in the environment. */
static int set_required(void **state) {
    (void)state;
    clearenv();
    setenv("SLUICE_DATABASE_URL", "postgresql://localhost/sluice", 1);
    setenv("SLUICE_S3_ENDPOINT", "http://127.0.0.1:9000", 1);
    setenv("SLUICE_S3_BUCKET", "uploads", 1);
    setenv("SLUICE_S3_ACCESS_KEY", "access", 1);
    setenv("SLUICE_S3_SECRET_KEY", "secret", 1);
    return 0;
}

static char *write_file(const void *bytes, size_t length) {
    char *path = xstrdup("/tmp/sluice-test-config-XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, length), length);
    close(descriptor);
    return path;
}

static char *write_text(const char *text) {
    return write_file(text, strlen(text));
}

static void unlinkp(char **path) {
    unlink(*path);
    free(*path);
}

static struct config *loaded(const char *file) {
    struct config *config = NULL;
    struct error err = {0};
    if (!config_load(CONFIG_API, file, &config, &err)) {
        fail_msg("%s", err.message);
    }
    return config;
}

static void assert_refused(const char *file, const char *message) {
    struct config *config = NULL;
    struct error err = {0};
    assert_false(config_load(CONFIG_API, file, &config, &err));
    assert_null(config);
    assert_int_equal(err.code, ERROR_CONFIG);
    if (strstr(err.message, message) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    }
}

static void defaults(void **state) {
    (void)state;
    _cleanup_(config_freep) struct config *config = loaded(NULL);
    assert_string_equal(config->listen, "127.0.0.1:8080");
    assert_string_equal(config_cache_url(config), config->redis_url);
    assert_int_equal(config->presign_ttl_s, 900);
    assert_true(config->max_upload_bytes == INT64_C(5) << 30);
    assert_string_equal(config->auth, "required");
    assert_string_equal(config->cors_origins, "");
    assert_true(config->s3_path_style);
}

static void settings_of_other_programs_are_empty(void **state) {
    (void)state;
    setenv("SLUICE_METRICS_LISTEN", "127.0.0.1:1", 1);
    _cleanup_(config_freep) struct config *config = loaded(NULL);
    assert_string_equal(config->metrics_listen, "");
    assert_int_equal(config->lease_s, 0);
}

static void the_environment_wins_over_the_file(void **state) {
    (void)state;
    _cleanup_(unlinkp) char *path = write_text("# a comment\n\n  SLUICE_PRESIGN_TTL_S=60  \nSLUICE_S3_REGION=eu-1\n"
                                               "SLUICE_CORS_ORIGINS=a=b # c\nSLUICE_AUTH=none");
    setenv("SLUICE_S3_REGION", "us-2", 1);
    _cleanup_(config_freep) struct config *config = loaded(path);
    assert_int_equal(config->presign_ttl_s, 60);
    assert_string_equal(config->s3_region, "us-2");
    assert_string_equal(config->cors_origins, "a=b # c");
    assert_string_equal(config->auth, "none");
}

static void sizes_have_units(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {{"1", 1}, {"2KiB", 2048}, {"3MiB", 3145728}, {"1GiB", 1073741824}, {"5497558138880", 5497558138880}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv("SLUICE_MAX_UPLOAD_BYTES", cases[i].text, 1);
        _cleanup_(config_freep) struct config *config = loaded(NULL);
        assert_true(config->max_upload_bytes == cases[i].bytes);
    }
}

static void malformed_values_are_named(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *message;
    } cases[] = {
        {"SLUICE_PRESIGN_TTL_S", "ten", "SLUICE_PRESIGN_TTL_S must be an integer from 1 to 604800"},
        {"SLUICE_PRESIGN_TTL_S", "0", "SLUICE_PRESIGN_TTL_S must be"},
        {"SLUICE_PRESIGN_TTL_S", "604801", "SLUICE_PRESIGN_TTL_S must be"},
        {"SLUICE_PRESIGN_TTL_S", "10 ", "SLUICE_PRESIGN_TTL_S must be"},
        {"SLUICE_PRESIGN_TTL_S", "99999999999999999999", "SLUICE_PRESIGN_TTL_S must be"},
        {"SLUICE_MAX_UPLOAD_BYTES", "-1", "SLUICE_MAX_UPLOAD_BYTES must be a number of bytes"},
        {"SLUICE_MAX_UPLOAD_BYTES", "1TiB", "SLUICE_MAX_UPLOAD_BYTES must be"},
        {"SLUICE_MAX_UPLOAD_BYTES", "1kib", "SLUICE_MAX_UPLOAD_BYTES must be"},
        {"SLUICE_MAX_UPLOAD_BYTES", "KiB", "SLUICE_MAX_UPLOAD_BYTES must be"},
        {"SLUICE_MAX_UPLOAD_BYTES", "9007199254740993KiB", "SLUICE_MAX_UPLOAD_BYTES must be"},
        {"SLUICE_S3_PATH_STYLE", "yes", "SLUICE_S3_PATH_STYLE must be true or false"},
        {"SLUICE_AUTH", "None", "SLUICE_AUTH must be one of: required none"},
        {"SLUICE_AUTH", "required none", "SLUICE_AUTH must be one of"},
        {"SLUICE_S3_BUCKET", "ab", "SLUICE_S3_BUCKET must have 3 to 63 characters"},
        {"SLUICE_PRESIGN_TTL", "10", "unknown setting SLUICE_PRESIGN_TTL"},
        {"SLUICE_PRESIGN_TTL_S_FILE", "/tmp/x", "unknown setting SLUICE_PRESIGN_TTL_S_FILE"},
        {"SLUICE_", "", "unknown setting SLUICE_"},
        {"SLUICE__FILE", "", "unknown setting SLUICE__FILE"},
        {"SLUICE_S3_CA_FILE", "/nonexistent", "SLUICE_S3_CA_FILE: cannot read /nonexistent: No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_required(NULL);
        setenv(cases[i].name, cases[i].value, 1);
        assert_refused(NULL, cases[i].message);
    }
}

static void required_settings_must_be_there_and_not_empty(void **state) {
    (void)state;
    unsetenv("SLUICE_S3_SECRET_KEY");
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY is required: secret key");
    setenv("SLUICE_S3_SECRET_KEY", "", 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY is required");
}

static void an_empty_value_is_the_default(void **state) {
    (void)state;
    setenv("SLUICE_PRESIGN_TTL_S", "", 1);
    _cleanup_(config_freep) struct config *config = loaded(NULL);
    assert_int_equal(config->presign_ttl_s, 900);
}

static void a_text_may_come_from_a_file_of_its_own(void **state) {
    (void)state;
    _cleanup_(unlinkp) char *path = write_text("from a file \r\n\n");
    unsetenv("SLUICE_S3_SECRET_KEY");
    setenv("SLUICE_S3_SECRET_KEY_FILE", path, 1);
    _cleanup_(config_freep) struct config *config = loaded(NULL);
    assert_string_equal(config->s3_secret_key, "from a file ");
    setenv("SLUICE_S3_SECRET_KEY", "", 1);
    _cleanup_(config_freep) struct config *empty = loaded(NULL);
    assert_string_equal(empty->s3_secret_key, "from a file ");
    setenv("SLUICE_S3_SECRET_KEY", "direct", 1);
    _cleanup_(config_freep) struct config *direct = loaded(NULL);
    assert_string_equal(direct->s3_secret_key, "direct");
}

static void files_of_texts_that_cannot_be_used(void **state) {
    (void)state;
    static char big[10000];
    memset(big, 'x', sizeof big);
    _cleanup_(unlinkp) char *too_long = write_file(big, sizeof big);
    _cleanup_(unlinkp) char *with_nul = write_file("a\0b", 3);
    _cleanup_(unlinkp) char *empty = write_file("\n", 1);
    unsetenv("SLUICE_S3_SECRET_KEY");
    setenv("SLUICE_S3_SECRET_KEY_FILE", "/nonexistent", 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY_FILE: cannot open /nonexistent: No such file");
    setenv("SLUICE_S3_SECRET_KEY_FILE", "/tmp", 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY_FILE: /tmp is not a file");
    setenv("SLUICE_S3_SECRET_KEY_FILE", too_long, 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY_FILE");
    setenv("SLUICE_S3_SECRET_KEY_FILE", with_nul, 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY_FILE");
    setenv("SLUICE_S3_SECRET_KEY_FILE", empty, 1);
    assert_refused(NULL, "SLUICE_S3_SECRET_KEY is required");
}

static void lines_that_are_no_settings(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"SLUICE_AUTH=none\nSLUICE_TYPO=1\n", ", line 2: SLUICE_TYPO is not the name of a setting"},
        {"SLUICE_AUTH\n", ", line 1: "},
        {"hunter2\n", ", line 1: this is not the name of a setting"},
        {"SLUICE_AUTH = none\n", ", line 1: "},
        {"export SLUICE_AUTH=none\n", ", line 1: "},
        {"PATH=/bin\n", ", line 1: "},
        {"=\n", ", line 1: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(unlinkp) char *path = write_text(cases[i].text);
        assert_refused(path, cases[i].message);
    }
    assert_refused("/nonexistent", "cannot open /nonexistent");
}

static void names_of_the_projects_tools_are_no_mistakes(void **state) {
    (void)state;
    setenv("SLUICE_DEV_DIR", "/tmp", 1);
    setenv("SLUICE_PID_API", "1", 1);
    _cleanup_(config_freep) struct config *config = loaded(NULL);
    assert_non_null(config);
}

static void help_and_documentation_never_show_a_value(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    config_help(out, CONFIG_API);
    config_dump(out);
    fclose(out);
    assert_non_null(strstr(text, "SLUICE_PRESIGN_TTL_S "));
    assert_non_null(strstr(text, "(900)"));
    assert_non_null(strstr(text, "(required; or none)"));
    assert_non_null(strstr(text, "| `SLUICE_LEASE_S` | integer | 30 | processor |"));
    assert_null(strstr(text, "/sluice)"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults, set_required),
        cmocka_unit_test_setup(settings_of_other_programs_are_empty, set_required),
        cmocka_unit_test_setup(the_environment_wins_over_the_file, set_required),
        cmocka_unit_test_setup(sizes_have_units, set_required),
        cmocka_unit_test_setup(malformed_values_are_named, set_required),
        cmocka_unit_test_setup(required_settings_must_be_there_and_not_empty, set_required),
        cmocka_unit_test_setup(an_empty_value_is_the_default, set_required),
        cmocka_unit_test_setup(a_text_may_come_from_a_file_of_its_own, set_required),
        cmocka_unit_test_setup(files_of_texts_that_cannot_be_used, set_required),
        cmocka_unit_test_setup(lines_that_are_no_settings, set_required),
        cmocka_unit_test_setup(names_of_the_projects_tools_are_no_mistakes, set_required),
        cmocka_unit_test_setup(help_and_documentation_never_show_a_value, set_required),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
