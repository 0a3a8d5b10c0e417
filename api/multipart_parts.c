#include "api/multipart_parts.h"

#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

void multipart_parts_free(struct multipart_parts *parts) {
    free(parts->items);
    *parts = (struct multipart_parts){0};
}

/* ETags come with or without their quotes. */
static void read_etag(struct json_reader *reader, struct s3_part *part) {
    const char *text = json_read_text(reader, "ETag", S3_ETAG_SIZE - 1, true);
    size_t length = text == NULL ? 0 : strlen(text);
    bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x21 || c > 0x7e || c == '<' || c == '&') {
            json_complain(reader, "ETag", "must be an entity tag");
            return;
        }
    }
    snprintf(part->etag, sizeof part->etag, "%.*s", (int)(quoted ? length - 2 : length),
             text == NULL ? "" : text + (quoted ? 1 : 0));
}

static void read_part(struct json_reader *reader, struct s3_part *part) {
    part->number = (int)json_read_int(reader, "PartNumber", 1, S3_PARTS_MAX, true, 0);
    read_etag(reader, part);
}

static int by_number(const void *left, const void *right) {
    return ((const struct s3_part *)left)->number - ((const struct s3_part *)right)->number;
}

static void complain_of_twins(struct json_reader *reader, const struct multipart_parts *parts) {
    for (size_t i = 1; i < parts->count && json_reader_ok(reader); i++) {
        if (parts->items[i].number == parts->items[i - 1].number) {
            json_complain(reader, "parts", "part %d is named twice", parts->items[i].number);
        }
    }
}

bool multipart_parts_read(struct json_reader *reader, struct multipart_parts *ret_parts, struct error *err) {
    const json_t *items = json_read_array(reader, "parts", S3_PARTS_MAX, true);
    struct multipart_parts parts = {.count = json_array_size(items)};
    parts.items = xcalloc(parts.count + 1, sizeof *parts.items);
    struct json_reader part_reader = {.complaints = reader->complaints};
    for (size_t i = 0; i < parts.count && json_reader_ok(&part_reader); i++) {
        part_reader.object = json_array_get(items, i);
        if (json_is_object(part_reader.object)) {
            read_part(&part_reader, &parts.items[i]);
        } else {
            json_complain(&part_reader, "parts", "item %zu must be an object", i);
        }
    }
    reader->complaints = part_reader.complaints;
    qsort(parts.items, parts.count, sizeof *parts.items, by_number);
    complain_of_twins(reader, &parts);
    *ret_parts = parts;
    return json_reader_ok(reader) || error_set(err, ERROR_VALIDATION_FAILED, "see errors");
}
