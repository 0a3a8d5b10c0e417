/* One signed request to the store and its outcome as an error code: what the s3_* modules share. Not for others. */
#ifndef SLUICE_COMMON_S3_REQUEST_H
#define SLUICE_COMMON_S3_REQUEST_H

#include "common/s3_client.h"
#include "common/sigv4_signer.h"

enum { S3_REQUEST_QUERY_MAX = 6, S3_REQUEST_HEADERS_MAX = 12, S3_REQUEST_SLOW_TIMEOUT_MS = 600000 };

struct s3_client {
    struct s3_endpoint endpoint;
    char *bucket;
    char *region;
    struct sigv4_signer *signer;
    struct http_client *http;
    struct http_reply reply; /* of the last request */
};

struct s3_request {
    const char *method;
    const char *key; /* NULL: the bucket */
    struct sigv4_pair query[S3_REQUEST_QUERY_MAX];
    size_t query_count;
    struct http_header headers[S3_REQUEST_HEADERS_MAX]; /* besides those of the signature */
    size_t header_count;
    struct s3_body body;
    http_sink sink;
    void *sink_context;
    int sink_status;
    size_t max_reply_bytes; /* 0: 64 KiB */
    bool idempotent;
    bool slow_reply; /* the store works long before it answers: S3_REQUEST_SLOW_TIMEOUT_MS */
};

/* A value of NULL adds nothing. */
void s3_request_header(struct s3_request *request, const char *name, const char *value);
void s3_request_query(struct s3_request *request, const char *name, const char *value);

/* Sets an XML body and the checksum header that AWS wants with some of them; ret_checksum must outlive the request. */
void s3_request_xml(struct s3_request *request, const struct buf *xml, struct buf *ret_checksum);

/* Sends it; the reply is in client->reply. True for 2xx; anything else becomes an error as s3_client.h says. */
bool s3_request_send(struct s3_client *client, const struct s3_request *request, struct error *err) MUST_CHECK;

/* For operations that may answer 200 with an <Error> inside: fails if client->reply.body is one. */
bool s3_request_check_body(struct s3_client *client, const char *what, struct error *err) MUST_CHECK;

/* What the headers of the reply say of the object. */
void s3_request_read_object(const struct http_reply *reply, struct s3_object *ret_object);

/* Copies an etag without its quotes; one that does not fit becomes "". */
void s3_request_copy_etag(const char *etag, char ret_etag[S3_ETAG_SIZE]);

/* Starts a multipart upload by a POST to its key with the headers that the object shall have (s3_multipart.c). The caller frees
 * *ret_upload_id. */
bool s3_multipart_begin(struct s3_client *client, struct s3_request *request, char **ret_upload_id,
                        struct error *err) MUST_CHECK;

/* Replaces the text, when it is in encoding-type=url, by its decoded form in `out`. */
bool s3_request_decode_key(const char *text, bool url_encoded, struct buf *out, struct error *err) MUST_CHECK;

#endif
