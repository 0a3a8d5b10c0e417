#include "common/s3_post_policy.h"

#include "common/clock.h"
#include "common/encode.h"

static void append_special(struct buf *out, unsigned char c) {
    if (c >= 0x7f) {
        buf_append_char(out, (char)c);
    } else {
        buf_printf(out, "\\u%04x", c);
    }
}

/* A JSON string. Written by hand because this is on the path of every presign, where a tree of JSON values would cost
 * more than the signature. */
static void append_quoted(struct buf *out, const char *text) {
    buf_append_char(out, '"');
    size_t length = strlen(text);
    for (size_t i = 0; i < length;) {
        size_t plain = json_plain_prefix(text + i, length - i);
        buf_append(out, text + i, plain);
        i += plain;
        if (i < length) {
            append_special(out, (unsigned char)text[i++]);
        }
    }
    buf_append_char(out, '"');
}

/* {"name":"value"}: the field must have this value. */
static void append_equal(struct buf *out, const char *name, const char *value) {
    buf_append_char(out, '{');
    append_quoted(out, name);
    buf_append_char(out, ':');
    append_quoted(out, value);
    buf_append_text(out, "},");
}

void s3_post_policy_write(const struct s3_post_policy *policy, struct buf *out) {
    char expiration[CLOCK_TEXT_SIZE];
    clock_format_rfc3339(policy->expires_at_ms, expiration);
    buf_reserve(out, 1024);
    buf_append_text(out, "{\"expiration\":\"");
    buf_append_text(out, expiration);
    buf_append_text(out, "\",\"conditions\":[");
    append_equal(out, "bucket", policy->bucket);
    for (size_t i = 0; i < policy->field_count; i++) {
        append_equal(out, policy->fields[i].name, policy->fields[i].value);
    }
    if (policy->any_content_type) {
        buf_append_text(out, "[\"starts-with\",\"$Content-Type\",\"\"],");
    }
    buf_append_text(out, "[\"content-length-range\",");
    buf_append_int(out, policy->minimum_size);
    buf_append_char(out, ',');
    buf_append_int(out, policy->maximum_size);
    buf_append_text(out, "]]}");
}
