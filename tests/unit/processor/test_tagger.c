#include "processor/tagger.h"

#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void expect(struct config config, const char *name) {
    struct error err = {0};
    bool is_good = tagger_check(&config, &err);
    assert_int_equal(is_good, name == NULL);
    if (name != NULL) {
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, name));
    }
}

static void wrong_settings_are_told_at_the_start(void **state) {
    (void)state;
    static char url[] = "http://127.0.0.1:1";
    static char no_url[] = "127.0.0.1:1";
    static char no_place[] = "a photo";
    struct config config = nothing_works();
    config.ml_prompt = no_place; /* without a service it does not matter */
    expect(config, NULL);
    config.ml_url = url;
    expect(config, "SLUICE_ML_PROMPT");
    config = nothing_works();
    config.ml_url = no_url;
    expect(config, "SLUICE_ML_URL");
    config.ml_url = url;
    expect(config, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(wrong_settings_are_told_at_the_start)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
