#include "common/encode.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

void encode_hex(const unsigned char *bytes, size_t length, char *ret_text) {
    for (size_t i = 0; i < length; i++) {
        ret_text[2 * i] = hex_lower[bytes[i] >> 4];
        ret_text[2 * i + 1] = hex_lower[bytes[i] & 15];
    }
    ret_text[2 * length] = '\0';
}

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

bool decode_hex(const char *text, unsigned char *ret_bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        ret_bytes[i] = (unsigned char)(high << 4 | low);
    }
    return text[2 * length] == '\0';
}

void encode_base64(struct buf *out, const unsigned char *bytes, size_t length) {
    unsigned char *end = (unsigned char *)buf_reserve(out, 4 * ((length + 2) / 3));
    out->length += (size_t)EVP_EncodeBlock(end, bytes, (int)length);
}

static int base64_value(char c) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *place = c == '\0' ? NULL : strchr(alphabet, c);
    return place == NULL ? -1 : (int)(place - alphabet);
}

struct bits {
    unsigned value;
    unsigned count; /* that no byte has taken yet */
};

/* Six more bits of text; true when they fill a byte. */
static bool bits_fill(struct bits *bits, int value, unsigned char *ret_byte) {
    bits->value = (bits->value << 6 | (unsigned)value) & 0xffff;
    bits->count += 6;
    if (bits->count < 8) {
        return false;
    }
    bits->count -= 8;
    *ret_byte = (unsigned char)(bits->value >> bits->count);
    return true;
}

/* A text ends well with fewer bits than a character has, all of them 0. */
static bool bits_end(const struct bits *bits) {
    return bits->count < 6 && (bits->value & ((1U << bits->count) - 1)) == 0;
}

/* Not by EVP_DecodeBlock, which takes bad padding and ignores space. */
bool decode_base64(const char *text, unsigned char *ret_bytes, size_t length) {
    struct bits bits = {0};
    size_t count = 0;
    for (; *text != '\0' && *text != '='; text++) {
        int value = base64_value(*text);
        unsigned char byte = 0;
        bool is_full = value >= 0 && bits_fill(&bits, value, &byte);
        if (value < 0 || (is_full && count == length)) {
            return false;
        }
        if (is_full) {
            ret_bytes[count++] = byte;
        }
    }
    static const char *const padding[] = {"", "==", "="}; /* after length % 3 bytes */
    return count == length && bits_end(&bits) && strcmp(text, padding[length % 3]) == 0;
}

bool decode_base64url(const char *text, size_t length, struct buf *out) {
    struct bits bits = {0};
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        int value = c == '+' || c == '/' ? -1 : base64_value((char)(c == '-' ? '+' : c == '_' ? '/' : c));
        unsigned char byte = 0;
        if (value < 0) {
            return false;
        }
        if (bits_fill(&bits, value, &byte)) {
            buf_append_char(out, (char)byte);
        }
    }
    return bits_end(&bits);
}

/* By ranges: isalnum depends on the locale. */
static bool uri_unreserved(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void encode_uri(struct buf *out, const char *text, size_t length, bool keep_slash) {
    char *end = buf_reserve(out, 3 * length);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (uri_unreserved(c) || (keep_slash && c == '/')) {
            *end++ = (char)c;
        } else {
            *end++ = '%';
            *end++ = hex_upper[c >> 4];
            *end++ = hex_upper[c & 15];
        }
    }
    out->length = (size_t)(end - out->data);
    *end = '\0';
}

bool decode_uri(const char *text, size_t length, bool plus_is_space, struct buf *out) {
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
            int low = high < 0 ? -1 : hex_value(text[i + 2]);
            if (low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') {
            return false;
        }
        buf_append_char(out, c);
    }
    return true;
}

#define EVERY_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

static uint64_t load_word(const char *text) {
    uint64_t word = 0;
    memcpy(&word, text, sizeof word);
    return word;
}

static bool has_high_bit(uint64_t word) {
    return (word & EVERY_BYTE(0x80)) != 0;
}

/* Whether a byte of the word is below `limit` (at most 0x80); the words of eight bytes that are all ASCII only. */
static bool has_below(uint64_t word, unsigned char limit) {
    return ((word - EVERY_BYTE(limit)) & ~word & EVERY_BYTE(0x80)) != 0;
}

static bool has_byte(uint64_t word, unsigned char byte) {
    return has_below(word ^ EVERY_BYTE(byte), 1);
}

static bool is_json_plain(unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

size_t json_plain_prefix(const char *text, size_t length) {
    size_t i = 0;
    while (i + sizeof(uint64_t) <= length) {
        uint64_t word = load_word(text + i);
        if (has_high_bit(word) || has_below(word, 0x20) || has_byte(word, '"') || has_byte(word, '\\') ||
            has_byte(word, 0x7f)) {
            break;
        }
        i += sizeof word;
    }
    while (i < length && is_json_plain((unsigned char)text[i])) {
        i++;
    }
    return i;
}

/* Length of the well-formed sequence at the start of the bytes, 0 when there is none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t left) {
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (bytes[0] < forms[i].first_low || bytes[0] > forms[i].first_high) {
            continue;
        }
        if (forms[i].length > left) {
            return 0;
        }
        bool well_formed =
            forms[i].length == 1 || (bytes[1] >= forms[i].second_low && bytes[1] <= forms[i].second_high);
        for (size_t k = 2; k < forms[i].length; k++) {
            well_formed = well_formed && (bytes[k] & 0xc0) == 0x80;
        }
        return well_formed ? forms[i].length : 0;
    }
    return 0;
}

bool utf8_valid(const char *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        uint64_t word = i + sizeof word <= length ? load_word(text + i) : 0;
        bool ascii = !has_high_bit(word) && !has_below(word, 1);
        size_t step = ascii ? sizeof word : utf8_sequence((const unsigned char *)text + i, length - i);
        if (step == 0) {
            return false;
        }
        i += step;
    }
    return true;
}

size_t utf8_prefix(const char *text, size_t length, size_t limit) {
    if (length <= limit) {
        return length;
    }
    size_t end = limit;
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80) {
        end--;
    }
    return end;
}

bool parse_int64(const char *text, int64_t minimum, int64_t maximum, int64_t *ret_value) {
    if (text == NULL || (*text != '-' && isdigit((unsigned char)*text) == 0)) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < minimum || value > maximum) {
        return false;
    }
    *ret_value = value;
    return true;
}
