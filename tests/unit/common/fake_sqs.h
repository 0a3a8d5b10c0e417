/* An SQS queue of canned replies, and a client of it. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_SQS_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_SQS_H

#include "common/sqs_client.h"
#include "tests/unit/common/fake_http.h"

/* An answer that ends with its connection, so that nobody has to count its bytes. */
#define FAKE_SQS_REPLY(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body

struct fake_sqs {
    struct fake_server server;
    struct sqs_client *client;
};

static inline void fake_sqs_start(struct fake_sqs *sqs, const char *const *answers) {
    char url[128];
    struct error err = {0};
    *sqs = (struct fake_sqs){0};
    fake_server_start(&sqs->server, answers, fake_http_serve);
    const struct sqs_options options = {
        .queue_url = fake_http_url(&sqs->server, "/123456789012/uploads", url),
        .region = "eu-central-1",
        .access_key = "AKIDEXAMPLE",
        .secret_key = "secret",
        .wait_s = 1,
        .visibility_s = 60,
    };
    if (!sqs_client_new(&options, &sqs->client, &err)) {
        fail_msg("%s", err.message);
    }
}

/* Afterwards server.requests has what came; fake_sqs_end frees it. */
static inline void fake_sqs_stop(struct fake_sqs *sqs) {
    sqs_client_free(sqs->client);
    fake_server_stop(&sqs->server);
}

static inline void fake_sqs_end(struct fake_sqs *sqs) {
    fake_server_free(&sqs->server);
}

#endif
