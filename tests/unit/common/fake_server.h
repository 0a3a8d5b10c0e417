/* A listener on loopback with a thread that serves one connection after the other, for tests of clients. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_SERVER_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_SERVER_H

#include "common/buf.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Answers that are no text of a protocol. */
#define FAKE_CLOSE "(close)"     /* closes the connection instead of an answer */
#define FAKE_SILENCE "(silence)" /* no answer until the client goes away */

struct fake_server {
    int listener;
    int port;
    pthread_t thread;
    const char *const *answers; /* one a request, across connections, ends with NULL; then FAKE_CLOSE */
    struct buf requests;        /* one line each; read it after fake_server_stop */
    int connections;
    void (*serve)(struct fake_server *server, FILE *input, int output);
    _Atomic bool stopping;
};

static inline const char *fake_server_answer(struct fake_server *server) {
    return *server->answers == NULL ? FAKE_CLOSE : *server->answers++;
}

/* Sends an answer; false when the connection must be closed. */
static inline bool fake_server_send(FILE *input, int output, const char *bytes, size_t length) {
    if (strcmp(bytes, FAKE_CLOSE) == 0) {
        return false;
    }
    if (strcmp(bytes, FAKE_SILENCE) == 0) {
        while (getc(input) != EOF) {
        }
        return false;
    }
    return send(output, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static inline void *fake_server_run(void *context) {
    struct fake_server *server = context;
    for (;;) {
        int connection = accept(server->listener, NULL, NULL);
        if (connection < 0 || server->stopping) {
            if (connection >= 0) {
                close(connection);
            }
            return NULL;
        }
        server->connections++;
        FILE *input = fdopen(connection, "r");
        server->serve(server, input, connection);
        fclose(input);
    }
}

/* A socket bound to a free port of loopback; until it listens, connects are refused. */
static inline int fake_server_bind(int *ret_port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        abort();
    }
    *ret_port = ntohs(address.sin_port);
    return listener;
}

static inline void fake_server_start(struct fake_server *server, const char *const *answers,
                                     void (*serve)(struct fake_server *server, FILE *input, int output)) {
    *server = (struct fake_server){.answers = answers, .serve = serve};
    server->listener = fake_server_bind(&server->port);
    if (listen(server->listener, 8) != 0 || pthread_create(&server->thread, NULL, fake_server_run, server) != 0) {
        abort();
    }
}

/* Clients must have closed their connections. The requests stay until fake_server_free. */
static inline void fake_server_stop(struct fake_server *server) {
    server->stopping = true;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

static inline void fake_server_free(struct fake_server *server) {
    buf_free(&server->requests);
}

#endif
