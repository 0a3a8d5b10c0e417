/* Lists of media types, as settings and keys have them: `image/png`, `image/` and a star for all of a kind, commas between. Pure. */
#ifndef SLUICE_COMMON_TYPE_LIST_H
#define SLUICE_COMMON_TYPE_LIST_H

#include "common/cleanup.h"

#include <stdbool.h>

enum { TYPE_LIST_SIZE = 501 };

/* Whether each entry is a type or the star form of one; "" is a list without entries. */
bool type_list_valid(const char *list);

/* Whether the list has this type, in any case and whatever its parameters. A list without entries has all of them, and `type`
 * NULL or "" is on no other. */
bool type_list_has(const char *list, const char *type);

#endif
