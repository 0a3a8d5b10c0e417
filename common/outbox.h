/* Reading along with the outbox: what has changed since a position, without gap or repeat.
 *
 * Rows of the outbox do not become visible in the order of their ids: a transaction that began first may commit last. So a
 * position is not an id but a snapshot (pg_snapshot of PostgreSQL, "Transaction ID and Snapshot Information Functions"):
 * new is what it had not seen, whenever that began, and no open transaction holds up the others.
 */
#ifndef SLUICE_COMMON_OUTBOX_H
#define SLUICE_COMMON_OUTBOX_H

#include "common/file_store.h"

/* Who is told after each commit that wrote to the outbox: Redis channel. Its messages say nothing. */
#define OUTBOX_CHANNEL "sluice:outbox"

/* How far a reader has come: it has read everything that the snapshot `seen` sees, or, in the middle of a batch, what
 * `before` sees and of the rest of `seen` what has ids up to `id`. Zero-initialise. */
struct outbox_position {
    int64_t id; /* of the newest announcement that was read; 0: none */
    char *seen;
    char *before; /* NULL: not in the middle of a batch */
};
void outbox_position_free(struct outbox_position *position);
/* Gives the texts away, and leaves an empty position behind. */
static inline struct outbox_position outbox_position_take(struct outbox_position *position) {
    struct outbox_position taken = *position;
    *position = (struct outbox_position){0};
    return taken;
}

/* `1234-700:705:701,703`, and `1234-700:705:701,703-690:700:` in the middle of a batch. */
void outbox_position_print(const struct outbox_position *position, struct buf *out);
/* The reverse; false for anything that is not exactly that. Pure. */
bool outbox_position_parse(const char *text, struct outbox_position *ret_position) MUST_CHECK;

/* Whose changes: of these owners, those of the files, of the albums, and, of the owners in `everything`, all. */
struct outbox_audience {
    struct outbox_words {
        char **items;
        size_t count;
    } owners, files, albums, everything;
};

/* A file that changed, as it is now. */
struct outbox_change {
    int64_t id;                 /* of its newest announcement */
    struct file_record *record; /* NULL: deleted */
    char *file_id, *owner_id;
    char *album_id;   /* NULL: none */
    char *object_key; /* of a deleted one */
    int64_t age_us;   /* since its oldest announcement that is new */
};

struct outbox_changes {
    struct outbox_change *items; /* a file once, in the order of their ids */
    size_t count;
    char *before; /* the batch is what `seen` has more than this … */
    char *seen;
    bool is_whole; /* … and all of it was read */
};
void outbox_changes_free(struct outbox_changes *changes);

/* Reads on from a position, at most `limit` files: within the batch that it is in the middle of, else up to now. */
bool outbox_read(struct db *db, const struct outbox_position *position, const struct outbox_audience *audience,
                 size_t limit, struct outbox_changes *ret_changes, struct error *err) MUST_CHECK;

/* The position after item `index`; borrows its texts from the changes. */
struct outbox_position outbox_position_after(const struct outbox_changes *changes, size_t index);
/* Moves a position past all of the changes. */
void outbox_position_move(struct outbox_position *position, const struct outbox_changes *changes);

/* The position after everything that is there. */
bool outbox_now(struct db *db, struct outbox_position *ret_position, struct error *err) MUST_CHECK;

/* A record, NOT_FOUND also for another owner's file, and the position of the moment that shows it so. */
bool outbox_get_file(struct db *db, const char *owner_id, const char *file_id, struct file_record **ret_record,
                     struct outbox_position *ret_position, struct error *err) MUST_CHECK;

/* Whether all that came after the position is still there: it is of this database, and nothing after it was purged. */
bool outbox_reaches_back(struct db *db, const struct outbox_position *position, bool *ret_reaches,
                         struct error *err) MUST_CHECK;

#endif
