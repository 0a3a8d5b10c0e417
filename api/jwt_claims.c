#include "api/jwt_claims.h"

#include <string.h>

enum { DEPTH_MAX = 8 };
#define TIME_MAX_S 253402300799.0 /* the end of the year 9999 */

static bool refuse(struct error *err, const char *why) {
    return error_set(err, ERROR_UNAUTHORIZED, "the token %s", why);
}

/* A NumericDate, which may have a fraction. Absent: `absent`. */
static bool read_time(const json_t *claims, const char *name, int64_t absent, int64_t *ret_time_s, struct error *err) {
    const json_t *value = json_object_get(claims, name);
    *ret_time_s = absent;
    if (value == NULL) {
        return true;
    }
    double seconds = json_is_number(value) ? json_number_value(value) : -1;
    if (!(seconds >= 0 && seconds <= TIME_MAX_S)) {
        return error_set(err, ERROR_UNAUTHORIZED, "the token's %s is no time", name);
    }
    *ret_time_s = (int64_t)seconds;
    return true;
}

static bool check_times(const json_t *claims, const struct jwt_rules *rules, int64_t now_s, int64_t *ret_expires_s,
                        struct error *err) {
    int64_t not_before_s = 0;
    int64_t issued_s = 0;
    if (!read_time(claims, "exp", -1, ret_expires_s, err) || !read_time(claims, "nbf", 0, &not_before_s, err) ||
        !read_time(claims, "iat", 0, &issued_s, err)) {
        return false;
    }
    if (*ret_expires_s < 0) {
        return refuse(err, "has no end (exp)");
    }
    if (now_s >= *ret_expires_s + rules->leeway_s) {
        return refuse(err, "has expired");
    }
    return (not_before_s <= now_s + rules->leeway_s && issued_s <= now_s + rules->leeway_s) ||
           refuse(err, "is not valid yet");
}

static bool is_text(const json_t *value, const char *wanted) {
    return json_is_string(value) && strcmp(json_string_value(value), wanted) == 0;
}

static bool check_audience(const json_t *claims, const char *wanted, struct error *err) {
    const json_t *audience = json_object_get(claims, "aud");
    if (*wanted == '\0' || is_text(audience, wanted)) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(audience); i++) {
        if (is_text(json_array_get(audience, i), wanted)) {
            return true;
        }
    }
    return refuse(err, "is for another audience");
}

/* Owners are shown in logs and on terminals: no control characters, also not those of Unicode's second block. */
static bool is_owner(const char *subject) {
    size_t length = strlen(subject);
    if (length == 0 || length >= OWNER_ID_SIZE) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)subject[i];
        if (c < ' ' || c == 0x7f || (c == 0xc2 && (unsigned char)subject[i + 1] < 0xa0)) {
            return false;
        }
    }
    return true;
}

static bool read_subject(const json_t *claims, struct jwt_claims *ret_claims, struct error *err) {
    const char *subject = json_text(claims, "sub");
    if (subject == NULL || !is_owner(subject)) {
        return refuse(err, "has no subject (sub) of 1 to 255 bytes without control characters");
    }
    snprintf(ret_claims->subject, sizeof ret_claims->subject, "%s", subject);
    return true;
}

static bool read_scope(const json_t *claims, struct jwt_claims *ret_claims, struct error *err) {
    const json_t *scope = json_object_get(claims, "scope");
    if (scope != NULL && !json_is_string(scope)) {
        return refuse(err, "has a scope that is no text");
    }
    ret_claims->scopes = scope == NULL ? 0 : scope_mask(json_string_value(scope), ' ');
    return true;
}

bool jwt_claims_read(const char *json, size_t length, const struct jwt_rules *rules, int64_t now_s,
                     struct jwt_claims *ret_claims, struct error *err) {
    _cleanup_(json_freep) json_t *claims = NULL;
    *ret_claims = (struct jwt_claims){0};
    if (!json_parse(json, length, DEPTH_MAX, &claims, err) || !json_is_object(claims)) {
        return refuse(err, "has claims that are no JSON object, or one of them twice");
    }
    if (!check_times(claims, rules, now_s, &ret_claims->expires_at_s, err) ||
        !check_audience(claims, rules->audience, err)) {
        return false;
    }
    if (*rules->issuer != '\0' && !is_text(json_object_get(claims, "iss"), rules->issuer)) {
        return refuse(err, "is from another issuer");
    }
    return read_subject(claims, ret_claims, err) && read_scope(claims, ret_claims, err);
}
