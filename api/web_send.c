#include "api/web_send.h"

#include "api/entity_tag.h"
#include "api/response.h"

#include <string.h>

bool web_asset_find(const char *path, const struct web_asset **ret_asset, struct error *err) {
    for (const struct web_asset *asset = web_assets; asset->path != NULL; asset++) {
        if (strcmp(asset->path, path) == 0) {
            *ret_asset = asset;
            return true;
        }
    }
    return error_set(err, ERROR_NOT_FOUND,
                     web_assets[0].path == NULL ? "sluice-api was built without npm, and so without pages"
                                                : "there is no such page");
}

void web_send(struct request *request, const struct web_asset *asset, const char *policy) {
    response_header(request, "ETag", asset->etag);
    response_header(request, "Cache-Control", "no-cache");
    if (entity_tag_listed(request_header(request, "If-None-Match"), asset->etag)) {
        response_send(request, 304, NULL, NULL, 0);
        return;
    }
    response_header(request, "Content-Security-Policy", policy);
    response_header(request, "Referrer-Policy", "no-referrer");
    response_send(request, 200, asset->content_type, asset->bytes, asset->length);
}
