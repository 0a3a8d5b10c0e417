/* Request headers, one `Name: value` a line: framing, Range, conditions, media types; and names of files in answers. */
#include "api/byte_range.h"
#include "api/entity_tag.h"
#include "api/http_framing.h"
#include "api/media_type.h"
#include "common/content_disposition.h"
#include "common/file_name.h"
#include "tests/fuzz/fuzz.h"

enum { HEADERS_MAX = 64 };

static void check_framing(const struct http_header *headers, size_t count) {
    struct error err = {0};
    struct http_framing framing = {0};
    if (http_framing_of(headers, count, &framing, &err)) {
        require(framing.length >= -1, "a length is not negative");
        require(!framing.chunked || framing.length == -1, "a body has a length or chunks, not both");
    } else {
        require(err.code == ERROR_BAD_REQUEST || err.code == ERROR_NOT_IMPLEMENTED, "a refusal has its code");
    }
    (void)http_framing_persistent(headers, count, false);
}

/* Whatever else the headers say, a second way to delimit the body is refused. */
static void check_smuggling(struct http_header *headers, size_t count) {
    struct error err = {0};
    struct http_framing framing = {0};
    if (http_framing_of(headers, count, &framing, &err) && (framing.chunked || framing.length >= 0)) {
        headers[count] = framing.chunked ? (struct http_header){"CONTENT-LENGTH", "5"}
                                         : (struct http_header){"TRANSFER-ENCODING", "chunked"};
        require(!http_framing_of(headers, count + 1, &framing, &err), "two ways to delimit a body are refused");
    }
}

static void check_range(const char *value, int64_t size) {
    struct byte_range range = {0};
    enum byte_range_kind kind = byte_range_of(value, size, &range);
    if (kind == BYTE_RANGE_WHOLE) {
        require(range.first == 0 && range.length == size, "the whole is all of it");
    } else if (kind == BYTE_RANGE_PART) {
        require(range.first >= 0 && range.length > 0, "a part has bytes");
        require(range.first < size && range.length <= size - range.first, "a part lies within the whole");
    }
}

static void check_entity_tag(const char *value) {
    static const char tag[] = "\"68b329da9893e34099c7d8ad5cb9c940\"";
    _cleanup_(freep) char *appended = xasprintf("\"a\", W/\"b,\" , %s", value);
    require(entity_tag_listed(value, NULL) == (value[strspn(value, " \t")] == '*'), "without a tag only * matches");
    require(!entity_tag_allows_range(value, tag) || strcmp(value, tag) == 0, "If-Range is exact");
    if (strchr(value, '"') == NULL) {
        _cleanup_(freep) char *quoted = xasprintf("\"%s\"", value);
        _cleanup_(freep) char *list = xasprintf("\"-\" , W/%s", quoted);
        require(entity_tag_listed(list, quoted), "a tag in a list is found");
    }
    (void)entity_tag_listed(appended, tag);
}

static void check_media_type(const char *value) {
    char type[MEDIA_TYPE_SIZE];
    char again[MEDIA_TYPE_SIZE];
    if (media_type_normalize(value, type)) {
        require(strlen(type) == strlen(value), "a type keeps its length");
        require(media_type_normalize(type, again), "a normal type is a type");
        require_same(again, type, "a normal type stays as it is");
        require(strcspn(type, "\r\n") == strlen(type), "a type has one line");
        require(media_type_is_json(type) == media_type_is_json(value), "JSON is JSON in any case");
    }
    (void)media_type_is_inline_image(value);
    (void)media_type_is_json(value);
}

/* The name after filename*= is the name of the file; the one before it is plain. */
static void check_disposition(const char *name) {
    static const char plain[] = "attachment; filename=\"";
    static const char extended[] = "; filename*=UTF-8''";
    _cleanup_(buf_free) struct buf header = {0};
    _cleanup_(buf_free) struct buf decoded = {0};
    content_disposition_append(&header, false, name);
    for (const char *c = buf_text(&header); *c != '\0'; c++) {
        require((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f, "a header is printable ASCII");
    }
    require(strncmp(header.data, plain, sizeof plain - 1) == 0, "a download is an attachment");
    const char *end = strchr(header.data + sizeof plain - 1, '"');
    require(end != NULL, "a file name ends");
    if (end[1] == '\0') {
        require((size_t)(end - header.data) == sizeof plain - 1 + strlen(name), "a plain name is whole");
        return;
    }
    require(strncmp(end + 1, extended, sizeof extended - 1) == 0, "nothing else follows a file name");
    const char *encoded = end + sizeof extended;
    require(decode_uri(encoded, strlen(encoded), false, &decoded), "a file name can be decoded");
    require_same(buf_text(&decoded), name, "a file name is what it was");
}

static void check_file_name(const char *text) {
    const char *name = NULL;
    _cleanup_(buf_free) struct buf safe = {0};
    if (file_name_check(text, &name) != NULL) {
        return;
    }
    require_utf8(name, "a file name is UTF-8");
    require(*name != '\0' && strcspn(name, "/\\\r\n\t") == strlen(name), "a file name is one segment in one line");
    file_name_append_safe(&safe, name);
    require_utf8(buf_text(&safe), "a safe name is UTF-8");
    require(safe.length > 0 && safe.length <= FILE_NAME_KEY_MAX, "a safe name is short");
    check_disposition(name);
}

static void check_value(const char *value) {
    static const int64_t sizes[] = {0, 1, 10, 1 << 20, INT64_MAX};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_range(value, sizes[i]);
    }
    check_entity_tag(value);
    check_media_type(value);
    check_file_name(value);
    check_disposition(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    struct http_header headers[HEADERS_MAX + 1] = {0};
    size_t count = 0;
    char *rest = text;
    while (rest != NULL && count < HEADERS_MAX) {
        char *value = next_piece(&rest, '\n');
        const char *name = next_piece(&value, ':');
        if (value != NULL) {
            value += *value == ' ' ? 1 : 0;
            check_value(value);
        }
        headers[count++] = (struct http_header){name, value != NULL ? value : ""};
    }
    check_framing(headers, count);
    check_smuggling(headers, count);
    return 0;
}
