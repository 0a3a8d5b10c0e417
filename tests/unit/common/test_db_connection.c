#include "fake_server.h"

#include "common/db_connection.h"

#include "common/db.h"
#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void classes_of_errors(void **state) {
    (void)state;
    static const struct {
        const char *sqlstate;
        enum error_code code;
    } cases[] = {
        {"40001", ERROR_DATABASE_CONFLICT},    {"40P01", ERROR_DATABASE_CONFLICT},
        {"40002", ERROR_DATABASE_ERROR},       {"08006", ERROR_DATABASE_UNAVAILABLE},
        {"53300", ERROR_DATABASE_UNAVAILABLE}, {"53100", ERROR_DATABASE_UNAVAILABLE},
        {"57P01", ERROR_DATABASE_UNAVAILABLE}, {"57P03", ERROR_DATABASE_UNAVAILABLE},
        {"57014", ERROR_DATABASE_UNAVAILABLE}, {"55P03", ERROR_DATABASE_UNAVAILABLE},
        {"25006", ERROR_DATABASE_UNAVAILABLE}, {"23505", ERROR_DATABASE_ERROR},
        {"22P02", ERROR_DATABASE_ERROR},       {"42601", ERROR_DATABASE_ERROR},
        {"XX000", ERROR_DATABASE_ERROR},       {"", ERROR_DATABASE_ERROR},
        {NULL, ERROR_DATABASE_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(db_error_code(cases[i].sqlstate), cases[i].code);
    }
}

static bool open_and_close(struct db_connection *connection, const char *url, struct error *err) {
    _cleanup_(freep) char *kept_url = xstrdup(url);
    _cleanup_(freep) char *application = xstrdup("test");
    *connection = (struct db_connection){.url = kept_url, .application = application};
    connection->gate = &connection->own_gate;
    bool opened = db_connection_open(connection, err);
    db_connection_close(connection);
    return opened;
}

static void a_url_that_cannot_be_read_is_not_repeated(void **state) {
    (void)state;
    static const char *const urls[] = {"postgresql://u:secret@[::1/db",
                                       "postgresql://u:secret@h/db?nonsense=1",
                                       "postgresql://u:secret@h:5432:1/db",
                                       "postgresql://u:secret%4@h/db",
                                       "secret",
                                       "mysql://u:secret@h/db",
                                       "postgresql://u:secret@h:port/db",
                                       "postgresql://u:secret@h:0/db",
                                       "postgresql://u:secret@h:1,i:65536/db"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct db_connection connection;
        struct error err = {0};
        assert_false(open_and_close(&connection, urls[i], &err));
        assert_null(strstr(err.message, "secret"));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_false(db_url_check(urls[i], &err));
        assert_null(strstr(err.message, "secret"));
    }
}

static void urls_that_libpq_reads_are_taken(void **state) {
    (void)state;
    static const char *const urls[] = {"postgresql://u:secret@h/db", "postgres://h,i:5433/db?sslmode=verify-full",
                                       "postgresql:///db", "host=h port=5432 dbname=db", "postgresql://%2Ftmp:5432/db"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct error err = {0};
        assert_true(db_url_check(urls[i], &err));
    }
}

static void a_refused_connection_tells_the_reason_only(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port);
    _cleanup_(freep) char *url = xasprintf("postgresql://u:secret@127.0.0.1:%d/db", port);
    struct db_connection connection;
    struct error err = {0};
    assert_false(open_and_close(&connection, url, &err));
    assert_int_equal(err.code, ERROR_DATABASE_UNAVAILABLE);
    assert_string_equal(err.message, "cannot connect: Connection refused");
    close(listener);
}

static void a_failed_attempt_is_remembered(void **state) {
    (void)state;
    int port = 0;
    int listener = fake_server_bind(&port);
    _cleanup_(freep) char *url = xasprintf("postgresql://u@127.0.0.1:%d/db", port);
    struct db_connection connection = {.url = url, .application = url};
    connection.gate = &connection.own_gate;
    struct error err = {0};
    assert_false(db_connection_alive(&connection));
    assert_false(db_connection_open(&connection, &err));
    assert_false(db_connection_open(&connection, &err));
    assert_string_equal(err.message, "cannot connect: an attempt failed a moment ago");
    close(listener);
}

static void the_limit_is_longer_than_the_servers_own(void **state) {
    (void)state;
    struct db_connection connection = {.statement_timeout_ms = 0};
    assert_int_equal(db_connection_limit_ms(&connection), 0);
    connection.statement_timeout_ms = 3000;
    assert_true(db_connection_limit_ms(&connection) > 3000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_errors),
        cmocka_unit_test(a_url_that_cannot_be_read_is_not_repeated),
        cmocka_unit_test(urls_that_libpq_reads_are_taken),
        cmocka_unit_test(a_refused_connection_tells_the_reason_only),
        cmocka_unit_test(a_failed_attempt_is_remembered),
        cmocka_unit_test(the_limit_is_longer_than_the_servers_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
