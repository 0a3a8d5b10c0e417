#include "common/sqs_reply.h"

#include "common/encode.h"
#include "common/json.h"
#include "common/xalloc.h"

#include <string.h>

void sqs_messages_free(struct sqs_messages *messages) {
    for (size_t i = 0; i < messages->count; i++) {
        free(messages->items[i].receipt);
        buf_free(&messages->items[i].body);
    }
    *messages = (struct sqs_messages){0};
}

static bool refuse(const char *what, struct error *err) {
    return error_set(err, ERROR_SQS_BAD_REPLY, "the queue's answer cannot be used: %s", what);
}

/* A JSON object; the caller frees it. */
static bool parse(const char *bytes, size_t length, json_t **ret_object, struct error *err) {
    struct error problem = {0};
    _cleanup_(json_freep) json_t *value = NULL;
    if (length > SQS_REPLY_MAX_BYTES || !json_parse(bytes, length, JSON_MAX_DEPTH, &value, &problem)) {
        return refuse(length > SQS_REPLY_MAX_BYTES ? "it is too long" : problem.message, err);
    }
    if (!json_is_object(value)) {
        return refuse("it is no object", err);
    }
    *ret_object = take_ptr(value);
    return true;
}

/* An array of at most SQS_BATCH_MAX, NULL when it is absent or null. */
static bool get_list(const json_t *object, const char *name, const json_t **ret_list, struct error *err) {
    const json_t *list = json_object_get(object, name);
    *ret_list = json_is_null(list) ? NULL : list;
    if (*ret_list != NULL && (!json_is_array(list) || json_array_size(list) > SQS_BATCH_MAX)) {
        return refuse("a list is none, or is too long", err);
    }
    return true;
}

static bool add_message(const json_t *value, struct sqs_messages *messages, struct error *err) {
    const char *receipt = json_text(value, "ReceiptHandle");
    const json_t *body = json_object_get(value, "Body");
    if (receipt == NULL || *receipt == '\0' || strlen(receipt) > SQS_RECEIPT_MAX || !json_is_string(body)) {
        return refuse("a message has no receipt handle or no body", err);
    }
    struct sqs_message *message = &messages->items[messages->count++];
    message->receipt = xstrdup(receipt);
    buf_append(&message->body, json_string_value(body), json_string_length(body));
    return true;
}

bool sqs_reply_messages(const char *bytes, size_t length, struct sqs_messages *ret_messages, struct error *err) {
    _cleanup_(json_freep) json_t *object = NULL;
    _cleanup_(sqs_messages_free) struct sqs_messages messages = {0};
    const json_t *list = NULL;
    if (!parse(bytes, length, &object, err) || !get_list(object, "Messages", &list, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!add_message(json_array_get(list, i), &messages, err)) {
            return false;
        }
    }
    *ret_messages = messages;
    messages = (struct sqs_messages){0};
    return true;
}

/* The bit of an entry by its name. */
static bool get_bit(const json_t *entry, unsigned *ret_bit, struct error *err) {
    int64_t number = 0;
    if (!parse_int64(json_text(entry, "Id"), 0, SQS_BATCH_MAX - 1, &number)) {
        return refuse("an entry has a name that was not asked for", err);
    }
    *ret_bit = 1U << number;
    return true;
}

bool sqs_reply_deletion(const char *bytes, size_t length, struct sqs_deletion *ret_deletion, struct error *err) {
    _cleanup_(json_freep) json_t *object = NULL;
    const json_t *successful = NULL;
    const json_t *failed = NULL;
    struct sqs_deletion deletion = {0};
    unsigned bit = 0;
    if (!parse(bytes, length, &object, err) || !get_list(object, "Successful", &successful, err) ||
        !get_list(object, "Failed", &failed, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(successful); i++) {
        if (!get_bit(json_array_get(successful, i), &bit, err)) {
            return false;
        }
        deletion.deleted |= bit;
    }
    for (size_t i = 0; i < json_array_size(failed); i++) {
        const json_t *entry = json_array_get(failed, i);
        if (!get_bit(entry, &bit, err)) {
            return false;
        }
        deletion.refused |= json_is_true(json_object_get(entry, "SenderFault")) ? bit : 0;
    }
    *ret_deletion = deletion;
    return true;
}

/* Numbers come as texts. */
bool sqs_reply_waiting(const char *bytes, size_t length, int64_t *ret_waiting, struct error *err) {
    _cleanup_(json_freep) json_t *object = NULL;
    if (!parse(bytes, length, &object, err)) {
        return false;
    }
    const json_t *attributes = json_object_get(object, "Attributes");
    return parse_int64(json_text(attributes, "ApproximateNumberOfMessages"), 0, INT64_MAX, ret_waiting) ||
           refuse("it does not say how many messages wait", err);
}

void sqs_reply_error_type(const char *bytes, size_t length, char ret_type[SQS_TYPE_SIZE]) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    _cleanup_(json_freep) json_t *object = NULL;
    struct error ignored = {0};
    ret_type[0] = '\0';
    if (!parse(bytes, length, &object, &ignored)) {
        return;
    }
    const char *type = json_text(object, "__type");
    const char *hash = type == NULL ? NULL : strrchr(type, '#');
    const char *name = hash == NULL ? type : hash + 1;
    if (name != NULL && strlen(name) < SQS_TYPE_SIZE && strspn(name, allowed) == strlen(name)) {
        memcpy(ret_type, name, strlen(name) + 1);
    }
}
