/* The API's description: the OpenAPI document, and a page that shows it. Both are part of the program. */

#include "api/handlers.h"
#include "api/openapi_asset.h"
#include "api/web_send.h"

/* Nothing from elsewhere: the page reads the document here, and what it tries goes to this API. */
#define PAGE_POLICY                                                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"               \
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

bool handle_openapi(struct api *api, struct request *request, struct error *err) {
    (void)api;
    (void)err;
    web_send(request, &openapi_asset, "default-src 'none'; sandbox");
    return true;
}

static bool send_page(struct request *request, const char *path, struct error *err) {
    const struct web_asset *asset = NULL;
    if (!web_asset_find(path, &asset, err)) {
        return false;
    }
    web_send(request, asset, PAGE_POLICY);
    return true;
}

bool handle_docs_page(struct api *api, struct request *request, struct error *err) {
    (void)api;
    return send_page(request, "docs.html", err);
}

bool handle_docs_asset(struct api *api, struct request *request, struct error *err) {
    (void)api;
    return send_page(request, request->match.parameters[0], err);
}
