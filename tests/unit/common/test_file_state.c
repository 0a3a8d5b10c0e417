#include "common/file_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const enum file_status all[] = {PENDING, UPLOADED, SYNCING, SYNCED, FAILED, EXPIRED};

enum { STATUS_COUNT = sizeof all / sizeof all[0] };

static void names_go_both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        assert_int_equal(file_status_of(file_status_name(all[i])), all[i]);
    }
    assert_int_equal(file_status_of("pending"), 0);
    assert_int_equal(file_status_of("GONE"), 0);
    assert_int_equal(file_status_of(""), 0);
    assert_int_equal(file_status_of(NULL), 0);
}

/* Every pair of status and event, written out: a change of the table must be a change here. */
static void every_event_counts_where_the_design_says(void **state) {
    (void)state;
    static const struct {
        enum file_event event;
        unsigned from;
        enum file_status to;
    } expected[FILE_EVENT_COUNT] = {
        {FILE_ARRIVE, PENDING | EXPIRED, UPLOADED},
        {FILE_TAKE, PENDING | EXPIRED, SYNCING},
        {FILE_EXPIRE, PENDING, EXPIRED},
        {FILE_RENEW, PENDING | EXPIRED, PENDING},
        {FILE_CLAIM, UPLOADED, SYNCING},
        {FILE_FINISH, SYNCING, SYNCED},
        {FILE_POSTPONE, SYNCING, UPLOADED},
        {FILE_REJECT, SYNCING, FAILED},
        {FILE_RETRY, FAILED, UPLOADED},
        {FILE_DELETE, PENDING | UPLOADED | SYNCING | SYNCED | FAILED | EXPIRED, GONE},
    };
    for (size_t i = 0; i < FILE_EVENT_COUNT; i++) {
        for (size_t k = 0; k < STATUS_COUNT; k++) {
            enum file_status next = (expected[i].from & all[k]) != 0 ? expected[i].to : (enum file_status)0;
            assert_int_equal(file_state_next(all[k], expected[i].event), next);
        }
    }
}

static void only_ends_are_final(void **state) {
    (void)state;
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        bool final = all[i] == SYNCED || all[i] == FAILED || all[i] == EXPIRED;
        assert_int_equal(file_status_is_final(all[i]), final);
    }
}

/* A SYNCED record is left only by deletion: nothing may process it a second time. */
static void synced_stays(void **state) {
    (void)state;
    for (unsigned event = 0; event < FILE_EVENT_COUNT; event++) {
        enum file_status next = file_state_next(SYNCED, (enum file_event)event);
        assert_true(next == 0 || next == GONE);
    }
}

static void the_dump_has_a_row_an_event(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    file_state_dump(out);
    fclose(out);
    assert_non_null(strstr(text, "| FINISH | SYNCING | SYNCED | file.synced |"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_go_both_ways),          cmocka_unit_test(every_event_counts_where_the_design_says),
        cmocka_unit_test(only_ends_are_final),         cmocka_unit_test(synced_stays),
        cmocka_unit_test(the_dump_has_a_row_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
