/* Requests to sign: lines `GET`, path, then `name=value` of the query and `name:value` of headers. */
#include "common/sigv4_signer.h"
#include "tests/fuzz/fuzz.h"

#include <strings.h>

enum { PAIRS_MAX = 16, EXPIRES_S = 900 };

static const int64_t now_ms = 1795178096000;
static const char date[] = "20261120T123456Z";

struct input {
    const char *method;
    const char *path;
    struct sigv4_pair query[PAIRS_MAX];
    size_t query_count;
    struct sigv4_pair headers[PAIRS_MAX];
    size_t header_count;
};

static void read_line(struct input *input, char *line) {
    char *value = line;
    bool is_header = strchr(line, ':') != NULL && strcspn(line, ":") < strcspn(line, "=");
    const char *name = next_piece(&value, is_header ? ':' : '=');
    const struct sigv4_pair pair = {name, value != NULL ? value : ""};
    if (is_header && input->header_count < PAIRS_MAX) {
        input->headers[input->header_count++] = pair;
    } else if (!is_header && input->query_count < PAIRS_MAX) {
        input->query[input->query_count++] = pair;
    }
}

static void read_input(struct input *input, char *text) {
    char *rest = text;
    const char *method = next_piece(&rest, '\n');
    const char *path = next_piece(&rest, '\n');
    *input = (struct input){.method = method, .path = path != NULL ? path : ""};
    while (rest != NULL) {
        read_line(input, next_piece(&rest, '\n'));
    }
}

static void check_path(const char *path) {
    _cleanup_(buf_free) struct buf raw = {0};
    _cleanup_(buf_free) struct buf decoded = {0};
    _cleanup_(buf_free) struct buf normal = {0};
    _cleanup_(buf_free) struct buf again = {0};
    sigv4_path(path, false, &raw);
    require(decode_uri(raw.data, raw.length, false, &decoded), "a signed path can be decoded");
    require_same(buf_text(&decoded), *path != '\0' ? path : "/", "a signed path is the path");
    sigv4_path(path, true, &normal);
    require(normal.data[0] == '/' && strstr(normal.data, "//") == NULL, "a normal path has no empty segment");
    require(strstr(normal.data, "/./") == NULL && strstr(normal.data, "/../") == NULL, "a normal path has no dots");
    if (strchr(normal.data, '%') == NULL) {
        sigv4_path(normal.data, true, &again);
        require_same(again.data, normal.data, "a normal path stays as it is");
    }
}

/* Sorted by the encoded names, and with as many parameters as there were. */
static void check_query(const struct input *input) {
    _cleanup_(buf_free) struct buf query = {0};
    sigv4_query(input->query, input->query_count, &query);
    size_t separators = 0;
    size_t equals = 0;
    for (const char *c = buf_text(&query); *c != '\0'; c++) {
        separators += *c == '&' ? 1 : 0;
        equals += *c == '=' ? 1 : 0;
    }
    require(equals == input->query_count, "a query has every parameter");
    require(separators + 1 == input->query_count || input->query_count == 0, "parameters are separated");
    char *rest = query.length > 0 ? query.data : NULL;
    const char *previous = "";
    while (rest != NULL) {
        char *value = next_piece(&rest, '&');
        const char *name = next_piece(&value, '=');
        require(strcmp(previous, name) <= 0, "parameters are sorted");
        previous = name;
    }
}

/* Neither the order of parameters nor that of headers with different names changes what is signed. */
static void check_order(const struct sigv4_request *request, const struct buf *canonical) {
    struct sigv4_pair query[PAIRS_MAX];
    struct sigv4_pair headers[PAIRS_MAX];
    struct sigv4_request turned = *request;
    bool repeats = false;
    _cleanup_(buf_free) struct buf again = {0};
    for (size_t i = 0; i < request->query_count; i++) {
        query[i] = request->query[request->query_count - 1 - i];
    }
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i] = request->headers[request->header_count - 1 - i];
        for (size_t j = 0; j < i; j++) {
            repeats = repeats || strcasecmp(headers[i].name, headers[j].name) == 0;
        }
    }
    turned.query = query;
    turned.headers = headers;
    sigv4_canonical_request(&turned, &again);
    if (!repeats) {
        require_same(again.data, canonical->data, "the order of what is sent does not change what is signed");
    }
}

/* A whole round by two signers: the second one has cached nothing. */
static void check_signatures(const struct sigv4_request *request) {
    const struct sigv4_credentials credentials = {"AKIDEXAMPLE", "secret", "token/+="};
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = sigv4_signer_new(&credentials, "us-east-1", "s3");
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *other = sigv4_signer_new(&credentials, "us-east-1", "s3");
    _cleanup_(buf_free) struct buf warm = {0};
    struct buf texts[4] = {{0}};
    sigv4_authorization(signer, request, now_ms, &warm);
    sigv4_authorization(signer, request, now_ms, &texts[0]);
    sigv4_authorization(other, request, now_ms, &texts[1]);
    require_same(texts[0].data, texts[1].data, "a signature is the same each time");
    require_same(warm.data, texts[0].data, "a cached key signs as a new one");
    sigv4_presign(signer, request, now_ms, EXPIRES_S, &texts[2]);
    sigv4_presign(other, request, now_ms, EXPIRES_S, &texts[3]);
    require_same(texts[2].data, texts[3].data, "a presigned query is the same each time");
    const char *signature = strstr(texts[2].data, "&X-Amz-Signature=");
    require(signature != NULL, "a presigned query is signed");
    const char *last = texts[2].data + texts[2].length - 64;
    require(strspn(last, "0123456789abcdef") == 64, "a signature is 64 hex digits, and last");
    require(strcspn(texts[2].data, " \r\n\"<>") == texts[2].length, "a presigned query is encoded");
    for (size_t i = 0; i < 4; i++) {
        buf_free(&texts[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    struct input input;
    read_input(&input, text);
    const struct sigv4_request request = {.method = input.method,
                                          .path = input.path,
                                          .query = input.query,
                                          .query_count = input.query_count,
                                          .headers = input.headers,
                                          .header_count = input.header_count,
                                          .payload_hash = SIGV4_UNSIGNED_PAYLOAD};
    _cleanup_(buf_free) struct buf canonical = {0};
    _cleanup_(buf_free) struct buf to_sign = {0};
    sigv4_canonical_request(&request, &canonical);
    sigv4_string_to_sign(date, "us-east-1", "s3", canonical.data, canonical.length, &to_sign);
    require(to_sign.length == strlen(to_sign.data), "a string to sign has no NUL");
    check_path(input.path);
    check_query(&input);
    check_order(&request, &canonical);
    check_signatures(&request);
    return 0;
}
