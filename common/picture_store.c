#include "common/picture_store.h"

#include "common/clock.h"
#include "common/picture_json.h"

/* The columns of PICTURES_WRITE, $1 to $6, each filled for one picture. */
static void add_file(struct db_params *params, const struct picture_entry *entry) {
    db_array_add_text(params, entry->file_id);
}

static void add_width(struct db_params *params, const struct picture_entry *entry) {
    db_array_add_int(params, entry->result->picture.width);
}

static void add_height(struct db_params *params, const struct picture_entry *entry) {
    db_array_add_int(params, entry->result->picture.height);
}

static void add_thumbhash(struct db_params *params, const struct picture_entry *entry) {
    const struct picture *picture = &entry->result->picture;
    db_array_add_text(params, picture->has_thumbhash ? picture->thumbhash : NULL);
}

static void add_metadata(struct db_params *params, const struct picture_entry *entry) {
    _cleanup_(json_freep) json_t *metadata = picture_metadata_json(&entry->result->picture.metadata);
    _cleanup_(freep) char *text = json_to_text(metadata);
    db_array_add_text(params, text);
}

/* Milliseconds since 1970, by which pictures are searched; parsed here, since the text is the decoder's. */
static void add_taken_at(struct db_params *params, const struct picture_entry *entry) {
    int64_t taken_ms = clock_parse(entry->result->picture.metadata.taken_at);
    if (taken_ms > 0) {
        db_array_add_int(params, taken_ms);
    } else {
        db_array_add_text(params, NULL);
    }
}

/* $7 to $13, each filled for one variant. */
static void add_variant_file(struct db_params *params, const struct picture_entry *entry,
                             const struct stored_variant *variant) {
    (void)variant;
    db_array_add_text(params, entry->file_id);
}

static void add_variant_name(struct db_params *params, const struct picture_entry *entry,
                             const struct stored_variant *variant) {
    (void)entry;
    db_array_add_text(params, variant->spec->name);
}

static void add_variant_key(struct db_params *params, const struct picture_entry *entry,
                            const struct stored_variant *variant) {
    _cleanup_(buf_free) struct buf key = {0};
    variant_object_key(entry->media_id, variant->spec, &key);
    db_array_add_text(params, buf_text(&key));
}

static void add_variant_type(struct db_params *params, const struct picture_entry *entry,
                             const struct stored_variant *variant) {
    (void)entry;
    db_array_add_text(params, picture_format_content_type(variant->spec->format));
}

static void add_variant_width(struct db_params *params, const struct picture_entry *entry,
                              const struct stored_variant *variant) {
    (void)entry;
    db_array_add_int(params, variant->width);
}

static void add_variant_height(struct db_params *params, const struct picture_entry *entry,
                               const struct stored_variant *variant) {
    (void)entry;
    db_array_add_int(params, variant->height);
}

static void add_variant_size(struct db_params *params, const struct picture_entry *entry,
                             const struct stored_variant *variant) {
    (void)entry;
    db_array_add_int(params, variant->size);
}

bool picture_store_write(struct db *db, const struct picture_entry *entries, size_t count, struct error *err) {
    static void (*const columns[])(struct db_params *, const struct picture_entry *) = {
        add_file, add_width, add_height, add_thumbhash, add_metadata, add_taken_at};
    static void (*const variant_columns[])(struct db_params *, const struct picture_entry *,
                                           const struct stored_variant *) = {
        add_variant_file,  add_variant_name,   add_variant_key, add_variant_type,
        add_variant_width, add_variant_height, add_variant_size};
    _cleanup_(db_params_free) struct db_params params = {0};
    for (size_t column = 0; column < sizeof columns / sizeof columns[0]; column++) {
        db_array_start(&params);
        for (size_t i = 0; i < count; i++) {
            columns[column](&params, &entries[i]);
        }
        db_array_end(&params);
    }
    for (size_t column = 0; column < sizeof variant_columns / sizeof variant_columns[0]; column++) {
        db_array_start(&params);
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < entries[i].result->variant_count; k++) {
                variant_columns[column](&params, &entries[i], &entries[i].result->variants[k]);
            }
        }
        db_array_end(&params);
    }
    return db_execute(db, SQL_PICTURES_WRITE, &params, err);
}
