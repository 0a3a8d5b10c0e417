/* A look at the object of a PENDING file, by whoever sweeps. */
#ifndef SLUICE_COMMON_SWEEP_LOOK_H
#define SLUICE_COMMON_SWEEP_LOOK_H

#include "common/file_state.h"
#include "common/s3_client.h"

enum sweep_sight {
    SWEEP_SEEN,    /* the object is there */
    SWEEP_MISSING, /* it is not; certain when that was asked for */
    SWEEP_UNCLEAR, /* the store refuses this object, or cannot read it: that must not stop the others */
};

/* With `certain` an object is missing only in a bucket that is there, and when a second look says the same. ret_object is
 * written when it was seen, ret_problem when it is unclear. False when the store is down: the sweep is over. */
bool sweep_look(struct s3_client *store, const char *key, bool certain, enum sweep_sight *ret_sight,
                struct s3_object *ret_object, struct error *ret_problem, struct error *err) MUST_CHECK;

/* What an object that was seen means for its file; the texts belong to the arguments. */
struct file_arrival sweep_arrival(const char *bucket, const char *key, const struct s3_object *object);

#endif
