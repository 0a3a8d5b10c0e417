/* XML that the store answers with, through every operation that reads some.
 *
 * This file defines the functions of common/http_client.h, so that the linker takes them instead of the real ones: the
 * "store" answers each request with the input, and the third one not at all. One length in eight is a 404's body. */
#include "common/s3_bucket.h"
#include "common/s3_copy.h"
#include "common/s3_multipart.h"
#include "common/s3_xml.h"
#include "tests/fuzz/fuzz.h"

enum { REPLIES_MAX = 2, HEADER_MAX = 300 };

struct http_client {
    const char *body;
    size_t length;
    int status;
    unsigned replies;
};

static struct http_client store;

struct http_client *http_client_new(const struct http_client_options *options) {
    (void)options;
    return &store;
}

void http_client_free(struct http_client *client) {
    client->replies = 0;
}

void http_reply_free(struct http_reply *reply) {
    buf_free(&reply->body);
    buf_free(&reply->headers);
}

/* Every header is there, with the start of the input in it. */
const char *http_reply_header(const struct http_reply *reply, const char *name) {
    (void)name;
    return reply->headers.length > 0 ? buf_text(&reply->headers) : NULL;
}

bool http_client_send(struct http_client *client, const struct http_request *request, struct http_reply *reply,
                      struct error *err) {
    require(strncmp(request->url, "http://store.test:9000/bucket", 29) == 0, "a request goes to the bucket");
    require(strcspn(request->url, " \r\n\t\"<>") == strlen(request->url), "a URL is encoded");
    if (client->replies++ == REPLIES_MAX) {
        return error_set(err, ERROR_STORE_UNAVAILABLE, "no more");
    }
    size_t header = strnlen(client->body, client->length < HEADER_MAX ? client->length : HEADER_MAX);
    reply->status = client->status;
    reply->content_length = (int64_t)client->length;
    reply->attempts = 1;
    buf_clear(&reply->body);
    buf_clear(&reply->headers);
    buf_append(&reply->headers, client->body, strcspn(client->body, "\r\n") < header ? 0 : header);
    buf_append(&reply->body, client->body, client->length);
    return true;
}

static void check_failure(bool succeeded, const struct error *err) {
    require(succeeded || err->code != 0, "a failure has a code");
    require_utf8(err->message, "a message is UTF-8");
}

static bool see_entry(void *context, const struct s3_entry *entry, bool *ret_stop, struct error *err) {
    (void)context;
    (void)ret_stop;
    (void)err;
    require_utf8(entry->key, "a listed key is UTF-8");
    require(entry->size >= 0 && strlen(entry->etag) < S3_ETAG_SIZE, "a listed object has its size");
    return true;
}

static bool see_upload(void *context, const struct s3_upload *upload, bool *ret_stop, struct error *err) {
    (void)context;
    (void)ret_stop;
    (void)err;
    require_utf8(upload->key, "the key of an upload is UTF-8");
    require_utf8(upload->upload_id, "the id of an upload is UTF-8");
    return true;
}

static void check_lists(struct s3_client *client) {
    struct error err = {0};
    check_failure(s3_client_list(client, "files/", NULL, see_entry, NULL, &err), &err);
    store.replies = 0;
    check_failure(s3_multipart_list(client, "", see_upload, NULL, &err), &err);
    store.replies = 0;
    struct s3_part *parts = NULL;
    size_t count = 0;
    bool listed = s3_multipart_list_parts(client, "key", "id", &parts, &count, &err);
    check_failure(listed, &err);
    for (size_t i = 0; i < count; i++) {
        require(parts[i].number >= 1 && parts[i].number <= S3_PARTS_MAX && parts[i].size >= 0, "a part has its number");
    }
    free(parts);
    store.replies = 0;
}

static void check_notifications(struct s3_client *client) {
    struct error err = {0};
    struct s3_notification_rows rows = {0};
    check_failure(s3_bucket_get_notifications(client, &rows, &err), &err);
    for (size_t i = 0; i < rows.count; i++) {
        require_utf8(rows.rows[i].arn, "an ARN is UTF-8");
        require_utf8(rows.rows[i].prefix, "a prefix is UTF-8");
        require_utf8(rows.rows[i].events, "events are UTF-8");
    }
    s3_notification_rows_free(&rows);
    store.replies = 0;
}

static void check_operations(struct s3_client *client) {
    struct error err = {0};
    static const struct s3_part part = {.number = 1, .size = 5, .etag = "etag"};
    static const char *const keys[] = {"a", "b c"};
    const struct s3_copy copy = {.source_key = "a", .key = "b"};
    struct s3_object object = {0};
    _cleanup_(freep) char *upload_id = NULL;
    check_failure(s3_multipart_create(client, "key", "image/png", &upload_id, &err), &err);
    require(upload_id == NULL || *upload_id != '\0', "an upload has an id");
    store.replies = 0;
    check_failure(s3_multipart_complete(client, "key", "id", &part, 1, false, &object, &err), &err);
    store.replies = 0;
    check_failure(s3_client_copy(client, &copy, &object, &err), &err);
    store.replies = 0;
    check_failure(s3_client_delete_many(client, keys, 2, &err), &err);
    store.replies = 0;
    check_failure(s3_client_head(client, "key", &object, &err), &err);
    require(strlen(object.etag) < S3_ETAG_SIZE && strlen(object.version_id) < S3_VERSION_SIZE,
            "texts fit their places");
    store.replies = 0;
}

struct seen {
    unsigned count;
    char text[64];
};

static bool see_element(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    struct seen *seen = context;
    require(strlen(path) < S3_XML_MAX_PATH && *path != '\0', "a path is bounded");
    require(strlen(text) <= S3_XML_MAX_TEXT, "a text is bounded");
    require_utf8(path, "a path is UTF-8");
    require_utf8(text, "a text is UTF-8");
    seen->count++;
    snprintf(seen->text, sizeof seen->text, "%s", text);
    return true;
}

/* A text that is escaped comes back, but for the control characters that XML cannot hold and the space around it. */
static void check_escaping(const uint8_t *bytes, size_t length) {
    struct error err = {0};
    struct seen seen = {0};
    _cleanup_(buf_free) struct buf xml = {0};
    _cleanup_(freep) char *text = text_of(bytes, length < sizeof seen.text ? length : sizeof seen.text - 1);
    bool plain =
        utf8_valid(text, strlen(text)) && strstr(text, "\xef\xbf\xbe") == NULL && strstr(text, "\xef\xbf\xbf") == NULL;
    s3_xml_append(&xml, "Key", text);
    if (!plain) {
        return;
    }
    require(s3_xml_parse(xml.data, xml.length, see_element, &seen, &err) && seen.count == 1, "escaped text is XML");
    for (char *c = text; *c != '\0'; c++) {
        bool held = (unsigned char)*c >= 0x20 || *c == '\t' || *c == '\n' || *c == '\r';
        *c = held ? *c : '?';
    }
    const char *start = text + strspn(text, " \t\r\n");
    size_t end = strlen(start);
    while (end > 0 && strchr(" \t\r\n", start[end - 1]) != NULL) {
        end--;
    }
    require(strlen(seen.text) == end && memcmp(seen.text, start, end) == 0, "escaped text comes back");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const struct s3_config config = {.endpoint = "http://store.test:9000",
                                     .region = "us-east-1",
                                     .bucket = "bucket",
                                     .access_key = "a",
                                     .secret_key = "s",
                                     .path_style = true};
    struct error err = {0};
    struct seen seen = {0};
    char code[S3_XML_MAX_CODE];
    _cleanup_(freep) char *body = xstrndup("", 0);
    body = xrealloc(body, length + 1);
    memcpy(body, bytes, length);
    body[length] = '\0';
    store = (struct http_client){.body = body, .length = length, .status = length % 8 == 7 ? 404 : 200};
    _cleanup_(s3_client_freep) struct s3_client *client = NULL;
    require(s3_client_new(&config, &client, &err), "the client's settings are good");
    check_failure(s3_xml_parse(body, length, see_element, &seen, &err), &err);
    s3_xml_error_code(body, length, code);
    require(strcspn(code, "<>&\"' \r\n") == strlen(code), "a code has letters, digits and dots");
    check_lists(client);
    check_notifications(client);
    check_operations(client);
    check_escaping(bytes, length);
    return 0;
}
