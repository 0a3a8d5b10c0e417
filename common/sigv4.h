/* AWS Signature Version 4 in the three stages of its definition; sigv4_signer.h puts them together.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. Pure: time is an
 * argument. Allocates by xalloc.
 */
#ifndef SLUICE_COMMON_SIGV4_H
#define SLUICE_COMMON_SIGV4_H

#include "common/buf.h"
#include "common/clock.h"
#include "common/crypto.h"

#define SIGV4_UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"

enum { SIGV4_DAY_LENGTH = sizeof "20261120" - 1 }; /* an amz date starts with it */

/* A header or a query parameter; query parameters are not encoded yet. */
struct sigv4_pair {
    const char *name;
    const char *value;
};

struct sigv4_request {
    const char *method;
    const char *path;    /* starts with '/'; is encoded once here. S3: the decoded path. Other services sign the path
                         encoded twice: hand over the path as it stands in the request line. */
    bool normalize_path; /* remove dot segments and double slashes (every service but S3) */
    const struct sigv4_pair *query;
    size_t query_count;
    const struct sigv4_pair *headers; /* any order and case, repeated names allowed; all of them are signed */
    size_t header_count;
    const char *payload_hash; /* lower-case hex, or SIGV4_UNSIGNED_PAYLOAD */
};

/* Stage 1. Appends the canonical request. */
void sigv4_canonical_request(const struct sigv4_request *request, struct buf *out);

/* The same with a query that sigv4_query has made already; that of the request is not looked at. */
void sigv4_canonical_request_of(const struct sigv4_request *request, const char *query, size_t query_length,
                                struct buf *out);

/* Stage 2. Appends the string to sign; amz_date is that of clock_format_amz. */
void sigv4_string_to_sign(const char *amz_date, const char *region, const char *service, const char *canonical_request,
                          size_t canonical_length, struct buf *out);

/* `20261120/region/service/aws4_request`, as it stands in the string to sign and in a credential. */
void sigv4_scope(const char *amz_date, const char *region, const char *service, struct buf *out);

/* Stage 3. */
void sigv4_signing_key(const char *secret_key, const char *amz_date, const char *region, const char *service,
                       unsigned char ret_key[SHA256_SIZE]);
void sigv4_signature(const unsigned char key[SHA256_SIZE], const char *string_to_sign, size_t length,
                     char ret_signature[SHA256_HEX_SIZE]);

/* The parts of stage 1 that also become part of the request. Appended: the encoded path, the sorted and encoded query,
 * the sorted lower-case names joined by ';'. */
void sigv4_path(const char *path, bool normalize, struct buf *out);
void sigv4_query(const struct sigv4_pair *query, size_t count, struct buf *out);
void sigv4_signed_headers(const struct sigv4_pair *headers, size_t count, struct buf *out);

#endif
