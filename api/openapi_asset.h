/* The OpenAPI document: cmake/join_openapi.py writes it at build time from docs/openapi.yaml and docs/openapi/. */
#ifndef SLUICE_API_OPENAPI_ASSET_H
#define SLUICE_API_OPENAPI_ASSET_H

#include "api/web_assets.h"

extern const struct web_asset openapi_asset;

#endif
