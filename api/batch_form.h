/* The form by which photos come together into an album: the field album_id and 1 to so many parts `photos`, each a picture by its
 * type or name, in any order, and any other fields. Pure: what the photos hold goes to a sink. */
#ifndef SLUICE_API_BATCH_FORM_H
#define SLUICE_API_BATCH_FORM_H

#include "api/form_data.h"
#include "api/upload_policy.h"
#include "common/http_client.h"

enum { BATCH_FIELD_MAX = 4096, BATCH_FIELDS_MAX = 32 };

struct batch_form {
    /* Set by the caller. */
    struct json_reader *complaints; /* what is wrong with which field */
    size_t photos_max;
    /* Called once, when the album and the first photo are there, whichever comes first; and before each photo, whose name and type
     * are set. */
    bool (*open)(void *context, const struct batch_form *form, struct error *err);
    bool (*begin)(void *context, const struct batch_form *form, struct error *err);
    http_sink sink;
    bool (*end)(void *context, const struct batch_form *form, struct error *err);
    void *context; /* of all four */

    /* What the form said. */
    char album_id[ID_TEXT_SIZE]; /* lower case; "": not yet */
    struct buf csrf_token;       /* "": none */
    struct buf filename;         /* of the photo under way */
    char content_type[MEDIA_TYPE_SIZE];
    size_t photo_count;

    /* Private. */
    int field_count;
    bool in_photo;
    struct buf *field; /* that is being read: one of the next two, or csrf_token */
    struct buf album_text;
    struct buf ignored;
};
void batch_form_free(struct batch_form *form);

/* A handler that fills the form, which must stay. VALIDATION_FAILED with complaints, ALBUM_NOT_FOUND for what is no id,
 * UNSUPPORTED_TYPE, or what the caller's functions say, as soon as something is wrong. */
struct form_handler batch_form_handler(struct batch_form *form);

/* After the end of the body: VALIDATION_FAILED when there was no photo, or no album. */
bool batch_form_check(struct batch_form *form, struct error *err) MUST_CHECK;

/* An album's id, from a field: lower case. ALBUM_NOT_FOUND when it is none. */
bool batch_form_album_id(const char *text, char ret_album_id[ID_TEXT_SIZE], struct error *err) MUST_CHECK;

#endif
