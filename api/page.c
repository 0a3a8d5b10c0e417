#include "api/page.h"

#include "api/cursor.h"
#include "api/response.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 200 };

bool page_read(struct request *request, struct page *ret_page, struct error *err) {
    _cleanup_(freep) char *cursor = NULL;
    *ret_page = (struct page){0};
    return request_query_int(request, "limit", 1, LIST_MAX, LIST_DEFAULT, &ret_page->limit, err) &&
           request_query(request, "cursor", &cursor, err) &&
           (cursor == NULL || cursor_parse(cursor, ret_page->before_id) ||
            request_refuse(request, "cursor", "is not one that this list gave", err));
}

const char *page_before(const struct page *page) {
    return page->before_id[0] == '\0' ? NULL : page->before_id;
}

size_t page_rows(const struct page *page) {
    return (size_t)page->limit + 1;
}

size_t page_shown(const struct page *page, size_t count) {
    return count < (size_t)page->limit ? count : (size_t)page->limit;
}

void page_end(struct request *request, struct json_writer *writer, const char *last_id) {
    char cursor[CURSOR_SIZE];
    if (last_id != NULL) {
        cursor_make(last_id, cursor);
    }
    json_writer_close(writer, ']');
    json_writer_text(writer, "next_cursor", last_id == NULL ? NULL : cursor);
    json_writer_close(writer, '}');
    response_json(request, 200, writer->out);
}
