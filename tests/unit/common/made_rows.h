/* Rows of a statement, made by hand. */
#ifndef SLUICE_TESTS_UNIT_COMMON_MADE_ROWS_H
#define SLUICE_TESTS_UNIT_COMMON_MADE_ROWS_H

#include "common/db_result.h"

enum { MADE_COLUMNS_MAX = 8 };

/* As the server would send them; NULL is SQL NULL. */
static inline struct db_result *made_rows(const char *const (*values)[MADE_COLUMNS_MAX], size_t count, int columns) {
    PGresult *rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    char name[] = "column";
    PGresAttDesc descriptions[MADE_COLUMNS_MAX];
    for (int column = 0; column < columns; column++) {
        descriptions[column] = (PGresAttDesc){.name = name};
    }
    PQsetResultAttrs(rows, columns, descriptions);
    for (size_t row = 0; row < count; row++) {
        for (int column = 0; column < columns; column++) {
            const char *value = values[row][column];
            char text[1024];
            snprintf(text, sizeof text, "%s", value == NULL ? "" : value);
            PQsetvalue(rows, (int)row, column, value == NULL ? NULL : text, value == NULL ? -1 : (int)strlen(text));
        }
    }
    return db_result_new(rows);
}

#endif
