/* Whether the dependencies work: looked at on connections of its own, at the same time, at most once a second. */
#ifndef SLUICE_API_HEALTH_H
#define SLUICE_API_HEALTH_H

#include "common/config.h"
#include "common/s3_endpoint.h"

struct health;

enum { HEALTH_CHECKS = 5 };

struct health_check {
    const char *name; /* postgres, migrations, redis, cache, store */
    bool ok;
    enum error_code code; /* why not */
};

/* Connects to nothing yet. ERROR_CONFIG. */
bool health_new(const struct config *config, const struct s3_config *store, struct health **ret_health,
                struct error *err) MUST_CHECK;
void health_free(struct health *health);
DEFINE_CLEANUP(struct health *, health)

/* True when every check is ok. Fills ret_checks. */
bool health_look(struct health *health, struct health_check ret_checks[HEALTH_CHECKS]);

#endif
