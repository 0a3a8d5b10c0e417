/* The parts that a client says it has uploaded, as Companion takes them: {"parts":[{"PartNumber","ETag"}]}. Pure. */
#ifndef SLUICE_API_MULTIPART_PARTS_H
#define SLUICE_API_MULTIPART_PARTS_H

#include "common/json.h"
#include "common/s3_multipart.h"

struct multipart_parts {
    struct s3_part *items; /* in ascending order */
    size_t count;
};

enum { PART_NUMBERS_MAX = 1000 };

/* Parts that are to be signed at once. */
struct part_numbers {
    int items[PART_NUMBERS_MAX]; /* in the order of the list, each once */
    size_t count;
};

/* A list such as `1,2,3` (NULL: missing): VALIDATION_FAILED for an empty or overlong one and for what is no part number. */
bool part_numbers_read(const char *text, struct part_numbers *ret_numbers, struct error *err) MUST_CHECK;

/* VALIDATION_FAILED with the reader's complaints; also for a part that is named twice. */
bool multipart_parts_read(struct json_reader *reader, struct multipart_parts *ret_parts, struct error *err) MUST_CHECK;
void multipart_parts_free(struct multipart_parts *parts);

#endif
