#include "cli/setup_plan.h"
#include "common/upload_prefixes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ALL_EVENTS                                                                                                     \
    "s3:ObjectRemoved:Delete s3:ObjectCreated:Put s3:ObjectCreated:Post s3:ObjectCreated:Copy "                        \
    "s3:ObjectCreated:CompleteMultipartUpload s3:ObjectRemoved:DeleteMarkerCreated"

enum { ROWS_MAX = 8 };

/* A plan for these targets on a bucket with these rows. */
struct fixture {
    struct text_list arns;
    struct s3_notification_rows current;
    struct s3_notification_row rows[ROWS_MAX];
    struct setup_plan plan;
};

static void add_row(struct fixture *fixture, const char *arn, const char *prefix, const char *events) {
    fixture->rows[fixture->current.count++] =
        (struct s3_notification_row){.arn = (char *)arn, .prefix = (char *)prefix, .events = (char *)events};
    fixture->current.rows = fixture->rows;
}

static void make(struct fixture *fixture, const char *arns) {
    text_list_split(arns, ',', &fixture->arns);
    setup_plan_make(&fixture->arns, &fixture->current, &fixture->plan);
}

static void fixture_free(struct fixture *fixture) {
    setup_plan_free(&fixture->plan);
    text_list_free(&fixture->arns);
}

static size_t prefix_count(void) {
    size_t count = 0;
    while (upload_prefixes[count] != NULL) {
        count++;
    }
    return count;
}

static void every_target_gets_every_prefix(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {0};
    make(&fixture, "arn:minio:sqs::A:redis, arn:minio:sqs::B:redis");
    assert_int_equal(fixture.plan.count, 2 * prefix_count());
    assert_int_equal(fixture.plan.kept, 0);
    assert_string_equal(fixture.plan.notifications[0].arn, "arn:minio:sqs::A:redis");
    assert_string_equal(fixture.plan.notifications[0].prefix, "files/");
    assert_false(setup_plan_is_current(&fixture.plan, &fixture.current));
}

static void no_wildcard_is_subscribed(void **state) {
    (void)state;
    for (const char *const *event = setup_events; *event != NULL; event++) {
        assert_null(strchr(*event, '*'));
        assert_int_equal(strncmp(*event, "s3:Object", 9), 0);
    }
}

static void a_second_setup_finds_nothing_to_do(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {0};
    for (size_t i = 0; i < prefix_count(); i++) {
        add_row(&fixture, "arn:minio:sqs:us-east-1:A:redis", upload_prefixes[i], ALL_EVENTS);
    }
    make(&fixture, "arn:minio:sqs::A:redis");
    assert_true(setup_plan_is_current(&fixture.plan, &fixture.current));
}

static void what_differs_is_written_anew(void **state) {
    (void)state;
    const struct s3_notification_row cases[] = {
        {"arn:minio:sqs::B:redis", "files/", ALL_EVENTS},           /* another target */
        {"arn:minio:sqs::A:redis", "files", ALL_EVENTS},            /* another prefix */
        {"arn:minio:sqs::A:redis", "files/", "s3:ObjectCreated:*"}, /* other events */
        {"arn:minio:sqs::A:kafka", "files/", ALL_EVENTS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        _cleanup_(fixture_free) struct fixture fixture = {0};
        add_row(&fixture, cases[i].arn, cases[i].prefix, cases[i].events);
        make(&fixture, "arn:minio:sqs::A:redis");
        assert_false(setup_plan_is_current(&fixture.plan, &fixture.current));
    }
}

static void subscriptions_of_others_stay(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {0};
    add_row(&fixture, "arn:minio:sqs:eu:OTHER:webhook", "", "s3:ObjectCreated:Put s3:ObjectAccessed:Get");
    make(&fixture, "arn:minio:sqs::A:redis");
    assert_int_equal(fixture.plan.kept, 1);
    assert_int_equal(fixture.plan.count, prefix_count() + 1);
    const struct s3_notification *kept = &fixture.plan.notifications[prefix_count()];
    assert_string_equal(kept->arn, "arn:minio:sqs:eu:OTHER:webhook");
    assert_string_equal(kept->prefix, "");
    assert_string_equal(kept->events[0], "s3:ObjectCreated:Put");
    assert_string_equal(kept->events[1], "s3:ObjectAccessed:Get");
    assert_null(kept->events[2]);
}

static void a_target_that_is_no_longer_wanted_goes(void **state) {
    (void)state;
    _cleanup_(fixture_free) struct fixture fixture = {0};
    add_row(&fixture, "arn:minio:sqs:us-east-1:OLD:redis", "files/", ALL_EVENTS);
    add_row(&fixture, "arn:minio:sqs:us-east-1:A:redis", "elsewhere/", "s3:ObjectCreated:Put");
    make(&fixture, "arn:minio:sqs::A:redis");
    assert_int_equal(fixture.plan.kept, 0);
    assert_int_equal(fixture.plan.count, prefix_count());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_target_gets_every_prefix),     cmocka_unit_test(no_wildcard_is_subscribed),
        cmocka_unit_test(a_second_setup_finds_nothing_to_do), cmocka_unit_test(what_differs_is_written_anew),
        cmocka_unit_test(subscriptions_of_others_stay),       cmocka_unit_test(a_target_that_is_no_longer_wanted_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
