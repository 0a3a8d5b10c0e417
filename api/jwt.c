#include "api/jwt.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/log.h"
#include "common/xalloc.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { PARTS = 3, HEADER_DEPTH_MAX = 4, LOOK_EVERY_MS = 1000, SET_MAX_BYTES = 256 << 10 };

/* A file's content as far as its metadata tells. */
struct version {
    int64_t inode, size, changed_s, changed_ns;
};

struct jwt {
    const struct config *config;
    struct jwt_rules rules;
    pthread_mutex_t lock; /* of what follows */
    struct jwt_keys *keys;
    struct version version;
    int64_t next_look_ms; /* monotonic */
};

static bool refuse(struct error *err, const char *why) {
    return error_set(err, ERROR_UNAUTHORIZED, "the token %s", why);
}

/* libcjose ends the process on base64url that is none: nothing reaches it that was not decoded here. */
static bool is_decodable(const char *text, size_t length) {
    _cleanup_(buf_free) struct buf bytes = {0};
    return length > 0 && decode_base64url(text, length, &bytes);
}

/* Three parts with two dots, none of them empty; the length of the first one. */
static bool check_form(const char *token, size_t *ret_header_length, struct error *err) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strlen(token) > JWT_TOKEN_MAX) {
        return refuse(err, "is too long");
    }
    const char *at = token;
    for (int part = 0; part < PARTS; part++) {
        size_t length = strspn(at, alphabet);
        bool is_last = part == PARTS - 1;
        if (at[length] != (is_last ? '\0' : '.') || !is_decodable(at, length)) {
            return refuse(err, "is malformed");
        }
        *ret_header_length = part == 0 ? length : *ret_header_length;
        at += length + 1;
    }
    return true;
}

static bool read_type(const json_t *header, struct error *err) {
    static const char *const types[] = {"JWT", "at+jwt", "application/jwt", "application/at+jwt"};
    const json_t *type = json_object_get(header, "typ");
    for (size_t i = 0; json_is_string(type) && i < sizeof types / sizeof types[0]; i++) {
        if (strcasecmp(types[i], json_string_value(type)) == 0) {
            return true;
        }
    }
    return type == NULL || refuse(err, "is of a type that is not taken");
}

static bool read_members(const json_t *header, struct jwt_header *ret_header, struct error *err) {
    const char *algorithm = json_text(header, "alg");
    const json_t *kid = json_object_get(header, "kid");
    if (algorithm == NULL || !jwt_algorithm_of(algorithm, &ret_header->algorithm)) {
        return refuse(err, "has an algorithm that is not taken");
    }
    if (json_object_get(header, "crit") != NULL) {
        return refuse(err, "has extensions (crit) that are not known");
    }
    if (kid != NULL && (!json_is_string(kid) || strlen(json_string_value(kid)) > JWT_KID_MAX)) {
        return refuse(err, "has a key id (kid) that is none");
    }
    ret_header->has_kid = kid != NULL;
    snprintf(ret_header->kid, sizeof ret_header->kid, "%s", kid == NULL ? "" : json_string_value(kid));
    return read_type(header, err);
}

bool jwt_header_read(const char *token, struct jwt_header *ret_header, struct error *err) {
    size_t length = 0;
    _cleanup_(buf_free) struct buf text = {0};
    _cleanup_(json_freep) json_t *header = NULL;
    *ret_header = (struct jwt_header){0};
    if (!check_form(token, &length, err)) {
        return false;
    }
    if (!decode_base64url(token, length, &text) ||
        !json_parse(buf_text(&text), text.length, HEADER_DEPTH_MAX, &header, err) || !json_is_object(header)) {
        return refuse(err, "has a header that is no JSON object, or has something twice");
    }
    return read_members(header, ret_header, err);
}

static bool read_file(const char *path, struct buf *out, struct error *err) {
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(err, ERROR_CONFIG, "SLUICE_JWT_JWKS_FILE: cannot open %.100s: %s", path, strerror(errno));
    }
    char *place = buf_reserve(out, SET_MAX_BYTES + 1);
    out->length = fread(place, 1, SET_MAX_BYTES + 1, file);
    if (ferror(file) != 0 || out->length > SET_MAX_BYTES) {
        return error_set(err, ERROR_CONFIG, "SLUICE_JWT_JWKS_FILE: %.100s is not a file of at most %d bytes", path,
                         SET_MAX_BYTES);
    }
    return true;
}

static bool load(const struct config *config, struct jwt_keys **ret_keys, struct error *err) {
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = jwt_keys_new();
    _cleanup_(buf_free) struct buf set = {0};
    if (*config->jwt_secret != '\0' && !jwt_keys_add_secret(keys, config->jwt_secret, err)) {
        return false;
    }
    if (*config->jwt_jwks_file != '\0') {
        if (!read_file(config->jwt_jwks_file, &set, err)) {
            return false;
        }
        if (!jwt_keys_add_set(keys, buf_text(&set), set.length, err)) {
            return error_prefix(err, "SLUICE_JWT_JWKS_FILE");
        }
    }
    *ret_keys = take_ptr(keys);
    return true;
}

static struct version version_of(const char *path) {
    struct stat status;
    if (*path == '\0' || stat(path, &status) != 0) {
        return (struct version){0};
    }
    return (struct version){(int64_t)status.st_ino, (int64_t)status.st_size, (int64_t)status.st_mtim.tv_sec,
                            (int64_t)status.st_mtim.tv_nsec};
}

static bool is_set(const char *setting) {
    return setting != NULL && *setting != '\0';
}

bool jwt_new(const struct config *config, struct jwt **ret_jwt, struct error *err) {
    *ret_jwt = NULL;
    if (!is_set(config->jwt_secret) && !is_set(config->jwt_jwks_file)) {
        return true;
    }
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = NULL;
    struct version version = version_of(config->jwt_jwks_file);
    if (!load(config, &keys, err)) {
        return false;
    }
    struct jwt *jwt = xcalloc(1, sizeof *jwt);
    jwt->config = config;
    jwt->rules = (struct jwt_rules){config->jwt_audience, config->jwt_issuer, config->jwt_leeway_s};
    jwt->keys = take_ptr(keys);
    jwt->version = version;
    pthread_mutex_init(&jwt->lock, NULL);
    *ret_jwt = jwt;
    return true;
}

void jwt_free(struct jwt *jwt) {
    if (jwt != NULL) {
        pthread_mutex_destroy(&jwt->lock);
        jwt_keys_free(jwt->keys);
        free(jwt);
    }
}

/* The lock is held. A file that is broken, or gone for a moment, must not lock everybody out. */
static void look_again(struct jwt *jwt) {
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms < jwt->next_look_ms) {
        return;
    }
    jwt->next_look_ms = now_ms + LOOK_EVERY_MS;
    struct version version = version_of(jwt->config->jwt_jwks_file);
    if (memcmp(&version, &jwt->version, sizeof version) == 0) {
        return;
    }
    jwt->version = version;
    struct jwt_keys *keys = NULL;
    struct error error = {0};
    if (!load(jwt->config, &keys, &error)) {
        log_warn("jwt_keys_kept", log_code(&error), log_message(&error));
        return;
    }
    jwt_keys_free(jwt->keys);
    jwt->keys = keys;
    log_info("jwt_keys_read", log_int("keys", (int64_t)jwt_keys_count(keys)));
}

bool jwt_check(struct jwt *jwt, const char *token, int64_t now_ms, struct jwt_claims *ret_claims, struct error *err) {
    struct jwt_header header;
    _cleanup_(buf_free) struct buf payload = {0};
    if (!jwt_header_read(token, &header, err)) {
        return false;
    }
    pthread_mutex_lock(&jwt->lock);
    look_again(jwt);
    bool is_signed = jwt_keys_verify(jwt->keys, header.has_kid ? header.kid : NULL, header.algorithm, token,
                                     strlen(token), &payload, err);
    pthread_mutex_unlock(&jwt->lock);
    return is_signed &&
           jwt_claims_read(buf_text(&payload), payload.length, &jwt->rules, now_ms / 1000, ret_claims, err);
}
