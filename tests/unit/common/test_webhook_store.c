#include "common/webhook_store.h"

#include "fake_postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char id[] = "01a1f94e-2f62-7be1-aa0a-b163f5cce02f";
static struct config config = {.webhook_master_key = (char *)"key", .webhook_endpoints_max = 2};

static bool create(struct db *db, const char *url, struct error *err) {
    const struct webhook_events all = {.count = 0};
    char new_id[ID_TEXT_SIZE];
    char secret[WEBHOOK_SECRET_SIZE];
    return webhook_store_create(db, &config, "me", url, &all, "", new_id, secret, err);
}

static void a_bad_url_does_not_reach_the_database(void **state) {
    (void)state;
    static const char *const answers[] = {NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_false(create(db, "https://127.0.0.1/", &err));
    assert_int_equal(err.code, ERROR_VALIDATION_FAILED);
    assert_false(webhook_store_change(db, &config, "me", id, "http://example.com/", NULL, NULL, &err));
    assert_int_equal(err.code, ERROR_VALIDATION_FAILED);
    _cleanup_(freep) char *requests = fake_postgres_stop(&server, db);
    assert_string_equal(requests, "");
}

static void an_owner_has_so_many_at_most(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_ROW, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    assert_false(create(db, "https://example.com/", &err));
    assert_int_equal(err.code, ERROR_TOO_MANY_ENDPOINTS);
    assert_true(create(db, "https://example.com/", &err));
    free(fake_postgres_stop(&server, db));
}

static void what_is_not_there_is_not_found(void **state) {
    (void)state;
    static const char *const answers[] = {FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, FAKE_OK, NULL};
    struct fake_server server;
    struct db *db = fake_postgres_start(&server, answers, 1000);
    struct error err = {0};
    char text[WEBHOOK_SECRET_SIZE];
    char delivery_id[ID_TEXT_SIZE];
    struct webhook_replayed replayed;
    assert_false(webhook_store_apply(db, SQL_WEBHOOK_ENABLE, "me", id, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    err.code = ERROR_NONE;
    assert_false(webhook_store_rotate(db, &config, NULL, id, text, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    err.code = ERROR_NONE;
    assert_false(webhook_store_test(db, "me", id, delivery_id, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    err.code = ERROR_NONE;
    assert_false(webhook_store_replay_since(db, "me", id, 1, &replayed, &err));
    assert_int_equal(err.code, ERROR_NOT_FOUND);
    free(fake_postgres_stop(&server, db));
}

static void words_are_known_or_not(void **state) {
    (void)state;
    assert_true(webhook_event_known("file.synced"));
    assert_false(webhook_event_known("file.tagged"));
    assert_true(webhook_status_known("failed"));
    assert_false(webhook_status_known("FAILED"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_url_does_not_reach_the_database),
        cmocka_unit_test(an_owner_has_so_many_at_most),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(words_are_known_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
