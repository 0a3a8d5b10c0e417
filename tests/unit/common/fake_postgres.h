/* A Postgres that answers each round trip (up to Sync or a simple query) with the next canned answer, and notes what came,
 * one line a round trip: `prepare NAME`, `run NAME`, `plan TEXT` with `run ` for a statement without a name, or the text of a simple
 * query. Protocol: Postgres manual, chapter 55.
 *
 * Answers: FAKE_OK (done, no rows), FAKE_ROW (one row of one column, `t`), FAKE_ERROR("40001"), FAKE_FATAL("57P01") (an error
 * after which the server closes), FAKE_CLOSE, FAKE_SILENCE.
 */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_POSTGRES_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_POSTGRES_H

#include "fake_server.h"

#include "common/db.h"
#include "common/xalloc.h"

#define FAKE_OK "ok"
#define FAKE_ROW "row"
#define FAKE_ERROR(sqlstate) "error " sqlstate
#define FAKE_FATAL(sqlstate) "fatal " sqlstate

static inline void fake_postgres_number(struct buf *out, uint32_t number) {
    uint32_t network_order = htonl(number);
    buf_append(out, &network_order, sizeof network_order);
}

static inline void fake_postgres_message(struct buf *out, char type, const void *body, size_t length) {
    buf_append_char(out, type);
    fake_postgres_number(out, (uint32_t)length + 4);
    buf_append(out, body, length);
}

/* Reads a message; its type, 0 for the first one, which has none, EOF at the end. */
static inline int fake_postgres_read(FILE *input, bool first, struct buf *body) {
    int type = first ? 0 : getc(input);
    uint32_t length = 0;
    if (type == EOF || fread(&length, sizeof length, 1, input) != 1) {
        return EOF;
    }
    size_t rest = ntohl(length) - sizeof length;
    buf_clear(body);
    if (fread(buf_reserve(body, rest), 1, rest, input) != rest) {
        return EOF;
    }
    body->length = rest;
    body->data[rest] = '\0';
    return type;
}

/* Notes a round trip; the messages before its end tell what it is. */
static inline bool fake_postgres_request(struct fake_server *server, FILE *input, bool *ret_prepare) {
    _cleanup_(buf_free) struct buf body = {0};
    for (;;) {
        int type = fake_postgres_read(input, false, &body);
        if (type == EOF || type == 'X') {
            return false;
        }
        if (type == 'P' || type == 'B') { /* Bind's first text is the portal, empty */
            *ret_prepare = type == 'P';
            bool is_unnamed = type == 'P' && *body.data == '\0'; /* the text follows the name */
            const char *word = type == 'B' ? "run" : is_unnamed ? "plan" : "prepare";
            buf_printf(&server->requests, "%s %s\n", word, body.data + (type == 'B' || is_unnamed));
        } else if (type == 'Q') {
            *ret_prepare = false;
            buf_printf(&server->requests, "%s\n", body.data);
        }
        if (type == 'S' || type == 'Q') {
            return true;
        }
    }
}

static inline void fake_postgres_error(struct buf *out, const char *severity, const char *sqlstate) {
    _cleanup_(buf_free) struct buf body = {0};
    buf_printf(&body, "S%s%cC%s%cMmade up", severity, '\0', sqlstate, '\0');
    buf_append(&body, "\0\0", 2);
    fake_postgres_message(out, 'E', body.data, body.length);
}

static inline void fake_postgres_row(struct buf *out) {
    static const char column[] = "\0\1c\0\0\0\0\0\0\0\0\0\0\x10\0\1\xff\xff\xff\xff\0\0"; /* one boolean, as text */
    fake_postgres_message(out, 'T', column, sizeof column - 1);
    fake_postgres_message(out, 'D', "\0\1\0\0\0\1t", 7);
}

static inline bool fake_postgres_answer(const char *answer, bool prepare, FILE *input, int output) {
    if (strcmp(answer, FAKE_CLOSE) == 0 || strcmp(answer, FAKE_SILENCE) == 0) {
        return fake_server_send(input, output, answer, 0);
    }
    _cleanup_(buf_free) struct buf out = {0};
    bool fatal = strncmp(answer, "fatal ", 6) == 0;
    if (fatal || strncmp(answer, "error ", 6) == 0) {
        fake_postgres_error(&out, fatal ? "FATAL" : "ERROR", answer + 6);
    } else if (prepare) {
        fake_postgres_message(&out, '1', "", 0);
    } else {
        if (strcmp(answer, FAKE_ROW) == 0) {
            fake_postgres_message(&out, '2', "", 0);
            fake_postgres_row(&out);
        }
        fake_postgres_message(&out, 'C', "DONE", 5);
    }
    if (!fatal) {
        fake_postgres_message(&out, 'Z', "I", 1);
    }
    return fake_server_send(input, output, out.data, out.length) && !fatal;
}

static inline void fake_postgres_serve(struct fake_server *server, FILE *input, int output) {
    _cleanup_(buf_free) struct buf startup = {0};
    _cleanup_(buf_free) struct buf welcome = {0};
    fake_postgres_message(&welcome, 'R', "\0\0\0\0", 4);
    fake_postgres_message(&welcome, 'Z', "I", 1);
    if (fake_postgres_read(input, true, &startup) == EOF ||
        !fake_server_send(input, output, welcome.data, welcome.length)) {
        return;
    }
    for (bool prepare = false; fake_postgres_request(server, input, &prepare);) {
        if (!fake_postgres_answer(fake_server_answer(server), prepare, input, output)) {
            return;
        }
    }
}

static inline struct db *fake_postgres_start(struct fake_server *server, const char *const *answers,
                                             int64_t statement_timeout_ms) {
    fake_server_start(server, answers, fake_postgres_serve);
    _cleanup_(freep) char *url =
        xasprintf("postgresql://u:secret@127.0.0.1:%d/db?sslmode=disable&gssencmode=disable", server->port);
    return db_new(url, "test", statement_timeout_ms);
}

/* Frees the client, ends the server, and gives the round trips that it saw; the caller frees them. */
static inline char *fake_postgres_stop(struct fake_server *server, struct db *db) {
    db_free(db);
    fake_server_stop(server);
    return buf_take(&server->requests);
}

#endif
