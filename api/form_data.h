/* Reads a multipart/form-data body (RFC 7578, RFC 2046 section 5.1) as it arrives, cut anywhere. Pure.
 *
 * It holds the head of one part (FORM_HEAD_MAX bytes) and nothing of the content. What is ambiguous is refused: a line that
 * begins with the boundary and goes on, lines without CRLF, a body without its closing boundary. */
#ifndef SLUICE_API_FORM_DATA_H
#define SLUICE_API_FORM_DATA_H

#include "api/form_part.h"

enum {
    FORM_BOUNDARY_MAX = 70,
    FORM_HEAD_MAX = 8192,    /* of the header lines of a part */
    FORM_IGNORED_MAX = 8192, /* of what stands before the first boundary and after the last */
};

/* The boundary that a Content-Type names: UNSUPPORTED_MEDIA_TYPE when it is not of a form, BAD_REQUEST when it names none. */
bool form_data_boundary(const char *content_type, char ret_boundary[FORM_BOUNDARY_MAX + 1],
                        struct error *err) MUST_CHECK;

/* Told of the parts in their order; each fills err and returns false to end the reading. */
struct form_handler {
    void *context;
    bool (*begin)(void *context, const struct form_part *part, struct error *err);
    bool (*data)(void *context, const void *bytes, size_t length, struct error *err); /* any number of times */
    bool (*end)(void *context, struct error *err);
};

struct form_data;

struct form_data *form_data_new(const char *boundary, const struct form_handler *handler);
void form_data_free(struct form_data *form);
DEFINE_CLEANUP(struct form_data *, form_data)

/* The next bytes of the body. BAD_REQUEST, or what the handler says; nothing may be fed after a failure. */
bool form_data_feed(struct form_data *form, const void *bytes, size_t length, struct error *err) MUST_CHECK;

/* The body has ended: BAD_REQUEST when the closing boundary did not come. */
bool form_data_end(const struct form_data *form, struct error *err) MUST_CHECK;

#endif
