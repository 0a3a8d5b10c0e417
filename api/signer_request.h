/* What drop-in clients ask for, each in its own words, as one kind of wish. Pure but for what it reads of the request. */
#ifndef SLUICE_API_SIGNER_REQUEST_H
#define SLUICE_API_SIGNER_REQUEST_H

#include "api/request.h"
#include "api/upload_metadata.h"
#include "api/upload_policy.h"

enum { CONTENT_MD5_SIZE = 25 }; /* base64 of 16 bytes, with its NUL */

struct signer_wish {
    struct upload_request upload;
    struct upload_metadata metadata;
    char content_md5[CONTENT_MD5_SIZE]; /* "": not declared */
    json_t *fields;                     /* private: the texts of `upload` belong to it */
};

void signer_wish_free(struct signer_wish *wish);

/* Each fails as upload_policy_read does, with complaints in request->reader. The caller frees ret_wish either way. */

/* GET /s3/params?filename=&type=&metadata[name]=, also size and sha256; Uppy says `undefined` of a type it does not know. */
bool signer_wish_of_query(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish,
                          struct error *err) MUST_CHECK;
/* POST /s3/multipart {filename, type, metadata}, also size, sha256 and external_id. */
bool signer_wish_of_multipart(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish,
                              struct error *err) MUST_CHECK;
/* POST /s3/sign {key, contentType}, also size, sha256 and external_id; the name is the key without the UUID that Uppy puts in
 * front of it. */
bool signer_wish_of_sign(struct request *request, int64_t max_bytes, enum upload_method method,
                         struct signer_wish *ret_wish, struct error *err) MUST_CHECK;
/* POST /rails/active_storage/direct_uploads {blob: {filename, byte_size, checksum, content_type, metadata}}. */
bool signer_wish_of_blob(struct request *request, int64_t max_bytes, struct signer_wish *ret_wish,
                         struct error *err) MUST_CHECK;

#endif
