/* What upload clients tell of a file beside its name and type, as Uppy and Companion pass it: `metadata[name]=value` in a query,
 * or an object in JSON. It becomes metadata of the object (x-amz-meta-*), but for `external_id`, which is the record's, and
 * for name and type, which the record has anyway. Pure. */
#ifndef SLUICE_API_UPLOAD_METADATA_H
#define SLUICE_API_UPLOAD_METADATA_H

#include "common/json.h"
#include "common/s3_presign.h"

enum {
    UPLOAD_METADATA_MAX = 10,         /* fields */
    UPLOAD_METADATA_BYTES_MAX = 2048, /* of names and values together, which is what S3 takes */
    UPLOAD_METADATA_NAME_MAX = 64,
};

struct upload_metadata {
    struct s3_field fields[UPLOAD_METADATA_MAX]; /* names with x-amz-meta-, in lower case; values in ASCII */
    size_t count;
    size_t bytes;
    char *external_id; /* NULL: not told */
};

void upload_metadata_free(struct upload_metadata *metadata);

/* Each complains to the reader of what cannot be metadata: names other than [A-Za-z0-9._-], too much of it, broken escapes.
 * Empty values are left out; values beyond printable ASCII are encoded after RFC 2047, as S3 itself shows them. */
void upload_metadata_from_query(const char *query, struct json_reader *reader, struct upload_metadata *metadata);
/* The member `metadata` of the object; absent or null is nothing. */
void upload_metadata_from_json(const json_t *object, struct json_reader *reader, struct upload_metadata *metadata);

#endif
