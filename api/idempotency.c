#include "api/idempotency.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

bool idempotency_key_valid(const char *key) {
    size_t length = 0;
    for (; key[length] != '\0'; length++) {
        if (key[length] <= ' ' || key[length] > '~' || length >= IDEMPOTENCY_KEY_MAX) {
            return false;
        }
    }
    return length > 0;
}

bool idempotency_of(const struct request *request, struct idempotency *ret_idempotency, struct error *err) {
    const char *key = request_header(request, "Idempotency-Key");
    *ret_idempotency = (struct idempotency){.owner_id = request->principal.owner_id, .key = key};
    if (key == NULL) {
        return true;
    }
    if (!idempotency_key_valid(key)) {
        return error_set(err, ERROR_VALIDATION_FAILED, "Idempotency-Key must have 1 to %d visible ASCII characters",
                         IDEMPOTENCY_KEY_MAX);
    }
    _cleanup_(sha256_freep) struct sha256 *hash = sha256_new();
    sha256_update(hash, request->method, strlen(request->method) + 1);
    sha256_update(hash, request->raw_path, strlen(request->raw_path) + 1);
    sha256_update(hash, request->body.data, request->body.length);
    sha256_finish(hash, ret_idempotency->request_hash);
    return true;
}

bool idempotency_find(struct db *db, const struct idempotency *idempotency, struct idempotency_answer *ret_answer,
                      struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, idempotency->owner_id);
    db_param_text(&params, idempotency->key);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_IDEMPOTENCY_GET, &params, &result, err)) {
        return false;
    }
    *ret_answer = (struct idempotency_answer){0};
    if (db_rows(result) == 0) {
        return true;
    }
    unsigned char hash[SHA256_SIZE];
    if (!decode_hex(db_text(result, 0, 0), hash, sizeof hash) ||
        memcmp(hash, idempotency->request_hash, sizeof hash) != 0) {
        return error_set(err, ERROR_IDEMPOTENCY_KEY_REUSED, "the Idempotency-Key came with another request before");
    }
    ret_answer->status = (int)db_int(result, 0, 2);
    ret_answer->body = xstrdup(db_text(result, 0, 1));
    return true;
}

bool idempotency_store(struct db *db, const struct idempotency *idempotency, int status, const char *body,
                       bool *ret_first, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, idempotency->owner_id);
    db_param_text(&params, idempotency->key);
    db_param_bytes(&params, idempotency->request_hash, SHA256_SIZE);
    db_param_text(&params, body);
    db_param_int(&params, status);
    db_param_int(&params, IDEMPOTENCY_TTL_S);
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, SQL_IDEMPOTENCY_PUT, &params, &result, err)) {
        return false;
    }
    *ret_first = db_rows(result) == 1;
    return true;
}
