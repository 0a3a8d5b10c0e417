/* What an attempt to send a webhook comes to: delivered, again later, or given up. Pure. */
#ifndef SLUICE_PROCESSOR_WEBHOOK_VERDICT_H
#define SLUICE_PROCESSOR_WEBHOOK_VERDICT_H

#include "common/config.h"
#include "common/http_client_group.h"
#include "common/webhook_queue.h"

enum webhook_result { WEBHOOK_DELIVERED, WEBHOOK_POSTPONED, WEBHOOK_GIVEN_UP, WEBHOOK_RESULT_COUNT };

/* Any status of 200 to 299 is a yes. 410 says that the endpoint is gone, and ends this delivery too. Everything else is tried
 * again after a backoff, or after what Retry-After asks for (a day at most) if that is longer, as long as SLUICE_WEBHOOK_RETRY_S
 * is not over; meanwhile the endpoint rests, at most SLUICE_WEBHOOK_PAUSE_MAX_MS unless it asked for more itself. `random`: any
 * 64 bits. Texts of ret_outcome are those of `end`. */
enum webhook_result webhook_verdict(const struct config *config, const struct webhook_job *job,
                                    const struct http_group_end *end, uint64_t random,
                                    struct webhook_outcome *ret_outcome);

#endif
