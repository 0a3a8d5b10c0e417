#include "common/event_queue.h"

#include "common/xalloc.h"

#include <inttypes.h>

/* Redis at its memory limit refuses writes that may need more, in a script only as its first write. Taking events off the
 * list is what makes room again, so the scripts that do it, or that keep the workers known who do it, begin with a write that
 * needs none. */

static const char move_script[] = "local moved = 0 "
                                  "while moved < tonumber(ARGV[1]) do "
                                  "  local element = redis.call('LPOP', KEYS[1]) "
                                  "  if not element then break end "
                                  "  redis.call('RPUSH', KEYS[2], element) "
                                  "  moved = moved + 1 "
                                  "end "
                                  "return moved";

/* One sleeping worker wakes by any element, so a list that has one needs no other. */
static const char wake_script[] = "if redis.call('LLEN', KEYS[1]) > 0 then return 0 end "
                                  "redis.call('RPUSH', KEYS[1], '') "
                                  "return 1";

/* Redis' own clock: those of the hosts may differ by minutes. */
static const char beat_script[] = "redis.call('ZREM', KEYS[1], ARGV[1]) "
                                  "local time = redis.call('TIME') "
                                  "return redis.call('ZADD', KEYS[1], time[1] + time[2] / 1000000, ARGV[1])";

/* From tail to head, so that the elements stand at the head of the event list in the order they had. */
#define GIVE_BACK                                                                                                      \
    "local function give_back(own_list, list) "                                                                        \
    "  local moved = 0 "                                                                                               \
    "  while redis.call('LMOVE', own_list, list, 'RIGHT', 'LEFT') do moved = moved + 1 end "                           \
    "  return moved "                                                                                                  \
    "end "

/* KEYS: event list, workers, own list; ARGV: worker */
static const char release_script[] = GIVE_BACK "redis.call('ZREM', KEYS[2], ARGV[1]) "
                                               "return give_back(KEYS[3], KEYS[1])";

/* KEYS: event list, workers; ARGV: seconds of silence, prefix of own lists */
static const char release_dead_script[] =
    GIVE_BACK "local now = tonumber(redis.call('TIME')[1]) "
              "local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[1])) "
              "local moved = 0 "
              "for _, worker in ipairs(dead) do "
              "  redis.call('ZREM', KEYS[2], worker) "
              "  moved = moved + give_back(ARGV[2] .. worker, KEYS[1]) "
              "end "
              "return moved";

/* KEYS: workers; ARGV: seconds of silence */
static const char alive_script[] = "local now = tonumber(redis.call('TIME')[1]) "
                                   "return redis.call('ZCOUNT', KEYS[1], now - tonumber(ARGV[1]), '+inf')";

/* KEYS: event list, workers; ARGV: text, whether to remove, prefix of own lists */
static const char find_script[] = "local found = 0 "
                                  "for _, element in ipairs(redis.call('LRANGE', KEYS[1], -1000, -1)) do "
                                  "  if string.find(element, ARGV[1], 1, true) then "
                                  "    found = 1 "
                                  "    if ARGV[2] == '1' then redis.call('LREM', KEYS[1], 0, element) end "
                                  "  end "
                                  "end "
                                  "for _, worker in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do "
                                  "  for _, element in ipairs(redis.call('LRANGE', ARGV[3] .. worker, 0, 999)) do "
                                  "    if string.find(element, ARGV[1], 1, true) then found = 1 end "
                                  "  end "
                                  "end "
                                  "return found";

char *event_queue_own_list(const char *list, const char *worker) {
    return xasprintf("%s:worker:%s", list, worker);
}

static char *workers_key(const char *list) {
    return xasprintf("%s:workers", list);
}

bool event_queue_push(struct redis *redis, const char *list, const char *event, size_t length, struct error *err) {
    return redis_push(redis, list, event, length, err);
}

bool event_queue_wake(struct redis *redis, const char *list, struct error *err) {
    int64_t pushed = 0;
    return redis_script(redis, wake_script, 1, &list, 1, &pushed, err);
}

bool event_queue_move(struct redis *redis, const char *list, const char *own_list, size_t count, int64_t *ret_moved,
                      struct error *err) {
    char most[24];
    snprintf(most, sizeof most, "%zu", count);
    const char *const words[] = {list, own_list, most};
    return redis_script(redis, move_script, 2, words, 3, ret_moved, err);
}

bool event_queue_is_wake_up(const struct buf *element) {
    return element->length == 0;
}

bool event_queue_beat(struct redis *redis, const char *list, const char *worker, struct error *err) {
    _cleanup_(freep) char *workers = workers_key(list);
    const char *const words[] = {workers, worker};
    int64_t added = 0;
    return redis_script(redis, beat_script, 1, words, 2, &added, err);
}

bool event_queue_alive(struct redis *redis, const char *list, int64_t max_age_s, int64_t *ret_workers,
                       struct error *err) {
    _cleanup_(freep) char *workers = workers_key(list);
    char max_age[24];
    snprintf(max_age, sizeof max_age, "%" PRId64, max_age_s);
    const char *const words[] = {workers, max_age};
    return redis_script(redis, alive_script, 1, words, 2, ret_workers, err);
}

bool event_queue_find(struct redis *redis, const char *list, const char *text, bool remove, bool *ret_found,
                      struct error *err) {
    _cleanup_(freep) char *workers = workers_key(list);
    _cleanup_(freep) char *prefix = event_queue_own_list(list, "");
    const char *const words[] = {list, workers, text, remove ? "1" : "0", prefix};
    int64_t found = 0;
    if (!redis_script(redis, find_script, 2, words, 5, &found, err)) {
        return false;
    }
    *ret_found = found != 0;
    return true;
}

bool event_queue_release(struct redis *redis, const char *list, const char *worker, int64_t *ret_moved,
                         struct error *err) {
    _cleanup_(freep) char *workers = workers_key(list);
    _cleanup_(freep) char *own_list = event_queue_own_list(list, worker);
    const char *const words[] = {list, workers, own_list, worker};
    return redis_script(redis, release_script, 3, words, 4, ret_moved, err);
}

bool event_queue_release_dead(struct redis *redis, const char *list, int64_t max_age_s, int64_t *ret_moved,
                              struct error *err) {
    _cleanup_(freep) char *workers = workers_key(list);
    _cleanup_(freep) char *prefix = event_queue_own_list(list, "");
    char max_age[24];
    snprintf(max_age, sizeof max_age, "%" PRId64, max_age_s);
    const char *const words[] = {list, workers, max_age, prefix};
    return redis_script(redis, release_dead_script, 2, words, 4, ret_moved, err);
}
