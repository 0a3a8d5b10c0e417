/* The body of an upload: a stretch of a file on disk, for a form with text before and after it. Streams; nothing is held. */
#ifndef SLUICE_CLI_FILE_BODY_H
#define SLUICE_CLI_FILE_BODY_H

#include "common/http_client.h"

struct file_body {
    int descriptor;
    int64_t start;  /* of the stretch in the file */
    int64_t length; /* of the stretch */
    struct buf before, after;
    /* Told how much of the stretch was handed out; false ends the upload. NULL: nobody listens. */
    bool (*progress)(void *context, int64_t sent, struct error *err);
    void *progress_context;
};

/* Length of the whole body. */
int64_t file_body_length(const struct file_body *body);

/* An http_source; `context` is the struct file_body. Fails when the file got shorter meanwhile. */
bool file_body_read(void *context, int64_t offset, void *ret_bytes, size_t capacity, size_t *ret_length,
                    struct error *err) MUST_CHECK;

/* The texts around the file of a multipart/form-data body (RFC 7578): first each field, then the file, which ends the form. The
 * name of the file is written as browsers do it; end_form gives none, for stores that do not care. */
void file_body_add_field(struct file_body *body, const char *boundary, const char *name, const char *value);
void file_body_add_file(struct file_body *body, const char *boundary, const char *filename, const char *content_type);
void file_body_end_form(struct file_body *body, const char *boundary);

void file_body_free(struct file_body *body); /* does not close the file */

#endif
