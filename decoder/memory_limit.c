#include "decoder/memory_limit.h"

#include <stddef.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER
#endif
#endif

#ifdef UNDER_SANITIZER

/* sanitizer/allocator_interface.h, which not every compiler brings along. */
size_t __sanitizer_get_current_allocated_bytes(void);
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static size_t allowed_bytes; /* 0: no limit */

static void check_allocation(const volatile void *pointer, size_t size) {
    (void)pointer;
    (void)size;
    if (allowed_bytes != 0 && __sanitizer_get_current_allocated_bytes() > allowed_bytes) {
        _exit(MEMORY_LIMIT_EXIT);
    }
}

static void ignore_release(const volatile void *pointer) {
    (void)pointer;
}

bool memory_limit_set(int64_t bytes) {
    bool is_installed =
        allowed_bytes != 0 || __sanitizer_install_malloc_and_free_hooks(check_allocation, ignore_release);
    allowed_bytes = (size_t)bytes;
    return is_installed;
}

#else

#include <errno.h>
#include <malloc.h>
#include <sys/resource.h>

enum { PROGRAM_BYTES = 64 << 20 }; /* of code and read-only data, which RLIMIT_DATA does not count */

static bool is_limited;

bool memory_limit_set(int64_t bytes) {
    rlim_t data_bytes = (rlim_t)(bytes > 2 * (int64_t)PROGRAM_BYTES ? bytes - PROGRAM_BYTES : bytes / 2);
    const struct rlimit limits = {.rlim_cur = data_bytes, .rlim_max = data_bytes};
    is_limited = true;
    return setrlimit(RLIMIT_DATA, &limits) == 0;
}

/* glibc's own allocator under the names that it exports for those who replace malloc: all memory of all libraries comes
 * through here, and only to be looked at. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *pointer);

static void *checked(void *pointer, size_t size) {
    if (pointer == NULL && size > 0 && is_limited) {
        _exit(MEMORY_LIMIT_EXIT);
    }
    return pointer;
}

void *malloc(size_t size) {
    return checked(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size) {
    return checked(__libc_calloc(count, size), count > 0 ? size : 0);
}

void *realloc(void *pointer, size_t size) {
    return checked(__libc_realloc(pointer, size), size);
}

void *memalign(size_t alignment, size_t size) {
    return checked(__libc_memalign(alignment, size), size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **ret_pointer, size_t alignment, size_t size) {
    void *pointer = memalign(alignment, size);
    if (pointer == NULL && size > 0) {
        return ENOMEM;
    }
    *ret_pointer = pointer;
    return 0;
}

void free(void *pointer) {
    __libc_free(pointer);
}

#endif
