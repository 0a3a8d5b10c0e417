/* The mark of a SYNCED file whose object was replaced by somebody with credentials of his own: error OBJECT_CHANGED. Its hash
 * and size stay those that were verified, and it stays SYNCED. */
#ifndef SLUICE_COMMON_FILE_MARK_H
#define SLUICE_COMMON_FILE_MARK_H

#include "common/db.h"
#include "common/s3_client.h"

enum file_mark_effect {
    MARK_UNCHANGED, /* as it was; also when the file is not SYNCED, or the object cannot be looked at */
    MARK_SET,       /* the object is another one than was verified */
    MARK_TAKEN_OFF, /* it is again the one that was verified */
};

/* Looks at the object, since events are late and unordered, and marks the file, or takes the mark off. Any number of times
 * with the same effect. False when database or store are down. */
bool file_mark_look(struct db *db, struct s3_client *store, const char *file_id, const char *key,
                    enum file_mark_effect *ret_effect, struct error *err) MUST_CHECK;

#endif
