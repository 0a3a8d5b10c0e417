/* Parameters of a header's value (RFC 9110, section 5.6.6), as they follow a media type or a disposition: `; name=value;
 * name="value"`. Pure.
 *
 * Within quotes a backslash escapes a quote or a backslash; before anything else it stands for itself, because browsers that
 * send the path of a file do not escape it. */
#ifndef SLUICE_API_HEADER_PARAMETERS_H
#define SLUICE_API_HEADER_PARAMETERS_H

#include "common/buf.h"

struct header_parameter {
    struct buf name; /* in lower case */
    struct buf value;
};
void header_parameter_free(struct header_parameter *parameter);

enum header_parameter_result {
    HEADER_PARAMETER,
    HEADER_PARAMETERS_END,
    HEADER_PARAMETERS_BROKEN,
};

/* The next parameter from *at on, which is a text and moves behind it. */
enum header_parameter_result header_parameters_next(const char **at, struct header_parameter *ret_parameter);

#endif
