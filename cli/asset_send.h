/* Sends a file through the server: POST /api/v1/assets, and what becomes of its task. */
#ifndef SLUICE_CLI_ASSET_SEND_H
#define SLUICE_CLI_ASSET_SEND_H

#include "cli/api_client.h"

struct asset_file {
    int descriptor;
    int64_t size;
    const char *filename;
    const char *content_type; /* NULL here and below: not known */
    const char *external_id;
    const char *sha256; /* hex */
    /* As that of a file_body. */
    bool (*progress)(void *context, int64_t sent, struct error *err);
    void *progress_context;
};

/* Again while the server has no room, or something that it needs is away: an Idempotency-Key keeps that to one task. The caller
 * frees *ret_task_id. */
bool asset_send(struct api_client *api, const struct asset_file *file, char **ret_task_id,
                struct error *err) MUST_CHECK;

/* The task once it is complete or failed, or at the deadline (clock_monotonic_ms). The caller frees *ret_task. */
bool asset_await(struct api_client *api, const char *task_id, int64_t deadline_ms, json_t **ret_task,
                 struct error *err) MUST_CHECK;

/* A task that nobody asked the server for. */
json_t *asset_task_unknown(const char *task_id);

bool asset_task_is_complete(const json_t *task);

/* One line: status, id of the asset (of the task while it has none), file; of a failed one also why. Pure. */
void asset_task_line(const json_t *task, const char *path, struct buf *out);

#endif
