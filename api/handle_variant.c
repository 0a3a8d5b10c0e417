/* GET and HEAD /files/{id}/variants/{name}: where the smaller picture is, or, with ?proxy=1, its bytes. */

#include "api/handlers.h"
#include "api/response.h"
#include "common/clock.h"
#include "common/variants.h"
#include "common/xalloc.h"

#include <string.h>

/* A variant as its row has it. */
struct variant {
    char *object_key;
    char *content_type;
    int64_t size;
};

static void variant_free(struct variant *variant) {
    free(variant->object_key);
    free(variant->content_type);
}

static bool no_variant(const char *status, const char *name, struct error *err) {
    return file_status_is_final(file_status_of(status))
               ? error_set(err, ERROR_NOT_FOUND, "the file has no variant %.*s", VARIANT_NAME_SIZE, name)
               : error_set(err, ERROR_CONFLICT, "the file is %s: its variants are not made yet", status);
}

static bool read_variant(const struct db_result *result, const char *name, struct variant *ret_variant,
                         struct error *err) {
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such file");
    }
    if (db_is_null(result, 0, 1)) {
        return no_variant(db_text(result, 0, 0), name, err);
    }
    *ret_variant =
        (struct variant){xstrdup(db_text(result, 0, 1)), xstrdup(db_text(result, 0, 2)), db_int(result, 0, 3)};
    return true;
}

static bool find_variant(struct api *api, const struct request *request, const char *file_id,
                         struct variant *ret_variant, struct error *err) {
    const char *name = request->match.parameters[1];
    struct db *db = NULL;
    if (!api_take_database(api, &db, err)) {
        return false;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, request->principal.owner_id);
    db_param_text(&params, file_id);
    db_param_text(&params, name);
    bool found = db_run(db, SQL_VARIANT_GET, &params, &result, err);
    db_pool_give(api->database, db);
    return found && read_variant(result, name, ret_variant, err);
}

static void redirect(const struct api *api, struct request *request, const struct variant *variant) {
    const struct s3_presign_get get = {.key = variant->object_key, .expires_s = api->config->presign_ttl_s};
    _cleanup_(s3_signed_free) struct s3_signed permit = {0};
    s3_presign_get(api->presign, &get, clock_now_ms(), &permit);
    response_header(request, "Location", permit.url);
    response_header(request, "Cache-Control", "no-store");
    response_send(request, 302, NULL, NULL, 0);
}

/* An answer in the making: its headers go out with the first bytes. */
struct delivery {
    struct request *request;
    const struct variant *variant;
    bool started;
};

static bool start(struct delivery *delivery) {
    struct request *request = delivery->request;
    delivery->started = true;
    response_header(request, "Content-Disposition", "inline");
    response_header(request, "Content-Security-Policy", "default-src 'none'; sandbox");
    response_header(request, "Cache-Control", "private, max-age=86400");
    return response_start(request, 200, delivery->variant->content_type, delivery->variant->size);
}

static bool pass_on(void *context, const void *bytes, size_t length, struct error *err) {
    struct delivery *delivery = context;
    if ((!delivery->started && !start(delivery)) || !response_write(delivery->request, bytes, length)) {
        return error_set(err, ERROR_BAD_REQUEST, "the client is gone");
    }
    return true;
}

static bool deliver(struct api *api, struct request *request, const struct variant *variant, struct error *err) {
    struct delivery delivery = {.request = request, .variant = variant};
    struct s3_client *client = NULL;
    if (strcmp(request->method, "HEAD") == 0) {
        return start(&delivery) || error_set(err, ERROR_BAD_REQUEST, "the client is gone");
    }
    if (!s3_pool_take(api->store, &client, err)) {
        return false;
    }
    const struct s3_get get = {
        .key = variant->object_key, .offset = 0, .length = -1, .sink = pass_on, .sink_context = &delivery};
    bool streamed = s3_client_get(client, &get, NULL, err);
    s3_pool_give(api->store, client);
    if (!streamed && err->code == ERROR_STORE_NOT_FOUND) {
        return error_set(err, ERROR_OBJECT_GONE, "the variant is no longer in the store");
    }
    return streamed;
}

bool handle_variant(struct api *api, struct request *request, struct error *err) {
    char file_id[ID_TEXT_SIZE];
    int64_t proxy = 0;
    _cleanup_(variant_free) struct variant variant = {0};
    if (!request_file_id(request, file_id, err) || !request_query_int(request, "proxy", 0, 1, 0, &proxy, err) ||
        !find_variant(api, request, file_id, &variant, err)) {
        return false;
    }
    if (proxy == 0) {
        redirect(api, request, &variant);
        return true;
    }
    return deliver(api, request, &variant, err);
}
