/* Encodings of texts from outside: percent, base64, hex, UTF-8, integers, dates, and the path of a request. */
#include "api/request_path.h"
#include "common/clock.h"
#include "tests/fuzz/fuzz.h"

enum { BYTES_MAX = 4096 };

static void check_percent(const char *text, size_t length) {
    for (int keep_slash = 0; keep_slash < 2; keep_slash++) {
        _cleanup_(buf_free) struct buf encoded = {0};
        _cleanup_(buf_free) struct buf decoded = {0};
        encode_uri(&encoded, text, length, keep_slash == 1);
        require(decode_uri(encoded.data, encoded.length, keep_slash == 0, &decoded), "what was encoded can be decoded");
        require_same(buf_text(&decoded), text, "decode_uri(encode_uri(x)) is x");
    }
}

/* Any text: what is decoded comes back after another round. */
static void check_decoding(const char *text, size_t length) {
    for (int plus_is_space = 0; plus_is_space < 2; plus_is_space++) {
        _cleanup_(buf_free) struct buf decoded = {0};
        if (decode_uri(text, length, plus_is_space == 1, &decoded)) {
            require(decoded.length <= length && strlen(buf_text(&decoded)) == decoded.length,
                    "decoded text has no NUL");
            check_percent(buf_text(&decoded), decoded.length);
        }
    }
}

static void check_bytes(const uint8_t *bytes, size_t length) {
    _cleanup_(buf_free) struct buf base64 = {0};
    _cleanup_(freep) char *hex = xmalloc(2 * length + 1);
    _cleanup_(freep) unsigned char *back = xmalloc(length + 1);
    encode_base64(&base64, bytes, length);
    require(decode_base64(buf_text(&base64), back, length), "base64 can be decoded");
    require(memcmp(back, bytes, length) == 0, "decode_base64(encode_base64(x)) is x");
    encode_hex(bytes, length, hex);
    require(decode_hex(hex, back, length), "hex can be decoded");
    require(memcmp(back, bytes, length) == 0, "decode_hex(encode_hex(x)) is x");
}

/* Base64 has one form only: what is accepted is what would be written. */
static void check_base64_text(const char *text, size_t length) {
    unsigned char bytes[BYTES_MAX];
    for (size_t size = length / 4 * 3; size + 3 > length / 4 * 3 && size <= BYTES_MAX; size--) {
        if (decode_base64(text, bytes, size)) {
            _cleanup_(buf_free) struct buf again = {0};
            encode_base64(&again, bytes, size);
            require_same(buf_text(&again), text, "base64 that is accepted has its one form");
        }
        if (size == 0) {
            break;
        }
    }
}

static void check_utf8(const char *text, size_t length) {
    size_t limit = length / 2;
    size_t prefix = utf8_prefix(text, length, limit);
    require(prefix <= limit, "a prefix is within its limit");
    if (utf8_valid(text, length)) {
        require(utf8_valid(text, prefix) && utf8_valid(text + prefix, length - prefix), "a prefix cuts no sequence");
        require(limit - prefix < 4, "a prefix is the longest");
    }
}

static void check_numbers(const char *text) {
    int64_t number = 0;
    if (parse_int64(text, INT64_MIN, INT64_MAX, &number)) {
        char again[32];
        int64_t second = 0;
        snprintf(again, sizeof again, "%lld", (long long)number);
        require(parse_int64(again, number, number, &second) && second == number, "an integer that is read reads again");
        require(strspn(text, "-+0123456789") == strlen(text), "an integer has nothing before or after it");
    }
    (void)clock_parse(text);
}

static void check_path(const char *raw) {
    struct error err = {0};
    struct request_path path = {0};
    if (!request_path_parse(raw, &path, &err)) {
        require(err.code == ERROR_BAD_REQUEST, "a broken path is a bad request");
        return;
    }
    size_t slashes = 0;
    for (const char *c = raw; *raw == '/' && *c != '\0'; c++) {
        slashes += *c == '/' ? 1 : 0;
    }
    size_t most = REQUEST_PATH_SEGMENTS_MAX + 1;
    require(path.count == (slashes < most ? slashes : most), "a path has as many segments as slashes");
    for (size_t i = 0; i < path.count && i < REQUEST_PATH_SEGMENTS_MAX; i++) {
        require_utf8(path.segments[i], "a segment is UTF-8");
    }
    request_path_free(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    size_t text_length = strlen(text);
    check_percent(text, text_length);
    check_decoding(text, text_length);
    check_bytes(bytes, length);
    check_base64_text(text, text_length);
    check_utf8(text, text_length);
    check_numbers(text);
    check_path(text);
    return 0;
}
