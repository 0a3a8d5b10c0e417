/* An object on its way through the server into the store: counted, hashed and written to `staging/{file_id}/{safe name}` as its
 * bytes come. Nothing is visible before streamed_object_finish. */
#ifndef SLUICE_API_STREAMED_OBJECT_H
#define SLUICE_API_STREAMED_OBJECT_H

#include "api/api.h"
#include "common/s3_writer.h"

struct streamed_object {
    struct api *api;
    int64_t limit;     /* bytes that it may have */
    int64_t max_bytes; /* bytes that it can have, as far as is known: memory is taken by this */
    char file_id[ID_TEXT_SIZE];
    struct buf key;
    int64_t size; /* so far */
    struct sha256 *hash;
    struct s3_client *clients[S3_WRITER_FLIGHT_MAX];
    size_t client_count;
    struct s3_writer *writer; /* NULL: nothing came of it yet, or it is written */
    bool written;             /* the object is there */
    bool kept;                /* … and stays, by its holder's word */
    struct s3_object object;
    unsigned char sha256[SHA256_SIZE];
};

/* The most memory that one takes. Pure, but for the settings. */
int64_t streamed_object_memory(const struct api *api, int64_t max_bytes);

/* Reserves so much of what uploads through the server may take together, and gives it back. OVERLOADED, FILE_TOO_LARGE. */
bool streamed_object_reserve(struct api *api, int64_t bytes, struct error *err) MUST_CHECK;
void streamed_object_give_back(struct api *api, int64_t bytes);

/* A new id, and ready for its bytes. content_type "": none. `object` is zeroed before but for api, limit and max_bytes;
 * streamed_object_free also after a failure. OVERLOADED. */
bool streamed_object_begin(struct streamed_object *object, const char *filename, const char *content_type,
                           struct error *err) MUST_CHECK;

/* FILE_TOO_LARGE beyond the limit, STORE_…. */
bool streamed_object_write(struct streamed_object *object, const void *bytes, size_t length,
                           struct error *err) MUST_CHECK;

/* All came: its hash. EMPTY_OBJECT. */
bool streamed_object_end(struct streamed_object *object, struct error *err) MUST_CHECK;

/* After that: makes the object. STORE_…. */
bool streamed_object_finish(struct streamed_object *object, struct error *err) MUST_CHECK;

/* Removes what was written unless it was kept; what the store cannot be told of now is left to the sweep. */
void streamed_object_free(struct streamed_object *object);

#endif
