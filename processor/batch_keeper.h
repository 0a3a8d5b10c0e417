/* What keeps batches going should anything else have failed to: the database itself lets photos follow each other
 * (migrations/0005_batches.sql). */
#ifndef SLUICE_PROCESSOR_BATCH_KEEPER_H
#define SLUICE_PROCESSOR_BATCH_KEEPER_H

#include "common/db.h"

/* Batches that nobody receives any more are forgotten, and so are old ones that are not their album's newest; running ones go on
 * as far as there is room, and end when nothing of them is left. */
bool batch_keeper_run(struct db *db, struct error *err) MUST_CHECK;

#endif
