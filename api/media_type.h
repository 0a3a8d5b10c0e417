/* Media types (RFC 9110, section 8.3.1): `type/subtype; name=value`. Pure. */
#ifndef SLUICE_API_MEDIA_TYPE_H
#define SLUICE_API_MEDIA_TYPE_H

#include <stdbool.h>
#include <stddef.h>

enum { MEDIA_TYPE_SIZE = 256 };

/* Checks a type and copies it with type, subtype and parameter names in lower case; false for what is none, or for more
 * than MEDIA_TYPE_SIZE - 1 bytes. */
bool media_type_normalize(const char *text, char ret_type[MEDIA_TYPE_SIZE]);

/* Whether a Content-Type header announces JSON: application/json or a +json type, whatever its parameters. */
bool media_type_is_json(const char *text);

/* Whether a Content-Type header announces the fields of a form: application/x-www-form-urlencoded, whatever its parameters. */
bool media_type_is_fields(const char *text);

/* Plain raster images, which browsers may show in place: they run no script. */
bool media_type_is_inline_image(const char *type);

#endif
