#include "api/entity_tag.h"

#include <stddef.h>
#include <string.h>

bool entity_tag_listed(const char *header, const char *tag) {
    if (header == NULL) {
        return false;
    }
    const char *at = header + strspn(header, " \t");
    if (*at == '*') {
        return true;
    }
    size_t tag_length = tag == NULL ? 0 : strlen(tag);
    while (*at != '\0' && tag_length > 0) {
        at += strspn(at, " \t,");
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        if (*at != '"') {
            return false;
        }
        size_t length = strcspn(at + 1, "\"") + 2;
        if (length == tag_length && memcmp(at, tag, length) == 0) {
            return true;
        }
        if (strlen(at) < length) {
            return false;
        }
        at += length;
        at += strspn(at, " \t");
    }
    return false;
}

bool entity_tag_allows_range(const char *header, const char *tag) {
    return header == NULL || (tag != NULL && strcmp(header, tag) == 0);
}
