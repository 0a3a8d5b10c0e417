#include "api/upload_commit.h"
#include "common/upload_token_store.h"
#include "tests/unit/api/exchange.h"

static struct upload_plan planned(const char *content_type) {
    struct upload_plan plan = {.wish.upload = {.filename = "a b.png", .size = -1}};
    snprintf(plan.wish.upload.content_type, sizeof plan.wish.upload.content_type, "%s", content_type);
    return plan;
}

static void a_plan_becomes_a_draft_and_terms(void **state) {
    struct api *api = *state;
    struct error error = {0};
    struct request request = {.principal.owner_id = "me"};
    _cleanup_(upload_plan_free) struct upload_plan plan = planned("image/png");
    assert_true(upload_plan_draft(api, &request, &plan, &error));
    assert_string_equal(plan.draft.owner_id, "me");
    assert_non_null(strstr(plan.draft.object_key, "/a_b.png"));
    struct upload_terms terms = upload_plan_terms(api, &request, &plan);
    assert_string_equal(terms.content_type, "image/png");
    assert_int_equal(terms.limit, api->config->max_upload_bytes);
}

static void a_token_limits_it(void **state) {
    struct error error = {0};
    struct upload_token token = {.max_bytes = 10, .patterns = (char *)"image/*"};
    struct request request = {.upload_token = &token};
    _cleanup_(upload_plan_free) struct upload_plan refused = planned("text/plain");
    assert_false(upload_plan_draft(*state, &request, &refused, &error));
    assert_int_equal(error.code, ERROR_UNSUPPORTED_TYPE);
    _cleanup_(upload_plan_free) struct upload_plan plan = planned("image/png");
    assert_true(upload_plan_draft(*state, &request, &plan, &error));
    assert_int_equal(upload_plan_terms(*state, &request, &plan).limit, 10);
}

static void without_a_database_nothing_is_committed(void **state) {
    struct error error = {0};
    struct request request = {.principal.owner_id = "me"};
    _cleanup_(upload_plan_free) struct upload_plan plan = planned("image/png");
    assert_true(upload_plan_draft(*state, &request, &plan, &error));
    assert_false(upload_commit(*state, &request, &plan.draft, NULL, &error));
    assert_int_equal(error.code, ERROR_DATABASE_UNAVAILABLE);
    assert_false(upload_commit(*state, &request, &plan.draft, "upload", &error));
    assert_string_equal(request.file_id, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_becomes_a_draft_and_terms),
        cmocka_unit_test(a_token_limits_it),
        cmocka_unit_test(without_a_database_nothing_is_committed),
    };
    return cmocka_run_group_tests(tests, exchange_start, exchange_stop);
}
