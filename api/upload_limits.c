#include "api/upload_limits.h"

#include "api/media_upload.h"

#include <string.h>

static bool is_medium(const char *kind) {
    return strcmp(kind, "file") != 0 && strcmp(kind, "asset") != 0;
}

struct upload_limits upload_limits_of(const struct api *api, const struct request *request, const char *kind) {
    const struct principal *principal = &request->principal;
    const struct kind_policy *policy = kind_policy_of(&api->policies, kind);
    int64_t max_bytes = is_medium(kind) ? media_upload_max_bytes(api->config) : api->config->max_upload_bytes;
    max_bytes = kind_policy_smaller(max_bytes, policy->max_bytes);
    return (struct upload_limits){
        .max_bytes = kind_policy_smaller(max_bytes, principal->max_file_bytes),
        .types = policy->types,
        .key_types = principal->types,
    };
}

bool upload_limits_check_type(const struct upload_limits *limits, const char *content_type, struct error *err) {
    const struct kind_policy of_kind = {.types = limits->types};
    const struct kind_policy of_key = {.types = limits->key_types};
    return kind_policy_check_type(&of_kind, content_type, err) && kind_policy_check_type(&of_key, content_type, err);
}
