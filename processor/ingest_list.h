/* The event list in Redis as a source: events are moved to a list of the worker's own, and dropped from there once they are
 * settled. Whatever stands on the own list after a failure or a lost connection comes first. */
#ifndef SLUICE_PROCESSOR_INGEST_LIST_H
#define SLUICE_PROCESSOR_INGEST_LIST_H

#include "processor/ingest_source.h"

struct ingest_list;

/* Borrows the connection; copies the texts. */
struct ingest_list *ingest_list_new(const char *list, const char *worker, struct redis *redis);
void ingest_list_free(struct ingest_list *list);
DEFINE_CLEANUP(struct ingest_list *, ingest_list)

struct ingest_source ingest_list_source(struct ingest_list *list);

/* Waits until an element has come, which is taken next, or the time is over. */
bool ingest_list_wait(struct ingest_list *list, int64_t timeout_ms, bool *ret_came, struct error *err) MUST_CHECK;

/* Wakes another worker. */
bool ingest_list_wake_other(struct ingest_list *list, struct error *err) MUST_CHECK;

#endif
