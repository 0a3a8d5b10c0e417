/* One libpq connection: opening it within bounds, noticing that it is gone, waiting for answers with a deadline, and the
 * classes of errors. Private to db*.c. */
#ifndef SLUICE_COMMON_DB_CONNECTION_H
#define SLUICE_COMMON_DB_CONNECTION_H

#include "common/error.h"
#include "common/retry_gate.h"

#include <libpq-fe.h>
#include <stdint.h>

struct db_connection {
    char *url;
    char *application;
    int64_t statement_timeout_ms; /* 0: none */
    bool plans_look_ups;          /* see db_plan_look_ups */
    bool commits_without_wait;    /* see db_commit_without_wait */
    PGconn *pg;                   /* NULL while not connected */
    struct retry_gate own_gate;
    struct retry_gate *gate; /* the own one, or that of a pool */
    /* Of the last failure: */
    bool stale;     /* the server no longer has a prepared statement, or no longer in that shape */
    bool dismissed; /* an administrator ended the connection; what was sent did not happen */
};

static inline void db_pg_result_freep(PGresult **result) {
    PQclear(*result);
}

/* Connects; fails at once while a failed attempt is fresh. */
bool db_connection_open(struct db_connection *connection, struct error *err) MUST_CHECK;
void db_connection_close(struct db_connection *connection);

/* False when there is no connection, or when the server has closed it since its last use: nothing sent now would arrive. */
bool db_connection_alive(const struct db_connection *connection);

/* Longest time that a statement may take before the server counts as gone; 0: no limit. */
int64_t db_connection_limit_ms(const struct db_connection *connection);

/* Waits up to limit_ms (0: for ever) for the answer to what was sent (`sent` is what libpq's send function said): the last
 * result, or the first error. Closes the connection when it broke or stayed silent. `what` begins the message. */
bool db_connection_receive(struct db_connection *connection, int sent, int64_t limit_ms, const char *what,
                           PGresult **ret_result, struct error *err) MUST_CHECK;

/* The error code of an SQLSTATE. Pure. */
enum error_code db_error_code(const char *sqlstate);

#endif
