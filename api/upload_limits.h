/* What a caller may upload: the limits of the service, of the kind of file, and of the caller's key, together. */
#ifndef SLUICE_API_UPLOAD_LIMITS_H
#define SLUICE_API_UPLOAD_LIMITS_H

#include "api/api.h"

struct upload_limits {
    int64_t max_bytes;     /* of one file */
    const char *types;     /* of the kind; type_list.h */
    const char *key_types; /* of the key */
};

/* `kind` as the records name it. The texts are those of settings and request. */
struct upload_limits upload_limits_of(const struct api *api, const struct request *request, const char *kind);

/* UNSUPPORTED_TYPE when a declared type is not on both lists; "" or NULL is none, which only lists without entries have. */
bool upload_limits_check_type(const struct upload_limits *limits, const char *content_type,
                              struct error *err) MUST_CHECK;

#endif
