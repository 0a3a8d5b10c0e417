#include "common/upload_prefixes.h"

#include <stddef.h>

const char *const upload_prefixes[] = {"files/", "albums/", "users/", "generated/", NULL};
