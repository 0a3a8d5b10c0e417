/* A file's content type, guessed from its name: what is declared to the API when the user says nothing. Pure. */
#ifndef SLUICE_CLI_CONTENT_TYPE_H
#define SLUICE_CLI_CONTENT_TYPE_H

/* By the extension, in either case; NULL for one that is not known. */
const char *content_type_of(const char *filename);

#endif
