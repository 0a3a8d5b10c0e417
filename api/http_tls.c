#include "api/http_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

static const char ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

static bool is_set(const char *file) {
    return file != NULL && *file != '\0';
}

/* With OpenSSL's reason, which names no content of the file. */
static bool refuse(const char *setting, const char *file, struct error *err) {
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return error_set(err, ERROR_CONFIG, "%s: cannot use %s: %s", setting, file, reason == NULL ? "unknown" : reason);
}

/* Nobody is there to be asked for a passphrase. */
static int no_passphrase(char *buffer, int size, int is_writing, void *context) {
    (void)is_writing, (void)context;
    if (size > 0) {
        *buffer = '\0';
    }
    return -1;
}

bool http_tls_configure(const struct http_tls *tls, void *ssl_context, struct error *err) {
    SSL_CTX *context = ssl_context;
    ERR_clear_error();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_set_cipher_list(context, ciphers) != 1) {
        return refuse("TLS", "the list of ciphers", err);
    }
    if (SSL_CTX_use_certificate_chain_file(context, tls->cert_file) != 1) {
        return refuse("SLUICE_TLS_CERT_FILE", tls->cert_file, err);
    }
    if (SSL_CTX_use_PrivateKey_file(context, tls->key_file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        return refuse("SLUICE_TLS_KEY_FILE", tls->key_file, err);
    }
    return true;
}

bool http_tls_check(const struct http_tls *tls, struct error *err) {
    if (is_set(tls->cert_file) != is_set(tls->key_file)) {
        return error_set(err, ERROR_CONFIG,
                         "SLUICE_TLS_CERT_FILE and SLUICE_TLS_KEY_FILE are set together, or neither");
    }
    if (!is_set(tls->cert_file)) {
        return true;
    }
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        return error_set(err, ERROR_CONFIG, "OpenSSL makes no TLS context");
    }
    bool usable = http_tls_configure(tls, context, err);
    SSL_CTX_free(context);
    return usable;
}
