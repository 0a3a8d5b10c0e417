/* The permission to upload one file: what is signed for it, and how clients are told. */
#ifndef SLUICE_API_UPLOAD_TICKET_H
#define SLUICE_API_UPLOAD_TICKET_H

#include "api/api.h"
#include "api/json_writer.h"
#include "api/upload_policy.h"

/* A new record for an upload, with a fresh id and key. `key` holds the key's text; the draft borrows all of its texts. */
void upload_ticket_draft(const struct api *api, const char *owner_id, const struct upload_request *upload,
                         struct buf *key, struct file_draft *ret_draft);

/* What a signature depends on; texts are borrowed. */
struct upload_terms {
    const char *file_id;
    const char *media_id; /* of media; else NULL */
    const char *object_key;
    const char *content_type; /* NULL: not declared */
    int64_t size;             /* -1: not declared */
    const char *sha256;       /* hex; NULL: not declared */
    enum upload_method method;
    int64_t limit;                /* bytes that a form takes where no size is declared; 0: SLUICE_MAX_UPLOAD_BYTES */
    const struct s3_field *extra; /* more fields of the form, or headers, to be signed */
    size_t extra_count;
    bool may_overwrite; /* a PUT without If-None-Match, for clients that send no headers of ours */
};

/* Signs a PUT or POST; the caller frees ret_signed with s3_signed_free. */
void upload_ticket_sign(const struct api *api, const struct upload_terms *terms, int64_t now_ms,
                        struct s3_signed *ret_signed);

/* The members of the form that a POST needs, in their order. */
void upload_ticket_form(struct json_writer *writer, const struct upload_terms *terms, const struct s3_signed *permit);

/* Signs and appends the answer's JSON: file_id, status, method, upload_url, form_fields, headers, object_key,
 * expires_at. Media have their media_id and their status, and no form_fields. */
void upload_ticket_json(const struct api *api, const struct upload_terms *terms, enum file_status status,
                        int64_t now_ms, struct buf *out);

#endif
