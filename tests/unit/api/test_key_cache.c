#include "api/key_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void what_was_put_is_known_for_a_while(void **state) {
    (void)state;
    _cleanup_(key_cache_freep) struct key_cache *cache = key_cache_new();
    const unsigned char hash[SHA256_SIZE] = {1, 2, 3};
    const struct principal principal = {.owner_id = "o", .scopes = SCOPE_READ};
    struct principal found = {0};
    bool good = false;
    assert_false(key_cache_get(cache, hash, 1000, &good, &found));
    key_cache_put(cache, hash, 1000, &principal);
    assert_true(key_cache_get(cache, hash, 1000 + KEY_CACHE_TTL_MS - 1, &good, &found));
    assert_true(good);
    assert_string_equal(found.owner_id, "o");
    assert_int_equal(found.scopes, SCOPE_READ);
    assert_false(key_cache_get(cache, hash, 1000 + KEY_CACHE_TTL_MS, &good, &found));
}

static void bad_keys_are_known_too(void **state) {
    (void)state;
    _cleanup_(key_cache_freep) struct key_cache *cache = key_cache_new();
    const unsigned char hash[SHA256_SIZE] = {9};
    struct principal found = {.scopes = SCOPE_ADMIN};
    bool good = true;
    key_cache_put(cache, hash, 1, NULL);
    assert_true(key_cache_get(cache, hash, 2, &good, &found));
    assert_false(good);
    assert_int_equal(found.scopes, SCOPE_NONE);
}

static void keys_of_one_place_are_not_confused(void **state) {
    (void)state;
    _cleanup_(key_cache_freep) struct key_cache *cache = key_cache_new();
    const unsigned char one[SHA256_SIZE] = {7, 7, 1};
    const unsigned char two[SHA256_SIZE] = {7, 7, 2};
    const struct principal principal = {.owner_id = "o"};
    struct principal found;
    bool good = false;
    key_cache_put(cache, one, 1, &principal);
    assert_false(key_cache_get(cache, two, 1, &good, &found));
    key_cache_put(cache, two, 1, NULL);
    assert_false(key_cache_get(cache, one, 1, &good, &found));
}

static void a_token_is_known_no_longer_than_it_holds(void **state) {
    (void)state;
    _cleanup_(key_cache_freep) struct key_cache *cache = key_cache_new();
    const unsigned char hash[SHA256_SIZE] = {1};
    const struct principal principal = {.owner_id = "o"};
    struct principal found;
    bool good = false;
    key_cache_put_for(cache, hash, 1000, 20, &principal);
    assert_true(key_cache_get(cache, hash, 1019, &good, &found));
    assert_false(key_cache_get(cache, hash, 1020, &good, &found));
    key_cache_put_for(cache, hash, 1000, 3600000, &principal);
    assert_false(key_cache_get(cache, hash, 1000 + KEY_CACHE_TTL_MS, &good, &found));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_known_for_a_while),
        cmocka_unit_test(bad_keys_are_known_too),
        cmocka_unit_test(keys_of_one_place_are_not_confused),
        cmocka_unit_test(a_token_is_known_no_longer_than_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
