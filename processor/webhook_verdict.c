#include "processor/webhook_verdict.h"

#include "common/backoff.h"

enum { MS_PER_S = 1000, RETRY_AFTER_MAX_S = 86400, STATUS_GONE = 410 };

static bool is_yes(int status) {
    return status >= 200 && status < 300;
}

static int64_t longer(int64_t left, int64_t right) {
    return left > right ? left : right;
}

static int64_t backoff_after(int64_t before, int64_t base_ms, int64_t max_ms, uint64_t random) {
    return backoff_ms(before > 0 ? (unsigned)(before < INT32_MAX ? before : INT32_MAX) : 0, base_ms, max_ms, random);
}

enum webhook_result webhook_verdict(const struct config *config, const struct webhook_job *job,
                                    const struct http_group_end *end, uint64_t random,
                                    struct webhook_outcome *ret_outcome) {
    *ret_outcome = (struct webhook_outcome){
        .status = "delivered",
        .http_status = end->status,
        .error = end->message[0] != '\0' ? end->message : NULL,
        .response = end->body.length > 0 ? buf_text(&end->body) : NULL,
    };
    if (is_yes(end->status)) {
        return WEBHOOK_DELIVERED;
    }
    int64_t asked_s = end->retry_after_s < RETRY_AFTER_MAX_S ? end->retry_after_s : RETRY_AFTER_MAX_S;
    int64_t base_ms = config->webhook_retry_base_ms;
    ret_outcome->delay_ms =
        longer(asked_s * MS_PER_S, backoff_after(job->attempts - 1, base_ms, config->webhook_retry_max_ms, random));
    ret_outcome->pause_ms =
        longer(asked_s * MS_PER_S, backoff_after(job->failures, base_ms, config->webhook_pause_max_ms, random));
    ret_outcome->is_gone = end->status == STATUS_GONE;
    bool is_over = ret_outcome->is_gone || job->age_ms >= config->webhook_retry_s * MS_PER_S;
    ret_outcome->status = is_over ? "failed" : "pending";
    return is_over ? WEBHOOK_GIVEN_UP : WEBHOOK_POSTPONED;
}
