/* libssl.so, as Debian 12's civetweb looks for it: the name that only the development package has, and the function that
 * OpenSSL 3 has under another one. All else comes from libssl.so.3, which this library needs. */
#include <openssl/ssl.h>

#undef SSL_get_peer_certificate
X509 *SSL_get_peer_certificate(const SSL *ssl);

X509 *SSL_get_peer_certificate(const SSL *ssl) {
    return SSL_get1_peer_certificate(ssl);
}
