#include "common/sigv4_signer.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

struct sigv4_signer {
    char *access_key;
    char *secret_key;
    char *session_token; /* NULL: none */
    char *region;
    char *service;
    pthread_rwlock_t lock; /* guards the two below; held for reading by those that sign */
    char day[SIGV4_DAY_LENGTH + 1];
    struct hmac_key *key; /* signing key of that day; NULL at first */
};

struct sigv4_signer *sigv4_signer_new(const struct sigv4_credentials *credentials, const char *region,
                                      const char *service) {
    bool has_token = credentials->session_token != NULL && *credentials->session_token != '\0';
    struct sigv4_signer *signer = xcalloc(1, sizeof *signer);
    signer->access_key = xstrdup(credentials->access_key);
    signer->secret_key = xstrdup(credentials->secret_key);
    signer->session_token = has_token ? xstrdup(credentials->session_token) : NULL;
    signer->region = xstrdup(region);
    signer->service = xstrdup(service);
    pthread_rwlock_init(&signer->lock, NULL);
    return signer;
}

void sigv4_signer_free(struct sigv4_signer *signer) {
    if (signer != NULL) {
        hmac_key_free(signer->key);
        pthread_rwlock_destroy(&signer->lock);
        free(signer->service);
        free(signer->region);
        free(signer->session_token);
        free(signer->secret_key);
        free(signer->access_key);
        free(signer);
    }
}

static bool has_key_of(const struct sigv4_signer *signer, const char *amz_date) {
    return signer->key != NULL && memcmp(signer->day, amz_date, SIGV4_DAY_LENGTH) == 0;
}

static void make_key_of(struct sigv4_signer *signer, const char *amz_date) {
    unsigned char key[SHA256_SIZE];
    sigv4_signing_key(signer->secret_key, amz_date, signer->region, signer->service, key);
    hmac_key_free(signer->key);
    signer->key = hmac_key_new(key, sizeof key);
    memcpy(signer->day, amz_date, SIGV4_DAY_LENGTH);
}

/* Returns with the lock held, for reading unless the day is a new one. */
static void lock_key_of(struct sigv4_signer *signer, const char *amz_date) {
    pthread_rwlock_rdlock(&signer->lock);
    if (!has_key_of(signer, amz_date)) {
        pthread_rwlock_unlock(&signer->lock);
        pthread_rwlock_wrlock(&signer->lock);
        if (!has_key_of(signer, amz_date)) {
            make_key_of(signer, amz_date);
        }
    }
}

static void sign_text(struct sigv4_signer *signer, const char *amz_date, const char *text, size_t length,
                      char ret_signature[SHA256_HEX_SIZE]) {
    unsigned char digest[SHA256_SIZE];
    lock_key_of(signer, amz_date);
    hmac_key_digest(signer->key, text, length, digest);
    pthread_rwlock_unlock(&signer->lock);
    encode_hex(digest, sizeof digest, ret_signature);
}

static void sign_request(struct sigv4_signer *signer, const struct sigv4_request *request, const char *amz_date,
                         const char *query, size_t query_length, char ret_signature[SHA256_HEX_SIZE]) {
    _cleanup_(buf_free) struct buf canonical = {0};
    _cleanup_(buf_free) struct buf text = {0};
    sigv4_canonical_request_of(request, query, query_length, &canonical);
    sigv4_string_to_sign(amz_date, signer->region, signer->service, canonical.data, canonical.length, &text);
    sign_text(signer, amz_date, text.data, text.length, ret_signature);
}

void sigv4_credential(const struct sigv4_signer *signer, const char *amz_date, struct buf *out) {
    buf_append_text(out, signer->access_key);
    buf_append_char(out, '/');
    sigv4_scope(amz_date, signer->region, signer->service, out);
}

const char *sigv4_session_token(const struct sigv4_signer *signer) {
    return signer->session_token;
}

void sigv4_authorization(struct sigv4_signer *signer, const struct sigv4_request *request, int64_t epoch_ms,
                         struct buf *out) {
    char amz_date[CLOCK_AMZ_SIZE];
    char signature[SHA256_HEX_SIZE];
    _cleanup_(buf_free) struct buf query = {0};
    clock_format_amz(epoch_ms, amz_date);
    sigv4_query(request->query, request->query_count, &query);
    sign_request(signer, request, amz_date, buf_text(&query), query.length, signature);
    buf_append_text(out, SIGV4_ALGORITHM " Credential=");
    sigv4_credential(signer, amz_date, out);
    buf_append_text(out, ", SignedHeaders=");
    sigv4_signed_headers(request->headers, request->header_count, out);
    buf_append_text(out, ", Signature=");
    buf_append_text(out, signature);
}

static void append_presign_query(struct sigv4_signer *signer, const struct sigv4_request *request, const char *amz_date,
                                 int64_t expires_s, struct buf *out) {
    char expires[24];
    _cleanup_(buf_free) struct buf credential = {0};
    _cleanup_(buf_free) struct buf names = {0};
    snprintf(expires, sizeof expires, "%lld", (long long)expires_s);
    sigv4_credential(signer, amz_date, &credential);
    sigv4_signed_headers(request->headers, request->header_count, &names);
    const struct sigv4_pair signing[] = {
        {"X-Amz-Algorithm", SIGV4_ALGORITHM},
        {"X-Amz-Credential", buf_text(&credential)},
        {"X-Amz-Date", amz_date},
        {"X-Amz-Expires", expires},
        {"X-Amz-SignedHeaders", buf_text(&names)},
        {"X-Amz-Security-Token", signer->session_token}, /* last: left out when there is none */
    };
    size_t signing_count = sizeof signing / sizeof signing[0] - (signer->session_token == NULL ? 1 : 0);
    size_t count = request->query_count + signing_count;
    _cleanup_(freep) struct sigv4_pair *query = xmalloc(count * sizeof *query);
    if (request->query_count > 0) {
        memcpy(query, request->query, request->query_count * sizeof *query);
    }
    memcpy(query + request->query_count, signing, signing_count * sizeof *signing);
    sigv4_query(query, count, out);
}

void sigv4_presign(struct sigv4_signer *signer, const struct sigv4_request *request, int64_t epoch_ms,
                   int64_t expires_s, struct buf *out) {
    char amz_date[CLOCK_AMZ_SIZE];
    char signature[SHA256_HEX_SIZE];
    clock_format_amz(epoch_ms, amz_date);
    buf_reserve(out, 768);
    size_t start = out->length;
    append_presign_query(signer, request, amz_date, expires_s, out);
    sign_request(signer, request, amz_date, out->data + start, out->length - start, signature);
    buf_append_text(out, "&X-Amz-Signature=");
    buf_append_text(out, signature);
}

void sigv4_sign_policy(struct sigv4_signer *signer, const char *base64_policy, size_t length, int64_t epoch_ms,
                       char ret_signature[SHA256_HEX_SIZE]) {
    char amz_date[CLOCK_AMZ_SIZE];
    clock_format_amz(epoch_ms, amz_date);
    sign_text(signer, amz_date, base64_policy, length, ret_signature);
}
