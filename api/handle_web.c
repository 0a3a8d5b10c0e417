/* Sluice's own pages, which are part of the program. */

#include "api/entity_tag.h"
#include "api/handlers.h"
#include "api/response.h"
#include "api/web_assets.h"

#include <string.h>

/* Scripts and styles from here only; pictures and uploads from and to the store as clients reach it. Uppy previews what is
 * to be uploaded by blob: and data: addresses. */
static bool append_policy(const struct config *config, struct buf *out, struct error *err) {
    struct s3_endpoint store = {0};
    if (!s3_endpoint_parse(api_public_endpoint(config), config->s3_bucket, config->s3_path_style, &store, err)) {
        return false;
    }
    buf_printf(out,
               "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none';"
               " frame-ancestors 'none'; img-src 'self' blob: data: %s://%s; connect-src 'self' %s://%s",
               store.scheme, store.host, store.scheme, store.host);
    s3_endpoint_free(&store);
    return true;
}

static bool send_asset(struct api *api, struct request *request, const char *path, struct error *err) {
    _cleanup_(buf_free) struct buf policy = {0};
    const struct web_asset *asset = web_assets;
    while (asset->path != NULL && strcmp(asset->path, path) != 0) {
        asset++;
    }
    if (asset->path == NULL) {
        return error_set(err, ERROR_NOT_FOUND,
                         web_assets[0].path == NULL ? "sluice-api was built without npm, and so without pages"
                                                    : "there is no such page");
    }
    if (!append_policy(api->config, &policy, err)) {
        return false;
    }
    response_header(request, "ETag", asset->etag);
    response_header(request, "Cache-Control", "no-cache");
    if (entity_tag_listed(request_header(request, "If-None-Match"), asset->etag)) {
        response_send(request, 304, NULL, NULL, 0);
        return true;
    }
    response_header(request, "Content-Security-Policy", buf_text(&policy));
    response_header(request, "Referrer-Policy", "no-referrer");
    response_send(request, 200, asset->content_type, asset->bytes, asset->length);
    return true;
}

bool handle_demo_page(struct api *api, struct request *request, struct error *err) {
    return send_asset(api, request, "demo.html", err);
}

bool handle_demo_asset(struct api *api, struct request *request, struct error *err) {
    return send_asset(api, request, request->match.parameters[0], err);
}
