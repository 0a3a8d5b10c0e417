#include "api/multipart_parts.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <stdlib.h>
#include <string.h>

void multipart_parts_free(struct multipart_parts *parts) {
    free(parts->items);
    *parts = (struct multipart_parts){0};
}

/* One number of the list, up to its comma. */
static bool read_number(const char *text, size_t length, int64_t *ret_number) {
    char digits[8];
    if (length >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    return parse_int64(digits, 1, S3_PARTS_MAX, ret_number);
}

bool part_numbers_read(const char *text, struct part_numbers *ret_numbers, struct error *err) {
    bool seen[S3_PARTS_MAX + 1] = {false};
    ret_numbers->count = 0;
    for (const char *at = text; at != NULL;) {
        size_t length = strcspn(at, ",");
        int64_t number = 0;
        if (!read_number(at, length, &number)) {
            return error_set(err, ERROR_VALIDATION_FAILED, "partNumbers must be a list of 1 to %d", S3_PARTS_MAX);
        }
        if (!seen[number] && ret_numbers->count == PART_NUMBERS_MAX) {
            return error_set(err, ERROR_VALIDATION_FAILED, "at most %d parts are signed at once", PART_NUMBERS_MAX);
        }
        if (!seen[number]) {
            seen[number] = true;
            ret_numbers->items[ret_numbers->count++] = (int)number;
        }
        at = at[length] == ',' ? at + length + 1 : NULL;
    }
    return ret_numbers->count > 0 || error_set(err, ERROR_VALIDATION_FAILED, "query parameter partNumbers is required");
}

/* The quotes at the ends, which clients that copied them out of XML have as entities. */
static size_t quote_at(const char *text, size_t length, bool at_end) {
    static const char *const quotes[] = {"\"", "&quot;", "&#34;"};
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        size_t size = strlen(quotes[i]);
        if (size <= length && memcmp(at_end ? text + length - size : text, quotes[i], size) == 0) {
            return size;
        }
    }
    return 0;
}

/* ETags come bare, in their quotes, or as a listing in XML has them. */
static void read_etag(struct json_reader *reader, struct s3_part *part) {
    const char *text = json_read_text(reader, "ETag", S3_ETAG_SIZE - 1, true);
    size_t length = text == NULL ? 0 : strlen(text);
    size_t opening = text == NULL ? 0 : quote_at(text, length, false);
    size_t closing = opening == 0 ? 0 : quote_at(text + opening, length - opening, true);
    size_t skipped = closing == 0 ? 0 : opening;
    length -= skipped + closing;
    for (size_t i = skipped; i < skipped + length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x21 || c > 0x7e || c == '<' || c == '&') {
            json_complain(reader, "ETag", "must be an entity tag");
            return;
        }
    }
    snprintf(part->etag, sizeof part->etag, "%.*s", (int)length, text == NULL ? "" : text + skipped);
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
