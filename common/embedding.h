/* Vectors of a CLIP model: of length 1, so that the cosine of two is their dot product. Pure. */
#ifndef SLUICE_COMMON_EMBEDDING_H
#define SLUICE_COMMON_EMBEDDING_H

#include "common/buf.h"
#include "common/error.h"

enum { EMBEDDING_MAX = 4096 }; /* numbers in one */

struct embedding {
    float *values;
    size_t count;
};

void embedding_free(struct embedding *embedding);

/* A JSON array of numbers, brought to length 1. ML_BAD_REPLY for what is none: no array, too long or empty, not finite, all
 * zero. */
bool embedding_parse_json(const char *text, size_t length, struct embedding *ret_embedding,
                          struct error *err) MUST_CHECK;

/* The text form of real[], "{0.1,-0.2}", appended to `out`; and back (DATABASE_ERROR for anything else). */
void embedding_to_array(const struct embedding *embedding, struct buf *out);
bool embedding_parse_array(const char *text, struct embedding *ret_embedding, struct error *err) MUST_CHECK;

/* Cosine; both must have the same count. */
float embedding_cosine(const struct embedding *left, const struct embedding *right);

#endif
