#include "api/upload_metadata.h"

#include "api/upload_policy.h"
#include "common/encode.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PREFIX "x-amz-meta-"

void upload_metadata_free(struct upload_metadata *metadata) {
    for (size_t i = 0; i < metadata->count; i++) {
        free((char *)metadata->fields[i].name);
        free((char *)metadata->fields[i].value);
    }
    free(metadata->external_id);
    *metadata = (struct upload_metadata){0};
}

static bool is_name(const char *text) {
    static const char sane[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(text);
    return length > 0 && length <= UPLOAD_METADATA_NAME_MAX && strspn(text, sane) == length;
}

/* A record has these in fields of its own. */
static bool is_known(const char *name) {
    static const char *const known[] = {"name", "filename", "type"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Blanks at the ends get lost on the way; and a store puts the file's name in the place of ${filename}. */
static bool is_plain(const char *value, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (value[i] < 0x20 || value[i] > 0x7e || value[i] == '$') {
            return false;
        }
    }
    return value[0] != ' ' && value[length - 1] != ' ' && strstr(value, "  ") == NULL;
}

static char *encoded(const char *value) {
    size_t length = strlen(value);
    if (is_plain(value, length)) {
        return xstrdup(value);
    }
    _cleanup_(buf_free) struct buf text = {0};
    buf_append_text(&text, "=?UTF-8?B?");
    encode_base64(&text, (const unsigned char *)value, length);
    buf_append_text(&text, "?=");
    return buf_take(&text);
}

static char *header_name(const char *name) {
    char *header = xasprintf(PREFIX "%s", name);
    for (char *c = header; *c != '\0'; c++) {
        *c = (char)tolower((unsigned char)*c);
    }
    return header;
}

static bool is_taken(const struct upload_metadata *metadata, const char *name) {
    for (size_t i = 0; i < metadata->count; i++) {
        if (strcasecmp(metadata->fields[i].name + sizeof PREFIX - 1, name) == 0) {
            return true;
        }
    }
    return false;
}

static void take_external_id(struct upload_metadata *metadata, struct json_reader *reader, const char *value) {
    if (strlen(value) > EXTERNAL_ID_MAX) {
        json_complain(reader, "metadata", "external_id must have at most %d bytes", EXTERNAL_ID_MAX);
    } else if (metadata->external_id == NULL) {
        metadata->external_id = xstrdup(value);
    }
}

static void add(struct upload_metadata *metadata, struct json_reader *reader, const char *name, const char *value) {
    if (*value == '\0' || is_known(name)) {
        return;
    }
    if (strcmp(name, "external_id") == 0) {
        take_external_id(metadata, reader, value);
        return;
    }
    if (!is_name(name)) {
        json_complain(reader, "metadata", "names have 1 to %d of A-Z a-z 0-9 . _ -", UPLOAD_METADATA_NAME_MAX);
        return;
    }
    if (is_taken(metadata, name)) {
        return;
    }
    _cleanup_(freep) char *text = encoded(value);
    size_t bytes = strlen(name) + strlen(text);
    if (metadata->count == UPLOAD_METADATA_MAX || metadata->bytes + bytes > UPLOAD_METADATA_BYTES_MAX) {
        json_complain(reader, "metadata", "at most %d fields, with %d bytes in all", UPLOAD_METADATA_MAX,
                      UPLOAD_METADATA_BYTES_MAX);
        return;
    }
    metadata->bytes += bytes;
    metadata->fields[metadata->count++] = (struct s3_field){header_name(name), take_ptr(text)};
}

/* The name within `metadata[name]`; NULL for another parameter. */
static const char *name_within(struct buf *parameter) {
    static const char opening[] = "metadata[";
    size_t length = parameter->length;
    if (length < sizeof opening || strncmp(parameter->data, opening, sizeof opening - 1) != 0 ||
        parameter->data[length - 1] != ']') {
        return NULL;
    }
    parameter->data[length - 1] = '\0';
    return parameter->data + sizeof opening - 1;
}

static void read_pair(const char *pair, size_t length, struct json_reader *reader, struct upload_metadata *metadata) {
    size_t name_length = strcspn(pair, "=&");
    name_length = name_length < length ? name_length : length;
    size_t value_start = name_length < length ? name_length + 1 : length;
    _cleanup_(buf_free) struct buf parameter = {0};
    _cleanup_(buf_free) struct buf value = {0};
    const char *name = decode_uri(pair, name_length, true, &parameter) ? name_within(&parameter) : NULL;
    if (name == NULL) {
        return;
    }
    if (!decode_uri(pair + value_start, length - value_start, true, &value) ||
        !utf8_valid(buf_text(&value), value.length)) {
        json_complain(reader, "metadata", "is not well-formed");
        return;
    }
    add(metadata, reader, name, buf_text(&value));
}

void upload_metadata_from_query(const char *query, struct json_reader *reader, struct upload_metadata *metadata) {
    for (const char *at = query; *at != '\0';) {
        size_t length = strcspn(at, "&");
        read_pair(at, length, reader, metadata);
        at += length + (at[length] == '&' ? 1 : 0);
    }
}

void upload_metadata_from_json(const json_t *object, struct json_reader *reader, struct upload_metadata *metadata) {
    json_t *members = json_object_get(object, "metadata");
    if (members == NULL || json_is_null(members)) {
        return;
    }
    if (!json_is_object(members)) {
        json_complain(reader, "metadata", "must be an object");
        return;
    }
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach (members, name, value) {
        if (json_is_string(value)) {
            add(metadata, reader, name, json_string_value(value));
        } else if (!json_is_null(value)) {
            _cleanup_(freep) char *text = json_to_text(value);
            add(metadata, reader, name, text);
        }
    }
}
