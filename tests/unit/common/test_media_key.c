#include "common/media_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ID "0190a000-0000-7000-8000-000000000001"
#define ALBUM "0190a000-0000-7000-8000-00000000000a"

static void each_kind_has_its_pattern(void **state) {
    (void)state;
    _cleanup_(buf_free) struct buf album = {0};
    _cleanup_(buf_free) struct buf avatar = {0};
    _cleanup_(buf_free) struct buf generated = {0};
    media_key_album(&album, ALBUM, ID, "Größe 1+2.jpg");
    media_key_avatar(&avatar, "user.7", ID, "me.png");
    media_key_generated(&generated, "gen-1_2", ID, 3);
    assert_string_equal(album.data, "albums/" ALBUM "/media/" ID "-Größe_1_2.jpg");
    assert_string_equal(avatar.data, "users/user.7/avatar/" ID "-me.png");
    assert_string_equal(generated.data, "generated/gen-1_2/" ID "_3.jpg");
}

/* Whatever a file is called, its key stays under its pattern and within what stores take. */
static void hostile_names_stay_in_their_place(void **state) {
    (void)state;
    static const char *const names[] = {"../../etc/passwd", "..%2f..%2f", "a\\b",  "a?X-Amz-Signature=1#", "%2e%2e",
                                        "<script>",         "a b\tc",     "$(id)", "' OR 1=1 --",          "."};
    char longest[1025];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i <= sizeof names / sizeof names[0]; i++) {
        _cleanup_(buf_free) struct buf key = {0};
        struct media_key parsed;
        media_key_album(&key, ALBUM, ID, i < sizeof names / sizeof names[0] ? names[i] : longest);
        assert_true(media_key_parse(key.data, &parsed));
        assert_int_equal(parsed.kind, MEDIA_ALBUM);
        assert_string_equal(parsed.owner_of, ALBUM);
        assert_int_equal(strncmp(parsed.filename, ID "-", sizeof ID), 0);
        assert_int_equal(strcspn(key.data, "?#%\\ <>'$\t"), key.length);
        assert_in_range(strlen(parsed.filename), 1, 255);
    }
}

static void keys_say_what_they_belong_to(void **state) {
    (void)state;
    struct media_key key;
    assert_true(media_key_parse("albums/0190A000-0000-7000-8000-00000000000A/media/any name.jpg", &key));
    assert_string_equal(key.owner_of, ALBUM);
    assert_string_equal(key.filename, "any name.jpg");
    assert_true(media_key_parse("users/u/avatar/x", &key));
    assert_int_equal(key.kind, MEDIA_AVATAR);
    assert_true(media_key_parse("generated/g/any_thing_12.jpg", &key));
    assert_int_equal(key.kind, MEDIA_GENERATED);
    assert_string_equal(key.owner_of, "g");
    assert_int_equal(key.index, 12);
}

static void other_keys_are_of_no_pattern(void **state) {
    (void)state;
    static const char *const keys[] = {"",
                                       "files/" ID "/x",
                                       "albums/",
                                       "albums/x/media/y",
                                       "albums/" ALBUM "/media/",
                                       "albums/" ALBUM "/media/a/b",
                                       "albums/" ALBUM "/other/a",
                                       "albums/" ALBUM,
                                       "users//avatar/x",
                                       "users/../avatar/x",
                                       "users/a b/avatar/x",
                                       "users/u/avatar/",
                                       "generated/g/x.jpg",
                                       "generated/g/_1.jpg",
                                       "generated/g/x_1.png",
                                       "generated/g/x_01.jpg",
                                       "generated/g/x_-1.jpg",
                                       "generated/g/x_1000000.jpg",
                                       "generated/g/x_99999999999999999999.jpg",
                                       "generated/./x_1.jpg",
                                       "xalbums/" ALBUM "/media/y",
                                       "thumbnails/" ID "/small.webp"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct media_key key;
        if (media_key_parse(keys[i], &key)) {
            fail_msg("%s", keys[i]);
        }
    }
}

static void words_are_safe_in_a_key(void **state) {
    (void)state;
    char word[MEDIA_WORD_SIZE + 1];
    memset(word, 'w', sizeof word);
    word[MEDIA_WORD_SIZE] = '\0';
    assert_false(media_word_valid(word));
    word[MEDIA_WORD_SIZE - 1] = '\0';
    assert_true(media_word_valid(word));
    assert_true(media_word_valid("a.B-c_9"));
    static const char *const wrong[] = {"", ".", "..", "a/b", "a b", "ä", "a%2f", "a\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(media_word_valid(wrong[i]));
    }
}

static void ids_of_generated_images_come_back(void **state) {
    (void)state;
    char media_id[MEDIA_ID_SIZE];
    char generation_id[MEDIA_WORD_SIZE];
    int64_t index = -1;
    media_id_generated("a_1", 2, media_id);
    assert_string_equal(media_id, "a_1_2");
    assert_true(media_id_parse_generated(media_id, generation_id, &index));
    assert_string_equal(generation_id, "a_1");
    assert_int_equal(index, 2);
    static const char *const wrong[] = {"", "_1", "a", "a_", "a_x", "a_01", "a_1_", "../a_1", "a_1000000"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(media_id_parse_generated(wrong[i], generation_id, &index));
    }
}

static void variants_are_kept_under_the_media_id(void **state) {
    (void)state;
    char media_id[MEDIA_ID_SIZE];
    media_id_of("generated/g/" ID "_4.jpg", ID, media_id);
    assert_string_equal(media_id, "g_4");
    media_id_of("albums/" ALBUM "/media/a.jpg", ID, media_id);
    assert_string_equal(media_id, ID);
    media_id_of("files/" ID "/a.jpg", ID, media_id);
    assert_string_equal(media_id, ID);
}

static void kinds_have_names(void **state) {
    (void)state;
    assert_string_equal(media_kind_name(MEDIA_GENERATED), "generated");
    assert_true(media_kind_is_media("avatar"));
    assert_false(media_kind_is_media("file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_pattern),
        cmocka_unit_test(hostile_names_stay_in_their_place),
        cmocka_unit_test(keys_say_what_they_belong_to),
        cmocka_unit_test(other_keys_are_of_no_pattern),
        cmocka_unit_test(words_are_safe_in_a_key),
        cmocka_unit_test(ids_of_generated_images_come_back),
        cmocka_unit_test(variants_are_kept_under_the_media_id),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
