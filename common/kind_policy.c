#include "common/kind_policy.h"

#include "common/type_list.h"

#include <string.h>

static bool check_list(const char *list, const char *setting, struct error *err) {
    return list == NULL || type_list_valid(list) ||
           error_set(err, ERROR_CONFIG, "%s must be media types such as image/png or image/*, with commas between them",
                     setting);
}

bool kind_policies_read(const struct config *config, struct kind_policies *ret_policies, struct error *err) {
    *ret_policies = (struct kind_policies){
        .file = {config->file_types, config->file_max_bytes},
        .media = {config->media_types, 0}, /* its size is looked at where pictures are read */
        .asset = {config->asset_types, config->asset_max_bytes},
    };
    return check_list(config->file_types, "SLUICE_FILE_TYPES", err) &&
           check_list(config->media_types, "SLUICE_MEDIA_TYPES", err) &&
           check_list(config->asset_types, "SLUICE_ASSET_TYPES", err);
}

const struct kind_policy *kind_policy_of(const struct kind_policies *policies, const char *kind) {
    if (kind == NULL || strcmp(kind, "file") == 0) {
        return &policies->file;
    }
    return strcmp(kind, "asset") == 0 ? &policies->asset : &policies->media;
}

bool kind_policy_check_type(const struct kind_policy *policy, const char *type, struct error *err) {
    if (policy->types == NULL || type_list_has(policy->types, type)) {
        return true;
    }
    bool is_known = type != NULL && *type != '\0';
    return error_set(err, ERROR_UNSUPPORTED_TYPE, "%.100s is none of the types that are taken: %.100s",
                     is_known ? type : "what has no type", policy->types);
}

int64_t kind_policy_smaller(int64_t left, int64_t right) {
    if (left == 0 || right == 0) {
        return left + right;
    }
    return left < right ? left : right;
}
