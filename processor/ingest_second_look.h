/* Arrivals that changed nothing, looked at again: an object that was replaced after it had been verified, and a late report
 * of a file that was deleted. */
#ifndef SLUICE_PROCESSOR_INGEST_SECOND_LOOK_H
#define SLUICE_PROCESSOR_INGEST_SECOND_LOOK_H

#include "common/file_state.h"
#include "common/s3_client.h"

struct ingest_second_look {
    struct db *db;
    struct s3_client *store;
    const char *bucket;
};

/* Arrivals of known files, by their index in `arrivals`. Those whose etag is not the one that was verified have their file
 * marked (file_mark.h), if the object that is there now is not the verified one either. */
bool ingest_look_at_known(const struct ingest_second_look *look, const struct file_arrival *arrivals,
                          const size_t *indexes, size_t count, struct error *err) MUST_CHECK;

/* Arrivals without a record. ret_reasons[i] is why arrivals[indexes[i]] is dead, or NULL when it is only late: its file was
 * deleted, and so was the object. An object that somebody uploaded again after that is not. */
bool ingest_look_at_unknown(const struct ingest_second_look *look, const struct file_arrival *arrivals,
                            const size_t *indexes, size_t count, const char **ret_reasons,
                            struct error *err) MUST_CHECK;

#endif
