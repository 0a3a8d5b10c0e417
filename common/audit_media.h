/* What the audit asks of objects that are media: whose variants they are, and whether they are to be adopted. */
#ifndef SLUICE_COMMON_AUDIT_MEDIA_H
#define SLUICE_COMMON_AUDIT_MEDIA_H

#include "common/db.h"

/* Those of the keys that are variants which their file has, as the first column of ret_used. */
bool audit_used_variants(struct db *db, const char *const *keys, size_t count, struct db_result **ret_used,
                         struct error *err) MUST_CHECK;

/* Lets what other programs put there arrive, under a pattern of media whose album, user or generation there is; ret_adopted
 * tells of each key whether it has a record now. A dry run tries it, and takes it back. */
bool audit_adopt(struct db *db, const char *bucket, bool dry_run, const char *const *keys, size_t count,
                 bool *ret_adopted, struct error *err) MUST_CHECK;

#endif
