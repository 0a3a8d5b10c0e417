/* What drop-in clients send: `path?query`, and a JSON body on the next line. */
#include "api/multipart_parts.h"
#include "api/signer_path.h"
#include "api/signer_request.h"
#include "common/upload_token.h"
#include "tests/fuzz/fuzz.h"

#include <ctype.h>

static size_t count_slashes(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '/' ? 1 : 0;
    }
    return count;
}

static void check_path(const char *raw) {
    struct error err = {0};
    struct request_path path = {0};
    _cleanup_(buf_free) struct buf shown = {0};
    signer_path_hide(raw, &shown);
    require(strstr(buf_text(&shown), UPLOAD_TOKEN_PREFIX) == NULL, "a path in the log shows no token");
    require(count_slashes(buf_text(&shown)) == count_slashes(raw), "a path in the log has as many segments");
    if (!request_path_parse(raw, &path, &err)) {
        return;
    }
    const char *token = signer_path_enter(&path);
    require(token == NULL || signer_path_is(&path), "a token leads to signers only");
    require(!signer_path_is(&path) || *path.segments[0] != '\0', "a signer's path begins with a word");
    if (token != NULL && upload_token_valid(token)) {
        require(strstr(buf_text(&shown), token) == NULL, "a token that is used is not shown");
    }
    const char *again = signer_path_enter(&path);
    require(again == NULL, "there is one token");
    request_path_free(&path);
}

static void check_numbers(const char *text) {
    struct part_numbers numbers;
    struct error err = {0};
    bool seen[S3_PARTS_MAX + 1] = {false};
    if (!part_numbers_read(text, &numbers, &err)) {
        require(err.code == ERROR_VALIDATION_FAILED, "a list that is refused is invalid");
        return;
    }
    require(numbers.count > 0 && numbers.count <= PART_NUMBERS_MAX, "as many parts are signed as may be");
    for (size_t i = 0; i < numbers.count; i++) {
        int number = numbers.items[i];
        require(number >= 1 && number <= S3_PARTS_MAX && !seen[number], "each part has its number once");
        seen[number] = true;
    }
}

static void check_metadata(const struct upload_metadata *metadata) {
    require(metadata->count <= UPLOAD_METADATA_MAX && metadata->bytes <= UPLOAD_METADATA_BYTES_MAX,
            "metadata have an end");
    require(metadata->external_id == NULL || strlen(metadata->external_id) <= EXTERNAL_ID_MAX,
            "an external id is short");
    for (size_t i = 0; i < metadata->count; i++) {
        const char *name = metadata->fields[i].name;
        require(strncmp(name, "x-amz-meta-", 11) == 0 && name[11] != '\0', "a field is metadata of an object");
        for (const char *c = name; *c != '\0'; c++) {
            require(!isupper((unsigned char)*c) && isgraph((unsigned char)*c) && *c != ':', "a name is a header's");
        }
        require(*metadata->fields[i].value != '\0', "a field has a value");
        for (const char *c = metadata->fields[i].value; *c != '\0'; c++) {
            require(*c >= ' ' && *c <= '~' && *c != '$', "a value is plain text");
        }
    }
}

static void check_wish(bool taken, struct request *request, struct signer_wish *wish, const struct error *err) {
    check_metadata(&wish->metadata);
    if (taken) {
        const char *name = NULL;
        require(file_name_check(wish->upload.filename, &name) == NULL, "a wish names a file");
        require(wish->upload.size == -1 || (wish->upload.size >= 1 && wish->upload.size <= 1 << 20),
                "a size is allowed");
    } else {
        require(err->code == ERROR_VALIDATION_FAILED || err->code == ERROR_FILE_TOO_LARGE, "a refusal has its code");
    }
    signer_wish_free(wish);
    json_reader_free(&request->reader);
    request->reader = (struct json_reader){0};
}

static void check_body(struct request *request) {
    struct error err = {0};
    struct signer_wish wish = {0};
    check_wish(signer_wish_of_multipart(request, 1 << 20, &wish, &err), request, &wish, &err);
    check_wish(signer_wish_of_sign(request, 1 << 20, UPLOAD_PUT, &wish, &err), request, &wish, &err);
    bool is_blob = signer_wish_of_blob(request, 1 << 20, &wish, &err);
    require(!is_blob || (strlen(wish.content_md5) == CONTENT_MD5_SIZE - 1 && wish.upload.size > 0),
            "a blob has its checksum and size");
    check_wish(is_blob, request, &wish, &err);
}

static void check_pattern(const char *text) {
    char pattern[UPLOAD_TOKEN_PATTERN_SIZE];
    if (upload_token_pattern(text, pattern)) {
        require(strchr(pattern, ',') == NULL, "patterns can be joined");
        require(strchr(pattern, '*') != NULL || upload_token_allows(pattern, text), "a pattern allows its own type");
        require(!upload_token_allows(pattern, "x-none/x-none") || strncmp(pattern, "x-none/", 7) == 0,
                "a pattern allows no others");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    char *rest = text;
    char *line = next_piece(&rest, '\n');
    const char *path = next_piece(&line, '?');
    struct error err = {0};
    struct request request = {.raw_path = path, .query = line != NULL ? line : ""};
    struct signer_wish wish = {0};
    check_path(path);
    check_numbers(request.query);
    check_pattern(request.query);
    check_wish(signer_wish_of_query(&request, 1 << 20, &wish, &err), &request, &wish, &err);
    if (rest != NULL && json_parse(rest, strlen(rest), JSON_MAX_DEPTH, &request.json, &err) &&
        json_is_object(request.json)) {
        check_body(&request);
    }
    request_free(&request);
    return 0;
}
