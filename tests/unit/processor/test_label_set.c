#include "processor/label_set.h"

#include "common/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct label_set made(const char *labels, const char *prompt) {
    struct error err = {0};
    struct label_set set = {0};
    assert_true(label_set_make(labels, prompt, &set, &err));
    return set;
}

static struct embedding vector(float x, float y) {
    struct embedding embedding = {.values = xcalloc(2, sizeof(float)), .count = 2};
    embedding.values[0] = x;
    embedding.values[1] = y;
    return embedding;
}

static void labels_go_into_their_sentence(void **state) {
    (void)state;
    _cleanup_(label_set_free) struct label_set set = made(" cat,, two words ,cat,hund", "a {} in a picture");
    assert_int_equal(set.count, 3);
    assert_string_equal(set.names[1], "two words");
    assert_string_equal(set.texts[1], "a two words in a picture");
    assert_string_equal(set.texts[2], "a hund in a picture");
}

static void without_labels_the_set_is_empty(void **state) {
    (void)state;
    struct error err = {0};
    struct tag tags[1];
    size_t count = 1;
    _cleanup_(label_set_free) struct label_set set = made("", "{}");
    _cleanup_(embedding_free) struct embedding picture = vector(1, 0);
    assert_int_equal(set.count, 0);
    assert_true(label_set_match(&set, &picture, 1, 0, tags, &count, &err));
    assert_int_equal(count, 0);
}

static void a_sentence_needs_a_place_for_the_label(void **state) {
    (void)state;
    struct error err = {0};
    struct label_set set = {0};
    assert_false(label_set_make("cat", "a photo", &set, &err));
    assert_int_equal(err.code, ERROR_CONFIG);
}

static void the_closest_come_first(void **state) {
    (void)state;
    struct error err = {0};
    struct tag tags[2];
    size_t count = 0;
    _cleanup_(label_set_free) struct label_set set = made("right,up,between,left", "{}");
    _cleanup_(embedding_free) struct embedding picture = vector(0.6F, 0.8F);
    set.embeddings[0] = vector(1, 0);
    set.embeddings[1] = vector(0, 1);
    set.embeddings[2] = vector(0.6F, 0.8F);
    set.embeddings[3] = vector(-1, 0);
    assert_true(label_set_match(&set, &picture, 2, 0.5F, tags, &count, &err));
    assert_int_equal(count, 2);
    assert_string_equal(tags[0].name, "between");
    assert_string_equal(tags[1].name, "up");
    assert_true(label_set_match(&set, &picture, 2, 0.9F, tags, &count, &err));
    assert_int_equal(count, 1);
}

static void vectors_of_another_model_do_not_go_together(void **state) {
    (void)state;
    struct error err = {0};
    struct tag tags[1];
    size_t count = 1;
    _cleanup_(label_set_free) struct label_set set = made("right", "{}");
    _cleanup_(embedding_free) struct embedding picture = vector(1, 0);
    set.embeddings[0] = vector(1, 0);
    picture.count = 1;
    assert_false(label_set_match(&set, &picture, 1, 0, tags, &count, &err));
    assert_int_equal(err.code, ERROR_ML_BAD_REPLY);
    assert_int_equal(count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_go_into_their_sentence),
        cmocka_unit_test(without_labels_the_set_is_empty),
        cmocka_unit_test(a_sentence_needs_a_place_for_the_label),
        cmocka_unit_test(the_closest_come_first),
        cmocka_unit_test(vectors_of_another_model_do_not_go_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
