#include "common/sigv4.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <string.h>

static const char terminator[] = "aws4_request";

/* Header names sort and compare as their lower-case forms. */
static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int compare_names(const char *left, const char *right) {
    while (*left != '\0' && lower(*left) == lower(*right)) {
        left++;
        right++;
    }
    return (unsigned char)lower(*left) - (unsigned char)lower(*right);
}

/* The headers in canonical order; the caller frees the array. Stable: values of a repeated header keep their order. */
static struct sigv4_pair *sort_headers(const struct sigv4_pair *headers, size_t count) {
    struct sigv4_pair *sorted = xmalloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && compare_names(sorted[place - 1].name, headers[i].name) > 0; place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = headers[i];
    }
    return sorted;
}

static bool repeats_previous(const struct sigv4_pair *sorted, size_t i) {
    return i > 0 && compare_names(sorted[i - 1].name, sorted[i].name) == 0;
}

static void append_lower(struct buf *out, const char *name) {
    size_t length = strlen(name);
    char *end = buf_reserve(out, length);
    for (size_t i = 0; i < length; i++) {
        end[i] = lower(name[i]);
    }
    end[length] = '\0';
    out->length += length;
}

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without space around it, and every run of space inside as one blank. */
static void append_trimmed(struct buf *out, const char *value) {
    char *end = buf_reserve(out, strlen(value));
    char *start = end;
    bool gap = false;
    for (; *value != '\0'; value++) {
        if (is_space(*value)) {
            gap = true;
            continue;
        }
        if (gap && end > start) {
            *end++ = ' ';
        }
        gap = false;
        *end++ = *value;
    }
    *end = '\0';
    out->length += (size_t)(end - start);
}

static void append_headers(struct buf *out, const struct sigv4_pair *sorted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (repeats_previous(sorted, i)) {
            out->data[out->length - 1] = ','; /* in place of the line's end */
        } else {
            append_lower(out, sorted[i].name);
            buf_append_char(out, ':');
        }
        append_trimmed(out, sorted[i].value);
        buf_append_char(out, '\n');
    }
}

static void append_names(struct buf *out, const struct sigv4_pair *sorted, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (repeats_previous(sorted, i)) {
            continue;
        }
        if (i > 0) {
            buf_append_char(out, ';');
        }
        append_lower(out, sorted[i].name);
    }
}

void sigv4_signed_headers(const struct sigv4_pair *headers, size_t count, struct buf *out) {
    _cleanup_(freep) struct sigv4_pair *sorted = sort_headers(headers, count);
    append_names(out, sorted, count);
}

/* Removes the last segment of a normalised path that grows in `out` from `start`. */
static void drop_segment(struct buf *out, size_t start) {
    while (out->length > start && out->data[out->length - 1] != '/') {
        out->length--;
    }
    if (out->length > start) {
        out->length--;
    }
}

/* RFC 3986, 5.2.4, and empty segments go too. */
static void append_normalized(struct buf *out, const char *path) {
    size_t start = out->length;
    bool ends_in_slash = true;
    while (*path != '\0') {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        bool dot = length == 1 && path[0] == '.';
        bool dots = length == 2 && path[0] == '.' && path[1] == '.';
        if (dots) {
            drop_segment(out, start);
        } else if (length > 0 && !dot) {
            buf_append_char(out, '/');
            encode_uri(out, path, length, false);
        }
        ends_in_slash = length == 0 || dot || dots;
        path += length;
    }
    if (ends_in_slash || out->length == start) {
        buf_append_char(out, '/');
    }
}

void sigv4_path(const char *path, bool normalize, struct buf *out) {
    if (normalize) {
        append_normalized(out, path);
    } else if (*path == '\0') {
        buf_append_char(out, '/');
    } else {
        encode_uri(out, path, strlen(path), true);
    }
}

/* A parameter after encoding, as offsets into the buffer that holds it. */
struct encoded_pair {
    size_t name, name_length;
    size_t value, value_length;
};

static int compare_bytes(const char *left, size_t left_length, const char *right, size_t right_length) {
    size_t common = left_length < right_length ? left_length : right_length;
    int order = memcmp(left, right, common);
    return order != 0 ? order : (left_length > right_length) - (left_length < right_length);
}

static int compare_pairs(const char *text, const struct encoded_pair *left, const struct encoded_pair *right) {
    int order = compare_bytes(text + left->name, left->name_length, text + right->name, right->name_length);
    return order != 0 ? order
                      : compare_bytes(text + left->value, left->value_length, text + right->value, right->value_length);
}

static struct encoded_pair encode_pair(struct buf *text, const struct sigv4_pair *pair) {
    struct encoded_pair encoded = {.name = text->length};
    encode_uri(text, pair->name, strlen(pair->name), false);
    encoded.value = text->length;
    encoded.name_length = text->length - encoded.name;
    encode_uri(text, pair->value, strlen(pair->value), false);
    encoded.value_length = text->length - encoded.value;
    return encoded;
}

void sigv4_query(const struct sigv4_pair *query, size_t count, struct buf *out) {
    _cleanup_(buf_free) struct buf text = {0};
    _cleanup_(freep) struct encoded_pair *sorted = xmalloc((count + 1) * sizeof *sorted);
    buf_reserve(&text, 512);
    for (size_t i = 0; i < count; i++) {
        struct encoded_pair pair = encode_pair(&text, &query[i]);
        size_t place = i;
        for (; place > 0 && compare_pairs(text.data, &sorted[place - 1], &pair) > 0; place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = pair;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            buf_append_char(out, '&');
        }
        buf_append(out, text.data + sorted[i].name, sorted[i].name_length);
        buf_append_char(out, '=');
        buf_append(out, text.data + sorted[i].value, sorted[i].value_length);
    }
}

void sigv4_canonical_request_of(const struct sigv4_request *request, const char *query, size_t query_length,
                                struct buf *out) {
    _cleanup_(freep) struct sigv4_pair *sorted = sort_headers(request->headers, request->header_count);
    buf_reserve(out, 512 + query_length);
    buf_append_text(out, request->method);
    buf_append_char(out, '\n');
    sigv4_path(request->path, request->normalize_path, out);
    buf_append_char(out, '\n');
    buf_append(out, query, query_length);
    buf_append_char(out, '\n');
    append_headers(out, sorted, request->header_count);
    buf_append_char(out, '\n');
    append_names(out, sorted, request->header_count);
    buf_append_char(out, '\n');
    buf_append_text(out, request->payload_hash);
}

void sigv4_canonical_request(const struct sigv4_request *request, struct buf *out) {
    _cleanup_(buf_free) struct buf query = {0};
    sigv4_query(request->query, request->query_count, &query);
    sigv4_canonical_request_of(request, buf_text(&query), query.length, out);
}

void sigv4_scope(const char *amz_date, const char *region, const char *service, struct buf *out) {
    buf_append(out, amz_date, SIGV4_DAY_LENGTH);
    buf_append_char(out, '/');
    buf_append_text(out, region);
    buf_append_char(out, '/');
    buf_append_text(out, service);
    buf_append_char(out, '/');
    buf_append_text(out, terminator);
}

void sigv4_string_to_sign(const char *amz_date, const char *region, const char *service, const char *canonical_request,
                          size_t canonical_length, struct buf *out) {
    char hash[SHA256_HEX_SIZE];
    sha256_hex_of(canonical_request, canonical_length, hash);
    buf_reserve(out, 256);
    buf_append_text(out, SIGV4_ALGORITHM "\n");
    buf_append_text(out, amz_date);
    buf_append_char(out, '\n');
    sigv4_scope(amz_date, region, service, out);
    buf_append_char(out, '\n');
    buf_append_text(out, hash);
}

void sigv4_signing_key(const char *secret_key, const char *amz_date, const char *region, const char *service,
                       unsigned char ret_key[SHA256_SIZE]) {
    _cleanup_(freep) char *start = xasprintf("AWS4%s", secret_key);
    hmac_sha256(start, strlen(start), amz_date, SIGV4_DAY_LENGTH, ret_key);
    hmac_sha256(ret_key, SHA256_SIZE, region, strlen(region), ret_key);
    hmac_sha256(ret_key, SHA256_SIZE, service, strlen(service), ret_key);
    hmac_sha256(ret_key, SHA256_SIZE, terminator, strlen(terminator), ret_key);
}

void sigv4_signature(const unsigned char key[SHA256_SIZE], const char *string_to_sign, size_t length,
                     char ret_signature[SHA256_HEX_SIZE]) {
    unsigned char digest[SHA256_SIZE];
    hmac_sha256(key, SHA256_SIZE, string_to_sign, length, digest);
    encode_hex(digest, sizeof digest, ret_signature);
}
