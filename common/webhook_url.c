#include "common/webhook_url.h"

#include "common/encode.h"
#include "common/ip_address.h"

#include <arpa/inet.h>
#include <string.h>

enum { HOST_SIZE = 254, LABEL_MAX = 63, PORT_MAX = 65535, PORT_HTTP = 80, PORT_HTTPS = 443, PORTS_FREE_FROM = 1024 };

static const char host_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

static bool refuse(struct error *err, const char *why) {
    return error_set(err, ERROR_VALIDATION_FAILED, "the URL %s", why);
}

static bool is_printable(const char *url) {
    for (const char *c = url; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("\\#<>\"^`{|}", *c) != NULL) {
            return false;
        }
    }
    return true;
}

/* What follows the scheme, NULL when it has another one. */
static const char *after_scheme(const char *url, const struct webhook_url_rules *rules) {
    static const char https[] = "https://";
    static const char http[] = "http://";
    if (strncmp(url, https, sizeof https - 1) == 0) {
        return url + sizeof https - 1;
    }
    return rules->allow_http && strncmp(url, http, sizeof http - 1) == 0 ? url + sizeof http - 1 : NULL;
}

static bool check_address(const struct sockaddr *address, const struct webhook_url_rules *rules, struct error *err) {
    return rules->allow_private || ip_address_is_public(address) ||
           error_set(err, ERROR_VALIDATION_FAILED, "the URL's address is not a public one (%s)",
                     ip_address_kind(address));
}

static bool check_ipv6(const char *host, size_t length, const struct webhook_url_rules *rules, struct error *err) {
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    if (length < 2 || length - 2 >= sizeof text || host[length - 1] != ']') {
        return refuse(err, "has no valid host");
    }
    memcpy(text, host + 1, length - 2);
    text[length - 2] = '\0';
    return inet_pton(AF_INET6, text, &address.sin6_addr) == 1
               ? check_address((const struct sockaddr *)&address, rules, err)
               : refuse(err, "has no valid host");
}

static bool check_labels(const char *host) {
    for (const char *label = host; label != NULL;) {
        const char *dot = strchr(label, '.');
        size_t length = dot == NULL ? strlen(label) : (size_t)(dot - label);
        bool is_root = length == 0 && dot == NULL && label != host; /* of a name that ends with a dot */
        if ((length == 0 && !is_root) || length > LABEL_MAX) {
            return false;
        }
        label = dot == NULL ? NULL : dot + 1;
    }
    return true;
}

/* Resolvers take 0x7f.1, 017700000001 and 2130706433 for addresses; a name does not end with such a label. */
static bool ends_like_a_number(const char *host) {
    size_t length = strlen(host);
    length -= length > 0 && host[length - 1] == '.';
    size_t start = length;
    while (start > 0 && host[start - 1] != '.') {
        start--;
    }
    size_t digits = strspn(host + start, "0123456789");
    return digits >= length - start || strncasecmp(host + start, "0x", 2) == 0;
}

static bool check_name(const char *text, size_t length, const struct webhook_url_rules *rules, struct error *err) {
    char host[HOST_SIZE];
    struct sockaddr_in address = {.sin_family = AF_INET};
    if (length == 0 || length >= sizeof host) {
        return refuse(err, "has no valid host");
    }
    memcpy(host, text, length);
    host[length] = '\0';
    if (inet_pton(AF_INET, host, &address.sin_addr) == 1) {
        return check_address((const struct sockaddr *)&address, rules, err);
    }
    return (strspn(host, host_characters) == length && check_labels(host) && !ends_like_a_number(host)) ||
           refuse(err, "has no valid host");
}

static bool check_port(const char *text, size_t length, const struct webhook_url_rules *rules, struct error *err) {
    char digits[8] = "";
    int64_t port = 0;
    if (length == 0 || length >= sizeof digits) {
        return refuse(err, "has no valid port");
    }
    memcpy(digits, text, length);
    if (!parse_int64(digits, 1, PORT_MAX, &port)) {
        return refuse(err, "has no valid port");
    }
    return rules->allow_private || port == PORT_HTTP || port == PORT_HTTPS || port >= PORTS_FREE_FROM ||
           refuse(err, "has a port that is neither 80, 443 nor above 1023");
}

bool webhook_url_check(const char *url, const struct webhook_url_rules *rules, struct error *err) {
    if (strlen(url) > WEBHOOK_URL_MAX) {
        return error_set(err, ERROR_VALIDATION_FAILED, "the URL has more than %d characters", WEBHOOK_URL_MAX);
    }
    if (!is_printable(url)) {
        return refuse(err, "must be printable ASCII without spaces, backslashes and a fragment");
    }
    const char *authority = after_scheme(url, rules);
    if (authority == NULL) {
        return refuse(err, rules->allow_http ? "must start with https:// or http://" : "must start with https://");
    }
    size_t length = strcspn(authority, "/?");
    if (memchr(authority, '@', length) != NULL) {
        return refuse(err, "must not have a user");
    }
    const char *bracket = *authority == '[' ? memchr(authority, ']', length) : NULL;
    size_t offset = bracket != NULL ? (size_t)(bracket - authority) + 1 : 0;
    const char *colon = memchr(authority + offset, ':', length - offset);
    size_t host_length = colon == NULL ? length : (size_t)(colon - authority);
    bool is_good = *authority == '[' ? check_ipv6(authority, host_length, rules, err)
                                     : check_name(authority, host_length, rules, err);
    return is_good && (colon == NULL || check_port(colon + 1, length - host_length - 1, rules, err));
}
