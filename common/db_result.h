/* Makes the rows that db.h gives out. Private to db*.c. */
#ifndef SLUICE_COMMON_DB_RESULT_H
#define SLUICE_COMMON_DB_RESULT_H

#include "common/db.h"

#include <libpq-fe.h>

/* Takes the rows. */
struct db_result *db_result_new(PGresult *rows);

#endif
