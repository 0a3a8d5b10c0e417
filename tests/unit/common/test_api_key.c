#include "common/api_key.h"
#include "common/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_key_is_made_of_its_random_bytes(void **state) {
    (void)state;
    unsigned char random[API_KEY_RANDOM_SIZE];
    memset(random, 0xff, sizeof random);
    random[0] = 0xfb;
    char key[API_KEY_TEXT_SIZE];
    api_key_make(random, key);
    assert_string_equal(key, "sluice_-_________________________________________8");
    assert_true(api_key_valid(key));
}

static void keys_differ(void **state) {
    (void)state;
    char one[API_KEY_TEXT_SIZE];
    char two[API_KEY_TEXT_SIZE];
    api_key_new(one);
    api_key_new(two);
    assert_true(api_key_valid(one) && api_key_valid(two));
    assert_string_not_equal(one, two);
}

static void other_texts_are_no_keys(void **state) {
    (void)state;
    assert_false(api_key_valid(""));
    assert_false(api_key_valid("sluice_"));
    assert_false(api_key_valid("sluice_-_________________________________________"));
    assert_false(api_key_valid("sluice_-_________________________________________88"));
    assert_false(api_key_valid("sluice_-________________________________________+8"));
    assert_false(api_key_valid("Sluice_-_________________________________________8"));
}

static void the_hash_is_sha256_of_the_text(void **state) {
    (void)state;
    unsigned char hash[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    api_key_hash("abc", hash);
    encode_hex(hash, sizeof hash, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_of_its_random_bytes),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(other_texts_are_no_keys),
        cmocka_unit_test(the_hash_is_sha256_of_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
