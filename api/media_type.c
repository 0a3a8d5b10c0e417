#include "api/media_type.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Length of the token (RFC 9110, section 5.6.2) at the start. */
static size_t token_length(const char *text) {
    return strspn(text, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/* Length of the quoted string at the start with both quotes, 0 when it is none. */
static size_t quoted_length(const char *text) {
    size_t i = 1;
    while (text[0] == '"' && text[i] != '\0' && text[i] != '"') {
        i += text[i] == '\\' && text[i + 1] != '\0' ? 2 : 1;
    }
    return text[0] == '"' && text[i] == '"' ? i + 1 : 0;
}

static bool is_printable(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e) {
            return false;
        }
    }
    return true;
}

static void lower(char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        text[i] = (char)tolower((unsigned char)text[i]);
    }
}

/* `; name=value` at the start, 0 when there is none; lowers the name. */
static size_t take_parameter(char *text) {
    size_t at = strspn(text, " ");
    if (text[at] != ';') {
        return 0;
    }
    at++;
    at += strspn(text + at, " ");
    size_t name = token_length(text + at);
    if (name == 0 || text[at + name] != '=') {
        return 0;
    }
    lower(text + at, name);
    at += name + 1;
    size_t value = text[at] == '"' ? quoted_length(text + at) : token_length(text + at);
    return value == 0 ? 0 : at + value;
}

bool media_type_normalize(const char *text, char ret_type[MEDIA_TYPE_SIZE]) {
    size_t length = strlen(text);
    if (length >= MEDIA_TYPE_SIZE || !is_printable(text)) {
        return false;
    }
    memcpy(ret_type, text, length + 1);
    size_t type = token_length(ret_type);
    if (type == 0 || ret_type[type] != '/') {
        return false;
    }
    size_t subtype = token_length(ret_type + type + 1);
    size_t at = type + 1 + subtype;
    lower(ret_type, at);
    while (ret_type[at] != '\0') {
        size_t parameter = take_parameter(ret_type + at);
        if (parameter == 0) {
            return false;
        }
        at += parameter;
    }
    return subtype > 0;
}

bool media_type_is_json(const char *text) {
    size_t length = strcspn(text, "; \t");
    static const char json[] = "application/json";
    return (length == sizeof json - 1 && strncasecmp(text, json, length) == 0) ||
           (length > 5 && strncasecmp(text + length - 5, "+json", 5) == 0);
}

bool media_type_is_fields(const char *text) {
    static const char fields[] = "application/x-www-form-urlencoded";
    return strcspn(text, "; \t") == sizeof fields - 1 && strncasecmp(text, fields, sizeof fields - 1) == 0;
}

bool media_type_is_inline_image(const char *type) {
    static const char *const types[] = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"};
    for (size_t i = 0; type != NULL && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}
