/* A file's record as the API gives it, for people. Pure. */
#ifndef SLUICE_CLI_RECORD_H
#define SLUICE_CLI_RECORD_H

#include "common/json.h"

bool record_is_final(const json_t *record);
bool record_is_synced(const json_t *record);

/* One line: status, id, size, type, name; of a failed one also why. */
void record_line(const json_t *record, struct buf *out);

/* A line for each field that has a value. */
void record_fields(const json_t *record, struct buf *out);

#endif
