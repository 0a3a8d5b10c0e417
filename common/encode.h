/* Text encodings: hex, base64, percent- and form-encoding, UTF-8 checks, and integers from outside. Pure. */
#ifndef SLUICE_COMMON_ENCODE_H
#define SLUICE_COMMON_ENCODE_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Lower-case hex; ret_text holds 2 × length + 1. */
void encode_hex(const unsigned char *bytes, size_t length, char *ret_text);
/* Exactly 2 × length hex digits (either case) and the end of the text; else false. */
bool decode_hex(const char *text, unsigned char *ret_bytes, size_t length) MUST_CHECK;

/* RFC 4648 base64 with padding. */
void encode_base64(struct buf *out, const unsigned char *bytes, size_t length);

/* The same form, exactly `length` bytes of it; else false. */
bool decode_base64(const char *text, unsigned char *ret_bytes, size_t length) MUST_CHECK;

/* RFC 4648 base64url without padding, as RFC 7515 has it; appended to `out`. False for any other character, and for bits that are
 * left over. */
bool decode_base64url(const char *text, size_t length, struct buf *out) MUST_CHECK;

/* Percent-encodes all but RFC 3986 unreserved characters, as SigV4 asks (upper-case hex, space is %20). */
void encode_uri(struct buf *out, const char *text, size_t length, bool keep_slash);

/* Undoes percent-encoding; with plus_is_space also form-encoding. False on a bad escape or a NUL. */
bool decode_uri(const char *text, size_t length, bool plus_is_space, struct buf *out) MUST_CHECK;

/* Length of the run at the start that needs no escape in a JSON string and is ASCII: no control character, no quote, no
 * backslash. Most texts are such a run as a whole, and eight bytes of it cost what one byte costs alone. */
size_t json_plain_prefix(const char *text, size_t length);

/* Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates) without NUL. */
bool utf8_valid(const char *text, size_t length);

/* Length of the longest prefix that is at most `limit` bytes and cuts no UTF-8 sequence. */
size_t utf8_prefix(const char *text, size_t length, size_t limit);

/* A decimal integer within [minimum, maximum], nothing before or after it; the one way integers come in. */
bool parse_int64(const char *text, int64_t minimum, int64_t maximum, int64_t *ret_value) MUST_CHECK;

#endif
