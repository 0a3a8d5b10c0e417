#include "processor/steps.h"

#include "common/asset_key.h"
#include "common/metrics.h"
#include "processor/crash_point.h"

bool step_is_asset(const struct work *work) {
    return asset_kind_is_asset(work->job->kind);
}

enum step_result step_claim(struct work *work, struct error *err) {
    enum asset_claim claim = ASSET_BUSY;
    if (!work->job->has_expected_sha256) {
        error_set(err, ERROR_VALIDATION_FAILED, "the asset came without its hash");
        return STEP_REJECT;
    }
    if (!asset_claim(work->tools->db, work->job, &claim, work->holder, err)) {
        return step_failed(err);
    }
    metrics_increment(METRIC_ASSET_CLAIMS, claim);
    crash_point("content_claimed");
    return claim == ASSET_OWN ? STEP_DONE : claim == ASSET_DUPLICATE ? STEP_END : STEP_WAIT;
}
