/* URLs that callers register for webhooks, and secrets as they are stored. */
#include "common/webhook_secret.h"
#include "common/webhook_url.h"
#include "tests/fuzz/fuzz.h"

static void check_url(const char *url) {
    static const struct webhook_url_rules strict;
    static const struct webhook_url_rules lenient = {true, true};
    struct error err = {0};
    bool is_strictly_good = webhook_url_check(url, &strict, &err);
    if (!webhook_url_check(url, &lenient, &err)) {
        require(!is_strictly_good, "what is wrong with every leave is wrong without");
        require(err.code == ERROR_VALIDATION_FAILED && err.message[0] != '\0', "and why is told");
        return;
    }
    require(strlen(url) <= WEBHOOK_URL_MAX, "a URL is not too long");
    require(strncmp(url, "http", 4) == 0, "of http or https");
    require(!is_strictly_good || strncmp(url, "https://", 8) == 0, "of https unless http has leave");
    for (const char *c = url; *c != '\0'; c++) {
        require(*c > ' ' && *c < 127 && *c != '\\' && *c != '#', "printable");
    }
    const char *authority = strstr(url, "://") + 3;
    require(memchr(authority, '@', strcspn(authority, "/?")) == NULL, "without a user");
    require(strcspn(authority, "/?:") > 0, "with a host");
}

static void check_secret(const char *stored) {
    char secret[WEBHOOK_SECRET_SIZE];
    struct error err = {0};
    _cleanup_(buf_free) struct buf signatures = {0};
    if (webhook_secret_open(stored, "key", "id", secret, &err)) {
        require_same(secret, stored, "nobody forges a sealed secret");
        require(webhook_sign(secret, "evt_1", 1, "{}", 2, &signatures), "what was opened signs");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    check_url(text);
    check_secret(text);
    return 0;
}
