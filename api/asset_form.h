/* The form by which a file is uploaded through the server: exactly one part `file`, and the fields external_id and sha256, in
 * any order; other fields are ignored. Pure: the file's content goes to a sink. */
#ifndef SLUICE_API_ASSET_FORM_H
#define SLUICE_API_ASSET_FORM_H

#include "api/form_data.h"
#include "api/upload_policy.h"
#include "common/http_client.h"

enum { ASSET_FIELD_MAX = 4096, ASSET_PARTS_MAX = 32 };

struct asset_form {
    /* Set by the caller. */
    struct json_reader *complaints; /* what is wrong with which field */
    /* Called before the file's content, with filename and content_type set. */
    bool (*begin)(void *context, const struct asset_form *form, struct error *err);
    http_sink sink;
    void *context; /* of both */

    /* What the form said; texts are "" where it did not. */
    struct buf filename;
    char content_type[MEDIA_TYPE_SIZE];
    struct buf external_id;
    char sha256[SHA256_HEX_SIZE]; /* lower case */
    bool has_file;

    /* Private. */
    int parts;
    bool in_file;
    struct buf *field; /* that is being read: one of the next two, or external_id */
    struct buf ignored;
    struct buf sha256_text;
    bool has_external_id, has_sha256;
};
void asset_form_free(struct asset_form *form);

/* A handler that fills the form, which must stay. VALIDATION_FAILED with complaints, as soon as something is wrong. */
struct form_handler asset_form_handler(struct asset_form *form);

/* After the end of the body: VALIDATION_FAILED when there was no file. */
bool asset_form_check(struct asset_form *form, struct error *err) MUST_CHECK;

#endif
