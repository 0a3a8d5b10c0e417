/* An object store that answers each request with the next canned HTTP answer and notes `METHOD path`, one a line. */
#ifndef SLUICE_TESTS_UNIT_PROCESSOR_FAKE_STORE_H
#define SLUICE_TESTS_UNIT_PROCESSOR_FAKE_STORE_H

#include "../common/fake_server.h"

#include "common/s3_client.h"
#include "common/xalloc.h"

#define FAKE_OBJECT(length, bytes)                                                                                     \
    "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\nETag: \"tag\"\r\nConnection: close\r\n\r\n" bytes
#define FAKE_MISSING "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define FAKE_EMPTY_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define FAKE_BUSY "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define FAKE_DENIED "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

static inline void fake_store_serve(struct fake_server *server, FILE *input, int output) {
    char line[4096];
    if (fgets(line, sizeof line, input) == NULL) {
        return;
    }
    buf_append(&server->requests, line, strlen(line) - strlen(strrchr(line, ' ')));
    buf_append_text(&server->requests, "\n");
    while (fgets(line, sizeof line, input) != NULL && strcmp(line, "\r\n") != 0) {
    }
    const char *answer = fake_server_answer(server);
    fake_server_send(input, output, answer, strlen(answer));
}

static inline struct s3_client *fake_store_start(struct fake_server *server, const char *const *answers) {
    fake_server_start(server, answers, fake_store_serve);
    _cleanup_(freep) char *url = xasprintf("http://127.0.0.1:%d", server->port);
    const struct s3_config config = {.endpoint = url,
                                     .region = "us-east-1",
                                     .bucket = "uploads",
                                     .access_key = "key",
                                     .secret_key = "secret",
                                     .path_style = true,
                                     .low_speed_time_s = 1,
                                     .max_attempts = 1};
    struct s3_client *client = NULL;
    if (!s3_client_new(&config, &client, NULL)) {
        abort();
    }
    return client;
}

/* Frees the client, ends the server, and gives the requests that it got; the caller frees them. */
static inline char *fake_store_stop(struct fake_server *server, struct s3_client *client) {
    s3_client_free(client);
    fake_server_stop(server);
    return buf_take(&server->requests);
}

#endif
