#include "common/db_result.h"

#include "common/encode.h"
#include "common/xalloc.h"

struct db_result {
    PGresult *rows;
};

struct db_result *db_result_new(PGresult *rows) {
    struct db_result *result = xcalloc(1, sizeof *result);
    result->rows = rows;
    return result;
}

size_t db_rows(const struct db_result *result) {
    return (size_t)PQntuples(result->rows);
}

size_t db_columns(const struct db_result *result) {
    return (size_t)PQnfields(result->rows);
}

bool db_is_null(const struct db_result *result, size_t row, size_t column) {
    return PQgetisnull(result->rows, (int)row, (int)column) == 1;
}

const char *db_text(const struct db_result *result, size_t row, size_t column) {
    return db_is_null(result, row, column) ? NULL : PQgetvalue(result->rows, (int)row, (int)column);
}

int64_t db_int(const struct db_result *result, size_t row, size_t column) {
    int64_t number = 0;
    return parse_int64(db_text(result, row, column), INT64_MIN, INT64_MAX, &number) ? number : 0;
}

bool db_bool(const struct db_result *result, size_t row, size_t column) {
    const char *text = db_text(result, row, column);
    return text != NULL && *text == 't';
}

void db_result_free(struct db_result *result) {
    if (result != NULL) {
        PQclear(result->rows);
        free(result);
    }
}
