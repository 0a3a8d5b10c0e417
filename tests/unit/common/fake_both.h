/* A store and a database of canned answers. The headers of the two name their errors alike: here they do not clash. */
#ifndef SLUICE_TESTS_UNIT_COMMON_FAKE_BOTH_H
#define SLUICE_TESTS_UNIT_COMMON_FAKE_BOTH_H

#include "fake_postgres.h"
#undef FAKE_ERROR
#include "fake_s3.h"

struct fake_both {
    struct fake_s3 store;
    struct fake_server database;
    struct db *db;
};

static inline void fake_both_start(struct fake_both *both, const char *const *replies, const char *const *answers) {
    fake_s3_start(&both->store, replies);
    both->db = fake_postgres_start(&both->database, answers, 0);
}

/* What the database was asked; the caller frees it. fake_server_free(&both->store.server) ends it all. */
static inline char *fake_both_stop(struct fake_both *both) {
    fake_s3_stop(&both->store);
    return fake_postgres_stop(&both->database, both->db);
}

#endif
