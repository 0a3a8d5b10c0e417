#include "common/webhook_store.h"

#include "common/db_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS_MAX = 14 };

/* A row of texts; NULL is SQL NULL. */
static struct db_result *row_of(const char *const texts[COLUMNS_MAX]) {
    PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns[COLUMNS_MAX];
    memset(columns, 0, sizeof columns);
    for (int i = 0; i < COLUMNS_MAX; i++) {
        columns[i].name = (char *)"c";
    }
    assert_int_equal(PQsetResultAttrs(rows, COLUMNS_MAX, columns), 1);
    for (int i = 0; i < COLUMNS_MAX; i++) {
        char *text = (char *)texts[i];
        assert_int_equal(PQsetvalue(rows, 0, i, text, text == NULL ? -1 : (int)strlen(text)), 1);
    }
    return db_result_new(rows);
}

static void expect(json_t *object, const char *text) {
    _cleanup_(json_freep) json_t *owned = object;
    _cleanup_(freep) char *shown = json_to_text(owned);
    assert_string_equal(shown, text);
}

static void an_endpoint_is_shown_without_its_secret(void **state) {
    (void)state;
    static const char *const texts[COLUMNS_MAX] = {
        "id", "https://a/", "[\"file.synced\"]", "",        "f", "gone", "3", "now", NULL,
        NULL, NULL,         "created",           "changed", "me"};
    _cleanup_(db_result_freep) struct db_result *rows = row_of(texts);
    expect(
        webhook_endpoint_json(rows, 0),
        "{\"endpoint_id\":\"id\",\"url\":\"https://a/\",\"events\":[\"file.synced\"],\"description\":\"\","
        "\"enabled\":false,\"disabled_reason\":\"gone\",\"failures\":3,\"disabled_at\":\"now\",\"failing_since\":null,"
        "\"paused_until\":null,\"old_secret_until\":null,\"created_at\":\"created\",\"updated_at\":\"changed\","
        "\"owner_id\":\"me\"}");
}

static void a_delivery_without_an_answer_says_so(void **state) {
    (void)state;
    static const char *const texts[COLUMNS_MAX] = {"id",      "endpoint", "evt_1", "file",      "file.synced",
                                                   "pending", "2",        NULL,    "timed out", NULL,
                                                   "then",    "before",   NULL,    "created"};
    _cleanup_(db_result_freep) struct db_result *rows = row_of(texts);
    expect(
        webhook_delivery_json(rows, 0),
        "{\"delivery_id\":\"id\",\"endpoint_id\":\"endpoint\",\"event_id\":\"evt_1\",\"file_id\":\"file\","
        "\"type\":\"file.synced\",\"status\":\"pending\",\"attempts\":2,\"http_status\":null,\"error\":\"timed out\","
        "\"response\":null,\"next_at\":\"then\",\"attempted_at\":\"before\",\"delivered_at\":null,"
        "\"created_at\":\"created\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endpoint_is_shown_without_its_secret),
        cmocka_unit_test(a_delivery_without_an_answer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
