/* The page of an album: the form of a batch, or the progress of the one that runs, what failed in it, and the photos. */
#ifndef SLUICE_API_ADMIN_ALBUM_PAGE_H
#define SLUICE_API_ADMIN_ALBUM_PAGE_H

#include "api/batch_answer.h"

struct admin_album_page {
    int status;
    const char *name;   /* of the template: the page, or a part of it */
    const char *notice; /* above the rest; NULL: none */
    bool is_news;       /* that the batch has ended; else this is told only as long as there are failures */
};

/* Answers with it. ALBUM_NOT_FOUND also for another owner's. */
bool admin_album_page_send(struct api *api, struct request *request, const char *album_id,
                           const struct admin_album_page *page, struct error *err) MUST_CHECK;

/* Sets the values that tell how a batch stands. Pure. */
void admin_album_page_batch(json_t *values, const struct batch_view *view, bool is_news);

enum { ADMIN_SEEN_SIZE = 100 };

/* A word that changes whenever what the progress shows does. Pure. */
void admin_album_page_seen(const struct batch_view *view, char ret_seen[ADMIN_SEEN_SIZE]);

#endif
