/* The table of routes. */
#ifndef SLUICE_API_ROUTES_H
#define SLUICE_API_ROUTES_H

#include "api/router.h"

#include <stdio.h>

extern const struct route routes[];
extern const size_t route_count;

/* The table as Markdown, for --dump routes. */
void routes_dump(FILE *out);

#endif
