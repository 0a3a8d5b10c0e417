#include "tests/unit/vectors.h"

#include "common/id.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* RFC 9562, appendix A.6: 2022-02-22T19:22:22Z and its random bits. */
static void test_example_of_the_rfc(void **state) {
    (void)state;
    const unsigned char random[ID_RANDOM_SIZE] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    char text[ID_TEXT_SIZE];
    id_make(1645557742000, random, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

static void test_version_and_variant_whatever_the_random_bits(void **state) {
    (void)state;
    unsigned char random[ID_RANDOM_SIZE];
    char text[ID_TEXT_SIZE];
    memset(random, 0xff, sizeof random);
    id_make(INT64_C(0xffffffffffff), random, text);
    assert_string_equal(text, "ffffffff-ffff-7fff-bfff-ffffffffffff");
    memset(random, 0, sizeof random);
    id_make(0, random, text);
    assert_string_equal(text, "00000000-0000-7000-8000-000000000000");
}

static void test_new_ones_differ_and_follow_time(void **state) {
    (void)state;
    unsigned char random[ID_RANDOM_SIZE] = {0};
    char earlier[ID_TEXT_SIZE];
    char later[ID_TEXT_SIZE];
    id_new(earlier);
    id_new(later);
    assert_string_not_equal(earlier, later);
    assert_true(id_valid(earlier));
    memset(random, 0xff, sizeof random);
    id_make(1000, random, earlier);
    memset(random, 0, sizeof random);
    id_make(1001, random, later);
    assert_true(strcmp(earlier, later) < 0);
}

/* The random part, without the time. */
static const char *random_part(const char *id) {
    return id + strlen("017f22e2-79b0-7");
}

static void test_a_forked_child_makes_other_ones(void **state) {
    (void)state;
    char mine[ID_TEXT_SIZE];
    char childs[ID_TEXT_SIZE];
    id_new(mine); /* from here on there are random bytes ahead */
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        id_new(childs);
        _exit(write(ends[1], childs, sizeof childs) == sizeof childs ? 0 : 1);
    }
    id_new(mine);
    assert_int_equal(read(ends[0], childs, sizeof childs), sizeof childs);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    assert_string_not_equal(random_part(mine), random_part(childs));
}

static void test_a_thousand_differ(void **state) {
    (void)state;
    static char ids[1000][ID_TEXT_SIZE];
    for (size_t i = 0; i < 1000; i++) {
        id_new(ids[i]);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(random_part(ids[i]), random_part(ids[k]));
        }
    }
}

static void test_what_is_an_id(void **state) {
    (void)state;
    assert_true(id_valid("017F22E2-79b0-4cc3-98c4-dc0c0c07398f"));
    static const char *const bad[] = {
        "",
        "017f22e2",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e279b0-7cc3-98c4-dc0c0c07398f-",
        "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2-79b0-7cc3-98c4 dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c0739\xc3\xbc",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(id_valid(bad[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_of_the_rfc),
        cmocka_unit_test(test_version_and_variant_whatever_the_random_bits),
        cmocka_unit_test(test_new_ones_differ_and_follow_time),
        cmocka_unit_test(test_a_forked_child_makes_other_ones),
        cmocka_unit_test(test_a_thousand_differ),
        cmocka_unit_test(test_what_is_an_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
