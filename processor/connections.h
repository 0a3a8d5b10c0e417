/* A child's own connections, as the settings describe them. Nothing connects before its first use. */
#ifndef SLUICE_PROCESSOR_CONNECTIONS_H
#define SLUICE_PROCESSOR_CONNECTIONS_H

#include "common/config.h"
#include "common/db.h"
#include "common/redis.h"
#include "common/s3_client.h"

struct connections {
    struct db *db;
    struct redis *redis; /* of the event list */
    struct redis *cache; /* the same one when both have one URL */
    struct s3_client *store;
};

/* ERROR_CONFIG when an address in the settings is malformed. Connects to nothing and starts no library. */
bool connections_check(const struct config *config, struct error *err) MUST_CHECK;

/* ERROR_CONFIG when a URL is wrong. */
bool connections_open(const struct config *config, const char *application, struct connections *ret_connections,
                      struct error *err) MUST_CHECK;
/* What a daemon's db_on_announcement calls, with its struct redis: wakes those who read along with the outbox. They would
 * find out by themselves, later. */
void connections_announce(void *redis);

void connections_close(struct connections *connections);

#endif
