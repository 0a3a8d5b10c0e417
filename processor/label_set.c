#include "processor/label_set.h"

#include "common/xalloc.h"

static const char place[] = "{}"; /* of the label in its sentence */

void label_set_free(struct label_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        free(set->names[i]);
        free(set->texts[i]);
        embedding_free(&set->embeddings[i]);
    }
    free(set->names);
    free(set->texts);
    free(set->embeddings);
    *set = (struct label_set){0};
}

static bool has_label(const struct label_set *set, const char *name) {
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add_label(struct label_set *set, const char *text, size_t length, const char *prompt) {
    for (; length > 0 && *text == ' '; text++) {
        length--;
    }
    for (; length > 0 && text[length - 1] == ' '; length--) {
    }
    _cleanup_(freep) char *name = xstrndup(text, length);
    if (length == 0 || has_label(set, name)) {
        return;
    }
    int before = (int)(strstr(prompt, place) - prompt);
    set->texts[set->count] = xasprintf("%.*s%s%s", before, prompt, name, prompt + before + strlen(place));
    set->names[set->count++] = take_ptr(name);
}

bool label_set_make(const char *labels, const char *prompt, struct label_set *ret_set, struct error *err) {
    _cleanup_(label_set_free) struct label_set set = {
        .names = xcalloc(LABELS_MAX, sizeof *set.names),
        .texts = xcalloc(LABELS_MAX, sizeof *set.texts),
        .embeddings = xcalloc(LABELS_MAX, sizeof *set.embeddings),
    };
    if (strstr(prompt, place) == NULL) {
        return error_set(err, ERROR_CONFIG, "SLUICE_ML_PROMPT must hold {}, where the label goes");
    }
    for (const char *next = labels; *next != '\0';) {
        size_t length = strcspn(next, ",");
        if (set.count == LABELS_MAX) {
            return error_set(err, ERROR_CONFIG, "SLUICE_ML_LABELS may hold %d labels", LABELS_MAX);
        }
        add_label(&set, next, length, prompt);
        next += length + (next[length] == ',' ? 1 : 0);
    }
    *ret_set = set;
    set = (struct label_set){0};
    return true;
}

static bool ask(struct label_set *set, size_t i, struct db *db, struct ml_client *ml, const char *model,
                struct error *err) {
    return ml_client_text(ml, set->texts[i], &set->embeddings[i], err) &&
           tag_store_put_text(db, model, set->texts[i], &set->embeddings[i], err);
}

/* What other labels of this model had was another model's: all are asked for anew, once. */
static bool same_length(const struct label_set *set) {
    for (size_t i = 1; i < set->count; i++) {
        if (set->embeddings[i].count != set->embeddings[0].count) {
            return false;
        }
    }
    return true;
}

static void forget(struct label_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        embedding_free(&set->embeddings[i]);
    }
}

bool label_set_load(struct label_set *set, struct db *db, struct ml_client *ml, const char *model, struct error *err) {
    if (set->is_complete) {
        return true;
    }
    forget(set);
    if (!tag_store_get_texts(db, model, (const char *const *)set->texts, set->count, set->embeddings, err)) {
        return false;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->embeddings[i].count == 0 && !ask(set, i, db, ml, model, err)) {
            return false;
        }
    }
    set->is_complete = same_length(set);
    return set->is_complete || (tag_store_drop_texts(db, model, err) &&
                                error_set(err, ERROR_ML_BAD_REPLY, "vectors of labels differ in their length"));
}

static void insert(struct tag *tags, size_t *count, size_t limit, struct tag tag) {
    size_t at = *count;
    for (; at > 0 && tags[at - 1].score < tag.score; at--) {
        if (at < limit) {
            tags[at] = tags[at - 1];
        }
    }
    if (at < limit) {
        tags[at] = tag;
        *count += *count < limit ? 1 : 0;
    }
}

bool label_set_match(const struct label_set *set, const struct embedding *picture, size_t limit, float least,
                     struct tag *ret_tags, size_t *ret_count, struct error *err) {
    *ret_count = 0;
    if (set->count > 0 && set->embeddings[0].count != picture->count) {
        return error_set(err, ERROR_ML_BAD_REPLY, "the picture's vector has %zu numbers, the labels' have %zu",
                         picture->count, set->embeddings[0].count);
    }
    for (size_t i = 0; i < set->count; i++) {
        float score = embedding_cosine(&set->embeddings[i], picture);
        if (score >= least) {
            insert(ret_tags, ret_count, limit, (struct tag){set->names[i], score});
        }
    }
    return true;
}
