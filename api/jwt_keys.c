#include "api/jwt_keys.h"

#include "common/encode.h"
#include "common/json.h"
#include "common/xalloc.h"

#include <string.h>

#include <cjose/cjose.h>

struct key {
    char kid[JWT_KID_MAX + 1]; /* "": none */
    enum jwt_algorithm algorithm;
    cjose_jwk_t *jwk;
};

struct jwt_keys {
    struct key items[JWT_KEYS_MAX];
    size_t count;
    cjose_jwk_t *secret; /* NULL: none */
};

static const struct {
    const char *name;
    const char *type;  /* kty of its keys */
    const char *curve; /* crv; NULL: they have none */
    size_t min_bits;
} algorithms[JWT_ALGORITHM_COUNT] = {
    [JWT_HS256] = {"HS256", "oct", NULL, JWT_SECRET_MIN * 8L},
    [JWT_RS256] = {"RS256", "RSA", NULL, JWT_RSA_MIN_BITS},
    [JWT_ES256] = {"ES256", "EC", "P-256", 256},
};

bool jwt_algorithm_of(const char *name, enum jwt_algorithm *ret_algorithm) {
    for (enum jwt_algorithm i = JWT_HS256; i < JWT_ALGORITHM_COUNT; i++) {
        if (strcmp(algorithms[i].name, name) == 0) {
            *ret_algorithm = i;
            return true;
        }
    }
    return false;
}

struct jwt_keys *jwt_keys_new(void) {
    return xcalloc(1, sizeof(struct jwt_keys));
}

void jwt_keys_free(struct jwt_keys *keys) {
    for (size_t i = 0; keys != NULL && i < keys->count; i++) {
        cjose_jwk_release(keys->items[i].jwk);
    }
    if (keys != NULL && keys->secret != NULL) {
        cjose_jwk_release(keys->secret);
    }
    free(keys);
}

size_t jwt_keys_count(const struct jwt_keys *keys) {
    return keys->count + (keys->secret != NULL ? 1 : 0);
}

bool jwt_keys_add_secret(struct jwt_keys *keys, const char *secret, struct error *err) {
    cjose_err problem = {0};
    size_t length = strlen(secret);
    if (length < JWT_SECRET_MIN) {
        return error_set(err, ERROR_CONFIG, "SLUICE_JWT_SECRET must have at least %d bytes", JWT_SECRET_MIN);
    }
    keys->secret = cjose_jwk_create_oct_spec((const uint8_t *)secret, length, &problem);
    return keys->secret != NULL || error_set(err, ERROR_CONFIG, "SLUICE_JWT_SECRET cannot be used");
}

/* Whether a member is absent or is this text. */
static bool is_or_absent(const json_t *jwk, const char *name, const char *wanted) {
    const json_t *value = json_object_get(jwk, name);
    return value == NULL || (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0);
}

static bool may_verify(const json_t *jwk) {
    const json_t *operations = json_object_get(jwk, "key_ops");
    for (size_t i = 0; i < json_array_size(operations); i++) {
        const char *operation = json_string_value(json_array_get(operations, i));
        if (operation != NULL && strcmp(operation, "verify") == 0) {
            return true;
        }
    }
    return operations == NULL;
}

/* The algorithm that a key of a set is for; false when it is for something else. */
static bool purpose_of(const json_t *jwk, enum jwt_algorithm *ret_algorithm) {
    const char *type = json_text(jwk, "kty");
    for (enum jwt_algorithm i = JWT_HS256; type != NULL && i < JWT_ALGORITHM_COUNT; i++) {
        bool fits = strcmp(algorithms[i].type, type) == 0 &&
                    (algorithms[i].curve == NULL ||
                     (json_text(jwk, "crv") != NULL && strcmp(json_text(jwk, "crv"), algorithms[i].curve) == 0));
        if (fits) {
            *ret_algorithm = i;
            return is_or_absent(jwk, "alg", algorithms[i].name) && is_or_absent(jwk, "use", "sig") && may_verify(jwk);
        }
    }
    return false;
}

/* libcjose ends the process on base64url that is none. */
static bool is_decodable(const json_t *jwk) {
    static const char *const members[] = {"k", "n", "e", "x", "y", "d", "p", "q", "dp", "dq", "qi"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        _cleanup_(buf_free) struct buf bytes = {0};
        const json_t *value = json_object_get(jwk, members[i]);
        const char *text = json_string_value(value);
        if (value != NULL && (text == NULL || *text == '\0' || !decode_base64url(text, strlen(text), &bytes))) {
            return false;
        }
    }
    return true;
}

static bool import(const json_t *jwk, enum jwt_algorithm algorithm, struct key *ret_key, struct error *err) {
    cjose_err problem = {0};
    const char *kid = json_text(jwk, "kid");
    if (kid != NULL && (*kid == '\0' || strlen(kid) > JWT_KID_MAX)) {
        return error_set(err, ERROR_CONFIG, "a key id must have 1 to %d bytes", JWT_KID_MAX);
    }
    _cleanup_(freep) char *text = json_to_text(jwk);
    ret_key->jwk = is_decodable(jwk) ? cjose_jwk_import(text, strlen(text), &problem) : NULL;
    if (ret_key->jwk == NULL) {
        return error_set(err, ERROR_CONFIG, "the key %.60s is broken", kid == NULL ? "without an id" : kid);
    }
    snprintf(ret_key->kid, sizeof ret_key->kid, "%s", kid == NULL ? "" : kid);
    ret_key->algorithm = algorithm;
    if (cjose_jwk_get_keysize(ret_key->jwk, &problem) < algorithms[algorithm].min_bits) {
        cjose_jwk_release(ret_key->jwk);
        return error_set(err, ERROR_CONFIG, "the key %.60s is too short for %s", kid == NULL ? "without an id" : kid,
                         algorithms[algorithm].name);
    }
    return true;
}

static bool add_key(struct jwt_keys *keys, const json_t *jwk, struct error *err) {
    enum jwt_algorithm algorithm = JWT_HS256;
    if (!purpose_of(jwk, &algorithm)) {
        return true;
    }
    if (keys->count == JWT_KEYS_MAX) {
        return error_set(err, ERROR_CONFIG, "there are more than %d keys", JWT_KEYS_MAX);
    }
    if (!import(jwk, algorithm, &keys->items[keys->count], err)) {
        return false;
    }
    keys->count++;
    return true;
}

bool jwt_keys_add_set(struct jwt_keys *keys, const char *json, size_t length, struct error *err) {
    _cleanup_(json_freep) json_t *set = NULL;
    if (!json_parse(json, length, JSON_MAX_DEPTH, &set, err)) {
        return error_set(err, ERROR_CONFIG, "it is not JSON");
    }
    const json_t *list = json_object_get(set, "keys");
    if (!json_is_array(list)) {
        return error_set(err, ERROR_CONFIG, "it is no JWK Set: it has no list of keys");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!add_key(keys, json_array_get(list, i), err)) {
            return false;
        }
    }
    return keys->count > 0 || error_set(err, ERROR_CONFIG, "none of its keys is for HS256, RS256 or ES256");
}

/* The one key that may have signed. A key id decides if a key has it; without one there must be no other of the algorithm. */
static const cjose_jwk_t *find(const struct jwt_keys *keys, const char *kid, enum jwt_algorithm algorithm) {
    const cjose_jwk_t *found = NULL;
    size_t fitting = 0;
    bool is_named = false;
    for (size_t i = 0; i < keys->count; i++) {
        const struct key *key = &keys->items[i];
        bool has_name = kid != NULL && strcmp(key->kid, kid) == 0;
        is_named |= has_name;
        if ((has_name || kid == NULL) && key->algorithm == algorithm) {
            found = key->jwk;
            fitting++;
        }
    }
    if (keys->secret != NULL && algorithm == JWT_HS256 && !is_named) {
        found = keys->secret;
        fitting++;
    }
    return fitting == 1 ? found : NULL;
}

bool jwt_keys_verify(const struct jwt_keys *keys, const char *kid, enum jwt_algorithm algorithm, const char *token,
                     size_t length, struct buf *ret_payload, struct error *err) {
    cjose_err problem = {0};
    const cjose_jwk_t *jwk = find(keys, kid, algorithm);
    if (jwk == NULL) {
        return error_set(err, ERROR_UNAUTHORIZED, "no key is known that this token could be signed with");
    }
    cjose_jws_t *jws = cjose_jws_import(token, length, &problem);
    if (jws == NULL) {
        return error_set(err, ERROR_UNAUTHORIZED, "the token is malformed");
    }
    uint8_t *payload = NULL;
    size_t payload_length = 0;
    bool is_good =
        cjose_jws_verify(jws, jwk, &problem) && cjose_jws_get_plaintext(jws, &payload, &payload_length, &problem);
    if (is_good) {
        buf_append(ret_payload, payload, payload_length);
    }
    cjose_jws_release(jws);
    return is_good || error_set(err, ERROR_UNAUTHORIZED, "the token's signature does not fit");
}
