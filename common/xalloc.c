#include "common/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *pointer) {
    if (pointer == NULL) {
        fputs("sluice: out of memory\n", stderr);
        abort();
    }
    return pointer;
}

void *xmalloc(size_t size) {
    return checked(malloc(size == 0 ? 1 : size));
}

void *xcalloc(size_t count, size_t size) {
    return checked(calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
}

void *xrealloc(void *pointer, size_t size) {
    return checked(realloc(pointer, size == 0 ? 1 : size));
}

char *xstrdup(const char *text) {
    return text == NULL ? NULL : checked(strdup(text));
}

char *xstrndup(const char *text, size_t length) {
    return checked(strndup(text, length));
}

char *xasprintf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return checked(length < 0 ? NULL : text);
}
