/* Uploads one large file in parts: the API opens the upload, signs each part, completes or aborts it; the bytes go to the
 * store. Parts are sent one after the other and tried again with a new URL when they fail. */
#ifndef SLUICE_CLI_MULTIPART_UPLOAD_H
#define SLUICE_CLI_MULTIPART_UPLOAD_H

#include "cli/api_client.h"
#include "cli/file_body.h"

struct multipart_upload {
    struct api_client *api;
    struct http_client *store;
    int descriptor;
    int64_t size;
    const json_t *request; /* of POST /s3/multipart: filename, type, size … */
    /* As in struct file_body, but counted over the whole file. */
    bool (*progress)(void *context, int64_t sent, struct error *err);
    void *progress_context;
};

/* Size of all parts but the last: at least 16 MiB, whole MiB, and so that 10,000 parts are enough. Pure. */
int64_t multipart_part_size(int64_t file_size);

/* Aborts the upload when it fails. ret_file_id: the caller frees it. */
bool multipart_upload_send(const struct multipart_upload *upload, char **ret_file_id, struct error *err) MUST_CHECK;

#endif
