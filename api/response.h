/* Answers: status line, headers and body in as few writes as possible, problems as RFC 9457 wants them.
 *
 * Every answer has X-Request-Id and nosniff. A HEAD gets the headers of the GET. Failures to write are not reported: the
 * client is gone, the connection closes. */
#ifndef SLUICE_API_RESPONSE_H
#define SLUICE_API_RESPONSE_H

#include "api/request.h"

/* Adds a header line to the answer to come. CR, LF and other controls in the value become spaces. */
void response_header(struct request *request, const char *name, const char *value);

/* A whole answer. content_type NULL: no body. */
void response_send(struct request *request, int status, const char *content_type, const void *body, size_t length);

/* A JSON answer; adds Cache-Control: no-store. */
void response_json(struct request *request, int status, const struct buf *json);

/* application/problem+json with the error's status; adds Retry-After to 429 and 503, WWW-Authenticate to 401 and where a scope
 * is missing. The message is shown for errors of the client only. The complaints of request->reader become errors[]. Drop-in
 * clients get `error` and `message` as well. */
void response_problem(struct request *request, const struct error *err);

/* Notes the error for the log, adds the headers that its status asks for, and returns that: for an answer in another form. */
int response_begin_problem(struct request *request, const struct error *err);

/* The problem's JSON. Pure. */
void response_problem_json(const struct error *err, const json_t *complaints, const char *request_id,
                           struct buf *ret_json);

/* A body in pieces: `length` bytes in all. response_write false: nobody takes it any more. */
bool response_start(struct request *request, int status, const char *content_type, int64_t length) MUST_CHECK;
bool response_write(struct request *request, const void *bytes, size_t length) MUST_CHECK;

#endif
