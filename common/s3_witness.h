/* Tells an object that the store cannot read from a store that is down: other objects bear witness. */
#ifndef SLUICE_COMMON_S3_WITNESS_H
#define SLUICE_COMMON_S3_WITNESS_H

#include "common/s3_client.h"

/* To be asked right after the client's request for this key failed with STORE_UNAVAILABLE. True when the store had
 * answered it (with a 5xx), lists the bucket now, and gives a byte of one of the next objects, if there is any other below
 * the key's first folder: then waiting for the end of an outage would be waiting for ever. Without a connection, or when
 * other objects fail as well, it is false. */
bool s3_object_is_broken(struct s3_client *client, const char *key) MUST_CHECK;

#endif
