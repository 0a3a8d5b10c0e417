/* Object keys and ids of media: pictures of albums, avatars of users, generated images. Pure.
 *
 *     albums/{album_id}/media/{file_id}-{safe name}
 *     users/{user_id}/avatar/{file_id}-{safe name}
 *     generated/{generation_id}/{file_id}_{index}.jpg
 *
 * Other programs may put objects under these patterns, too; then the last segment is what they say.
 */
#ifndef SLUICE_COMMON_MEDIA_KEY_H
#define SLUICE_COMMON_MEDIA_KEY_H

#include "common/buf.h"
#include "common/id.h"

enum media_kind { MEDIA_ALBUM, MEDIA_AVATAR, MEDIA_GENERATED, MEDIA_KIND_COUNT };

enum {
    MEDIA_WORD_SIZE = 129, /* of an id that is the client's word, with its NUL */
    MEDIA_ID_SIZE = MEDIA_WORD_SIZE + 11,
    MEDIA_INDEX_MAX = 999999,
};

/* Of what comes here as a prefix of keys; a NULL ends it. */
extern const char *const media_prefixes[];

/* As files.kind has it: "media", "avatar", "generated". */
const char *media_kind_name(enum media_kind kind);

/* Whether files of this kind are media. */
bool media_kind_is_media(const char *kind);

/* Ids of users and generations: [A-Za-z0-9._-]{1,128}, and neither "." nor "..". */
bool media_word_valid(const char *text);

void media_key_album(struct buf *out, const char *album_id, const char *file_id, const char *filename);
void media_key_avatar(struct buf *out, const char *user_id, const char *file_id, const char *filename);
void media_key_generated(struct buf *out, const char *generation_id, const char *file_id, int64_t index);

/* What a key says. */
struct media_key {
    enum media_kind kind;
    char owner_of[MEDIA_WORD_SIZE]; /* id of the album (lower case), user or generation */
    int64_t index;                  /* of a generated image; else 0 */
    const char *filename;           /* the last segment, within the key */
};

/* False for a key of another pattern. */
bool media_key_parse(const char *key, struct media_key *ret_key);

/* `{generation_id}_{index}`, as the ids of generated images are. */
void media_id_generated(const char *generation_id, int64_t index, char ret_media_id[MEDIA_ID_SIZE]);
bool media_id_parse_generated(const char *media_id, char ret_generation_id[MEDIA_WORD_SIZE], int64_t *ret_index);

/* The id that variants of a file are kept under: of a generated image its media id, else the file's own. */
void media_id_of(const char *object_key, const char *file_id, char ret_media_id[MEDIA_ID_SIZE]);

#endif
