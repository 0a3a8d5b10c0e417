#include "common/type_list.h"

#include <string.h>
#include <strings.h>

static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-"; /* RFC 6838 */

/* One entry and its length, without the blanks around it; NULL at the end of the list. */
static const char *next_entry(const char **at, size_t *ret_length) {
    *at += strspn(*at, ", ");
    const char *entry = *at;
    size_t length = strcspn(entry, ",");
    *at += length;
    while (length > 0 && entry[length - 1] == ' ') {
        length--;
    }
    *ret_length = length;
    return length == 0 ? NULL : entry;
}

static bool is_type(const char *entry, size_t length) {
    size_t kind = strspn(entry, token);
    if (kind == 0 || kind + 1 >= length || entry[kind] != '/') {
        return false;
    }
    size_t rest = length - kind - 1;
    return (rest == 1 && entry[kind + 1] == '*') || strspn(entry + kind + 1, token) == rest;
}

bool type_list_valid(const char *list) {
    size_t length = 0;
    const char *entry = NULL;
    while ((entry = next_entry(&list, &length)) != NULL) {
        if (!is_type(entry, length)) {
            return false;
        }
    }
    return *list == '\0';
}

static bool entry_fits(const char *entry, size_t length, const char *type, size_t type_length) {
    if (length > 2 && entry[length - 1] == '*') {
        return type_length >= length && strncasecmp(entry, type, length - 1) == 0; /* something stands for the star */
    }
    return length == type_length && strncasecmp(entry, type, length) == 0;
}

bool type_list_has(const char *list, const char *type) {
    size_t length = 0;
    size_t type_length = type == NULL ? 0 : strcspn(type, "; ");
    const char *entry = next_entry(&list, &length);
    if (entry == NULL) {
        return true;
    }
    for (; entry != NULL; entry = next_entry(&list, &length)) {
        if (type_length > 0 && entry_fits(entry, length, type, type_length)) {
            return true;
        }
    }
    return false;
}
