#include "api/memory_budget.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_is_given_back_can_be_taken_again(void **state) {
    (void)state;
    struct error error = {0};
    struct memory_budget *budget = memory_budget_new(100);
    assert_true(memory_budget_take(budget, 60, &error));
    assert_true(memory_budget_take(budget, 40, &error));
    assert_int_equal(memory_budget_taken(budget), 100);
    assert_false(memory_budget_take(budget, 1, &error));
    assert_int_equal(error.code, ERROR_OVERLOADED);
    memory_budget_give(budget, 60);
    assert_false(memory_budget_take(budget, 61, &error));
    assert_true(memory_budget_take(budget, 60, &error));
    assert_false(memory_budget_take(budget, 101, &error));
    assert_int_equal(error.code, ERROR_FILE_TOO_LARGE); /* waiting would not help */
    memory_budget_free(budget);
    memory_budget_free(NULL);
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *take_and_give(void *budget) {
    struct error error = {0};
    size_t taken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if (memory_budget_take(budget, 30, &error)) {
            taken += memory_budget_taken(budget) > 100 ? ROUNDS : 1;
            memory_budget_give(budget, 30);
        }
    }
    return taken > 0 && taken <= ROUNDS ? budget : NULL;
}

static void threads_never_take_more_than_there_is(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    struct memory_budget *budget = memory_budget_new(100);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, budget), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *kept = NULL;
        pthread_join(threads[i], &kept);
        assert_non_null(kept);
    }
    assert_int_equal(memory_budget_taken(budget), 0);
    memory_budget_free(budget);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_back_can_be_taken_again),
        cmocka_unit_test(threads_never_take_more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
