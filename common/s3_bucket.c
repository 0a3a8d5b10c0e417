#include "common/s3_bucket.h"

#include "common/s3_request.h"
#include "common/s3_xml.h"
#include "common/xalloc.h"

#include <string.h>

enum { NOTIFICATIONS_MAX = 100, NOTIFICATION_BYTES = 1 << 20 };

#define S3_NAMESPACE "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

bool s3_bucket_exists(struct s3_client *client, bool *ret_exists, struct error *err) {
    struct error local = {0};
    const struct s3_request request = {.method = "HEAD", .idempotent = true};
    bool found = s3_request_send(client, &request, &local);
    if (!found && local.code != ERROR_STORE_NOT_FOUND) {
        return error_set(err, local.code, "%s", local.message);
    }
    *ret_exists = found;
    return true;
}

bool s3_bucket_require(struct s3_client *client, struct error *err) {
    bool exists = false;
    if (!s3_bucket_exists(client, &exists, err)) {
        return false;
    }
    return exists || error_set(err, ERROR_STORE_ERROR, "the store has no bucket %s", client->bucket);
}

bool s3_object_is_absent(struct s3_client *client, const char *key, struct error *err) {
    struct s3_object object;
    struct error local = {0};
    if (!s3_bucket_require(client, err)) {
        return false;
    }
    if (s3_client_head(client, key, &object, &local)) {
        return error_set(err, ERROR_STORE_ERROR, "the store denied an object that it has");
    }
    return local.code == ERROR_STORE_NOT_FOUND || error_set(err, local.code, "%s", local.message);
}

bool s3_bucket_create(struct s3_client *client, struct error *err) {
    struct error local = {0};
    char code[S3_XML_MAX_CODE];
    _cleanup_(buf_free) struct buf xml = {0};
    struct s3_request request = {.method = "PUT", .idempotent = true};
    if (strcmp(client->region, "us-east-1") != 0) { /* the one that must not be named */
        buf_append_text(&xml, "<CreateBucketConfiguration " S3_NAMESPACE ">");
        s3_xml_append(&xml, "LocationConstraint", client->region);
        buf_append_text(&xml, "</CreateBucketConfiguration>");
        request.body = (struct s3_body){.bytes = xml.data, .length = (int64_t)xml.length};
    }
    if (s3_request_send(client, &request, &local)) {
        return true;
    }
    s3_xml_error_code(buf_text(&client->reply.body), client->reply.body.length, code);
    return strcmp(code, "BucketAlreadyOwnedByYou") == 0 || error_set(err, local.code, "%s", local.message);
}

static void append_notification(struct buf *xml, const struct s3_notification *notification) {
    buf_append_text(xml, "<QueueConfiguration>");
    if (notification->id != NULL) {
        s3_xml_append(xml, "Id", notification->id);
    }
    s3_xml_append(xml, "Queue", notification->arn);
    for (const char *const *event = notification->events; *event != NULL; event++) {
        s3_xml_append(xml, "Event", *event);
    }
    if (notification->prefix != NULL && *notification->prefix != '\0') {
        buf_append_text(xml, "<Filter><S3Key><FilterRule><Name>prefix</Name>");
        s3_xml_append(xml, "Value", notification->prefix);
        buf_append_text(xml, "</FilterRule></S3Key></Filter>");
    }
    buf_append_text(xml, "</QueueConfiguration>");
}

static bool put_configuration(struct s3_client *client, const char *name, const struct buf *xml, struct error *err) {
    _cleanup_(buf_free) struct buf checksum = {0};
    struct s3_request request = {.method = "PUT", .idempotent = true};
    s3_request_query(&request, name, "");
    s3_request_xml(&request, xml, &checksum);
    return s3_request_send(client, &request, err);
}

bool s3_bucket_put_notifications(struct s3_client *client, const struct s3_notification *notifications, size_t count,
                                 struct error *err) {
    _cleanup_(buf_free) struct buf xml = {0};
    buf_append_text(&xml, "<NotificationConfiguration " S3_NAMESPACE ">");
    for (size_t i = 0; i < count; i++) {
        append_notification(&xml, &notifications[i]);
    }
    buf_append_text(&xml, "</NotificationConfiguration>");
    return put_configuration(client, "notification", &xml, err);
}

struct notification_list {
    struct s3_notification_rows rows;
    struct buf arn; /* these three of the one in the making */
    struct buf prefix;
    struct buf events;
    bool is_prefix; /* the filter rule in the making is one of a prefix */
};

static void replace_text(struct buf *buf, const char *text) {
    buf_clear(buf);
    buf_append_text(buf, text);
}

static bool add_row(struct notification_list *list, struct error *err) {
    struct s3_notification_rows *rows = &list->rows;
    if (rows->count == NOTIFICATIONS_MAX) {
        return error_set(err, ERROR_STORE_ERROR, "the store has more than %d notifications", NOTIFICATIONS_MAX);
    }
    rows->rows = xrealloc(rows->rows, (rows->count + 1) * sizeof *rows->rows);
    rows->rows[rows->count++] = (struct s3_notification_row){
        .arn = buf_take(&list->arn),
        .prefix = buf_take(&list->prefix),
        .events = buf_take(&list->events),
    };
    return true;
}

static bool take_notification(void *context, const char *path, const char *text, struct error *err) {
    static const char root[] = "NotificationConfiguration/QueueConfiguration";
    struct notification_list *list = context;
    if (strncmp(path, root, sizeof root - 1) != 0) {
        list->rows.has_more |= strchr(path, '/') != NULL;
        return true;
    }
    const char *name = path + sizeof root - 1;
    if (strcmp(name, "/Queue") == 0) {
        replace_text(&list->arn, text);
    } else if (strcmp(name, "/Event") == 0) {
        buf_printf(&list->events, "%s%s", list->events.length > 0 ? " " : "", text);
    } else if (strcmp(name, "/Filter/S3Key/FilterRule/Name") == 0) {
        list->is_prefix = strcasecmp(text, "prefix") == 0; /* AWS answers "Prefix" */
        list->rows.has_more |= !list->is_prefix;
    } else if (strcmp(name, "/Filter/S3Key/FilterRule/Value") == 0 && list->is_prefix) {
        replace_text(&list->prefix, text);
    } else if (*name == '\0') {
        return add_row(list, err);
    }
    return true;
}

bool s3_bucket_get_notifications(struct s3_client *client, struct s3_notification_rows *ret_rows, struct error *err) {
    struct notification_list list = {0};
    struct s3_request request = {.method = "GET", .idempotent = true, .max_reply_bytes = NOTIFICATION_BYTES};
    s3_request_query(&request, "notification", "");
    bool parsed = s3_request_send(client, &request, err) &&
                  s3_xml_parse(buf_text(&client->reply.body), client->reply.body.length, take_notification, &list, err);
    buf_free(&list.arn);
    buf_free(&list.prefix);
    buf_free(&list.events);
    if (!parsed) {
        s3_notification_rows_free(&list.rows);
        return false;
    }
    *ret_rows = list.rows;
    return true;
}

void s3_notification_rows_free(struct s3_notification_rows *rows) {
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->rows[i].arn);
        free(rows->rows[i].prefix);
        free(rows->rows[i].events);
    }
    free(rows->rows);
    *rows = (struct s3_notification_rows){0};
}

bool s3_bucket_put_cors(struct s3_client *client, const char *const *origins, struct error *err) {
    _cleanup_(buf_free) struct buf xml = {0};
    buf_append_text(&xml, "<CORSConfiguration " S3_NAMESPACE "><CORSRule>");
    for (const char *const *origin = origins; *origin != NULL; origin++) {
        s3_xml_append(&xml, "AllowedOrigin", *origin);
    }
    buf_append_text(&xml, "<AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>"
                          "<AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</AllowedMethod>"
                          "<AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
                          "<ExposeHeader>x-amz-version-id</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds>"
                          "</CORSRule></CORSConfiguration>");
    return put_configuration(client, "cors", &xml, err);
}
