/* Ownership idioms: scope-bound cleanup, transfer of ownership, and results that must be checked. */
#ifndef SLUICE_COMMON_CLEANUP_H
#define SLUICE_COMMON_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))

/* Runs `function(&variable)` when the variable leaves its scope. */
#define _cleanup_(function) __attribute__((cleanup(function)))

/* Gives the pointer away: yields its value and leaves NULL behind, so that its cleanup does nothing. */
#define take_ptr(pointer)                                                                                              \
    __extension__({                                                                                                    \
        __typeof__(pointer) taken_ = (pointer);                                                                        \
        (pointer) = NULL;                                                                                              \
        taken_;                                                                                                        \
    })

/* Defines `name_freep`, the cleanup helper of a type whose `name_free` accepts NULL. */
#define DEFINE_CLEANUP(type, name)                                                                                     \
    static inline void name##_freep(type *handle) {                                                                    \
        name##_free(*handle);                                                                                          \
    }

/* For memory from xalloc.h; works on a pointer of any type. */
static inline void freep(void *pointer) {
    free(*(void **)pointer);
}

static inline void closep(const int *descriptor) {
    if (*descriptor >= 0) {
        close(*descriptor);
    }
}

static inline void fclosep(FILE **file) {
    if (*file != NULL) {
        fclose(*file);
    }
}

#endif
