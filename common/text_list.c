#include "common/text_list.h"

#include "common/xalloc.h"

#include <string.h>

void text_list_split(const char *text, char separator, struct text_list *ret_list) {
    const char separators[] = {separator, ' ', '\t', '\0'};
    struct text_list list = {.items = xcalloc(1, sizeof *list.items)};
    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);
        list.items = xrealloc(list.items, (list.count + 2) * sizeof *list.items);
        list.items[list.count++] = xstrndup(text, length);
        list.items[list.count] = NULL;
        text += length;
    }
    *ret_list = list;
}

void text_list_free(struct text_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    free(list->items);
    *list = (struct text_list){0};
}
