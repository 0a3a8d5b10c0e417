/* What a file is by its first bytes: a line with the declared media type, then the content. */
#include "processor/file_type.h"
#include "tests/fuzz/fuzz.h"

static bool is_same(const char *left, const char *right) {
    return left == right || (left != NULL && right != NULL && strcmp(left, right) == 0);
}

static void check_content(const void *head, size_t length, const char *declared) {
    char room[FILE_TYPE_SIZE];
    char room_alone[FILE_TYPE_SIZE];
    const char *type = file_type_detect(head, length, declared, room);
    const char *alone = file_type_detect(head, length, NULL, room_alone);
    require((type == NULL) == (alone == NULL), "what is declared makes nothing known");
    require(file_type_agrees(head, length, NULL), "no type agrees with everything");
    if (type == NULL) {
        return;
    }
    require(strlen(type) < FILE_TYPE_SIZE && strchr(type, '/') != NULL, "a media type is one");
    require(file_type_agrees(head, length, alone), "content agrees with what it is");
    require(file_type_agrees(head, length, type), "and with what it is called");
    require(is_same(type, alone) || file_type_agrees(head, length, declared), "a false name is not taken over");
}

/* Only so many bytes are looked at, whatever follows. */
static void check_head(const void *content, size_t length, const char *declared) {
    char room[FILE_TYPE_SIZE];
    char room_whole[FILE_TYPE_SIZE];
    size_t head = length < FILE_TYPE_HEAD_BYTES ? length : FILE_TYPE_HEAD_BYTES;
    require(is_same(file_type_detect(content, head, declared, room),
                    file_type_detect(content, length, declared, room_whole)),
            "what follows the head says nothing");
    require(file_type_agrees(content, head, declared) == file_type_agrees(content, length, declared),
            "and does not change what it agrees with");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const uint8_t *end = length > 0 ? memchr(bytes, '\n', length) : NULL;
    size_t line = end != NULL ? (size_t)(end - bytes) : length;
    size_t rest = end != NULL ? length - line - 1 : 0;
    _cleanup_(freep) char *declared = text_of(bytes, line);
    _cleanup_(freep) void *content = xmalloc(rest + (rest == 0));
    if (rest > 0) {
        memcpy(content, end + 1, rest);
    }
    check_content(content, rest, declared);
    check_head(content, rest, declared);
    return 0;
}
