/* Counts failed logins by address, so that nobody tries keys at leisure. A fixed number of addresses is remembered; others push
 * them out, which makes the limit looser, never tighter for somebody else. Thread-safe; time comes from the caller. */
#ifndef SLUICE_API_LOGIN_LIMIT_H
#define SLUICE_API_LOGIN_LIMIT_H

#include "common/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

enum { LOGIN_LIMIT_WINDOW_MS = 60000, LOGIN_LIMIT_ADDRESSES = 1024 };

struct login_limit;

/* `attempts`: failures within LOGIN_LIMIT_WINDOW_MS after which an address has to wait for its end. */
struct login_limit *login_limit_new(int64_t attempts);
void login_limit_free(struct login_limit *limit);
DEFINE_CLEANUP(struct login_limit *, login_limit)

/* Whether the address may try now. */
bool login_limit_allows(struct login_limit *limit, const char *address, int64_t now_ms);

/* It tried and failed. */
void login_limit_failed(struct login_limit *limit, const char *address, int64_t now_ms);

#endif
