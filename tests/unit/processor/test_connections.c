#include "processor/connections.h"

#include "settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void addresses_are_checked_without_connecting(void **state) {
    (void)state;
    struct config config = nothing_works();
    struct error err = {0};
    assert_true(connections_check(&config, &err));
}

static void a_malformed_address_is_named(void **state) {
    (void)state;
    static const struct {
        size_t field;
        const char *setting;
    } cases[] = {
        {offsetof(struct config, s3_endpoint), "SLUICE_S3_ENDPOINT"},
        {offsetof(struct config, metrics_listen), "SLUICE_METRICS_LISTEN"},
        {offsetof(struct config, redis_url), "SLUICE_REDIS_URL"},
        {offsetof(struct config, cache_redis_url), "SLUICE_CACHE_REDIS_URL"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static char nonsense[] = "gopher//nowhere";
        struct config config = nothing_works();
        struct error err = {0};
        *(char **)((char *)&config + cases[i].field) = nonsense;
        assert_false(connections_check(&config, &err));
        assert_int_equal(err.code, ERROR_CONFIG);
        assert_non_null(strstr(err.message, cases[i].setting));
    }
}

static void one_redis_serves_as_both_unless_the_cache_has_its_own(void **state) {
    (void)state;
    struct config config = nothing_works();
    struct connections connections;
    struct error err = {0};
    assert_true(connections_open(&config, "test", &connections, &err));
    assert_ptr_equal(connections.redis, connections.cache);
    connections_close(&connections);
    static char other[] = "redis://127.0.0.1:2";
    config.cache_redis_url = other;
    assert_true(connections_open(&config, "test", &connections, &err));
    assert_ptr_not_equal(connections.redis, connections.cache);
    connections_close(&connections);
    connections_close(&connections); /* harmless */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_checked_without_connecting),
        cmocka_unit_test(a_malformed_address_is_named),
        cmocka_unit_test(one_redis_serves_as_both_unless_the_cache_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
