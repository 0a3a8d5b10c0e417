/* Writes an object of unknown length as its bytes come: by one PUT while it fits into a part, else by a multipart upload whose
 * parts are sent by threads of their own while the next one fills.
 *
 * Nothing becomes visible before s3_writer_finish. Memory: a part for each one in flight, and one that fills. A part that
 * fails is sent again as the client does with any request; codes of failures are those of s3_client.h. */
#ifndef SLUICE_COMMON_S3_WRITER_H
#define SLUICE_COMMON_S3_WRITER_H

#include "common/s3_multipart.h"

enum { S3_WRITER_FLIGHT_MAX = 16 };

/* Bytes of a part, so that an object of max_bytes has at most S3_PARTS_MAX of them. Pure. */
int64_t s3_writer_part_bytes(int64_t max_bytes);

/* The most memory that a writer takes for an object of at most max_bytes. Pure. */
int64_t s3_writer_memory(int64_t max_bytes, size_t client_count);

struct s3_writer_options {
    struct s3_client *const *clients; /* one for each part in flight; used by nobody else until s3_writer_free */
    size_t client_count;              /* 1 to S3_WRITER_FLIGHT_MAX */
    const char *key;
    const char *content_type; /* NULL: the store's default */
    int64_t max_bytes;        /* as far as it is known; a longer object fails with FILE_TOO_LARGE */
};

struct s3_writer;

/* Sends nothing yet. The options' texts are copied. */
struct s3_writer *s3_writer_new(const struct s3_writer_options *options);

/* Drops what was not finished: a multipart upload is aborted. What the store cannot be told of now, because it is down, is
 * left to the sweeper. */
void s3_writer_free(struct s3_writer *writer);
DEFINE_CLEANUP(struct s3_writer *, s3_writer)

/* Waits while all parts are on their way. After a failure only s3_writer_free may follow. */
bool s3_writer_write(struct s3_writer *writer, const void *bytes, size_t length, struct error *err) MUST_CHECK;

/* All was written: the object is there when it returns true. sha256 (may be NULL) is that of all bytes, for the store to check
 * where it takes one. ret_object (may be NULL) gets size, etag and version. */
bool s3_writer_finish(struct s3_writer *writer, const unsigned char *sha256, struct s3_object *ret_object,
                      struct error *err) MUST_CHECK;

#endif
