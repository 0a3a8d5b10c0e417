/* Keys of objects and ids of media, as stores and clients send them; and the keys that are made of any word and name. */
#include "common/media_key.h"
#include "tests/fuzz/fuzz.h"

static const char file_id[] = "0190a000-0000-7000-8000-000000000001";

static void check_key(const char *text) {
    struct media_key key;
    char media_id[MEDIA_ID_SIZE];
    media_id_of(text, file_id, media_id);
    if (!media_key_parse(text, &key)) {
        require_same(media_id, file_id, "a key of no pattern has the file's id");
        return;
    }
    require(key.kind < MEDIA_KIND_COUNT, "a key has a kind");
    require(key.filename >= text && key.filename < text + strlen(text) && strchr(key.filename, '/') == NULL,
            "a key ends with a name");
    require(key.index >= 0 && key.index <= MEDIA_INDEX_MAX, "an index is in its range");
    require(media_word_valid(key.owner_of), "what a key belongs to is a word");
    if (key.kind != MEDIA_GENERATED) {
        require(key.index == 0, "only generated images have an index");
        require_same(media_id, file_id, "albums and avatars have the file's id");
        return;
    }
    char generation_id[MEDIA_WORD_SIZE];
    int64_t index = -1;
    require(media_id_parse_generated(media_id, generation_id, &index) && index == key.index,
            "the id of a generated image leads back");
    require_same(generation_id, key.owner_of, "to its generation");
}

static void check_id(const char *text) {
    char generation_id[MEDIA_WORD_SIZE];
    char media_id[MEDIA_ID_SIZE];
    int64_t index = 0;
    if (media_id_parse_generated(text, generation_id, &index)) {
        media_id_generated(generation_id, index, media_id);
        require_same(media_id, text, "an id is written in one way");
    }
}

static void check_made(const struct buf *made, enum media_kind kind, const char *word, int64_t index) {
    struct media_key key;
    require(media_key_parse(buf_text(made), &key), "a key that was made is of its pattern");
    require(key.kind == kind && key.index == index, "and says what it was made for");
    require_same(key.owner_of, word, "and for whom");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    _cleanup_(buf_free) struct buf avatar = {0};
    _cleanup_(buf_free) struct buf generated = {0};
    check_key(text);
    check_id(text);
    const char *word = media_word_valid(text) ? text : "word";
    media_key_avatar(&avatar, word, file_id, utf8_valid(text, strlen(text)) ? text : "a.jpg");
    check_made(&avatar, MEDIA_AVATAR, word, 0);
    int64_t index = (int64_t)(length * 7919 % (MEDIA_INDEX_MAX + 1));
    media_key_generated(&generated, word, file_id, index);
    check_made(&generated, MEDIA_GENERATED, word, index);
    return 0;
}
