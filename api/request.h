/* One request as handlers see it: what came, who sent it, and where the answer goes. */
#ifndef SLUICE_API_REQUEST_H
#define SLUICE_API_REQUEST_H

#include "api/http_framing.h"
#include "api/http_stream.h"
#include "api/router.h"
#include "common/id.h"
#include "common/json.h"
#include "common/type_list.h"
#include "common/usage_store.h"

enum { REQUEST_ID_SIZE = 129, OWNER_ID_SIZE = 256, REMOTE_ADDRESS_SIZE = 48, CSRF_TOKEN_SIZE = 65 };

struct upload_token; /* common/upload_token_store.h */

/* Who sends the request. */
struct principal {
    char owner_id[OWNER_ID_SIZE];
    unsigned scopes;            /* mask of enum scope */
    char key_id[ID_TEXT_SIZE];  /* or the id of a token; "" without either */
    struct usage_limits quota;  /* of the owner */
    int64_t rate_limit;         /* requests a minute; 0: any number */
    int64_t max_file_bytes;     /* of the key; 0: no limit of its own */
    char types[TYPE_LIST_SIZE]; /* media types of the key; "": any */
};

/* The answer in the making; see response.h. */
struct response {
    int status;            /* 0: nothing was sent yet */
    int64_t body_bytes;    /* sent */
    bool close;            /* the connection ends with this answer */
    struct buf headers;    /* further header lines */
    enum error_code code;  /* of a problem */
    const char *challenge; /* error code of RFC 6750 for WWW-Authenticate; NULL: none */
    int64_t retry_after_s; /* of a 429 or 503; 0: one second */
};

struct request {
    const char *method;
    const char *raw_path; /* without the query; as sent */
    const char *query;    /* as sent; "" when there is none */
    bool http_1_0;
    const struct http_header *headers;
    size_t header_count;
    char remote_address[REMOTE_ADDRESS_SIZE];
    char id[REQUEST_ID_SIZE];
    struct http_framing framing;
    struct http_stream stream;

    struct route_match match;
    const char *token;  /* of /c/{token} in the path, not checked; NULL: there is none */
    bool is_for_signer; /* one of the routes of drop-in clients; see signer_path.h */

    struct principal principal;
    struct upload_token *upload_token; /* by which the request passed; NULL: by a key */
    struct buf body;
    bool continued;             /* the client was told to send it (Expect: 100-continue) */
    bool body_ended;            /* all of it was read */
    json_t *json;               /* the body of a BODY_JSON route */
    struct json_reader reader;  /* for its fields; its complaints become errors[] of the problem */
    char file_id[ID_TEXT_SIZE]; /* for the log; "" when unknown */

    /* Of the admin pages (admin_page.h, csrf.h). */
    bool is_admin;                    /* its path is one of theirs, whether there is such a route or not */
    bool has_session;                 /* a cookie says who sends it */
    bool csrf_needed;                 /* a change needs the next one */
    bool csrf_open;                   /* … which is still to come, in the body */
    char csrf_token[CSRF_TOKEN_SIZE]; /* for the forms of the answer; "" when it has none */

    struct response response;
};

/* Frees what the request owns; not the stream. */
void request_free(struct request *request);

/* A header's value by its name in any case, NULL when absent. */
const char *request_header(const struct request *request, const char *name);

/* The id that the client sent if it is sane ([A-Za-z0-9._-]{1,128}), else a new one. */
void request_take_id(struct request *request);

/* Says what is wrong with a field or parameter, in the problem's detail and in its errors[]: "must be …". Always false. */
bool request_refuse(struct request *request, const char *field, const char *message, struct error *err) MUST_CHECK;

/* The value of a query parameter, form-decoded, the first if there are several; the caller frees it. ret_value is NULL
 * when absent. VALIDATION_FAILED when its encoding is broken or it is no UTF-8. */
bool request_query(struct request *request, const char *name, char **ret_value, struct error *err) MUST_CHECK;

/* The same for a field of a BODY_FIELDS route. */
bool request_field(struct request *request, const char *name, char **ret_value, struct error *err) MUST_CHECK;

/* An integer parameter; absent: `absent`. VALIDATION_FAILED. */
bool request_query_int(struct request *request, const char *name, int64_t minimum, int64_t maximum, int64_t absent,
                       int64_t *ret_value, struct error *err) MUST_CHECK;

/* Before the first byte of the body is read: a client that waits for it is told to go on. BAD_REQUEST when it is gone. */
bool request_continue(struct request *request, struct error *err) MUST_CHECK;

/* Reads the whole body into request->body: BODY_TOO_LARGE, REQUEST_TIMEOUT, BAD_REQUEST; the connection closes after
 * each of these. */
bool request_read_body(struct request *request, int64_t limit, struct error *err) MUST_CHECK;

/* The id in the path, in lower case; NOT_FOUND when it is no id. Also notes it for the log. */
bool request_file_id(struct request *request, char ret_file_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

#endif
