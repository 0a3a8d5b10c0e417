#include "api/caller_rate.h"

#include "api/response.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/encode.h"
#include "common/ip_address.h"

#include <inttypes.h>
#include <string.h>

void caller_rate_start(struct caller_rate *rate, const struct config *config) {
    *rate =
        (struct caller_rate){.table = rate_table_new(), .per_minute = config->rate_limit, .burst = config->rate_burst};
}

void caller_rate_stop(struct caller_rate *rate) {
    rate_table_free(rate->table);
    rate->table = NULL;
}

/* IPv6 hands out networks, not addresses; an IPv4 address in IPv6's clothes is one. */
static void address_name(const char *address, struct buf *out) {
    enum { NETWORK_BYTES = 8 };
    struct ip_address parsed;
    char text[INET6_ADDRSTRLEN];
    if (!ip_address_parse(address, &parsed)) {
        buf_append_text(out, address);
        return;
    }
    if (ip_address_is_4(&parsed)) {
        ip_address_print(&parsed, text);
    } else {
        encode_hex(parsed.bytes, NETWORK_BYTES, text);
    }
    buf_append_text(out, text);
}

void caller_rate_name(const struct request *request, struct buf *out) {
    const struct principal *principal = &request->principal;
    if (principal->key_id[0] != '\0') {
        buf_append_text(out, "key ");
        buf_append_text(out, principal->key_id);
    } else if (principal->owner_id[0] != '\0') {
        buf_append_text(out, "subject ");
        buf_append_text(out, principal->owner_id);
    } else {
        buf_append_text(out, "address ");
        address_name(request->remote_address, out);
    }
}

static void add_header(struct request *request, const char *name, int64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    response_header(request, name, text);
}

static bool take(struct caller_rate *rate, struct request *request, int64_t per_minute, struct error *err) {
    const struct rate_terms terms = {per_minute, rate->burst > 0 ? rate->burst : per_minute};
    unsigned char hash[SHA256_SIZE];
    uint64_t caller = 0;
    _cleanup_(buf_free) struct buf name = {0};
    caller_rate_name(request, &name);
    sha256_of(buf_text(&name), name.length, hash);
    memcpy(&caller, hash, sizeof caller);
    struct rate_verdict verdict = rate_table_take(rate->table, caller, &terms, clock_monotonic_us());
    add_header(request, "X-RateLimit-Limit", terms.burst);
    add_header(request, "X-RateLimit-Remaining", verdict.remaining);
    add_header(request, "X-RateLimit-Reset", verdict.reset_s);
    if (verdict.allowed) {
        return true;
    }
    request->response.retry_after_s = verdict.retry_after_s;
    return error_set(err, ERROR_RATE_LIMITED, "more than %" PRId64 " requests a minute", per_minute);
}

bool caller_rate_check(struct caller_rate *rate, struct request *request, bool known, struct error *err) {
    const struct principal *principal = &request->principal;
    if (principal->owner_id[0] != '\0') {
        return (principal->rate_limit == 0 || take(rate, request, principal->rate_limit, err)) && known;
    }
    bool is_guess = !known && (err->code == ERROR_UNAUTHORIZED || request->token != NULL);
    if (is_guess && rate->per_minute > 0 && !take(rate, request, rate->per_minute, err)) {
        request->response.close = true;
        return false;
    }
    return known;
}
