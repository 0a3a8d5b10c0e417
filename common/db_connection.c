#include "common/db_connection.h"

#include "common/clock.h"
#include "common/db.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <poll.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 5000, /* as in the options below */
    ANSWER_GRACE_MS = 5000,    /* beyond the server's own statement timeout, before the server counts as gone */
};

enum error_code db_error_code(const char *sqlstate) {
    static const struct {
        const char *prefix;
        enum error_code code;
    } classes[] = {
        {"40001", ERROR_DATABASE_CONFLICT},    /* serialization failure */
        {"40P01", ERROR_DATABASE_CONFLICT},    /* deadlock */
        {"08", ERROR_DATABASE_UNAVAILABLE},    /* connection exception */
        {"53", ERROR_DATABASE_UNAVAILABLE},    /* disk full, out of memory, too many connections */
        {"57P0", ERROR_DATABASE_UNAVAILABLE},  /* shutdown, crash, starting up */
        {"57014", ERROR_DATABASE_UNAVAILABLE}, /* statement timeout */
        {"55P03", ERROR_DATABASE_UNAVAILABLE}, /* lock not available */
        {"25006", ERROR_DATABASE_UNAVAILABLE}, /* read-only: a standby, after a failover */
    };
    for (size_t i = 0; sqlstate != NULL && i < sizeof classes / sizeof classes[0]; i++) {
        if (strncmp(sqlstate, classes[i].prefix, strlen(classes[i].prefix)) == 0) {
            return classes[i].code;
        }
    }
    return ERROR_DATABASE_ERROR;
}

/* Notices go nowhere: libpq would print them on stderr, between the lines of the log. */
static void drop_notice(void *context, const PGresult *notice) {
    (void)context;
    (void)notice;
}

static void conninfo_freep(PQconninfoOption **options) {
    PQconninfoFree(*options);
}

static const char look_ups_only[] = " -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off"
                                    " -c enable_mergejoin=off -c jit=off";

/* One port, or one for each host, separated by commas; empty ones are the default. */
static bool are_ports(const char *text) {
    _cleanup_(freep) char *copy = xstrdup(text);
    char *rest = copy;
    for (char *port = strsep(&rest, ","); port != NULL; port = strsep(&rest, ",")) {
        int64_t number = 0;
        if (*port != '\0' && !parse_int64(port, 1, 65535, &number)) {
            return false;
        }
    }
    return true;
}

/* NULL when libpq cannot read the URL, or could not connect to any server by it. */
static PQconninfoOption *parse_url(const char *url) {
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    for (const PQconninfoOption *option = parsed; option != NULL && option->keyword != NULL; option++) {
        if (strcmp(option->keyword, "port") == 0 && option->val != NULL && !are_ports(option->val)) {
            PQconninfoFree(parsed);
            return NULL;
        }
    }
    return parsed;
}

static bool refuse_url(struct error *err) {
    return error_set(err, ERROR_CONFIG,
                     "the database URL must look like postgresql://user:password@host:5432/name, as libpq reads it");
}

bool db_url_check(const char *url, struct error *err) {
    _cleanup_(conninfo_freep) PQconninfoOption *parsed = parse_url(url);
    return parsed != NULL || refuse_url(err);
}

/* The `options` of the URL with ours behind them. */
static bool server_options(const struct db_connection *connection, char **ret_options, struct error *err) {
    _cleanup_(conninfo_freep) PQconninfoOption *parsed = parse_url(connection->url);
    if (parsed == NULL) {
        return refuse_url(err);
    }
    const char *given = "";
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++) {
        if (strcmp(option->keyword, "options") == 0 && option->val != NULL) {
            given = option->val;
        }
    }
    *ret_options =
        xasprintf("%s -c statement_timeout=%lld -c idle_in_transaction_session_timeout=30000%s%s", given,
                  (long long)connection->statement_timeout_ms, connection->plans_look_ups ? look_ups_only : "",
                  connection->commits_without_wait ? " -c synchronous_commit=off" : "");
    return true;
}

/* The reason at the end of libpq's message, without the address before it, which a mistyped URL could turn into a password. */
static bool connect_failed(const PGconn *pg, struct error *err) {
    const char *message = pg == NULL ? "out of memory" : PQerrorMessage(pg);
    const char *reason = message;
    for (const char *next = message; (next = strstr(next, "failed: ")) != NULL;) {
        next += strlen("failed: ");
        reason = next;
    }
    if (reason == message && strrchr(message, ':') != NULL) {
        reason = strrchr(message, ':') + 1;
    }
    reason += strspn(reason, " ");
    return error_set(err, ERROR_DATABASE_UNAVAILABLE, "cannot connect: %.*s", (int)strcspn(reason, "\n"), reason);
}

static bool open_now(struct db_connection *connection, struct error *err) {
    _cleanup_(freep) char *options = NULL;
    if (!server_options(connection, &options, err)) {
        return false;
    }
    /* What comes before dbname can be changed by the URL. Keepalives and user timeout: a cut network is noticed in 15 s. */
    const char *const names[] = {
        "connect_timeout", "keepalives_idle",  "keepalives_interval", "keepalives_count", "tcp_user_timeout",
        "dbname",          "application_name", "client_encoding",     "options",          NULL};
    const char *const values[] = {"5",    "9",     "2", "3", "15000", connection->url, connection->application,
                                  "UTF8", options, NULL};
    PGconn *pg = PQconnectdbParams(names, values, 1);
    if (PQstatus(pg) != CONNECTION_OK) {
        connect_failed(pg, err);
        PQfinish(pg);
        return false;
    }
    PQsetNoticeReceiver(pg, drop_notice, NULL);
    connection->pg = pg;
    return true;
}

bool db_connection_open(struct db_connection *connection, struct error *err) {
    db_connection_close(connection);
    if (!retry_gate_enter(connection->gate, clock_monotonic_ms(), CONNECT_TIMEOUT_MS)) {
        return error_set(err, ERROR_DATABASE_UNAVAILABLE, "cannot connect: an attempt failed a moment ago");
    }
    bool opened = open_now(connection, err);
    retry_gate_report(connection->gate, clock_monotonic_ms(), opened);
    return opened;
}

void db_connection_close(struct db_connection *connection) {
    PQfinish(take_ptr(connection->pg));
}

static int wait_readable(const PGconn *pg, int timeout_ms) {
    struct pollfd socket = {.fd = PQsocket(pg), .events = POLLIN};
    return poll(&socket, 1, timeout_ms);
}

bool db_connection_alive(const struct db_connection *connection) {
    /* Between statements the server only speaks to say a parameter's new value, or farewell. */
    for (int reads = 0; reads < 3; reads++) {
        if (connection->pg == NULL || PQstatus(connection->pg) != CONNECTION_OK) {
            return false;
        }
        if (wait_readable(connection->pg, 0) <= 0) {
            return true;
        }
        if (PQconsumeInput(connection->pg) == 0) {
            return false;
        }
        (void)PQisBusy(connection->pg);
    }
    return false;
}

/* True when PQgetResult will not block, false when the time is over. */
static bool wait_answer(PGconn *pg, int64_t deadline_ms) {
    while (PQisBusy(pg) == 1) {
        int64_t left_ms = deadline_ms - clock_monotonic_ms();
        if (deadline_ms != 0 && left_ms <= 0) {
            return false;
        }
        int readable = wait_readable(pg, deadline_ms == 0 ? -1 : (int)left_ms);
        if (readable > 0 && PQconsumeInput(pg) == 0) {
            return true;
        }
    }
    return true;
}

static bool is_good(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

/* Reads until the connection is idle again; false when the time is over. */
static bool collect(PGconn *pg, int64_t deadline_ms, PGresult **ret_result) {
    for (;;) {
        if (!wait_answer(pg, deadline_ms)) {
            return false;
        }
        PGresult *next = PQgetResult(pg);
        if (next == NULL) {
            return true;
        }
        bool keep_first = *ret_result != NULL && !is_good(*ret_result);
        PQclear(keep_first ? next : *ret_result);
        *ret_result = keep_first ? *ret_result : next;
    }
}

/* Messages of class 22 (data exceptions) quote the value they refuse. */
static bool refused(const PGresult *result, const char *what, struct error *err) {
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (sqlstate == NULL || message == NULL) {
        return error_set(err, ERROR_DATABASE_ERROR, "%s: no result", what);
    }
    size_t length = strncmp(sqlstate, "22", 2) == 0 ? strcspn(message, "\"") : strlen(message);
    return error_set(err, db_error_code(sqlstate), "%s: %s %.*s", what, sqlstate, (int)length, message);
}

static bool has_state(const PGresult *result, const char *sqlstate) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state != NULL && strcmp(state, sqlstate) == 0;
}

/* "cached plan must not change result type": the message is translated, the name of the function is not. */
static bool was_replanned(const PGresult *result) {
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return function != NULL && strcmp(function, "RevalidateCachedQuery") == 0;
}

int64_t db_connection_limit_ms(const struct db_connection *connection) {
    return connection->statement_timeout_ms == 0 ? 0 : connection->statement_timeout_ms + ANSWER_GRACE_MS;
}

bool db_connection_receive(struct db_connection *connection, int sent, int64_t limit_ms, const char *what,
                           PGresult **ret_result, struct error *err) {
    _cleanup_(db_pg_result_freep) PGresult *result = NULL;
    if (sent == 1 && !collect(connection->pg, limit_ms == 0 ? 0 : clock_monotonic_ms() + limit_ms, &result)) {
        db_connection_close(connection);
        return error_set(err, ERROR_DATABASE_UNAVAILABLE, "%s: no answer in time", what);
    }
    connection->stale = has_state(result, "26000") || was_replanned(result);
    connection->dismissed = has_state(result, "57P01");
    if (PQstatus(connection->pg) != CONNECTION_OK) {
        db_connection_close(connection);
        return error_set(err, ERROR_DATABASE_UNAVAILABLE, "%s: the connection was lost", what);
    }
    if (is_good(result)) {
        *ret_result = take_ptr(result);
        return true;
    }
    refused(result, what, err);
    if (has_state(result, "25006")) {
        db_connection_close(connection); /* the address may lead to the new primary by now */
    }
    return false;
}
