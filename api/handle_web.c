/* Sluice's own pages, which are part of the program. */

#include "api/handlers.h"
#include "api/web_send.h"

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
    const struct web_asset *asset = NULL;
    if (!web_asset_find(path, &asset, err) || !append_policy(api->config, &policy, err)) {
        return false;
    }
    web_send(request, asset, buf_text(&policy));
    return true;
}

bool handle_demo_page(struct api *api, struct request *request, struct error *err) {
    return send_asset(api, request, "demo.html", err);
}

bool handle_demo_asset(struct api *api, struct request *request, struct error *err) {
    return send_asset(api, request, request->match.parameters[0], err);
}
