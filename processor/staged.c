#include "processor/staged.h"

#include "common/asset_key.h"

bool staged_is(const struct file_job *job) {
    return job->staged_key != NULL || asset_kind_is_asset(job->kind);
}

const char *staged_source(const struct file_job *job) {
    return job->staged_key != NULL ? job->staged_key : job->object_key;
}

void staged_append_final(struct buf *out, const struct file_job *job) {
    if (job->staged_key != NULL) {
        buf_append_text(out, job->object_key);
    } else {
        asset_key(out, job->file_id, job->filename);
    }
}
