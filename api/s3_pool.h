/* S3 clients that threads borrow: a client belongs to one thread at a time and keeps its connections. */
#ifndef SLUICE_API_S3_POOL_H
#define SLUICE_API_S3_POOL_H

#include "common/s3_client.h"

struct s3_pool;

/* At most `size` clients, made as they are needed; the texts of `config` must outlive the pool. ERROR_CONFIG for a bad
 * endpoint or bucket. */
bool s3_pool_new(const struct s3_config *config, size_t size, struct s3_pool **ret_pool, struct error *err) MUST_CHECK;
void s3_pool_free(struct s3_pool *pool);
DEFINE_CLEANUP(struct s3_pool *, s3_pool)

/* OVERLOADED when none comes free in a few seconds. */
bool s3_pool_take(struct s3_pool *pool, struct s3_client **ret_client, struct error *err) MUST_CHECK;
void s3_pool_give(struct s3_pool *pool, struct s3_client *client);

#endif
