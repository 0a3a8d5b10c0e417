#include "api/asset_query.h"

#include "api/upload_policy.h"
#include "common/clock.h"

enum { QUERY_MAX = 500, TAG_MAX = 200 };

void asset_query_free(struct asset_query *query) {
    free(query->tag);
    free(query->q);
    embedding_free(&query->embedding);
    *query = (struct asset_query){0};
}

static bool read_text(struct request *request, const char *name, size_t maximum, char **ret_text, struct error *err) {
    if (!request_query(request, name, ret_text, err)) {
        return false;
    }
    char message[48];
    snprintf(message, sizeof message, "must have 1 to %zu bytes", maximum);
    return *ret_text == NULL || (**ret_text != '\0' && strlen(*ret_text) <= maximum) ||
           request_refuse(request, name, message, err);
}

static bool read_time(struct request *request, const char *name, int64_t *ret_ms, struct error *err) {
    _cleanup_(freep) char *text = NULL;
    if (!request_query(request, name, &text, err)) {
        return false;
    }
    *ret_ms = text == NULL ? 0 : clock_parse(text);
    return text == NULL || *ret_ms > 0 ||
           request_refuse(request, name, "must be a time like 2026-11-20T12:34:56Z", err);
}

static bool read_hash(struct request *request, char ret_sha256[SHA256_HEX_SIZE], struct error *err) {
    _cleanup_(freep) char *text = NULL;
    if (!request_query(request, "hash", &text, err)) {
        return false;
    }
    *ret_sha256 = '\0';
    return text == NULL || upload_policy_sha256(text, ret_sha256) ||
           request_refuse(request, "hash", "must be 64 hexadecimal digits", err);
}

bool asset_query_read(struct request *request, struct asset_query *ret_query, struct error *err) {
    *ret_query = (struct asset_query){0};
    if (!page_read(request, &ret_query->page, err) || !read_text(request, "tag", TAG_MAX, &ret_query->tag, err) ||
        !read_text(request, "q", QUERY_MAX, &ret_query->q, err) || !read_hash(request, ret_query->sha256, err) ||
        !read_time(request, "taken_after", &ret_query->taken_after_ms, err) ||
        !read_time(request, "taken_before", &ret_query->taken_before_ms, err)) {
        return false;
    }
    return ret_query->q == NULL || page_before(&ret_query->page) == NULL ||
           request_refuse(request, "cursor", "does not go with q: what that finds has one page", err);
}

struct asset_search asset_query_search(const struct asset_query *query, const char *model) {
    return (struct asset_search){
        .before_id = page_before(&query->page),
        .limit = query->q == NULL ? page_rows(&query->page) : (size_t)query->page.limit,
        .tag = query->tag,
        .sha256 = *query->sha256 == '\0' ? NULL : query->sha256,
        .taken_after_ms = query->taken_after_ms,
        .taken_before_ms = query->taken_before_ms,
        .embedding = query->q == NULL ? NULL : &query->embedding,
        .model = model,
    };
}
