/* What is wrong with a picture, in plain words for its owner, and in its library's own words for the log. */
#ifndef SLUICE_DECODER_COMPLAINT_H
#define SLUICE_DECODER_COMPLAINT_H

#include "common/error.h"

#define COMPLAINT_NO_PICTURE "this is not a picture that can be read"
#define COMPLAINT_DAMAGED "the picture is damaged"
#define COMPLAINT_CUT "the picture ends too early"
#define COMPLAINT_METADATA "the picture holds more metadata than is read"
#define COMPLAINT_NOT_MADE "a smaller version of the picture could not be made"

/* Fills err with DECODE_FAILED and `plain`, or COMPLAINT_CUT when a library's words (NULL: none) say that, and returns false.
 * The words stand behind a line break until complaint_split takes them off. */
bool complaint_set(struct error *err, const char *plain, const char *words);

/* The library's words of a message, "" when there are none; the message keeps what comes before. */
const char *complaint_split(char *message);

#endif
