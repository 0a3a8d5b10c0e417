#include "common/clock.h"
#include "common/s3_multipart.h"
#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { PAGE_UPLOADS = 1000, PAGE_BYTES = 8 << 20 };

struct row {
    char *key; /* encoded if the page is */
    char *upload_id;
    int64_t initiated_ms;
};

struct page {
    struct row *rows;
    size_t count; /* at most PAGE_UPLOADS; rows[count] is the one in the making */
    char *next_key;
    char *next_upload_id;
    bool url_encoded;
    bool truncated;
};

static void page_free(struct page *page) {
    for (size_t i = 0; page->rows != NULL && i <= PAGE_UPLOADS; i++) {
        free(page->rows[i].key);
        free(page->rows[i].upload_id);
    }
    free(page->rows);
    free(page->next_key);
    free(page->next_upload_id);
}

static void set_text(char **text, const char *value) {
    free(*text);
    *text = xstrdup(value);
}

static bool take_row(struct page *page, const char *name, const char *text, struct error *err) {
    struct row *row = &page->rows[page->count];
    if (strcmp(name, "/Key") == 0) {
        set_text(&row->key, text);
    } else if (strcmp(name, "/UploadId") == 0) {
        set_text(&row->upload_id, text);
    } else if (strcmp(name, "/Initiated") == 0) {
        row->initiated_ms = clock_parse(text);
    } else if (*name == '\0') {
        if (row->key == NULL || row->upload_id == NULL || page->count == PAGE_UPLOADS) {
            return error_set(err, ERROR_STORE_ERROR, "the store listed too many uploads, or one without its id");
        }
        page->count++;
    }
    return true;
}

static bool take_element(void *context, const char *path, const char *text, struct error *err) {
    static const char root[] = "ListMultipartUploadsResult/";
    struct page *page = context;
    if (strncmp(path, root, sizeof root - 1) != 0) {
        return true;
    }
    const char *name = path + sizeof root - 1;
    if (strncmp(name, "Upload", 6) == 0 && (name[6] == '/' || name[6] == '\0')) {
        return take_row(page, name + 6, text, err);
    }
    if (strcmp(name, "NextKeyMarker") == 0) {
        set_text(&page->next_key, text);
    } else if (strcmp(name, "NextUploadIdMarker") == 0) {
        set_text(&page->next_upload_id, text);
    } else if (strcmp(name, "EncodingType") == 0) {
        page->url_encoded = strcmp(text, "url") == 0;
    } else if (strcmp(name, "IsTruncated") == 0) {
        page->truncated = strcmp(text, "true") == 0;
    }
    return true;
}

static bool fetch_page(struct s3_client *client, const char *prefix, const char *key_marker,
                       const char *upload_id_marker, struct page *ret_page, struct error *err) {
    struct s3_request request = {.method = "GET", .idempotent = true, .max_reply_bytes = PAGE_BYTES};
    s3_request_query(&request, "uploads", "");
    s3_request_query(&request, "encoding-type", "url");
    s3_request_query(&request, "prefix", prefix != NULL ? prefix : "");
    s3_request_query(&request, "key-marker", key_marker);
    s3_request_query(&request, "upload-id-marker", upload_id_marker);
    ret_page->rows = xcalloc(PAGE_UPLOADS + 1, sizeof *ret_page->rows);
    return s3_request_send(client, &request, err) &&
           s3_xml_parse(buf_text(&client->reply.body), client->reply.body.length, take_element, ret_page, err);
}

static bool visit_page(const struct page *page, s3_upload_function function, void *context, bool *ret_stop,
                       struct error *err) {
    _cleanup_(buf_free) struct buf key = {0};
    for (size_t i = 0; i < page->count && !*ret_stop; i++) {
        const struct row *row = &page->rows[i];
        buf_clear(&key);
        if (!s3_request_decode_key(row->key, page->url_encoded, &key, err)) {
            return false;
        }
        const struct s3_upload upload = {buf_text(&key), row->upload_id, row->initiated_ms};
        if (!function(context, &upload, ret_stop, err)) {
            return false;
        }
    }
    return true;
}

bool s3_multipart_list(struct s3_client *client, const char *prefix, s3_upload_function function, void *context,
                       struct error *err) {
    _cleanup_(buf_free) struct buf key_marker = {0};
    _cleanup_(freep) char *upload_id_marker = NULL;
    bool stop = false;
    while (!stop) {
        _cleanup_(page_free) struct page page = {0};
        if (!fetch_page(client, prefix, key_marker.length > 0 ? key_marker.data : NULL, upload_id_marker, &page, err) ||
            !visit_page(&page, function, context, &stop, err)) {
            return false;
        }
        buf_clear(&key_marker);
        if (page.next_key != NULL && !s3_request_decode_key(page.next_key, page.url_encoded, &key_marker, err)) {
            return false;
        }
        free(upload_id_marker);
        upload_id_marker = take_ptr(page.next_upload_id);
        stop = stop || !page.truncated || key_marker.length == 0;
    }
    return true;
}
