/* Sends what is part of the program: a page, its script or style sheet, a document. */
#ifndef SLUICE_API_WEB_SEND_H
#define SLUICE_API_WEB_SEND_H

#include "api/request.h"
#include "api/web_assets.h"

/* What web/ was bundled to; ERROR_NOT_FOUND, also when the build had no npm. */
bool web_asset_find(const char *path, const struct web_asset **ret_asset, struct error *err) MUST_CHECK;

/* 200, or 304 to a client that has it. `policy` is the Content-Security-Policy. */
void web_send(struct request *request, const struct web_asset *asset, const char *policy);

#endif
