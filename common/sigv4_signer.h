/* Signs requests for one region and service in header, query and POST policy form, with the day's signing key cached.
 *
 * A signer may be shared by threads, which do not wait for each other but at a new day. Time is an argument. Allocates by xalloc.
 */
#ifndef SLUICE_COMMON_SIGV4_SIGNER_H
#define SLUICE_COMMON_SIGV4_SIGNER_H

#include "common/sigv4.h"

struct sigv4_signer;

struct sigv4_credentials {
    const char *access_key;
    const char *secret_key;
    const char *session_token; /* NULL or "": none */
};

/* Copies what it is given. */
struct sigv4_signer *sigv4_signer_new(const struct sigv4_credentials *credentials, const char *region,
                                      const char *service);
void sigv4_signer_free(struct sigv4_signer *signer);
DEFINE_CLEANUP(struct sigv4_signer *, sigv4_signer)

/* Header form: the value of Authorization. The caller sends, and has among the request's headers, host, x-amz-date (of
 * the same time), x-amz-content-sha256 where the service wants it, and x-amz-security-token if there is a token. */
void sigv4_authorization(struct sigv4_signer *signer, const struct sigv4_request *request, int64_t epoch_ms,
                         struct buf *out);

/* Query form: appends the whole query, the request's own parameters included and X-Amz-Signature last. */
void sigv4_presign(struct sigv4_signer *signer, const struct sigv4_request *request, int64_t epoch_ms,
                   int64_t expires_s, struct buf *out);

/* Signature of a POST policy: base64_policy is the string to sign. */
void sigv4_sign_policy(struct sigv4_signer *signer, const char *base64_policy, size_t length, int64_t epoch_ms,
                       char ret_signature[SHA256_HEX_SIZE]);

/* Appends `ACCESS/20261120/region/service/aws4_request`. */
void sigv4_credential(const struct sigv4_signer *signer, const char *amz_date, struct buf *out);

/* NULL when there is none. */
const char *sigv4_session_token(const struct sigv4_signer *signer);

#endif
