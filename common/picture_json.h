/* A picture's metadata as the API shows it. */
#ifndef SLUICE_COMMON_PICTURE_JSON_H
#define SLUICE_COMMON_PICTURE_JSON_H

#include "common/json.h"
#include "common/picture.h"

/* A new object with the fields that are there, named as in the struct: {"camera_make": "…", "iso": 100, …, "gps":
 * {"latitude": 1.5, "longitude": 2.5, "altitude_m": 3}}; empty when nothing is. The caller owns it. */
json_t *picture_metadata_json(const struct picture_metadata *metadata);

#endif
