/* A store of canned replies and a client of it. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_S3_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_S3_H

#include "common/s3_client.h"
#include "tests/unit/common/fake_http.h"

/* An answer with an XML body; the server ends the connection, so that no length is needed. */
#define FAKE_XML(status, xml)                                                                                          \
    "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" xml
#define FAKE_ERROR(status, code)                                                                                       \
    FAKE_XML(status, "<Error><Code>" code "</Code><Message>secret-key in a message</Message></Error>")

struct fake_s3 {
    struct fake_server server;
    struct s3_client *client;
    struct error err;
};

static inline void fake_s3_start_with(struct fake_s3 *store, const char *const *answers, const char *region,
                                      int64_t max_attempts) {
    char endpoint[128];
    *store = (struct fake_s3){0};
    fake_server_start(&store->server, answers, fake_http_serve);
    const struct s3_config config = {
        .endpoint = fake_http_url(&store->server, "", endpoint),
        .region = region,
        .bucket = "uploads",
        .access_key = "access-key",
        .secret_key = "secret-key",
        .session_token = "session-token",
        .path_style = true,
        .max_attempts = max_attempts,
    };
    if (!s3_client_new(&config, &store->client, &store->err)) {
        abort();
    }
}

static inline void fake_s3_start(struct fake_s3 *store, const char *const *answers) {
    fake_s3_start_with(store, answers, "us-east-1", 1);
}

/* After this the requests can be counted; fake_server_free(&store->server) ends it all. */
static inline void fake_s3_stop(struct fake_s3 *store) {
    s3_client_free(store->client);
    fake_server_stop(&store->server);
}

static inline size_t fake_s3_count(const struct fake_s3 *store, const char *text) {
    return fake_http_count(&store->server, text);
}

#endif
