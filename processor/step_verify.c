#include "processor/steps.h"

#include "common/encode.h"

#include <inttypes.h>

static const struct kind_policy *policy_of(const struct work *work) {
    return kind_policy_of(&work->tools->policies, work->job->kind);
}

static bool verify_size(const struct work *work, struct error *err) {
    const struct file_job *job = work->job;
    int64_t limit = kind_policy_smaller(work->tools->max_upload_bytes, policy_of(work)->max_bytes);
    if (work->size == 0) {
        return error_set(err, ERROR_EMPTY_OBJECT, "the object has no bytes");
    }
    if (work->size > limit) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the object has %" PRId64 " bytes, %" PRId64 " are allowed",
                         work->size, limit);
    }
    if (job->expected_size >= 0 && job->expected_size != work->size) {
        return error_set(err, ERROR_SIZE_MISMATCH, "the object has %" PRId64 " bytes, %" PRId64 " were declared",
                         work->size, job->expected_size);
    }
    return true;
}

static bool verify_hash(const struct work *work, struct error *err) {
    const struct file_job *job = work->job;
    if (!job->has_expected_sha256 || bytes_equal(job->expected_sha256, work->sha256, SHA256_SIZE)) {
        return true;
    }
    char hex[SHA256_HEX_SIZE];
    encode_hex(work->sha256, SHA256_SIZE, hex);
    return error_set(err, ERROR_HASH_MISMATCH, "the object's SHA-256 is %s", hex);
}

static bool verify_type(struct work *work, struct error *err) {
    const char *declared = work->job->content_type;
    work->detected_type = file_type_detect(work->head, work->head_length, declared, work->type_room);
    if (file_type_agrees(work->head, work->head_length, declared)) {
        const char *type = work->detected_type == NULL ? declared : work->detected_type;
        return kind_policy_check_type(policy_of(work), type, err);
    }
    return error_set(err, ERROR_TYPE_MISMATCH, "declared as %.100s, the content is %s", declared,
                     work->detected_type == NULL ? "of another type" : work->detected_type);
}

enum step_result step_verify(struct work *work, struct error *err) {
    bool passed = verify_size(work, err) && verify_hash(work, err) && verify_type(work, err);
    return passed ? STEP_DONE : step_failed(err);
}
