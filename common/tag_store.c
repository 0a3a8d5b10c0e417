#include "common/tag_store.h"

#include "common/xalloc.h"

static void add_texts(struct db_params *params, const char *const *texts, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, texts[i]);
    }
    db_array_end(params);
}

static void add_embedding(struct db_params *params, const struct embedding *embedding) {
    _cleanup_(buf_free) struct buf text = {0};
    if (embedding != NULL) {
        embedding_to_array(embedding, &text);
    }
    db_param_text(params, embedding == NULL ? NULL : buf_text(&text));
}

bool tag_store_enqueue(struct db *db, const char *const *file_ids, size_t count, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_texts(&params, file_ids, count);
    return db_execute(db, SQL_TAG_ENQUEUE, &params, err);
}

void tag_job_free(struct tag_job *job) {
    free(job->object_key);
    free(job->content_type);
    embedding_free(&job->embedding);
    *job = (struct tag_job){0};
}

static bool read_job(const struct db_result *result, struct tag_job *job, struct error *err) {
    *job = (struct tag_job){
        .attempts = (int)db_int(result, 0, 2),
        .object_key = xstrdup(db_text(result, 0, 3)),
        .content_type = xstrdup(db_text(result, 0, 4)),
        .size = db_int(result, 0, 5),
    };
    snprintf(job->file_id, ID_TEXT_SIZE, "%s", db_text(result, 0, 0));
    snprintf(job->lease_token, ID_TEXT_SIZE, "%s", db_text(result, 0, 1));
    return db_is_null(result, 0, 6) || embedding_parse_array(db_text(result, 0, 6), &job->embedding, err);
}

bool tag_store_claim(struct db *db, int64_t lease_s, const char *model, struct tag_job *ret_job, bool *ret_found,
                     struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_int(&params, lease_s);
    db_param_text(&params, model);
    if (!db_run(db, SQL_TAG_CLAIM, &params, &result, err)) {
        return false;
    }
    *ret_found = db_rows(result) > 0;
    return !*ret_found || read_job(result, ret_job, err);
}

static void add_tags(struct db_params *params, const struct tag *tags, size_t count) {
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        db_array_add_text(params, tags[i].name);
    }
    db_array_end(params);
    db_array_start(params);
    for (size_t i = 0; i < count; i++) {
        char score[32];
        snprintf(score, sizeof score, "%.9g", (double)tags[i].score);
        db_array_add_text(params, score);
    }
    db_array_end(params);
}

static void add_held(struct db_params *params, const struct tag_job *job) {
    db_param_text(params, job->file_id);
    db_param_text(params, job->lease_token);
}

bool tag_store_finish(struct db *db, const struct tag_job *job, const char *model, const struct embedding *embedding,
                      const struct tag *tags, size_t count, bool *ret_held, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_held(&params, job);
    db_param_text(&params, model);
    add_embedding(&params, embedding);
    add_tags(&params, tags, count);
    if (!db_finds(db, SQL_TAG_FINISH, &params, ret_held, err)) {
        return false;
    }
    if (*ret_held) {
        db_announce(db);
    }
    return true;
}

static void add_reason(struct db_params *params, int64_t delay_ms, const struct error *reason) {
    db_param_int(params, delay_ms);
    db_param_text(params, error_name(reason));
    db_param_text(params, reason->message);
}

bool tag_store_postpone(struct db *db, const struct tag_job *job, bool is_final, int64_t delay_ms,
                        const struct error *reason, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_held(&params, job);
    db_param_bool(&params, is_final);
    add_reason(&params, delay_ms, reason);
    return db_execute(db, SQL_TAG_POSTPONE, &params, err);
}

bool tag_store_give_back(struct db *db, const struct tag_job *job, int64_t delay_ms, const struct error *reason,
                         struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    add_held(&params, job);
    add_reason(&params, delay_ms, reason);
    return db_execute(db, SQL_TAG_GIVE_BACK, &params, err);
}

bool tag_store_get_texts(struct db *db, const char *model, const char *const *texts, size_t count,
                         struct embedding *ret_embeddings, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, model);
    add_texts(&params, texts, count);
    if (!db_run(db, SQL_TEXT_EMBEDDINGS, &params, &result, err)) {
        return false;
    }
    for (size_t row = 0; row < db_rows(result) && row < count; row++) {
        if (!db_is_null(result, row, 1) && !embedding_parse_array(db_text(result, row, 1), &ret_embeddings[row], err)) {
            return false;
        }
    }
    return true;
}

bool tag_store_put_text(struct db *db, const char *model, const char *text, const struct embedding *embedding,
                        struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, model);
    db_param_text(&params, text);
    add_embedding(&params, embedding);
    return db_execute(db, SQL_TEXT_EMBEDDING_PUT, &params, err);
}

bool tag_store_drop_texts(struct db *db, const char *model, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    db_param_text(&params, model);
    return db_execute(db, SQL_TEXT_EMBEDDINGS_DROP, &params, err);
}

bool tag_store_rebuild(struct db *db, const char *model, int64_t limit, char last_id[ID_TEXT_SIZE], size_t *ret_count,
                       struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    db_param_text(&params, *last_id == '\0' ? NULL : last_id);
    db_param_text(&params, model);
    db_param_int(&params, limit);
    if (!db_run(db, SQL_TAG_REBUILD, &params, &result, err)) {
        return false;
    }
    *ret_count = db_rows(result);
    if (*ret_count > 0) {
        snprintf(last_id, ID_TEXT_SIZE, "%s", db_text(result, *ret_count - 1, 0));
    }
    return true;
}
