#include "cli/sweep.h"
#include "tests/unit/cli/nothing_there.h"
#include "tests/unit/common/fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct s3_client *client_of_nothing(const struct config *config) {
    const struct s3_config settings = {.endpoint = config->s3_endpoint,
                                       .region = "us-east-1",
                                       .bucket = "uploads",
                                       .access_key = "a",
                                       .secret_key = "b",
                                       .path_style = true,
                                       .max_attempts = 1};
    struct s3_client *client = NULL;
    assert_true(s3_client_new(&settings, &client, NULL));
    return client;
}

static void a_store_that_is_down_ends_it(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct error err = {0};
    _cleanup_(s3_client_freep) struct s3_client *client = client_of_nothing(&config);
    struct sweep sweep = {.config = &config, .store = client, .dry_run = true};
    assert_false(sweep_bucket(&sweep, &err));
    assert_int_equal(err.code, ERROR_STORE_UNAVAILABLE);
}

/* The store is not asked for anything while another sweeps; the lock is tried once without time to wait. */
static void while_another_sweeps_nothing_is_changed(void **state) {
    (void)state;
    struct config config = nothing_there();
    struct error err = {0};
    struct fake_server server;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, NULL};
    struct db *db = fake_postgres_start(&server, answers, 0);
    _cleanup_(s3_client_freep) struct s3_client *client = client_of_nothing(&config);
    struct sweep sweep = {.config = &config, .db = db, .store = client};
    assert_false(sweep_bucket(&sweep, &err));
    assert_int_equal(err.code, ERROR_CONFLICT);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "prepare SWEEP_LOCK\nrun SWEEP_LOCK\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_is_down_ends_it),
        cmocka_unit_test(while_another_sweeps_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
