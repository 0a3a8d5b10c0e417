#include "processor/gauges.h"

#include "settings.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The value on the metric's line. */
static int64_t value_of(const char *name) {
    _cleanup_(buf_free) struct buf text = {0};
    metrics_print(&text);
    _cleanup_(freep) char *start = xasprintf("\n%s ", name);
    const char *line = strstr(buf_text(&text), start);
    if (line == NULL) {
        fail_msg("no line of %s", name);
        return 0;
    }
    line += strlen(start);
    _cleanup_(freep) char *number = xstrndup(line, strcspn(line, "\n"));
    int64_t value = 0;
    assert_true(parse_int64(number, INT64_MIN, INT64_MAX, &value));
    return value;
}

static void before_the_first_look_nothing_is_wrong(void **state) {
    (void)state;
    gauges_label_metrics();
    assert_int_equal(value_of("sluice_dependency_up{dependency=\"postgres\"}"), 1);
    assert_int_equal(value_of("sluice_dependency_up{dependency=\"store\"}"), 1);
}

static void what_does_not_answer_is_down_and_its_values_stay(void **state) {
    (void)state;
    struct config config = nothing_works();
    static char root[] = "/";
    config.spool_dir = root;
    _cleanup_(connections_close) struct connections connections = {0};
    struct error err = {0};
    assert_true(connections_open(&config, "test", &connections, &err));
    metrics_set(METRIC_QUEUE_DUE, 0, 7);
    metrics_set(METRIC_EVENT_LIST_LENGTH, 0, 8);
    gauges_measure(&config, &connections);
    assert_int_equal(value_of("sluice_dependency_up{dependency=\"postgres\"}"), 0);
    assert_int_equal(value_of("sluice_dependency_up{dependency=\"redis\"}"), 0);
    assert_int_equal(value_of("sluice_dependency_up{dependency=\"store\"}"), 0);
    assert_int_equal(value_of("sluice_queue_due"), 7);
    assert_int_equal(value_of("sluice_event_list_length"), 8);
}

static void the_disk_is_filled_from_0_to_100(void **state) {
    (void)state;
    int64_t percent = value_of("sluice_spool_used_percent"); /* of the test before */
    assert_in_range(percent, 0, 100);
}

static void a_sweep_leaves_its_time(void **state) {
    (void)state;
    gauges_sweep_completed();
    int64_t age_s = clock_now_ms() / 1000 - value_of("sluice_sweep_completed_timestamp_seconds");
    assert_in_range(age_s, 0, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_look_nothing_is_wrong),
        cmocka_unit_test(what_does_not_answer_is_down_and_its_values_stay),
        cmocka_unit_test(the_disk_is_filled_from_0_to_100),
        cmocka_unit_test(a_sweep_leaves_its_time),
    };
    metrics_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
