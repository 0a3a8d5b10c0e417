/* Uploads files one after the other through the API: presign, send, confirm. One uploader belongs to one thread. */
#ifndef SLUICE_CLI_UPLOADER_H
#define SLUICE_CLI_UPLOADER_H

#include "cli/board.h"
#include "common/config.h"

enum upload_method { UPLOAD_AUTO, UPLOAD_PUT, UPLOAD_POST, UPLOAD_MULTIPART };

enum { UPLOAD_MULTIPART_FROM = 64 << 20 }; /* files of this size on go in parts, unless told otherwise */

/* Texts are NULL where nothing was said. */
struct upload_options {
    enum upload_method method;
    const char *external_id;
    const char *album_id;     /* pictures into this album; else plain files */
    const char *content_type; /* NULL: guessed from the name */
    bool asset;               /* through the server, by POST /api/v1/assets */
    bool sha256;              /* declare the hash, so that the store checks it and a known file is not sent again */
};

struct uploader;

/* Reports progress in its slot of the board. */
struct uploader *uploader_new(const struct config *config, const struct upload_options *options, struct board *board,
                              size_t slot);
void uploader_free(struct uploader *uploader);
DEFINE_CLEANUP(struct uploader *, uploader)

/* Returns once the upload is confirmed; that of an asset is, and its id is that of its task. What a failed or interrupted (daemon_stopping) one left behind is deleted.
 * ret_file_id: the caller frees it. */
bool uploader_send(struct uploader *uploader, const char *path, char **ret_file_id, struct error *err) MUST_CHECK;

#endif
