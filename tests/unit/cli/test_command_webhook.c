#include "tests/unit/cli/nothing_there.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "01a1f94e-2f62-7be1-aa0a-b163f5cce02f"
#define URL "https://example.com/hook"

static void it_fails_in_one_line(void **state) {
    (void)state;
    static const struct {
        const char *words[9];
        enum error_code code;
    } cases[] = {
        {{"webhook", "add", NULL}, ERROR_CONFIG},
        {{"webhook", "add", URL, NULL}, ERROR_CONFIG},
        {{"webhook", "add", URL, "--owner", "", NULL}, ERROR_CONFIG},
        {{"webhook", "add", URL, "--owner", "me", "--events", "file.tagged", NULL}, ERROR_CONFIG},
        {{"webhook", "add", "http://example.com/", "--owner", "me", NULL}, ERROR_VALIDATION_FAILED},
        {{"webhook", "add", "https://[::1]/", "--owner", "me", NULL}, ERROR_VALIDATION_FAILED},
        {{"webhook", "add", URL, "--owner", "me", "--events", "file.synced,file.failed", NULL},
         ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "list", "--limit", "0", NULL}, ERROR_CONFIG},
        {{"webhook", "list", NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "remove", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "remove", ID, NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "enable", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "disable", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "rotate", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "rotate", ID, NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "test", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "test", ID, NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "deliveries", "--status", "done", NULL}, ERROR_CONFIG},
        {{"webhook", "deliveries", "--endpoint", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "deliveries", "--endpoint", ID, "--status", "failed", NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "replay", NULL}, ERROR_CONFIG},
        {{"webhook", "replay", "x", NULL}, ERROR_CONFIG},
        {{"webhook", "replay", "--endpoint", ID, NULL}, ERROR_CONFIG},
        {{"webhook", "replay", "--endpoint", ID, "--since", "yesterday", NULL}, ERROR_CONFIG},
        {{"webhook", "replay", "--endpoint", "x", "--since", "2026-11-20T12:34:56Z", NULL}, ERROR_CONFIG},
        {{"webhook", "replay", ID, "--endpoint", ID, "--since", "2026-11-20T12:34:56Z", NULL}, ERROR_CONFIG},
        {{"webhook", "replay", ID, NULL}, ERROR_DATABASE_UNAVAILABLE},
        {{"webhook", "replay", "--endpoint", ID, "--since", "2026-11-20T12:34:56Z", NULL}, ERROR_DATABASE_UNAVAILABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_false(run_line((char *const *)cases[i].words, &err));
        if (err.code != cases[i].code) {
            fail_msg("case %zu: %s", i, err.message);
        }
        assert_null(strchr(err.message, '\n'));
        assert_null(strstr(err.message, "secret-word"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fails_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
