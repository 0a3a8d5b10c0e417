/* What the pages of albums show, as values for their templates. */
#ifndef SLUICE_API_ADMIN_ALBUMS_H
#define SLUICE_API_ADMIN_ALBUMS_H

#include "api/api.h"
#include "api/page.h"

/* Where pictures come from: signed addresses, valid from now on. */
struct admin_pictures {
    struct s3_presign *presign;
    int64_t now_ms, valid_s;
};
struct admin_pictures admin_pictures_now(const struct api *api);

/* An album in a row of SQL_ADMIN_ALBUMS. */
json_t *admin_album_values(const struct admin_pictures *pictures, const struct db_result *rows, size_t row);

/* A photo: name, state, and if there are any, a thumbnail and what it leads to. Pure but for the signing. */
json_t *admin_photo_values(const struct admin_pictures *pictures, const struct file_record *record);

/* What is wrong with a file, for people: what the record says, or, when the fault is ours, only the code's title. Pure. */
const char *admin_reason(const char *code, const char *message);

/* Sets `pager`: how to get to the newest of a list and to what is older; last_id as in page_end. */
void admin_pager(json_t *values, const char *path, const struct page *page, const char *last_id);

#endif
