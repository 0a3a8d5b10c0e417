/* The objects of a file's variants in the store: everything under thumbnails/{media_id}/. */
#ifndef SLUICE_COMMON_VARIANT_OBJECTS_H
#define SLUICE_COMMON_VARIANT_OBJECTS_H

#include "common/s3_client.h"

/* Where all of them lie; nothing there is an upload, and its events are not subscribed. */
#define VARIANT_PREFIX "thumbnails/"

/* What a key under VARIANT_PREFIX says: the media id, and nothing but a name after it. Pure; false for another key. */
bool variant_object_media_id(const char *key, char *ret_media_id, size_t size) MUST_CHECK;

/* Deletes all variants of a medium, whoever made them and whatever they are called. */
bool variant_objects_delete(struct s3_client *store, const char *media_id, struct error *err) MUST_CHECK;

#endif
