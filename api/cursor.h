/* Page cursors: the id that the last page ended with, in a form that clients do not take for an id. Pure. */
#ifndef SLUICE_API_CURSOR_H
#define SLUICE_API_CURSOR_H

#include "common/id.h"

enum { CURSOR_SIZE = 34 };

void cursor_make(const char *id, char ret_cursor[CURSOR_SIZE]);

/* False for what is no cursor. */
bool cursor_parse(const char *cursor, char ret_id[ID_TEXT_SIZE]);

#endif
