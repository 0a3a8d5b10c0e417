/* What a Redis server says of itself: its INFO and its clock. Failures are those of redis.h. */
#ifndef SLUICE_COMMON_REDIS_SERVER_H
#define SLUICE_COMMON_REDIS_SERVER_H

#include "common/redis.h"

enum { REDIS_INFO_VALUE_SIZE = 64 };

/* The whole INFO, appended. (CONFIG GET would tell the same, but hosted servers often refuse it.) */
bool redis_info(struct redis *redis, struct buf *out, struct error *err) MUST_CHECK;

/* The value of one line of INFO, "" when there is no such line or it is too long. Pure. */
void redis_info_value(const char *info, const char *name, char ret_value[REDIS_INFO_VALUE_SIZE]);

/* Its clock, in ms since 1970. */
bool redis_clock_ms(struct redis *redis, int64_t *ret_ms, struct error *err) MUST_CHECK;

#endif
