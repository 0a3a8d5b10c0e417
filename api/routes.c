#include "api/routes.h"

#include "api/handlers.h"

#include <inttypes.h>

enum {
    SMALL = 64 << 10,
    BULK = 512 << 10, /* a thousand entries */
    PARTS = 1 << 20,  /* ten thousand parts */
    EVENT_BODY = 1 << 20,
};

/* clang-format off */
const struct route routes[] = {
    {"POST",   "/files/presigned-upload", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_presign,
     "Makes a PENDING record and signs its upload (POST form, or PUT)"},
    {"POST",   "/files/confirm-uploads", SCOPE_UPLOAD, BODY_JSON, BULK, handle_confirm,
     "Looks up uploaded objects, one or up to 1,000, and queues those that are there"},
    {"POST",   "/files/check", SCOPE_READ, BODY_JSON, BULK, handle_check,
     "Says which SHA-256 the owner has already"},
    {"GET",    "/files", SCOPE_READ, BODY_NONE, 0, handle_file_list,
     "Files of the owner, newest first: status, external_id, kind, limit, cursor"},
    {"GET",    "/files/{id}", SCOPE_READ, BODY_NONE, 0, handle_file_get,
     "Metadata; ?wait=SECONDS waits for a final status, ?include=content adds the content"},
    {"DELETE", "/files/{id}", SCOPE_UPLOAD, BODY_NONE, 0, handle_file_delete,
     "Deletes object, variants, cached content and record"},
    {"GET",    "/files/{id}/content", SCOPE_READ, BODY_NONE, 0, handle_content,
     "The bytes, from the cache or the store; Range, If-None-Match"},
    {"GET",    "/files/{id}/events", SCOPE_READ, BODY_NONE, 0, handle_file_stream,
     "Server-sent events: the record now, and again whenever its status changes; Last-Event-ID"},
    {"GET",    "/events", SCOPE_READ, BODY_NONE, 0, handle_owner_stream,
     "The same for all files of the owner, from now on"},
    {"POST",   "/files/{id}/retry", SCOPE_UPLOAD, BODY_NONE, 0, handle_file_retry,
     "Processes a FAILED file again; signs the upload of a PENDING one anew"},
    {"GET",    "/files/{id}/variants/{name}", SCOPE_READ, BODY_NONE, 0, handle_variant,
     "A smaller picture: redirects to the store; ?proxy=1 gives the bytes"},
    {"POST",   "/albums", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_album_create,
     "Makes an album: {title}"},
    {"GET",    "/albums", SCOPE_READ, BODY_NONE, 0, handle_album_list,
     "Albums of the owner, newest first: limit, cursor"},
    {"GET",    "/albums/{album_id}", SCOPE_READ, BODY_NONE, 0, handle_album_get,
     "An album"},
    {"DELETE", "/albums/{album_id}", SCOPE_UPLOAD, BODY_NONE, 0, handle_album_delete,
     "Deletes an album with all of its media"},
    {"GET",    "/albums/{album_id}/media", SCOPE_READ, BODY_NONE, 0, handle_album_media,
     "Media of an album, newest first: limit, cursor"},
    {"GET",    "/albums/{album_id}/events", SCOPE_READ, BODY_NONE, 0, handle_album_stream,
     "Server-sent events: each medium of the album whenever its status changes; Last-Event-ID"},
    {"POST",   "/albums/{album_id}/media/upload", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_album_upload,
     "Signs the upload (PUT) of a picture into an album"},
    {"GET",    "/media/{media_id}", SCOPE_READ, BODY_NONE, 0, handle_media_get,
     "Metadata of a medium; ?wait=SECONDS waits until it is uploaded or failed"},
    {"GET",    "/media/{media_id}/events", SCOPE_READ, BODY_NONE, 0, handle_media_stream,
     "Server-sent events: the medium now, and again whenever its status changes; Last-Event-ID"},
    {"POST",   "/media/{media_id}/retry", SCOPE_UPLOAD, BODY_NONE, 0, handle_media_retry,
     "Processes a failed medium again; signs the upload of a pending one anew"},
    {"DELETE", "/media/{media_id}", SCOPE_UPLOAD, BODY_NONE, 0, handle_media_delete,
     "Deletes object, variants, cached content and record"},
    {"GET",    "/users/{user_id}", SCOPE_READ, BODY_NONE, 0, handle_user_get,
     "A user's avatar"},
    {"POST",   "/users/{user_id}/avatar/upload", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_avatar_upload,
     "Signs the upload (PUT) of a user's avatar"},
    {"POST",   "/generations/{generation_id}/media", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_generation_upload,
     "Signs the uploads (PUT) of generated images: {count, content_type}"},
    {"GET",    "/api/v1/tasks/{id}", SCOPE_READ, BODY_NONE, 0, handle_task_get,
     "What became of the upload of an asset; ?wait=SECONDS waits until it is complete or failed"},
    {"GET",    "/api/v1/assets", SCOPE_READ, BODY_NONE, 0, handle_asset_list,
     "Assets of the owner, newest first: limit, cursor"},
    {"GET",    "/api/v1/assets/{id}", SCOPE_READ, BODY_NONE, 0, handle_asset_get,
     "Metadata of an asset, by its id or that of any of its tasks"},
    {"DELETE", "/api/v1/assets/{id}", SCOPE_UPLOAD, BODY_NONE, 0, handle_asset_delete,
     "Drops one reference, and the asset with the last; ?all=1 drops all of them"},
    {"POST",   "/api/v1/assets/check", SCOPE_READ, BODY_JSON, BULK, handle_asset_check,
     "Says which SHA-256 the owner has as an asset"},
    {"POST",   "/s3/multipart", SCOPE_UPLOAD, BODY_JSON, SMALL, handle_multipart_create,
     "Starts a multipart upload: {filename, type, size?, metadata?}"},
    {"GET",    "/s3/multipart/{uploadId}", SCOPE_UPLOAD, BODY_NONE, 0, handle_multipart_list,
     "Parts that arrived; ?key="},
    {"GET",    "/s3/multipart/{uploadId}/{partNumber}", SCOPE_UPLOAD, BODY_NONE, 0, handle_multipart_sign,
     "Signs the upload of one part; ?key="},
    {"POST",   "/s3/multipart/{uploadId}/complete", SCOPE_UPLOAD, BODY_JSON, PARTS, handle_multipart_complete,
     "Joins the parts: {parts: [{PartNumber, ETag}]}; ?key="},
    {"DELETE", "/s3/multipart/{uploadId}", SCOPE_UPLOAD, BODY_NONE, 0, handle_multipart_abort,
     "Ends a multipart upload and drops its parts and record; ?key="},
    {"POST",   "/api/v1/assets", SCOPE_UPLOAD, BODY_FORM, 0, handle_asset_upload,
     "Takes a file through the server: multipart form with part file, and external_id, sha256 as fields"},
    {"GET",    "/usage", SCOPE_READ, BODY_NONE, 0, handle_usage,
     "What the owner's files take, what waits for its upload, and the limits of owner and key"},
    {"POST",   "/events/s3", SCOPE_EVENTS, BODY_ANY, EVENT_BODY, handle_events,
     "Takes bucket notifications, one or many, onto the event list"},
    {"GET",    "/demo", SCOPE_NONE, BODY_NONE, 0, handle_demo_page,
     "A page that uploads photos into an album"},
    {"GET",    "/demo/{file}", SCOPE_NONE, BODY_NONE, 0, handle_demo_asset,
     "Its script and style sheet"},
    {"GET",    "/healthz", SCOPE_NONE, BODY_NONE, 0, handle_healthz,
     "The process answers"},
    {"GET",    "/readyz", SCOPE_NONE, BODY_NONE, 0, handle_readyz,
     "Each dependency works; 503 when one does not, or while draining"},
    {"GET",    "/metrics", SCOPE_NONE, BODY_NONE, 0, handle_metrics,
     "Prometheus metrics"},
};
/* clang-format on */

const size_t route_count = sizeof routes / sizeof routes[0];

void routes_dump(FILE *out) {
    static const char *const bodies[] = {"none", "JSON", "any", "form"};
    fputs(
        "# Routes\n\n| method | path | scope | body | limit (bytes) | does |\n| --- | --- | --- | --- | --- | --- |\n",
        out);
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        fprintf(out, "| %s | `%s` | %s | %s | ", route->method, route->pattern, scope_name(route->scope),
                bodies[route->body]);
        if (route->body == BODY_FORM) {
            fputs("SLUICE_MAX_UPLOAD_BYTES", out);
        } else if (route->body == BODY_NONE) {
            fputs("–", out);
        } else {
            fprintf(out, "%" PRId64, route->body_limit);
        }
        fprintf(out, " | %s |\n", route->doc);
    }
}
