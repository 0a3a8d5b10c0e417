/* TLS of the HTTP server, by OpenSSL: what is done to the context that civetweb makes. TLS 1.2 and 1.3, and of 1.2 only the
 * suites with forward secrecy and authenticated encryption (RFC 9325, section 4.2). */
#ifndef SLUICE_API_HTTP_TLS_H
#define SLUICE_API_HTTP_TLS_H

#include "common/error.h"

/* PEM files. `cert_file` NULL or "": no TLS. */
struct http_tls {
    const char *cert_file; /* the server's certificate first, then those between it and the root */
    const char *key_file;  /* without a passphrase */
};

/* Both files are named, or none; they can be read, and belong together. ERROR_CONFIG. */
bool http_tls_check(const struct http_tls *tls, struct error *err) MUST_CHECK;

/* `ssl_context` is an SSL_CTX. ERROR_CONFIG. */
bool http_tls_configure(const struct http_tls *tls, void *ssl_context, struct error *err) MUST_CHECK;

#endif
