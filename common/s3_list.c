#include "common/clock.h"
#include "common/encode.h"
#include "common/s3_client.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { PAGE_KEYS = 1000, PAGE_BYTES = 8 << 20 };

/* Keys stay encoded until the page is read, since whether they are may be said at its end. */
struct row {
    char *key;
    char etag[S3_ETAG_SIZE];
    int64_t size;
    int64_t last_modified_ms;
};

struct page {
    struct row *rows;
    size_t count; /* at most PAGE_KEYS; rows[count] is the one in the making */
    char *next;   /* continuation token; NULL on the last page */
    bool url_encoded;
    bool truncated;
};

static void page_free(struct page *page) {
    for (size_t i = 0; page->rows != NULL && i <= PAGE_KEYS; i++) {
        free(page->rows[i].key);
    }
    free(page->rows);
    free(page->next);
}

static void set_text(char **text, const char *value) {
    free(*text);
    *text = xstrdup(value);
}

static bool take_row(struct page *page, const char *name, const char *text, struct error *err) {
    struct row *row = &page->rows[page->count];
    if (strcmp(name, "/Key") == 0) {
        set_text(&row->key, text);
    } else if (strcmp(name, "/ETag") == 0) {
        s3_request_copy_etag(text, row->etag);
    } else if (strcmp(name, "/Size") == 0) {
        return parse_int64(text, 0, INT64_MAX, &row->size) ||
               error_set(err, ERROR_STORE_ERROR, "the store listed an object with a broken size");
    } else if (strcmp(name, "/LastModified") == 0) {
        row->last_modified_ms = clock_parse(text);
    } else if (*name == '\0') {
        if (row->key == NULL || page->count == PAGE_KEYS) {
            return error_set(err, ERROR_STORE_ERROR, "the store listed too much, or an object without a key");
        }
        page->count++;
    }
    return true;
}

static bool take_element(void *context, const char *path, const char *text, struct error *err) {
    static const char row_path[] = "ListBucketResult/Contents";
    struct page *page = context;
    if (strncmp(path, row_path, sizeof row_path - 1) == 0) {
        return take_row(page, path + sizeof row_path - 1, text, err);
    }
    if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0) {
        set_text(&page->next, text);
    } else if (strcmp(path, "ListBucketResult/EncodingType") == 0) {
        page->url_encoded = strcmp(text, "url") == 0;
    } else if (strcmp(path, "ListBucketResult/IsTruncated") == 0) {
        page->truncated = strcmp(text, "true") == 0;
    }
    return true;
}

static bool fetch_page(struct s3_client *client, const char *prefix, const char *start_after, const char *token,
                       struct page *ret_page, struct error *err) {
    struct s3_request request = {.method = "GET", .idempotent = true, .max_reply_bytes = PAGE_BYTES};
    s3_request_query(&request, "list-type", "2");
    s3_request_query(&request, "encoding-type", "url");
    s3_request_query(&request, "prefix", prefix != NULL ? prefix : "");
    s3_request_query(&request, "start-after", token == NULL ? start_after : NULL);
    s3_request_query(&request, "continuation-token", token);
    ret_page->rows = xcalloc(PAGE_KEYS + 1, sizeof *ret_page->rows);
    return s3_request_send(client, &request, err) &&
           s3_xml_parse(buf_text(&client->reply.body), client->reply.body.length, take_element, ret_page, err);
}

static bool visit_page(const struct page *page, s3_list_function function, void *context, bool *ret_stop,
                       struct error *err) {
    _cleanup_(buf_free) struct buf key = {0};
    for (size_t i = 0; i < page->count && !*ret_stop; i++) {
        const struct row *row = &page->rows[i];
        buf_clear(&key);
        if (!s3_request_decode_key(row->key, page->url_encoded, &key, err)) {
            return false;
        }
        const struct s3_entry entry = {buf_text(&key), row->etag, row->size, row->last_modified_ms};
        if (!function(context, &entry, ret_stop, err)) {
            return false;
        }
    }
    return true;
}

bool s3_client_list(struct s3_client *client, const char *prefix, const char *start_after, s3_list_function function,
                    void *context, struct error *err) {
    _cleanup_(freep) char *token = NULL;
    bool stop = false;
    while (!stop) {
        _cleanup_(page_free) struct page page = {0};
        if (!fetch_page(client, prefix, start_after, token, &page, err) ||
            !visit_page(&page, function, context, &stop, err)) {
            return false;
        }
        stop = stop || !page.truncated || page.next == NULL;
        free(token);
        token = take_ptr(page.next);
    }
    return true;
}
