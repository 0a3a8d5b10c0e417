#include "cli/clock_skew.h"
#include "cli/doctor.h"
#include "common/clock.h"
#include "common/redis_server.h"

/* A Date header has whole seconds: on average it is half of one late. */
enum { DATE_LATE_MS = 500 };

static bool store_clock(struct doctor *doctor, int64_t *ret_ms) {
    struct s3_probe probe = {0};
    struct error ignored;
    if (!s3_probe_bucket(doctor->store, &probe, &ignored) || probe.date_ms == 0) {
        return false;
    }
    *ret_ms = probe.date_ms + DATE_LATE_MS;
    return true;
}

static bool database_clock(struct doctor *doctor, int64_t *ret_ms) {
    _cleanup_(db_result_freep) struct db_result *result = NULL;
    struct error ignored;
    if (!db_run(doctor->db, SQL_DATABASE_CLOCK, NULL, &result, &ignored) || db_rows(result) != 1) {
        return false;
    }
    *ret_ms = db_int(result, 0, 0);
    return true;
}

static bool queue_clock(struct doctor *doctor, int64_t *ret_ms) {
    struct error ignored;
    return redis_clock_ms(doctor->queue, ret_ms, &ignored);
}

static const struct {
    const char *whose;
    unsigned needs;
    bool (*read)(struct doctor *doctor, int64_t *ret_ms);
} clocks[] = {
    {"the store", DOCTOR_STORE, store_clock},
    {"Postgres", DOCTOR_DATABASE, database_clock},
    {"Redis", DOCTOR_QUEUE, queue_clock},
};

/* Ours minus theirs, as of the middle of the question and the answer. */
static bool measure(struct doctor *doctor, size_t which, int64_t *ret_skew_ms) {
    int64_t theirs_ms = 0;
    int64_t before_ms = clock_now_ms();
    if ((doctor->facts & clocks[which].needs) == 0 || !clocks[which].read(doctor, &theirs_ms)) {
        return false;
    }
    *ret_skew_ms = before_ms + (clock_now_ms() - before_ms) / 2 - theirs_ms;
    return true;
}

void doctor_check_clock(struct doctor *doctor, struct doctor_finding *finding) {
    static const enum doctor_result results[] = {DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL};
    _cleanup_(buf_free) struct buf text = {0};
    enum doctor_result worst = DOCTOR_OK;
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        int64_t skew_ms = 0;
        if (measure(doctor, i, &skew_ms)) {
            enum doctor_result result = results[clock_skew_of(skew_ms)];
            worst = result > worst ? result : worst;
            buf_append_text(&text, text.length > 0 ? ", " : "");
            clock_skew_text(skew_ms, clocks[i].whose, &text);
        }
    }
    if (text.length == 0) {
        doctor_found(finding, DOCTOR_SKIPPED, "nobody answers to compare this host's clock with");
    } else {
        doctor_found(finding, worst, "this host's clock: %s", buf_text(&text));
    }
}
