#include "api/trusted_proxies.h"

#include "common/encode.h"
#include "common/ip_address.h"
#include "common/text_list.h"
#include "common/xalloc.h"

#include <string.h>
#include <strings.h>

struct network {
    struct ip_address address;
    int64_t bits;
};

struct trusted_proxies {
    struct network *networks;
    size_t count;
};

static bool is_trusted(const struct trusted_proxies *proxies, const struct ip_address *address) {
    for (size_t i = 0; i < proxies->count; i++) {
        const struct network *network = &proxies->networks[i];
        if (ip_prefix_fits(address->bytes, network->address.bytes, (unsigned)network->bits)) {
            return true;
        }
    }
    return false;
}

/* `text` is changed: what follows its slash is cut off. */
static bool parse_network(char *text, struct network *ret_network) {
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    if (!ip_address_parse(text, &ret_network->address)) {
        return false;
    }
    int64_t before = strchr(text, ':') == NULL ? IP_MAPPED_BITS : 0;
    ret_network->bits = IP_ADDRESS_BITS;
    if (slash != NULL) {
        if (!parse_int64(slash + 1, 0, IP_ADDRESS_BITS - before, &ret_network->bits)) {
            return false;
        }
        ret_network->bits += before;
    }
    return true;
}

bool trusted_proxies_new(const char *list, struct trusted_proxies **ret_proxies, struct error *err) {
    _cleanup_(trusted_proxies_freep) struct trusted_proxies *proxies = xcalloc(1, sizeof *proxies);
    _cleanup_(text_list_free) struct text_list entries = {0};
    text_list_split(list, ',', &entries);
    proxies->networks = xcalloc(entries.count + 1, sizeof *proxies->networks);
    for (; proxies->count < entries.count; proxies->count++) {
        _cleanup_(freep) char *text = xstrdup(entries.items[proxies->count]);
        if (!parse_network(text, &proxies->networks[proxies->count])) {
            return error_set(err, ERROR_CONFIG,
                             "SLUICE_TRUSTED_PROXIES: %.100s is neither an address nor a network such as 10.0.0.0/8",
                             entries.items[proxies->count]);
        }
    }
    *ret_proxies = take_ptr(proxies);
    return true;
}

void trusted_proxies_free(struct trusted_proxies *proxies) {
    if (proxies != NULL) {
        free(proxies->networks);
        free(proxies);
    }
}

/* An entry of X-Forwarded-For: an address; some proxies add a port, and then write IPv6 in brackets. */
static bool parse_entry(const char *entry, size_t length, struct ip_address *ret_address) {
    char text[REMOTE_ADDRESS_SIZE];
    if (length >= sizeof text) {
        return false;
    }
    memcpy(text, entry, length);
    text[length] = '\0';
    if (*text == '[') {
        size_t inside = strcspn(text + 1, "]");
        text[1 + inside] = '\0';
        return ip_address_parse(text + 1, ret_address);
    }
    char *colon = strchr(text, ':');
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *colon = '\0';
    }
    return ip_address_parse(text, ret_address);
}

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

/* Goes on along one header's value, from its end; false once the client is found, or nothing can be read any more. */
static bool read_value(const struct trusted_proxies *proxies, const char *value, struct ip_address *client) {
    for (size_t end = strlen(value); end > 0;) {
        size_t start = end;
        while (start > 0 && value[start - 1] != ',') {
            start--;
        }
        size_t first = start;
        size_t last = end;
        while (first < last && is_space(value[first])) {
            first++;
        }
        while (last > first && is_space(value[last - 1])) {
            last--;
        }
        struct ip_address entry;
        if (!parse_entry(value + first, last - first, &entry)) {
            return false;
        }
        *client = entry;
        if (!is_trusted(proxies, client)) {
            return false;
        }
        end = start > 0 ? start - 1 : 0;
    }
    return true;
}

void trusted_proxies_find_client(const struct trusted_proxies *proxies, struct request *request) {
    struct ip_address client;
    if (!ip_address_parse(request->remote_address, &client) || !is_trusted(proxies, &client)) {
        return;
    }
    bool goes_on = true;
    for (size_t i = request->header_count; goes_on && i > 0; i--) {
        const struct http_header *header = &request->headers[i - 1];
        if (strcasecmp(header->name, "X-Forwarded-For") == 0) {
            goes_on = read_value(proxies, header->value, &client);
        }
    }
    ip_address_print(&client, request->remote_address);
}
