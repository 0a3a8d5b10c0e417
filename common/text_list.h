/* A list of words in one text, such as "upload,read". Pure; allocates by xalloc. */
#ifndef SLUICE_COMMON_TEXT_LIST_H
#define SLUICE_COMMON_TEXT_LIST_H

#include "common/cleanup.h"

#include <stddef.h>

struct text_list {
    char **items; /* ends with NULL */
    size_t count;
};

/* The words between separators, without blanks around them and without empty ones. */
void text_list_split(const char *text, char separator, struct text_list *ret_list);
void text_list_free(struct text_list *list);

#endif
