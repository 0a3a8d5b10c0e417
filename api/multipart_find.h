/* A multipart upload of the request's owner, and of its token if it has one, as clients name it. */
#ifndef SLUICE_API_MULTIPART_FIND_H
#define SLUICE_API_MULTIPART_FIND_H

#include "api/api.h"

struct multipart {
    char *upload_id;
    char *key;
    struct file_record *record;
};

void multipart_free(struct multipart *multipart);

/* By the upload id in the path and ?key=. VALIDATION_FAILED, NOT_FOUND. */
bool multipart_find(struct api *api, struct request *request, struct multipart *ret_multipart,
                    struct error *err) MUST_CHECK;

/* By key and upload id, where the client may have got the id from the store itself: the first one that is named for a key is
 * kept, so that no second upload can take the place of the object. NOT_FOUND also for another id. */
bool multipart_bind(struct api *api, struct request *request, const char *key, const char *upload_id,
                    struct multipart *ret_multipart, struct error *err) MUST_CHECK;

#endif
