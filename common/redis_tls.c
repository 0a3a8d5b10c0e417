#include "common/redis_tls.h"

#include "common/xalloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct redis_tls {
    SSL *ssl;
};

static bool refused(const char *what, struct error *err) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    ERR_clear_error();
    return error_set(err, ERROR_REDIS_UNAVAILABLE, "TLS: %s: %s", what, reason == NULL ? "no answer" : reason);
}

/* The system's CAs by their folder: each connection would otherwise hold all of them. */
static bool trust(SSL_CTX *context, const char *ca_file, struct error *err) {
    int trusted = ca_file == NULL ? SSL_CTX_set_default_verify_dir(context)
                                  : SSL_CTX_load_verify_locations(context, ca_file, NULL);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return trusted == 1 || refused(ca_file == NULL ? "the system's CAs" : ca_file, err);
}

/* A name is also sent, so that a server with several certificates can choose. */
static bool expect_host(SSL *ssl, const char *host) {
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    }
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static bool shake_hands(SSL *ssl, struct error *err) {
    ERR_clear_error();
    if (SSL_connect(ssl) == 1) {
        return true;
    }
    long verdict = SSL_get_verify_result(ssl);
    if (verdict != X509_V_OK) {
        ERR_clear_error();
        return error_set(err, ERROR_REDIS_UNAVAILABLE, "TLS: the server's certificate: %s",
                         X509_verify_cert_error_string(verdict));
    }
    return refused("handshake", err);
}

bool redis_tls_open(int descriptor, const char *host, const char *ca_file, struct redis_tls **ret_tls,
                    struct error *err) {
    _cleanup_(redis_tls_freep) struct redis_tls *tls = xcalloc(1, sizeof *tls);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) {
        return refused("context", err);
    }
    bool trusted = trust(context, ca_file, err);
    tls->ssl = trusted ? SSL_new(context) : NULL;
    SSL_CTX_free(context); /* the connection keeps it */
    if (tls->ssl == NULL) {
        return trusted ? refused("connection", err) : false;
    }
    if (SSL_set_fd(tls->ssl, descriptor) != 1 || !expect_host(tls->ssl, host)) {
        return refused(host, err);
    }
    if (!shake_hands(tls->ssl, err)) {
        return false;
    }
    *ret_tls = take_ptr(tls);
    return true;
}

void redis_tls_free(struct redis_tls *tls) {
    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls);
    }
}

/* As errno tells it of a socket. */
static void set_errno(struct redis_tls *tls, int result) {
    int reason = SSL_get_error(tls->ssl, result);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
    } else if (reason != SSL_ERROR_SYSCALL || errno == 0) {
        errno = ECONNRESET;
    }
    ERR_clear_error();
}

bool redis_tls_write(struct redis_tls *tls, const void *bytes, size_t length) {
    size_t written = 0;
    errno = 0;
    ERR_clear_error();
    int result = length == 0 ? 1 : SSL_write_ex(tls->ssl, bytes, length, &written);
    if (result != 1) {
        set_errno(tls, result);
    }
    return result == 1;
}

ssize_t redis_tls_read(struct redis_tls *tls, void *ret_bytes, size_t capacity) {
    errno = 0;
    ERR_clear_error();
    int length = SSL_read(tls->ssl, ret_bytes, capacity > INT_MAX ? INT_MAX : (int)capacity);
    if (length > 0) {
        return length;
    }
    if (SSL_get_error(tls->ssl, length) == SSL_ERROR_ZERO_RETURN) {
        return 0;
    }
    set_errno(tls, length);
    return -1;
}

bool redis_tls_has_more(const struct redis_tls *tls) {
    return SSL_pending(tls->ssl) > 0;
}
