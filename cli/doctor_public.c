#include "cli/doctor.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/probe.h"
#include "common/s3_presign.h"
#include "common/s3_xml.h"
#include "common/text_list.h"
#include "common/xalloc.h"

#include <string.h>

enum { CONNECT_TIMEOUT_MS = 3000, URL_VALID_S = 900, CONTENT_MAX = 64 };

static const char any_origin[] = "https://any-origin.example";

/* What a browser would do: a request signed for the public endpoint, sent by a client that knows nothing else. */
struct visit {
    char content[ID_TEXT_SIZE]; /* of the probe object, and the end of its key */
    char *key;
    struct s3_presign *presign;
    struct http_client *http;
    struct s3_signed upload;
    struct http_reply reply;
};

static void visit_free(struct visit *visit) {
    free(visit->key);
    s3_presign_free(visit->presign);
    http_client_free(visit->http);
    s3_signed_free(&visit->upload);
    http_reply_free(&visit->reply);
}

static bool visit_prepare(const struct config *config, struct visit *visit, struct error *err) {
    struct s3_config store = doctor_store_config(config);
    store.endpoint = doctor_public_endpoint(config);
    const struct http_client_options options = {.connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                                .total_timeout_ms = DOCTOR_TIMEOUT_MS,
                                                .max_attempts = 1,
                                                .ca_file = config->s3_ca_file,
                                                .unreachable = ERROR_STORE_UNAVAILABLE,
                                                .failed = ERROR_STORE_ERROR};
    if (!s3_presign_new(&store, &visit->presign, err)) {
        return false;
    }
    visit->http = http_client_new(&options);
    id_new(visit->content);
    visit->key = xasprintf(PROBE_PREFIX "%s", visit->content);
    const struct s3_presign_put put = {
        .key = visit->key, .content_type = "text/plain", .size = ID_TEXT_SIZE - 1, .expires_s = URL_VALID_S};
    s3_presign_put(visit->presign, &put, clock_now_ms(), &visit->upload);
    return true;
}

static bool visit_upload(struct visit *visit, struct error *err) {
    struct http_header headers[S3_PRESIGN_FIELDS_MAX];
    for (size_t i = 0; i < visit->upload.field_count; i++) {
        headers[i] = (struct http_header){visit->upload.fields[i].name, visit->upload.fields[i].value};
    }
    const struct http_request request = {
        .method = visit->upload.method,
        .url = visit->upload.url,
        .headers = headers,
        .header_count = visit->upload.field_count,
        .body = visit->content,
        .body_length = ID_TEXT_SIZE - 1,
    };
    return http_client_send(visit->http, &request, &visit->reply, err);
}

/* What was sent to the public endpoint must lie in the bucket of the internal one. */
static void compare(struct doctor *doctor, const struct visit *visit, struct doctor_finding *finding) {
    struct error err = {0};
    struct s3_object object;
    _cleanup_(buf_free) struct buf content = {0};
    bool found = s3_client_read(doctor->store, visit->key, CONTENT_MAX, &content, &object, &err);
    if (found && strcmp(buf_text(&content), visit->content) == 0) {
        struct error ignored; /* what stays is swept up */
        (void)!s3_client_delete(doctor->store, visit->key, &ignored);
        doctor_found(finding, DOCTOR_OK, "%s takes uploads", doctor_public_endpoint(doctor->config));
    } else {
        doctor_found(finding, DOCTOR_FAIL,
                     "%s took an upload that does not appear at %s: another store, or another bucket",
                     doctor_public_endpoint(doctor->config), doctor->config->s3_endpoint);
    }
}

static void judge_refusal(const struct doctor *doctor, const struct visit *visit, struct doctor_finding *finding) {
    char code[S3_XML_MAX_CODE];
    const char *endpoint = doctor_public_endpoint(doctor->config);
    s3_xml_error_code(buf_text(&visit->reply.body), visit->reply.body.length, code);
    if ((doctor->facts & DOCTOR_BUCKET) == 0) {
        doctor_found(finding, DOCTOR_SKIPPED, "%s answers (%d%s%s); uploads are not tried further, see above", endpoint,
                     visit->reply.status, *code != '\0' ? " " : "", code);
        return;
    }
    doctor_found(finding, DOCTOR_FAIL, "%s answered an upload with %d %s", endpoint, visit->reply.status, code);
    if (strcmp(code, "SignatureDoesNotMatch") == 0) {
        doctor_advise(finding,
                      "the proxy before the store must leave Host and path as they are (nginx: proxy_set_header "
                      "Host $http_host), since both are signed; SLUICE_S3_PUBLIC_ENDPOINT must name them");
    }
}

void doctor_check_public(struct doctor *doctor, struct doctor_finding *finding) {
    _cleanup_(visit_free) struct visit visit = {0};
    struct error err = {0};
    if (!visit_prepare(doctor->config, &visit, &err) || !visit_upload(&visit, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s cannot be reached from this host: %s",
                     doctor_public_endpoint(doctor->config), err.message);
        return;
    }
    doctor->facts |= DOCTOR_PUBLIC;
    if (visit.reply.status < 200 || visit.reply.status >= 300 || (doctor->facts & DOCTOR_BUCKET) == 0) {
        judge_refusal(doctor, &visit, finding);
    } else {
        compare(doctor, &visit, finding);
    }
}

/* The preflight of a page that uploads (Fetch standard, CORS protocol). */
static bool preflight(struct visit *visit, const char *origin, struct error *err) {
    _cleanup_(freep) char *url = xstrndup(visit->upload.url, strcspn(visit->upload.url, "?"));
    const struct http_header headers[] = {{"Origin", origin},
                                          {"Access-Control-Request-Method", "PUT"},
                                          {"Access-Control-Request-Headers", "content-type,if-none-match"}};
    const struct http_request request = {
        .method = "OPTIONS", .url = url, .headers = headers, .header_count = sizeof headers / sizeof headers[0]};
    return http_client_send(visit->http, &request, &visit->reply, err);
}

static bool allows(const struct http_reply *reply, const char *origin) {
    const char *allowed = http_reply_header(reply, "access-control-allow-origin");
    const char *methods = http_reply_header(reply, "access-control-allow-methods");
    return reply->status >= 200 && reply->status < 300 && allowed != NULL &&
           (strcmp(allowed, "*") == 0 || strcmp(allowed, origin) == 0) && methods != NULL &&
           (strstr(methods, "PUT") != NULL || strchr(methods, '*') != NULL);
}

/* Names the first origin that is refused. */
static void try_origins(struct visit *visit, const struct text_list *origins, struct doctor_finding *finding) {
    for (size_t i = 0; i < origins->count; i++) {
        const char *origin = strcmp(origins->items[i], "*") == 0 ? any_origin : origins->items[i];
        struct error err = {0};
        if (!preflight(visit, origin, &err)) {
            doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
            return;
        }
        if (!allows(&visit->reply, origin)) {
            doctor_found(finding, DOCTOR_FAIL, "the store does not let pages of %s upload (it answered %d)",
                         origins->items[i], visit->reply.status);
            return;
        }
    }
    doctor_found(finding, DOCTOR_OK, "%zu origin%s may upload", origins->count, origins->count == 1 ? "" : "s");
}

void doctor_check_cors(struct doctor *doctor, struct doctor_finding *finding) {
    _cleanup_(visit_free) struct visit visit = {0};
    _cleanup_(text_list_free) struct text_list origins = {0};
    struct error err = {0};
    text_list_split(doctor->config->cors_origins, ',', &origins);
    if (origins.count == 0) {
        doctor_found(finding, DOCTOR_SKIPPED, "SLUICE_CORS_ORIGINS is not set: no other origin's pages may upload");
    } else if (!visit_prepare(doctor->config, &visit, &err)) {
        doctor_found(finding, DOCTOR_FAIL, "%s", err.message);
    } else {
        try_origins(&visit, &origins, finding);
    }
}
