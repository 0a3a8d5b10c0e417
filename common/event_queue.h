/* The event list in Redis: the store pushes notifications on it, workers move them to a list of their own and drop them
 * from there once their effect is committed. Names, scripts and the heartbeat of workers live here. */
#ifndef SLUICE_COMMON_EVENT_QUEUE_H
#define SLUICE_COMMON_EVENT_QUEUE_H

#include "common/redis.h"

/* Name of a worker's own list: `{list}:worker:{worker}`; the caller frees it. */
char *event_queue_own_list(const char *list, const char *worker);

/* Puts notifications of a webhook on the list. */
bool event_queue_push(struct redis *redis, const char *list, const char *event, size_t length,
                      struct error *err) MUST_CHECK;

/* Moves up to `count` elements from the head of the event list to the tail of an own list, also when Redis is full. */
bool event_queue_move(struct redis *redis, const char *list, const char *own_list, size_t count, int64_t *ret_moved,
                      struct error *err) MUST_CHECK;

/* Wakes one idle worker: pushes an empty wake-up element unless the list already has something that wakes one. */
bool event_queue_wake(struct redis *redis, const char *list, struct error *err) MUST_CHECK;
bool event_queue_is_wake_up(const struct buf *element);

/* Sign of life of a worker, scored by Redis' own clock in the sorted set `{list}:workers`. */
bool event_queue_beat(struct redis *redis, const char *list, const char *worker, struct error *err) MUST_CHECK;

/* How many workers gave a sign of life within max_age_s. */
bool event_queue_alive(struct redis *redis, const char *list, int64_t max_age_s, int64_t *ret_workers,
                       struct error *err) MUST_CHECK;

/* Whether an event with this text in it is among the last ones on the list, or with a worker; with `remove` those on the list
 * are taken off. Reads much: for diagnosis only. */
bool event_queue_find(struct redis *redis, const char *list, const char *text, bool remove, bool *ret_found,
                      struct error *err) MUST_CHECK;

/* Puts the own list of one worker that is known to be dead back at the head of the event list, and forgets the worker. */
bool event_queue_release(struct redis *redis, const char *list, const char *worker, int64_t *ret_moved,
                         struct error *err) MUST_CHECK;

/* The same for every worker without a sign of life for max_age_s. */
bool event_queue_release_dead(struct redis *redis, const char *list, int64_t max_age_s, int64_t *ret_moved,
                              struct error *err) MUST_CHECK;

#endif
