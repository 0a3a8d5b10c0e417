/* What may be uploaded: reads the fields of an upload request, checks them, and mints the object's key. Pure. */
#ifndef SLUICE_API_UPLOAD_POLICY_H
#define SLUICE_API_UPLOAD_POLICY_H

#include "api/media_type.h"
#include "common/crypto.h"
#include "common/file_name.h"
#include "common/id.h"
#include "common/json.h"

#define UPLOAD_SINGLE_MAX_BYTES (5LL << 30) /* what S3 takes in one PUT or POST */

enum { EXTERNAL_ID_MAX = 255, OBJECT_KEY_MAX = 1024 };

enum upload_method { UPLOAD_POST, UPLOAD_PUT, UPLOAD_MULTIPART };

/* As files.upload_method has it. */
const char *upload_method_name(enum upload_method method);

/* A request to upload, checked. Pointers go into the JSON value that it was read from. */
struct upload_request {
    const char *filename; /* the last segment of what was given */
    const char *external_id;
    char content_type[MEDIA_TYPE_SIZE]; /* "": not declared */
    int64_t size;                       /* -1: not declared */
    char sha256[SHA256_HEX_SIZE];       /* lower case; "": not declared */
    enum upload_method method;
};

/* FILE_TOO_LARGE, or VALIDATION_FAILED with the reader's complaints. `method` is the default; UPLOAD_MULTIPART cannot be
 * changed by the request, and has `type` for content_type, as Uppy says it. */
bool upload_policy_read(struct json_reader *reader, int64_t max_bytes, enum upload_method method,
                        struct upload_request *ret_upload, struct error *err) MUST_CHECK;

/* A picture for an album, a user or a generation, to be uploaded by PUT: the type is `content_type` or `mime_type`, and
 * without one that which the file's extension suggests. Beyond the above: UNSUPPORTED_TYPE for a type that is not decoded. */
bool upload_policy_read_media(struct json_reader *reader, int64_t max_bytes, struct upload_request *ret_upload,
                              struct error *err) MUST_CHECK;

/* Whether a declared type is one of the pictures that are decoded; parameters do not matter. */
bool upload_policy_is_picture(const char *content_type);

/* Whether a file is one, by its type; "" becomes the type that the name's extension suggests. */
bool upload_policy_picture_type(const char *filename, char content_type[MEDIA_TYPE_SIZE]);

/* A SHA-256 as 64 hex digits of either case; lowered. */
bool upload_policy_sha256(const char *text, char ret_sha256[SHA256_HEX_SIZE]);

/* Appends `files/{file_id}/{safe file name}`. */
void upload_policy_key(struct buf *out, const char *file_id, const char *filename);

#endif
