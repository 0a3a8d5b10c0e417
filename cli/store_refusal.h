/* What a store answers to a signed request that it does not believe, what that means and what to do about it. The codes
 * are those of S3's error responses. */
#ifndef SLUICE_CLI_STORE_REFUSAL_H
#define SLUICE_CLI_STORE_REFUSAL_H

#include <stddef.h>

struct store_refusal {
    const char *code;
    const char *meaning;
    const char *remedy;
};

/* NULL when nothing is known about this code. */
const struct store_refusal *store_refusal_find(const char *code);

#endif
