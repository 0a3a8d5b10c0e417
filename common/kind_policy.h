/* What files of each kind may be, by the settings: their types and their largest size. Checked when an upload is signed, by what
 * is declared, and when it is processed, by what is there. Pure. */
#ifndef SLUICE_COMMON_KIND_POLICY_H
#define SLUICE_COMMON_KIND_POLICY_H

#include "common/config.h"

struct kind_policy {
    const char *types; /* as type_list.h has them; NULL or "": any */
    int64_t max_bytes; /* 0: no limit of its own */
};

/* All zero: no limits. The texts are the settings'. */
struct kind_policies {
    struct kind_policy file, media, asset;
};

/* ERROR_CONFIG for a list of types that is none. */
bool kind_policies_read(const struct config *config, struct kind_policies *ret_policies, struct error *err) MUST_CHECK;

/* The policy of a file's kind, as the records name it; NULL is a file. */
const struct kind_policy *kind_policy_of(const struct kind_policies *policies, const char *kind);

/* UNSUPPORTED_TYPE when the type is not on the list; type NULL or "": not known. */
bool kind_policy_check_type(const struct kind_policy *policy, const char *type, struct error *err) MUST_CHECK;

/* The smaller one of two limits, where 0 is none. */
int64_t kind_policy_smaller(int64_t left, int64_t right);

#endif
