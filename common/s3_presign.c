#include "common/s3_presign.h"

#include "common/encode.h"
#include "common/s3_post_policy.h"
#include "common/xalloc.h"

#include <string.h>

struct s3_presign {
    struct s3_endpoint endpoint;
    struct sigv4_signer *signer;
    char *bucket;
    char *post_url;
};

enum { NUMBER_SIZE = 24 };

bool s3_presign_new(const struct s3_config *config, struct s3_presign **ret_presign, struct error *err) {
    struct s3_endpoint endpoint = {0};
    if (!s3_endpoint_parse(config->endpoint, config->bucket, config->path_style, &endpoint, err)) {
        return false;
    }
    const struct sigv4_credentials credentials = {config->access_key, config->secret_key, config->session_token};
    _cleanup_(buf_free) struct buf path = {0};
    s3_endpoint_path(&endpoint, NULL, &path);
    struct s3_presign *presign = xcalloc(1, sizeof *presign);
    presign->endpoint = endpoint;
    presign->signer = sigv4_signer_new(&credentials, config->region, "s3");
    presign->bucket = xstrdup(config->bucket);
    presign->post_url = xasprintf("%s://%s%s", endpoint.scheme, endpoint.host, buf_text(&path));
    *ret_presign = presign;
    return true;
}

void s3_presign_free(struct s3_presign *presign) {
    if (presign != NULL) {
        s3_endpoint_free(&presign->endpoint);
        sigv4_signer_free(presign->signer);
        free(presign->bucket);
        free(presign->post_url);
        free(presign);
    }
}

void s3_signed_free(struct s3_signed *signed_request) {
    buf_free(&signed_request->texts);
    *signed_request = (struct s3_signed){0};
}

/* Texts are borrowed until seal() copies them. A NULL value is left out. */
static void add_field(struct s3_signed *request, const char *name, const char *value) {
    if (value != NULL && request->field_count < S3_PRESIGN_FIELDS_MAX) {
        request->fields[request->field_count++] = (struct s3_field){name, value};
    }
}

static void add_fields(struct s3_signed *request, const struct s3_field *fields, size_t count) {
    for (size_t i = 0; i < count && i < S3_PRESIGN_METADATA_MAX; i++) {
        add_field(request, fields[i].name, fields[i].value);
    }
}

/* Copies a text into memory that has room for it, and moves the pointer there. */
static void move_text(struct buf *texts, const char **text) {
    size_t size = strlen(*text) + 1;
    const char *place = texts->data + texts->length;
    buf_append(texts, *text, size);
    *text = place;
}

/* Makes the request own its texts, in one allocation. */
static void seal(struct s3_signed *request, const char *url) {
    size_t size = strlen(url) + 1;
    for (size_t i = 0; i < request->field_count; i++) {
        size += strlen(request->fields[i].name) + strlen(request->fields[i].value) + 2;
    }
    buf_reserve(&request->texts, size);
    request->url = url;
    move_text(&request->texts, &request->url);
    for (size_t i = 0; i < request->field_count; i++) {
        move_text(&request->texts, &request->fields[i].name);
        move_text(&request->texts, &request->fields[i].value);
    }
}

static void start(struct s3_signed *ret_signed, const char *method, int64_t now_ms, int64_t expires_s) {
    ret_signed->method = method;
    ret_signed->field_count = 0;
    ret_signed->expires_at_ms = (now_ms / 1000 + expires_s) * 1000; /* signatures count in seconds */
    ret_signed->texts = (struct buf){0};
}

/* Signs host and the fields as headers, and seals. */
static void sign_url(struct s3_presign *presign, const char *key, const struct sigv4_pair *query, size_t query_count,
                     int64_t expires_s, int64_t now_ms, struct s3_signed *request) {
    _cleanup_(buf_free) struct buf path = {0};
    _cleanup_(buf_free) struct buf url = {0};
    struct sigv4_pair headers[S3_PRESIGN_FIELDS_MAX + 1] = {{"host", presign->endpoint.host}};
    for (size_t i = 0; i < request->field_count; i++) {
        headers[i + 1] = (struct sigv4_pair){request->fields[i].name, request->fields[i].value};
    }
    s3_endpoint_path(&presign->endpoint, key, &path);
    const struct sigv4_request signing = {
        .method = request->method,
        .path = buf_text(&path),
        .query = query,
        .query_count = query_count,
        .headers = headers,
        .header_count = request->field_count + 1,
        .payload_hash = SIGV4_UNSIGNED_PAYLOAD,
    };
    buf_reserve(&url, 1024);
    buf_append_text(&url, presign->endpoint.scheme);
    buf_append_text(&url, "://");
    buf_append_text(&url, presign->endpoint.host);
    sigv4_path(buf_text(&path), false, &url);
    buf_append_char(&url, '?');
    sigv4_presign(presign->signer, &signing, now_ms, expires_s, &url);
    seal(request, buf_text(&url));
}

void s3_presign_get(struct s3_presign *presign, const struct s3_presign_get *get, int64_t now_ms,
                    struct s3_signed *ret_signed) {
    const struct sigv4_pair wanted[] = {
        {"versionId", get->version_id},
        {"response-content-type", get->response_content_type},
        {"response-content-disposition", get->response_content_disposition},
        {"response-cache-control", get->response_cache_control},
    };
    struct sigv4_pair query[sizeof wanted / sizeof wanted[0]];
    size_t count = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (wanted[i].value != NULL) {
            query[count++] = wanted[i];
        }
    }
    start(ret_signed, "GET", now_ms, get->expires_s);
    sign_url(presign, get->key, query, count, get->expires_s, now_ms, ret_signed);
}

/* The base64 form of a digest; NULL for none. */
static const char *checksum_text(const unsigned char *sha256, struct buf *out) {
    if (sha256 == NULL) {
        return NULL;
    }
    encode_base64(out, sha256, SHA256_SIZE);
    return buf_text(out);
}

/* The decimal form of a size; NULL for an unknown one. */
static const char *size_text(int64_t size, char ret_text[NUMBER_SIZE]) {
    snprintf(ret_text, NUMBER_SIZE, "%lld", (long long)size);
    return size < 0 ? NULL : ret_text;
}

void s3_presign_put(struct s3_presign *presign, const struct s3_presign_put *put, int64_t now_ms,
                    struct s3_signed *ret_signed) {
    char size[NUMBER_SIZE];
    _cleanup_(buf_free) struct buf checksum = {0};
    start(ret_signed, "PUT", now_ms, put->expires_s);
    add_field(ret_signed, "Content-Type", put->content_type);
    add_field(ret_signed, "Content-Length", size_text(put->size, size));
    add_field(ret_signed, "If-None-Match", put->if_none_match ? "*" : NULL);
    add_field(ret_signed, "x-amz-checksum-sha256", checksum_text(put->sha256, &checksum));
    add_fields(ret_signed, put->headers, put->header_count);
    sign_url(presign, put->key, NULL, 0, put->expires_s, now_ms, ret_signed);
}

void s3_presign_part(struct s3_presign *presign, const struct s3_presign_part *part, int64_t now_ms,
                     struct s3_signed *ret_signed) {
    char size[NUMBER_SIZE];
    char number[NUMBER_SIZE];
    _cleanup_(buf_free) struct buf checksum = {0};
    snprintf(number, sizeof number, "%d", part->part_number);
    const struct sigv4_pair query[] = {{"partNumber", number}, {"uploadId", part->upload_id}};
    start(ret_signed, "PUT", now_ms, part->expires_s);
    add_field(ret_signed, "Content-Length", size_text(part->size, size));
    add_field(ret_signed, "x-amz-checksum-sha256", checksum_text(part->sha256, &checksum));
    sign_url(presign, part->key, query, 2, part->expires_s, now_ms, ret_signed);
}

void s3_presign_any(struct s3_presign *presign, const char *method, const char *key, const struct s3_field *query,
                    size_t query_count, int64_t expires_s, int64_t now_ms, struct s3_signed *ret_signed) {
    _cleanup_(freep) struct sigv4_pair *pairs = xmalloc((query_count + 1) * sizeof *pairs);
    for (size_t i = 0; i < query_count; i++) {
        pairs[i] = (struct sigv4_pair){query[i].name, query[i].value};
    }
    start(ret_signed, method, now_ms, expires_s);
    sign_url(presign, key, pairs, query_count, expires_s, now_ms, ret_signed);
}

/* The policy of the fields so far, in base64. */
static void write_policy(const struct s3_presign *presign, const struct s3_presign_post *post,
                         const struct s3_signed *request, struct buf *out) {
    _cleanup_(buf_free) struct buf json = {0};
    const struct s3_post_policy policy = {
        .bucket = presign->bucket,
        .fields = request->fields,
        .field_count = request->field_count,
        .any_content_type = post->content_type == NULL,
        .minimum_size = post->size >= 0 ? post->size : post->minimum_size,
        .maximum_size = post->size >= 0 ? post->size : post->maximum_size,
        .expires_at_ms = request->expires_at_ms,
    };
    s3_post_policy_write(&policy, &json);
    encode_base64(out, (const unsigned char *)json.data, json.length);
}

void s3_presign_post(struct s3_presign *presign, const struct s3_presign_post *post, int64_t now_ms,
                     struct s3_signed *ret_signed) {
    char status[NUMBER_SIZE];
    char amz_date[CLOCK_AMZ_SIZE];
    char signature[SHA256_HEX_SIZE];
    _cleanup_(buf_free) struct buf checksum = {0};
    _cleanup_(buf_free) struct buf credential = {0};
    _cleanup_(buf_free) struct buf policy = {0};
    clock_format_amz(now_ms, amz_date);
    sigv4_credential(presign->signer, amz_date, &credential);
    start(ret_signed, "POST", now_ms, post->expires_s);
    add_field(ret_signed, "key", post->key);
    add_field(ret_signed, "Content-Type", post->content_type);
    add_field(ret_signed, "success_action_status", size_text(post->success_status, status));
    add_field(ret_signed, "x-amz-checksum-sha256", checksum_text(post->sha256, &checksum));
    add_fields(ret_signed, post->fields, post->field_count);
    add_field(ret_signed, "x-amz-algorithm", SIGV4_ALGORITHM);
    add_field(ret_signed, "x-amz-credential", buf_text(&credential));
    add_field(ret_signed, "x-amz-date", amz_date);
    add_field(ret_signed, "x-amz-security-token", sigv4_session_token(presign->signer));
    write_policy(presign, post, ret_signed, &policy);
    sigv4_sign_policy(presign->signer, buf_text(&policy), policy.length, now_ms, signature);
    add_field(ret_signed, "policy", buf_text(&policy));
    add_field(ret_signed, "x-amz-signature", signature);
    seal(ret_signed, presign->post_url);
}
