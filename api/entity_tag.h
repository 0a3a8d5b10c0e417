/* Conditional requests by entity tag (RFC 9110, sections 8.8.3 and 13.1). Pure. */
#ifndef SLUICE_API_ENTITY_TAG_H
#define SLUICE_API_ENTITY_TAG_H

#include <stdbool.h>

/* Whether an If-None-Match header (NULL: none) names this tag, by weak comparison. `tag` has its quotes; NULL: the resource
 * has none, and only `*` matches. */
bool entity_tag_listed(const char *header, const char *tag);

/* Whether an If-Range header (NULL: none) lets the Range count: it names this tag exactly. A date never does. */
bool entity_tag_allows_range(const char *header, const char *tag);

#endif
