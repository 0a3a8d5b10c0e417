/* The handlers of the route table (routes.c says what each of them does). */
#ifndef SLUICE_API_HANDLERS_H
#define SLUICE_API_HANDLERS_H

#include "api/api.h"

/* handle_health.c */
bool handle_healthz(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_readyz(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_metrics(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_presign.c */
bool handle_presign(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_confirm.c */
bool handle_confirm(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_files.c */
bool handle_check(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_file_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_file_list(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_file_retry(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_stream.c */
bool handle_file_stream(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_stream(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_media_stream(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_owner_stream(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_stream(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_delete.c */
bool handle_file_delete(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_media_delete(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_delete(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_albums.c */
bool handle_album_create(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_list(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_media(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_album_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_media.c */
bool handle_media_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_media_retry(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_avatar_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_generation_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_user_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_asset_records.c */
bool handle_task_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_asset_list(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_asset_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_asset_delete(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_asset_check(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_usage.c */
bool handle_usage(struct api *api, struct request *request, struct error *err) MUST_CHECK;
/* handle_batch.c */
bool handle_batch_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_batch_status(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_batch_clear(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_batch_retry(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_variant.c */
bool handle_variant(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_content.c */
bool handle_content(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_multipart.c */
bool handle_multipart_create(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_multipart_list(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_multipart_sign(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_multipart_complete(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_multipart_abort(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_multipart_batch(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_params.c, handle_sign.c, handle_direct_upload.c */
bool handle_s3_params(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_s3_sign(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_direct_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_tokens.c */
bool handle_token_create(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_token_revoke(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_assets.c */
bool handle_asset_upload(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_webhooks.c */
bool handle_webhook_create(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_list(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_get(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_change(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_delete(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_enable(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_disable(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_rotate(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_test(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_replay_since(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_deliveries(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_webhook_replay(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_web.c */
bool handle_demo_page(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_demo_asset(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_admin_login.c */
bool handle_admin_login_page(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_login(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_logout(struct api *api, struct request *request, struct error *err) MUST_CHECK;
/* Names the labels of its metric. */
void admin_login_label_metrics(void);

/* handle_admin_albums.c */
bool handle_admin_home(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_album_create(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_album(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_admin_operations.c */
bool handle_admin_operations(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_retry(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_admin_replay(struct api *api, struct request *request, struct error *err) MUST_CHECK;
/* handle_docs.c */
bool handle_openapi(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_docs_page(struct api *api, struct request *request, struct error *err) MUST_CHECK;
bool handle_docs_asset(struct api *api, struct request *request, struct error *err) MUST_CHECK;

/* handle_events.c */
bool handle_events(struct api *api, struct request *request, struct error *err) MUST_CHECK;

#endif
