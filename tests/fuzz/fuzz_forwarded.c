/* Who a request is from: a line with the list of trusted proxies, one with the peer's address, then X-Forwarded-For headers. */
#include "api/trusted_proxies.h"
#include "common/ip_address.h"
#include "tests/fuzz/fuzz.h"

enum { HEADERS_MAX = 16 };
static const char spoofed[] = "203.0.113.99";

struct exchange {
    struct http_header headers[HEADERS_MAX + 1];
    size_t count;
};

static void find_client(const struct trusted_proxies *proxies, const struct exchange *exchange, const char *peer,
                        char ret_client[REMOTE_ADDRESS_SIZE]) {
    struct request request = {.headers = exchange->headers, .header_count = exchange->count};
    snprintf(request.remote_address, sizeof request.remote_address, "%s", peer);
    trusted_proxies_find_client(proxies, &request);
    memcpy(ret_client, request.remote_address, REMOTE_ADDRESS_SIZE);
}

static void check_client(const char *peer, const char *client) {
    struct ip_address address;
    if (strncmp(client, peer, REMOTE_ADDRESS_SIZE - 1) != 0) {
        char printed[INET6_ADDRSTRLEN];
        require(ip_address_parse(client, &address), "a client that was found is an address");
        ip_address_print(&address, printed);
        require_same(printed, client, "and written in one way");
    }
}

/* Whoever is no proxy may write what it likes before what the proxies add. */
static void check_spoofing(const struct trusted_proxies *proxies, struct exchange exchange, const char *peer,
                           const char *client) {
    const struct exchange lie = {.headers = {{"X-Forwarded-For", spoofed}}, .count = 1};
    char answer[REMOTE_ADDRESS_SIZE];
    find_client(proxies, &lie, client, answer);
    if (strcmp(answer, client) != 0 || strcmp(client, spoofed) == 0) {
        return; /* a proxy */
    }
    memmove(exchange.headers + 1, exchange.headers, exchange.count * sizeof exchange.headers[0]);
    exchange.headers[0] = lie.headers[0];
    exchange.count++;
    find_client(proxies, &exchange, peer, answer);
    require_same(answer, client, "what stands before the client's address changes nothing");
}

static void check_nobody_trusted(const struct exchange *exchange, const char *peer) {
    _cleanup_(trusted_proxies_freep) struct trusted_proxies *proxies = NULL;
    struct error err = {0};
    char client[REMOTE_ADDRESS_SIZE];
    require(trusted_proxies_new("", &proxies, &err), "no proxy is a list");
    find_client(proxies, exchange, peer, client);
    require(strncmp(client, peer, REMOTE_ADDRESS_SIZE - 1) == 0, "without a proxy the peer is the client");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    _cleanup_(trusted_proxies_freep) struct trusted_proxies *proxies = NULL;
    struct exchange exchange = {.count = 0};
    struct error err = {0};
    char client[REMOTE_ADDRESS_SIZE];
    char *at = text;
    const char *list = next_piece(&at, '\n');
    const char *peer = next_piece(&at, '\n');
    if (peer == NULL) {
        return 0;
    }
    for (const char *value; exchange.count < HEADERS_MAX && (value = next_piece(&at, '\n')) != NULL;) {
        exchange.headers[exchange.count++] = (struct http_header){"X-Forwarded-For", value};
    }
    check_nobody_trusted(&exchange, peer);
    if (!trusted_proxies_new(list, &proxies, &err)) {
        require(err.code == ERROR_CONFIG && err.message[0] != '\0', "a list that is none is told");
        return 0;
    }
    find_client(proxies, &exchange, peer, client);
    check_client(peer, client);
    check_spoofing(proxies, exchange, peer, client);
    return 0;
}
