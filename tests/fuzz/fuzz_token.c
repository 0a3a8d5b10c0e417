/* Tokens of callers: form and header, claims, sets of keys, lists of media types. The first line is the token, the rest is taken for
 * claims, for a set and for a list. */
#include "api/jwt.h"
#include "common/type_list.h"
#include "tests/fuzz/fuzz.h"

static void check_header(const char *token) {
    struct error err = {0};
    struct jwt_header header;
    if (!jwt_header_read(token, &header, &err)) {
        require(err.code == ERROR_UNAUTHORIZED, "a bad token is the caller's fault");
        return;
    }
    const char *first = strchr(token, '.');
    const char *last = strrchr(token, '.');
    require(strlen(token) <= JWT_TOKEN_MAX, "a token is short");
    require(first != NULL && last > first + 1 && last[1] != '\0', "a token has three parts");
    require(header.algorithm < JWT_ALGORITHM_COUNT, "its algorithm is one of ours");
    require(strlen(header.kid) <= JWT_KID_MAX && (header.has_kid || *header.kid == '\0'), "its key id is short");
}

/* Nobody can guess a signature: whatever is accepted was made of the one seed that has it. */
static void check_signature(const char *token) {
    static struct jwt_keys *keys;
    struct error err = {0};
    struct jwt_header header;
    _cleanup_(buf_free) struct buf payload = {0};
    if (keys == NULL) {
        keys = jwt_keys_new();
        require(jwt_keys_add_secret(keys, "0123456789abcdef0123456789abcdef", &err), "a secret is taken");
    }
    if (jwt_header_read(token, &header, &err)) {
        bool is_good = jwt_keys_verify(keys, header.has_kid ? header.kid : NULL, header.algorithm, token, strlen(token),
                                       &payload, &err);
        require(!is_good || strstr(token, ".eyJzdWIiOiJhIn0.") != NULL, "only what was signed is good");
    }
}

static void check_claims(const char *text, size_t length) {
    struct error err = {0};
    struct jwt_claims claims;
    static const struct jwt_rules rules = {.audience = "sluice", .issuer = "me", .leeway_s = 30};
    if (!jwt_claims_read(text, length, &rules, 1000000, &claims, &err)) {
        require(err.code == ERROR_UNAUTHORIZED, "bad claims are the caller's fault");
        return;
    }
    require(claims.expires_at_s > 1000000 - rules.leeway_s, "it has not expired");
    require(*claims.subject != '\0' && strlen(claims.subject) < OWNER_ID_SIZE, "it has a subject");
    require_utf8(claims.subject, "a subject is UTF-8");
    require((claims.scopes & ~(unsigned)(SCOPE_READ | SCOPE_UPLOAD | SCOPE_ADMIN)) == 0,
            "it has scopes of callers only");
}

static void check_set(const char *text, size_t length) {
    struct error err = {0};
    _cleanup_(jwt_keys_freep) struct jwt_keys *keys = jwt_keys_new();
    bool is_good = jwt_keys_add_set(keys, text, length, &err);
    require(is_good || err.code == ERROR_CONFIG, "a bad set is a setting's fault");
    require(jwt_keys_count(keys) <= JWT_KEYS_MAX && (!is_good || jwt_keys_count(keys) > 0), "a set has some keys");
}

/* A list of types has what its first entry is. */
static void check_list(const char *list) {
    const char *entry = list + strspn(list, ", ");
    _cleanup_(freep) char *first = xstrndup(entry, strcspn(entry, ", "));
    if (type_list_valid(list) && *first != '\0') {
        require(type_list_has(list, first), "a list has its first entry");
        require(!type_list_has(list, NULL), "a list has no unknown type");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    char *rest = strchr(text, '\n');
    if (rest != NULL) {
        *rest++ = '\0';
        check_claims(rest, strlen(rest));
        check_set(rest, strlen(rest));
        check_list(rest);
    }
    check_header(text);
    check_signature(text);
    return 0;
}
