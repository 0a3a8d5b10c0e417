/* Requests that ask which contents are there already: {"sha256": […]} → {"results": […]}. */
#ifndef SLUICE_API_HASH_CHECK_H
#define SLUICE_API_HASH_CHECK_H

#include "api/api.h"

/* As file_store_find_hashes. */
typedef bool (*hash_check_function)(struct db *db, const char *owner_id, const char *const *sha256s, size_t count,
                                    struct file_records *ret_records, struct error *err);

/* Answers the request. id_name: another name under which the id of what is found is given, too; NULL: none. */
bool hash_check(struct api *api, struct request *request, hash_check_function find, const char *id_name,
                struct error *err) MUST_CHECK;

#endif
