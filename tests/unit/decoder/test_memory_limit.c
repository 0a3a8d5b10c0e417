#include "decoder/memory_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { MEBIBYTE = 1 << 20, CHUNKS = 64 };

/* The exit status of a process that takes so much memory, by this function, under a limit of 256 MiB. */
static int end_of(size_t mebibytes, void *(*take)(size_t size)) {
    pid_t pid = fork();
    if (pid == 0) {
        if (!memory_limit_set((int64_t)256 * MEBIBYTE)) {
            _exit(1);
        }
        for (size_t i = 0; i < CHUNKS; i++) {
            char *chunk = take(mebibytes * MEBIBYTE / CHUNKS);
            if (chunk == NULL) {
                _exit(2);
            }
            memset(chunk, 'x', mebibytes * MEBIBYTE / CHUNKS);
        }
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void *by_malloc(size_t size) {
    return malloc(size);
}

static void *by_calloc(size_t size) {
    return calloc(1, size);
}

static void *by_realloc(size_t size) {
    return realloc(NULL, size);
}

static void *by_posix_memalign(size_t size) {
    void *pointer = NULL;
    return posix_memalign(&pointer, 4096, size) == 0 ? pointer : NULL;
}

static void *by_aligned_alloc(size_t size) {
    return aligned_alloc(64, size);
}

static void too_much_has_an_end_of_its_own(void **state) {
    (void)state;
    void *(*const ways[])(size_t) = {by_malloc, by_calloc, by_realloc, by_posix_memalign, by_aligned_alloc};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_int_equal(end_of(128, ways[i]), 0);
        assert_int_equal(end_of(512, ways[i]), MEMORY_LIMIT_EXIT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_much_has_an_end_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
