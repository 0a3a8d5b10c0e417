#include "common/metrics.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char *printed(void) {
    struct buf text = {0};
    metrics_print(&text);
    return buf_take(&text);
}

static void assert_line(const char *text, const char *line) {
    _cleanup_(freep) char *whole = xasprintf("\n%s\n", line);
    if (strstr(text, whole) == NULL) {
        fail_msg("no line \"%s\" in:\n%s", line, text);
    }
}

/* Runs first: the memory is there for good once it is started. */
static void nothing_is_counted_before_the_start(void **state) {
    (void)state;
    metrics_increment(METRIC_PRESIGNED, 0);
    metrics_set(METRIC_WORKERS, 0, 5);
    metrics_observe_us(METRIC_HTTP_DURATION, 0, 5);
    _cleanup_(freep) char *text = printed();
    assert_string_equal(text, "");
}

static int start(void **state) {
    (void)state;
    metrics_start();
    return 0;
}

static void counters_and_gauges(void **state) {
    (void)state;
    metrics_increment(METRIC_PRESIGNED, 0);
    metrics_add(METRIC_PRESIGNED, 0, 41);
    metrics_set(METRIC_WORKERS, 0, 5);
    metrics_add(METRIC_WORKERS, 0, -2);
    _cleanup_(freep) char *text = printed();
    assert_line(text, "# HELP sluice_presigned_total Signed uploads handed out");
    assert_line(text, "# TYPE sluice_presigned_total counter");
    assert_line(text, "sluice_presigned_total 42");
    assert_line(text, "# TYPE sluice_workers gauge");
    assert_line(text, "sluice_workers 3");
    assert_null(strstr(text, "\n\n"));
    assert_int_equal(text[strlen(text) - 1], '\n');
}

static void only_named_label_values_are_printed(void **state) {
    (void)state;
    static const char *const results[] = {"ok", "with \"quotes\" \\ and\nline"};
    metrics_add(METRIC_JOBS, 0, 1);
    metrics_add(METRIC_JOBS, 5, 1);
    metrics_add(METRIC_JOBS, METRIC_MAX_LABELS, 1);
    metrics_add(METRIC_EVENTS, 0, 1);
    metrics_label(METRIC_JOBS, results, 2);
    _cleanup_(freep) char *text = printed();
    assert_line(text, "sluice_jobs_total{result=\"ok\"} 1");
    assert_line(text, "sluice_jobs_total{result=\"with \\\"quotes\\\" \\\\ and\\nline\"} 0");
    assert_null(strstr(text, "sluice_events_total"));
}

static void histograms_are_cumulative_and_in_seconds(void **state) {
    (void)state;
    static const char *const steps[] = {"fetch"};
    metrics_label(METRIC_STEP_DURATION, steps, 1);
    metrics_observe_us(METRIC_STEP_DURATION, 0, 500);
    metrics_observe_us(METRIC_STEP_DURATION, 0, 501);
    metrics_observe_us(METRIC_STEP_DURATION, 0, 70000000);
    _cleanup_(freep) char *text = printed();
    assert_line(text, "# TYPE sluice_step_duration_seconds histogram");
    assert_line(text, "sluice_step_duration_seconds_bucket{step=\"fetch\",le=\"0.0005\"} 1");
    assert_line(text, "sluice_step_duration_seconds_bucket{step=\"fetch\",le=\"0.001\"} 2");
    assert_line(text, "sluice_step_duration_seconds_bucket{step=\"fetch\",le=\"60\"} 2");
    assert_line(text, "sluice_step_duration_seconds_bucket{step=\"fetch\",le=\"+Inf\"} 3");
    assert_line(text, "sluice_step_duration_seconds_sum{step=\"fetch\"} 70.001001");
    assert_line(text, "sluice_step_duration_seconds_count{step=\"fetch\"} 3");
}

static void what_a_child_counts_is_counted(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        metrics_add(METRIC_BYTES_FETCHED, 0, 7);
        _exit(0);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    metrics_add(METRIC_BYTES_FETCHED, 0, 1);
    _cleanup_(freep) char *text = printed();
    assert_line(text, "sluice_bytes_fetched_total 8");
}

static void the_table_prints_itself(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    metrics_dump(out);
    fclose(out);
    assert_line(text, "| `sluice_presigned_total` | counter |  | Signed uploads handed out |");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_is_counted_before_the_start, start),
        cmocka_unit_test(counters_and_gauges),
        cmocka_unit_test(only_named_label_values_are_printed),
        cmocka_unit_test(histograms_are_cumulative_and_in_seconds),
        cmocka_unit_test(what_a_child_counts_is_counted),
        cmocka_unit_test(the_table_prints_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
