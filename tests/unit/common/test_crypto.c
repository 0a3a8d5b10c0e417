#include "tests/unit/vectors.h"

#include "common/crypto.h"
#include "common/encode.h"

#include <string.h>

/* FIPS 180-4 examples. */
static void test_sha256(void **state) {
    (void)state;
    char hex[SHA256_HEX_SIZE];
    sha256_hex_of("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_hex_of("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_sha256_in_pieces(void **state) {
    (void)state;
    unsigned char digest[SHA256_SIZE];
    unsigned char whole[SHA256_SIZE];
    char text[1000];
    memset(text, 'a', sizeof text);
    _cleanup_(sha256_freep) struct sha256 *hash = sha256_new();
    for (size_t i = 0; i < sizeof text; i += 125) {
        sha256_update(hash, text + i, 125);
    }
    sha256_finish(hash, digest);
    sha256_of(text, sizeof text, whole);
    assert_memory_equal(digest, whole, sizeof digest);
    sha256_free(NULL);
}

/* RFC 4231, 4.2 to 4.8 (5, which cuts the result, left out). */
static const struct {
    int key_byte; /* repeated; 0: bytes from 1 up; -1: "Jefe" */
    size_t key_length;
    int data_byte; /* repeated 50 times; 0: the text */
    const char *data;
    const char *digest;
} rfc4231[] = {
    {0x0b, 20, 0, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {-1, 4, 0, "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {0xaa, 20, 0xdd, NULL, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {0, 25, 0xcd, NULL, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {0xaa, 131, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {0xaa, 131, 0,
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
     "before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void fill_key(size_t i, unsigned char ret_key[140]) {
    for (size_t k = 0; k < rfc4231[i].key_length; k++) {
        ret_key[k] = rfc4231[i].key_byte > 0 ? (unsigned char)rfc4231[i].key_byte : (unsigned char)(k + 1);
    }
    if (rfc4231[i].key_byte < 0) {
        memcpy(ret_key, "Jefe", 4);
    }
}

static void test_hmac(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rfc4231 / sizeof rfc4231[0]; i++) {
        unsigned char key[140];
        char repeated[51] = {0};
        unsigned char expected[SHA256_SIZE];
        unsigned char digest[SHA256_SIZE];
        fill_key(i, key);
        memset(repeated, rfc4231[i].data_byte, 50);
        const char *data = rfc4231[i].data != NULL ? rfc4231[i].data : repeated;
        assert_true(decode_hex(rfc4231[i].digest, expected, sizeof expected));
        hmac_sha256(key, rfc4231[i].key_length, data, strlen(data), digest);
        assert_memory_equal(digest, expected, sizeof digest);
        _cleanup_(hmac_key_freep) struct hmac_key *ready = hmac_key_new(key, rfc4231[i].key_length);
        for (int again = 0; again < 3; again++) {
            memset(digest, 0, sizeof digest);
            hmac_key_digest(ready, data, strlen(data), digest);
            assert_memory_equal(digest, expected, sizeof digest);
        }
    }
    hmac_key_free(NULL);
}

static void test_sealed_bytes_are_opened_unchanged_or_not_at_all(void **state) {
    (void)state;
    static const char text[] = "twenty-four bytes of it";
    unsigned char key[SHA256_SIZE] = {1};
    unsigned char sealed[sizeof text + AEAD_OVERHEAD];
    unsigned char again[sizeof text + AEAD_OVERHEAD];
    char opened[sizeof text];
    aead_seal(key, "context", text, sizeof text, sealed);
    aead_seal(key, "context", text, sizeof text, again);
    assert_memory_not_equal(sealed, again, sizeof sealed);
    assert_true(aead_open(key, "context", sealed, sizeof sealed, (unsigned char *)opened));
    assert_memory_equal(opened, text, sizeof text);
    assert_false(aead_open(key, "another", sealed, sizeof sealed, (unsigned char *)opened));
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_false(aead_open(key, "context", sealed, sizeof sealed, (unsigned char *)opened));
        sealed[i] ^= 1;
    }
    key[0] = 2;
    assert_false(aead_open(key, "context", sealed, sizeof sealed, (unsigned char *)opened));
    assert_false(aead_open(key, "context", sealed, AEAD_OVERHEAD - 1, (unsigned char *)opened));
}

static void test_random_and_equality(void **state) {
    (void)state;
    unsigned char one[32];
    unsigned char two[32];
    random_bytes(one, sizeof one);
    random_bytes(two, sizeof two);
    assert_false(bytes_equal(one, two, sizeof one));
    memcpy(two, one, sizeof one);
    assert_true(bytes_equal(one, two, sizeof one));
    two[31] ^= 1;
    assert_false(bytes_equal(one, two, sizeof one));
    assert_true(bytes_equal(one, two, 31));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_sha256_in_pieces),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_sealed_bytes_are_opened_unchanged_or_not_at_all),
        cmocka_unit_test(test_random_and_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
