/* What is known of an uploaded picture: its type by its bytes, its size, its placeholder and what the camera wrote. */
#ifndef SLUICE_COMMON_PICTURE_H
#define SLUICE_COMMON_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The formats that are decoded, and no other one is. */
enum picture_type {
    PICTURE_TYPE_NONE,
    PICTURE_TYPE_JPEG,
    PICTURE_TYPE_PNG,
    PICTURE_TYPE_GIF,
    PICTURE_TYPE_WEBP,
    PICTURE_TYPE_TIFF,
    PICTURE_TYPE_HEIC,
    PICTURE_TYPE_AVIF,
    PICTURE_TYPE_COUNT
};

enum {
    PICTURE_HEAD_BYTES = 64,     /* as many first bytes tell the type */
    PICTURE_SIDE_MAX = 10000000, /* pixels; no format that is decoded has more, and libvips neither */
    PICTURE_TEXT_SIZE = 129,     /* of a text of the metadata, UTF-8, with its NUL */
    PICTURE_DATE_SIZE = sizeof "2024-05-06T07:08:09.123456+02:00",
    THUMBHASH_MAX = 25,       /* bytes */
    THUMBHASH_TEXT_SIZE = 37, /* of its base64, with the NUL */
};

/* From EXIF; texts are "" and numbers 0 where the picture does not say. Values outside of these ranges are left out. */
struct picture_metadata {
    char camera_make[PICTURE_TEXT_SIZE];
    char camera_model[PICTURE_TEXT_SIZE];
    char lens[PICTURE_TEXT_SIZE];
    char taken_at[PICTURE_DATE_SIZE]; /* RFC 3339; without an offset (local time) when the camera wrote none */
    double exposure_s;                /* (0, 86400] */
    double aperture;                  /* f-number, (0, 1000] */
    int32_t iso;                      /* [1, 10000000] */
    double focal_length_mm;           /* (0, 100000] */
    int32_t orientation;              /* of EXIF, 1 to 8; 0: not said, or nothing sensible */
    bool has_gps;                     /* latitude and longitude; never when SLUICE_KEEP_GPS is false */
    bool has_altitude;
    double latitude;   /* degrees, north is positive */
    double longitude;  /* degrees, east is positive */
    double altitude_m; /* above the sea, [-12000, 100000] */
};

struct picture {
    enum picture_type type;
    int width, height; /* pixels, after orientation */
    int64_t frames;    /* of an animation, or pages; 1 for most */
    bool has_thumbhash;
    char thumbhash[THUMBHASH_TEXT_SIZE]; /* base64 */
    struct picture_metadata metadata;
};

/* The type of a file that begins with these bytes, whatever it is called; PICTURE_TYPE_NONE for everything else. Pure. */
enum picture_type picture_type_of(const void *head, size_t length);

/* "image/jpeg"; NULL for PICTURE_TYPE_NONE. */
const char *picture_type_name(enum picture_type type);

/* Whether all texts are UTF-8 with an end and all numbers within their ranges: what comes from a decoder is not believed. */
bool picture_metadata_valid(const struct picture_metadata *metadata);

#endif
