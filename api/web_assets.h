/* Sluice's own pages: web/build.mjs bundles web/src and writes this table at build time. */
#ifndef SLUICE_API_WEB_ASSETS_H
#define SLUICE_API_WEB_ASSETS_H

#include <stddef.h>

struct web_asset {
    const char *path; /* "demo.html" */
    const char *content_type;
    const char *etag; /* with its quotes */
    const unsigned char *bytes;
    size_t length;
};

/* Ends with a NULL path; has nothing else when the build had no npm. */
extern const struct web_asset web_assets[];

#endif
