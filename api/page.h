/* Pages of lists: `limit` and `cursor` of a request, and how an answer ends. */
#ifndef SLUICE_API_PAGE_H
#define SLUICE_API_PAGE_H

#include "api/json_writer.h"
#include "api/request.h"

struct page {
    int64_t limit;
    char before_id[ID_TEXT_SIZE]; /* "": from the newest on */
};

/* VALIDATION_FAILED for a limit outside of 1 to 200 (50 when none is given) and for what is no cursor. */
bool page_read(struct request *request, struct page *ret_page, struct error *err) MUST_CHECK;

/* The id that a statement takes; NULL: from the newest on. */
const char *page_before(const struct page *page);

/* A statement is asked for one row more than a page has: it tells whether there is another page. */
size_t page_rows(const struct page *page);

/* How many of `count` rows are shown. */
size_t page_shown(const struct page *page, size_t count);

/* Ends the array and the object, and answers with them; last_id: of the last item shown when there is another page, or
 * NULL. */
void page_end(struct request *request, struct json_writer *writer, const char *last_id);

#endif
