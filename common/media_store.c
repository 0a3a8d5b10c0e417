#include "common/media_store.h"

#include "common/encode.h"
#include "common/file_name.h"
#include "common/xalloc.h"

#include <string.h>

void albums_free(struct albums *albums) {
    for (size_t i = 0; i < albums->count; i++) {
        free(albums->items[i].title);
        free(albums->items[i].created_at);
    }
    free(albums->items);
    *albums = (struct albums){0};
}

static bool read_albums(struct db *db, enum sql_statement statement, const struct db_params *params,
                        struct albums *ret_albums, struct error *err) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    if (!db_run(db, statement, params, &result, err)) {
        return false;
    }
    ret_albums->count = db_rows(result);
    ret_albums->items = xcalloc(ret_albums->count + 1, sizeof *ret_albums->items);
    for (size_t i = 0; i < ret_albums->count; i++) {
        struct album *album = &ret_albums->items[i];
        snprintf(album->album_id, sizeof album->album_id, "%s", db_text(result, i, 0));
        album->title = xstrdup(db_text(result, i, 1));
        album->created_at = xstrdup(db_text(result, i, 2));
    }
    return true;
}

bool album_create(struct db *db, const char *owner_id, const char *album_id, const char *title, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, album_id);
    db_param_text(&params, owner_id);
    db_param_text(&params, title);
    return db_execute(db, SQL_ALBUM_CREATE, &params, err);
}

static bool no_album(const char *album_id, struct error *err) {
    return error_set(err, ERROR_ALBUM_NOT_FOUND, "no album %s", album_id);
}

bool album_get(struct db *db, const char *owner_id, const char *album_id, struct albums *ret_albums,
               struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, album_id);
    return read_albums(db, SQL_ALBUM_GET, &params, ret_albums, err) &&
           (ret_albums->count == 1 || no_album(album_id, err));
}

bool album_list(struct db *db, const char *owner_id, const char *before_id, size_t limit, struct albums *ret_albums,
                struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, before_id);
    db_param_int(&params, (int64_t)limit);
    return read_albums(db, SQL_ALBUM_LIST, &params, ret_albums, err);
}

/* Runs a statement and tells whether it answered a row. */
bool album_delete(struct db *db, const char *owner_id, const char *album_id, bool *ret_deleted, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, owner_id);
    db_param_text(&params, album_id);
    bool exists = false;
    if (!db_begin(db, err)) {
        return false;
    }
    /* Two statements: the second one sees what came in while the first one waited for its lock. */
    if (!db_finds(db, SQL_ALBUM_LOCK, &params, &exists, err) || (!exists && !no_album(album_id, err)) ||
        !db_finds(db, SQL_ALBUM_DELETE, &params, ret_deleted, err)) {
        db_rollback(db);
        return false;
    }
    return db_commit(db, err);
}

static bool not_the_owners(const struct media_home *home, struct error *err) {
    return home->kind == MEDIA_ALBUM ? no_album(home->id, err)
                                     : error_set(err, ERROR_NOT_FOUND, "there is no such %s",
                                                 home->kind == MEDIA_AVATAR ? "user" : "generation");
}

static bool hold(struct db *db, const struct media_home *home, size_t count, int64_t *ret_first_index,
                 struct error *err) {
    static const enum sql_statement statements[MEDIA_KIND_COUNT] = {
        [MEDIA_ALBUM] = SQL_ALBUM_HOLD, [MEDIA_AVATAR] = SQL_USER_HOLD, [MEDIA_GENERATED] = SQL_GENERATION_HOLD};
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, home->owner_id);
    db_param_text(&params, home->id);
    db_param_int(&params, (int64_t)count);
    if (!db_run(db, statements[home->kind], &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return not_the_owners(home, err);
    }
    *ret_first_index = db_int(result, 0, 0);
    return *ret_first_index + (int64_t)count <= MEDIA_INDEX_MAX + 1 ||
           error_set(err, ERROR_CONFLICT, "the generation has as many images as it can have");
}

bool media_enter(struct db *db, const struct media_home *home, size_t count, int64_t *ret_first_index,
                 struct error *err) {
    if (!db_begin(db, err)) {
        return false;
    }
    if (!hold(db, home, count, ret_first_index, err)) {
        db_rollback(db);
        return false;
    }
    return true;
}

/* One column of drafts as an array, from the text at an offset of the struct. */
static void add_texts(struct db_params *params, const struct media_draft *drafts, size_t count, size_t offset) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, *(const char *const *)((const char *)&drafts[i] + offset));
    }
    db_array_end(params);
}

static void add_sizes(struct db_params *params, const struct media_draft *drafts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        if (drafts[i].expected_size < 0) {
            db_array_add_text(params, NULL);
        } else {
            db_array_add_int(params, drafts[i].expected_size);
        }
    }
    db_array_end(params);
}

static void add_hashes(struct db_params *params, const struct media_draft *drafts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        unsigned char digest[SHA256_SIZE];
        const char *hex = drafts[i].expected_sha256;
        bool known = hex != NULL && decode_hex(hex, digest, sizeof digest);
        db_array_add_bytes(params, known ? digest : NULL, sizeof digest);
    }
    db_array_end(params);
}

static void add_drafts(struct db_params *params, const struct media_draft *drafts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, drafts[i].file_id);
    }
    db_array_end(params);
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_int(params, drafts[i].index);
    }
    db_array_end(params);
    add_texts(params, drafts, count, offsetof(struct media_draft, filename));
    add_texts(params, drafts, count, offsetof(struct media_draft, content_type));
    add_sizes(params, drafts, count);
    add_hashes(params, drafts, count);
    add_texts(params, drafts, count, offsetof(struct media_draft, object_key));
    add_texts(params, drafts, count, offsetof(struct media_draft, external_id));
}

bool media_insert(struct db *db, const struct media_home *home, const char *bucket, int64_t ttl_s, int64_t sweep_age_s,
                  const struct media_draft *drafts, size_t count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, home->owner_id);
    db_param_text(&params, media_kind_name(home->kind));
    for (enum media_kind kind = MEDIA_ALBUM; kind < MEDIA_KIND_COUNT; kind++) {
        db_param_text(&params, kind == home->kind ? home->id : NULL);
    }
    db_param_text(&params, bucket);
    db_param_int(&params, ttl_s);
    db_param_int(&params, sweep_age_s);
    add_drafts(&params, drafts, count);
    if (!db_execute(db, SQL_MEDIA_INSERT, &params, err)) {
        db_rollback(db);
        return false;
    }
    return true;
}

bool media_find_generated(struct db *db, const char *owner_id, const char *generation_id, int64_t index,
                          char ret_file_id[ID_TEXT_SIZE], struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, owner_id);
    db_param_text(&params, generation_id);
    db_param_int(&params, index);
    if (!db_run(db, SQL_MEDIA_OF_GENERATION, &params, &result, err)) {
        return false;
    }
    if (db_rows(result) == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no such medium");
    }
    snprintf(ret_file_id, ID_TEXT_SIZE, "%s", db_text(result, 0, 0));
    return true;
}

/* Arrivals under a pattern of media, each with what its key says. */
struct strangers {
    struct file_arrival *arrivals;
    struct media_key *keys;
    size_t *places; /* of each among all arrivals */
    size_t count;
};

static void strangers_free(struct strangers *strangers) {
    free(strangers->arrivals);
    free(strangers->keys);
    free(strangers->places);
}

static void find_strangers(const struct file_arrival *arrivals, size_t count, const enum file_arrival_effect *effects,
                           struct strangers *strangers) {
    strangers->arrivals = xcalloc(count, sizeof *strangers->arrivals);
    strangers->keys = xcalloc(count, sizeof *strangers->keys);
    strangers->places = xcalloc(count, sizeof *strangers->places);
    for (size_t i = 0; i < count; i++) {
        size_t next = strangers->count;
        if (effects[i] == ARRIVAL_UNKNOWN && media_key_parse(arrivals[i].object_key, &strangers->keys[next])) {
            strangers->arrivals[next] = arrivals[i];
            strangers->places[next] = i;
            strangers->count++;
        }
    }
}

/* What another program called its object, in a form that is a file's name. */
static void add_filename(struct db_params *params, const char *filename) {
    const char *name = NULL;
    _cleanup_(buf_free) struct buf safe = {0};
    if (file_name_check(filename, &name) != NULL) {
        file_name_append_safe(&safe, filename);
        name = buf_text(&safe);
    }
    db_array_add_text(params, name);
}

static void add_strangers(struct db_params *params, const struct strangers *strangers) {
    enum { COLUMNS = 7 };
    for (size_t column = 0; column < COLUMNS; column++) {
        db_array_start(params);
        for (size_t i = 0; i < strangers->count; i++) {
            const struct media_key *key = &strangers->keys[i];
            char file_id[ID_TEXT_SIZE];
            id_new(file_id);
            if (column == 3) {
                db_array_add_int(params, key->index);
            } else if (column == 4) {
                add_filename(params, key->filename);
            } else {
                const char *const texts[COLUMNS] = {file_id,
                                                    media_kind_name(key->kind),
                                                    key->owner_of,
                                                    NULL,
                                                    NULL,
                                                    strangers->arrivals[i].bucket,
                                                    strangers->arrivals[i].object_key};
                db_array_add_text(params, texts[column]);
            }
        }
        db_array_end(params);
    }
}

bool media_adopt(struct db *db, const struct file_arrival *arrivals, size_t count, enum file_arrival_effect *effects,
                 struct error *err) {
    _cleanup_(strangers_free) struct strangers strangers = {0};
    find_strangers(arrivals, count, effects, &strangers);
    if (strangers.count == 0) {
        return true;
    }
    _cleanup_(db_params_free) struct db_params params = {0};
    add_strangers(&params, &strangers);
    _cleanup_(freep) enum file_arrival_effect *results = xcalloc(strangers.count, sizeof *results);
    if (!db_execute(db, SQL_MEDIA_ADOPT, &params, err) ||
        !file_state_arrive(db, strangers.arrivals, strangers.count, results, err)) {
        return false;
    }
    for (size_t i = 0; i < strangers.count; i++) {
        effects[strangers.places[i]] = results[i];
    }
    return true;
}
