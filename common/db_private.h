/* What db.c gives to the pool. Private to db*.c. */
#ifndef SLUICE_COMMON_DB_PRIVATE_H
#define SLUICE_COMMON_DB_PRIVATE_H

#include "common/db.h"
#include "common/retry_gate.h"

/* Makes the connection share its knowledge of a server that is down; the gate must outlive it. */
void db_share_gate(struct db *db, struct retry_gate *gate);

#endif
