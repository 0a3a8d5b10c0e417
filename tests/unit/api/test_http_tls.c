#include "api/http_tls.h"

#include "common/xalloc.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char folder[] = "/tmp/sluice-tls-XXXXXX";

static char *path_of(const char *name) {
    return xasprintf("%s/%s", folder, name);
}

/* A key, and a certificate for it that it signed itself, as NAME.key and NAME.pem. */
static void make_certificate(const char *name) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    _cleanup_(freep) char *key_name = xasprintf("%s.key", name);
    _cleanup_(freep) char *cert_name = xasprintf("%s.pem", name);
    _cleanup_(freep) char *key_path = path_of(key_name);
    _cleanup_(freep) char *cert_path = path_of(cert_name);
    _cleanup_(fclosep) FILE *key_file = fopen(key_path, "we");
    _cleanup_(fclosep) FILE *cert_file = fopen(cert_path, "we");
    assert_int_equal(PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_X509(cert_file, certificate), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static bool check(const char *cert, const char *key, struct error *err) {
    _cleanup_(freep) char *cert_path = path_of(cert);
    _cleanup_(freep) char *key_path = path_of(key);
    const struct http_tls tls = {cert_path, key_path};
    return http_tls_check(&tls, err);
}

static void a_key_and_its_certificate_are_taken(void **state) {
    (void)state;
    struct error err = {0};
    if (!check("a.pem", "a.key", &err)) {
        fail_msg("%s", err.message);
    }
}

static void without_files_there_is_no_tls(void **state) {
    (void)state;
    struct error err = {0};
    assert_true(http_tls_check(&(const struct http_tls){0}, &err));
    assert_true(http_tls_check(&(const struct http_tls){"", ""}, &err));
}

static void what_does_not_fit_names_the_setting(void **state) {
    (void)state;
    static const struct {
        const char *cert, *key, *setting;
    } cases[] = {
        {"a.pem", "b.key", "SLUICE_TLS_KEY_FILE"},  {"a.pem", "none", "SLUICE_TLS_KEY_FILE"},
        {"a.pem", "a.pem", "SLUICE_TLS_KEY_FILE"},  {"none", "a.key", "SLUICE_TLS_CERT_FILE"},
        {"a.key", "a.key", "SLUICE_TLS_CERT_FILE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = {0};
        assert_false(check(cases[i].cert, cases[i].key, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, cases[i].setting));
    }
    struct error err = {0};
    assert_false(http_tls_check(&(const struct http_tls){"a.pem", ""}, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
    assert_false(http_tls_check(&(const struct http_tls){NULL, "a.key"}, &err));
}

static int prepare(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    make_certificate("a");
    make_certificate("b");
    return 0;
}

static int tidy(void **state) {
    (void)state;
    static const char *const names[] = {"a.key", "a.pem", "b.key", "b.pem"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        _cleanup_(freep) char *path = path_of(names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_and_its_certificate_are_taken),
        cmocka_unit_test(without_files_there_is_no_tls),
        cmocka_unit_test(what_does_not_fit_names_the_setting),
    };
    return cmocka_run_group_tests(tests, prepare, tidy);
}
