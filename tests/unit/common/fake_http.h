/* An HTTP server of canned replies. An answer with "Connection: close" in it ends the connection. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_HTTP_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_HTTP_H

#include "tests/unit/common/fake_server.h"

#include <strings.h>

/* A reply with a body and its length. */
#define FAKE_REPLY(status, headers, body) "HTTP/1.1 " status "\r\nContent-Length: " headers "\r\n\r\n" body

/* Reads a request into server->requests: the head as it came, the body, and "\n--\n". False at the end. */
static inline bool fake_http_read(struct fake_server *server, FILE *input) {
    char line[8192];
    long length = 0;
    bool any = false;
    while (fgets(line, sizeof line, input) != NULL) {
        any = true;
        buf_append_text(&server->requests, line);
        if (strncasecmp(line, "content-length:", 15) == 0) {
            length = strtol(line + 15, NULL, 10);
        }
        if (strcmp(line, "\r\n") == 0) {
            break;
        }
    }
    for (; any && length > 0; length--) {
        int byte = getc(input);
        if (byte == EOF) {
            return false;
        }
        buf_append_char(&server->requests, (char)byte);
    }
    buf_append_text(&server->requests, any ? "\n--\n" : "");
    return any;
}

static inline void fake_http_serve(struct fake_server *server, FILE *input, int output) {
    while (fake_http_read(server, input)) {
        const char *answer = fake_server_answer(server);
        if (!fake_server_send(input, output, answer, strlen(answer)) || strstr(answer, "Connection: close") != NULL) {
            return;
        }
    }
}

/* "http://127.0.0.1:PORT" and a path. */
static inline const char *fake_http_url(const struct fake_server *server, const char *path, char ret_url[128]) {
    snprintf(ret_url, 128, "http://127.0.0.1:%d%s", server->port, path);
    return ret_url;
}

/* How often the text occurs in the requests. */
static inline size_t fake_http_count(const struct fake_server *server, const char *text) {
    size_t count = 0;
    for (const char *at = strstr(buf_text(&server->requests), text); at != NULL; at = strstr(at + 1, text)) {
        count++;
    }
    return count;
}

#endif
