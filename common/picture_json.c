#include "common/picture_json.h"

static void set_text(json_t *object, const char *name, const char *text) {
    if (*text != '\0') {
        json_set_text(object, name, text);
    }
}

static void set_real(json_t *object, const char *name, double number) {
    if (number > 0) {
        json_set(object, name, json_real(number));
    }
}

static void set_int(json_t *object, const char *name, int64_t number) {
    if (number > 0) {
        json_set_int(object, name, number);
    }
}

static json_t *gps_json(const struct picture_metadata *metadata) {
    json_t *gps = json_object();
    json_set(gps, "latitude", json_real(metadata->latitude));
    json_set(gps, "longitude", json_real(metadata->longitude));
    if (metadata->has_altitude) {
        json_set(gps, "altitude_m", json_real(metadata->altitude_m));
    }
    return gps;
}

json_t *picture_metadata_json(const struct picture_metadata *metadata) {
    json_t *object = json_object();
    set_text(object, "camera_make", metadata->camera_make);
    set_text(object, "camera_model", metadata->camera_model);
    set_text(object, "lens", metadata->lens);
    set_text(object, "taken_at", metadata->taken_at);
    set_real(object, "exposure_s", metadata->exposure_s);
    set_real(object, "aperture", metadata->aperture);
    set_int(object, "iso", metadata->iso);
    set_real(object, "focal_length_mm", metadata->focal_length_mm);
    set_int(object, "orientation", metadata->orientation);
    if (metadata->has_gps) {
        json_set(object, "gps", gps_json(metadata));
    }
    return object;
}
