/* Sluice's own pages: web/build.mjs bundles web/src and writes these tables at build time. */
#ifndef SLUICE_API_WEB_ASSETS_H
#define SLUICE_API_WEB_ASSETS_H

#include "api/html_template.h"

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

/* The templates of web/src/admin/, each by its name without .html; as many as there are assets: none or all. */
extern const struct html_template web_templates[];

#endif
