#include "processor/batch_keeper.h"

#include "common/log.h"

enum { KEPT_S = 7 * 86400 };

bool batch_keeper_run(struct db *db, struct error *err) {
    _cleanup_(db_params_free) struct db_params params = {0};
    _cleanup_(db_result_freep) struct db_result *forgotten = NULL;
    db_param_int(&params, KEPT_S);
    if (!db_run(db, SQL_BATCHES_FORGET, &params, &forgotten, err)) {
        return false;
    }
    if (db_rows(forgotten) > 0) {
        log_info("batches_forgotten", log_int("batches", (int64_t)db_rows(forgotten)));
    }
    return db_execute(db, SQL_BATCHES_REPAIR, NULL, err);
}
