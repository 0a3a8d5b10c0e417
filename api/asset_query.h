/* What a list of assets is searched by, read from a request's query. */
#ifndef SLUICE_API_ASSET_QUERY_H
#define SLUICE_API_ASSET_QUERY_H

#include "api/page.h"
#include "common/asset_search.h"

/* The texts and the vector behind a search; freed by asset_query_free. */
struct asset_query {
    struct page page;
    char *tag, *q;
    char sha256[SHA256_HEX_SIZE]; /* "": any */
    int64_t taken_after_ms, taken_before_ms;
    struct embedding embedding; /* of q */
};
void asset_query_free(struct asset_query *query);

/* `tag`, `hash` (SHA-256), `taken_after` and `taken_before` (RFC 3339), `q`, `limit`, `cursor`. VALIDATION_FAILED; q has no
 * pages, so that it goes with no cursor. */
bool asset_query_read(struct request *request, struct asset_query *ret_query, struct error *err) MUST_CHECK;

/* The search; valid as long as the query. `model`: whose vectors are compared. */
struct asset_search asset_query_search(const struct asset_query *query, const char *model);

#endif
