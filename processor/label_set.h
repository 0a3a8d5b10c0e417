/* The labels that pictures are tagged with, and how close a picture comes to each. */
#ifndef SLUICE_PROCESSOR_LABEL_SET_H
#define SLUICE_PROCESSOR_LABEL_SET_H

#include "common/ml_client.h"
#include "common/tag_store.h"

enum { LABELS_MAX = 1000 };

struct label_set {
    char **names;
    char **texts; /* what the model is asked: the label in its sentence */
    struct embedding *embeddings;
    size_t count;
    bool is_complete; /* each has its vector, all of one length */
};

/* From SLUICE_ML_LABELS (comma-separated; blanks around a label and doubled ones are dropped) and SLUICE_ML_PROMPT.
 * ERROR_CONFIG: more than LABELS_MAX, or a prompt without {}. */
bool label_set_make(const char *labels, const char *prompt, struct label_set *ret_set, struct error *err) MUST_CHECK;
void label_set_free(struct label_set *set);

/* Gets the vectors that are missing: from the database, else from the service, and then into the database. */
bool label_set_load(struct label_set *set, struct db *db, struct ml_client *ml, const char *model,
                    struct error *err) MUST_CHECK;

/* The closest labels, best first: at most `limit`, none with a cosine below `least`; returns how many. ML_BAD_REPLY (and 0 in
 * *ret_count) when the picture's vector has another length than the labels'. */
bool label_set_match(const struct label_set *set, const struct embedding *picture, size_t limit, float least,
                     struct tag *ret_tags, size_t *ret_count, struct error *err) MUST_CHECK;

#endif
