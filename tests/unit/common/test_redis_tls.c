#include "common/redis_tls.h"

#include "common/xalloc.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A server that echoes until the client closes, with a certificate for redis.test that it signed itself. */
struct server {
    int ends[2]; /* the client's, the server's */
    SSL_CTX *context;
    pthread_t thread;
};

static char ca_file[] = "/tmp/sluice-redis-ca-XXXXXX";

static void *serve(void *argument) {
    struct server *server = argument;
    SSL *ssl = SSL_new(server->context);
    SSL_set_fd(ssl, server->ends[1]);
    if (SSL_accept(ssl) == 1) {
        char bytes[1000];
        int length = 0;
        while ((length = SSL_read(ssl, bytes, sizeof bytes)) > 0 && bytes[0] != 'Q') {
            SSL_write(ssl, bytes, length);
        }
        SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    close(server->ends[1]);
    return NULL;
}

static void use_certificate(SSL_CTX *context) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"redis.test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    _cleanup_(fclosep) FILE *file = fopen(ca_file, "we");
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void start(struct server *server) {
    const struct timeval patience = {.tv_usec = 300000};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, server->ends), 0);
    setsockopt(server->ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    server->context = SSL_CTX_new(TLS_server_method());
    use_certificate(server->context);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop(struct server *server) {
    close(server->ends[0]);
    pthread_join(server->thread, NULL);
    SSL_CTX_free(server->context);
}

static void bytes_go_both_ways_until_the_server_closes(void **state) {
    (void)state;
    struct server server;
    start(&server);
    struct error err = {0};
    struct redis_tls *tls = NULL;
    if (!redis_tls_open(server.ends[0], "redis.test", ca_file, &tls, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(redis_tls_write(tls, "", 0));
    assert_true(redis_tls_write(tls, "hello", 5));
    char bytes[10] = "";
    assert_int_equal(redis_tls_read(tls, bytes, 2), 2);
    assert_true(redis_tls_has_more(tls));
    assert_int_equal(redis_tls_read(tls, bytes + 2, 8), 3);
    assert_string_equal(bytes, "hello");
    assert_false(redis_tls_has_more(tls));
    assert_int_equal(redis_tls_read(tls, bytes, sizeof bytes), -1); /* nothing in time */
    assert_int_equal(errno, EAGAIN);
    assert_true(redis_tls_write(tls, "Quit", 4));
    assert_int_equal(redis_tls_read(tls, bytes, sizeof bytes), 0);
    redis_tls_free(tls);
    stop(&server);
}

static void refused(const char *host, const char *file, const char *reason) {
    struct server server;
    start(&server);
    struct error err = {0};
    struct redis_tls *tls = NULL;
    assert_false(redis_tls_open(server.ends[0], host, file, &tls, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    if (strstr(err.message, reason) == NULL) {
        fail_msg("%s", err.message);
    }
    stop(&server);
}

static void a_certificate_that_is_not_good_is_refused(void **state) {
    (void)state;
    refused("other.test", ca_file, "mismatch");
    refused("127.0.0.1", ca_file, "mismatch");
    refused("redis.test", NULL, "certificate");
    refused("redis.test", "/nonexistent/ca.pem", "/nonexistent/ca.pem");
}

static void what_speaks_no_tls_is_given_up(void **state) {
    (void)state;
    int ends[2];
    const struct timeval patience = {.tv_usec = 300000};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct error err = {0};
    struct redis_tls *tls = NULL;
    assert_false(redis_tls_open(ends[0], "redis.test", ca_file, &tls, &err)); /* it says nothing */
    assert_int_equal(send(ends[1], "-ERR no such command\r\n", 22, 0), 22);
    assert_false(redis_tls_open(ends[0], "redis.test", ca_file, &tls, &err));
    assert_int_equal(err.code, ERROR_REDIS_UNAVAILABLE);
    close(ends[0]);
    close(ends[1]);
}

static int prepare(void **state) {
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* as every program does */
    int file = mkstemp(ca_file);
    return file >= 0 ? close(file) : -1;
}

static int tidy(void **state) {
    (void)state;
    return unlink(ca_file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways_until_the_server_closes),
        cmocka_unit_test(a_certificate_that_is_not_good_is_refused),
        cmocka_unit_test(what_speaks_no_tls_is_given_up),
    };
    return cmocka_run_group_tests(tests, prepare, tidy);
}
