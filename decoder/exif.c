#include "decoder/exif.h"

#include "common/buf.h"
#include "common/encode.h"

#include <libexif/exif-data.h>
#include <math.h>
#include <string.h>

/* Tags of EXIF 2.31 and 2.3 that some versions of libexif have no name for. */
enum { TAG_OFFSET_TIME = 0x9010, TAG_OFFSET_TIME_ORIGINAL = 0x9011, TAG_LENS_MODEL = 0xa434 };

enum { LARGEST_BLOCK = 65533 }; /* libexif reads no more */

static void exif_data_freep(ExifData **data) {
    if (*data != NULL) {
        exif_data_unref(*data);
    }
}

static const ExifEntry *entry_of(ExifData *data, ExifIfd ifd, int tag) {
    return exif_content_get_entry(data->ifd[ifd], (ExifTag)tag);
}

/* Text without control characters and the space around it, as UTF-8. EXIF says ASCII; what is not UTF-8 is taken as Latin-1,
 * which every sequence of bytes is. */
static void clean_text(const char *bytes, size_t length, struct buf *out) {
    bool is_utf8 = utf8_valid(bytes, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 || c == 0x7f || (!is_utf8 && c >= 0x80 && c < 0xa0)) {
            continue;
        }
        if (c >= 0x80 && !is_utf8) {
            buf_append_char(out, (char)(0xc0 | c >> 6));
            c = (unsigned char)(0x80 | (c & 0x3f));
        } else if (c == ' ' && out->length == 0) {
            continue;
        }
        buf_append_char(out, (char)c);
    }
    while (out->length > 0 && out->data[out->length - 1] == ' ') {
        out->data[--out->length] = '\0';
    }
}

static void read_text(const ExifEntry *entry, char *ret_text, size_t size) {
    if (entry == NULL || entry->format != EXIF_FORMAT_ASCII || entry->data == NULL) {
        return;
    }
    _cleanup_(buf_free) struct buf text = {0};
    size_t length = strnlen((const char *)entry->data, entry->size);
    clean_text((const char *)entry->data, length < 4 * size ? length : 4 * size, &text);
    size_t kept = utf8_prefix(buf_text(&text), text.length, size - 1);
    memcpy(ret_text, buf_text(&text), kept);
    ret_text[kept] = '\0';
}

/* The number at an index of the entry, whatever its format; NAN when there is none. */
static double number_at(ExifData *data, const ExifEntry *entry, size_t index) {
    ExifByteOrder order = exif_data_get_byte_order(data);
    if (entry == NULL || entry->data == NULL || index >= entry->components ||
        entry->size < (index + 1) * exif_format_get_size(entry->format)) {
        return (double)NAN;
    }
    const unsigned char *at = entry->data + index * exif_format_get_size(entry->format);
    switch (entry->format) {
    case EXIF_FORMAT_SHORT:
        return exif_get_short(at, order);
    case EXIF_FORMAT_LONG:
        return exif_get_long(at, order);
    case EXIF_FORMAT_BYTE:
        return *at;
    case EXIF_FORMAT_RATIONAL: {
        ExifRational ratio = exif_get_rational(at, order);
        return ratio.denominator == 0 ? (double)NAN : (double)ratio.numerator / ratio.denominator;
    }
    case EXIF_FORMAT_SRATIONAL: {
        ExifSRational ratio = exif_get_srational(at, order);
        return ratio.denominator == 0 ? (double)NAN : (double)ratio.numerator / ratio.denominator;
    }
    default:
        return (double)NAN;
    }
}

/* Of numbers outside (0, maximum] nothing is kept. */
static void read_number(ExifData *data, ExifIfd ifd, int tag, double maximum, double *ret_number) {
    double number = number_at(data, entry_of(data, ifd, tag), 0);
    if (number > 0 && number <= maximum) {
        *ret_number = number;
    }
}

static bool digits_at(const char *text, const char *pattern) {
    for (; *pattern != '\0'; text++, pattern++) {
        if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern) {
            return false;
        }
    }
    return true;
}

static int number_of(const char *digits, size_t count) {
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        number = number * 10 + (digits[i] - '0');
    }
    return number;
}

static bool is_date(const char *text) {
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (!digits_at(text, "0000:00:00 00:00:00") || text[19] != '\0') {
        return false;
    }
    int year = number_of(text, 4);
    int month = number_of(text + 5, 2);
    int day = number_of(text + 8, 2);
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] - (month == 2 && !is_leap) &&
           number_of(text + 11, 2) < 24 && number_of(text + 14, 2) < 60 && number_of(text + 17, 2) < 60;
}

static bool is_offset(const char *text) {
    return (digits_at(text, "+00:00") || digits_at(text, "-00:00")) && text[6] == '\0' && number_of(text + 1, 2) < 24 &&
           number_of(text + 4, 2) < 60;
}

/* RFC 3339 of a date, its fraction of a second and its offset from UTC; the last two may be "". */
static void join_date(const char *date, const char *fraction, const char *offset, char ret_text[PICTURE_DATE_SIZE]) {
    size_t digits = strspn(fraction, "0123456789");
    digits = digits > 6 || fraction[digits] != '\0' ? 0 : digits;
    snprintf(ret_text, PICTURE_DATE_SIZE, "%.4s-%.2s-%.2sT%.8s%s%.*s%.6s", date, date + 5, date + 8, date + 11,
             digits > 0 ? "." : "", (int)digits, fraction, is_offset(offset) ? offset : "");
}

/* When the picture was taken, or at least when its file was written. */
static void read_date(ExifData *data, char ret_text[PICTURE_DATE_SIZE]) {
    static const struct {
        ExifIfd ifd;
        int date, fraction, offset;
    } sources[] = {
        {EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, EXIF_TAG_SUB_SEC_TIME_ORIGINAL, TAG_OFFSET_TIME_ORIGINAL},
        {EXIF_IFD_0, EXIF_TAG_DATE_TIME, EXIF_TAG_SUB_SEC_TIME, TAG_OFFSET_TIME},
    };
    for (size_t i = 0; i < sizeof sources / sizeof sources[0] && *ret_text == '\0'; i++) {
        char date[32] = "";
        char fraction[16] = "";
        char offset[16] = "";
        read_text(entry_of(data, sources[i].ifd, sources[i].date), date, sizeof date);
        read_text(entry_of(data, EXIF_IFD_EXIF, sources[i].fraction), fraction, sizeof fraction);
        read_text(entry_of(data, EXIF_IFD_EXIF, sources[i].offset), offset, sizeof offset);
        if (is_date(date)) {
            join_date(date, fraction, offset, ret_text);
        }
    }
}

/* Degrees, minutes and seconds, negative with this letter as its reference; NAN for nonsense. */
static double degrees_of(ExifData *data, int tag, int reference_tag, char negative, double maximum) {
    char reference[4] = "";
    static const double units[] = {1, 60, 3600};
    double sum = 0;
    const ExifEntry *entry = entry_of(data, EXIF_IFD_GPS, tag);
    read_text(entry_of(data, EXIF_IFD_GPS, reference_tag), reference, sizeof reference);
    for (size_t i = 0; i < 3; i++) {
        double part = number_at(data, entry, i);
        sum += part >= 0 ? part / units[i] : (double)NAN;
    }
    return sum <= maximum ? (*reference == negative ? -sum : sum) : (double)NAN;
}

static void read_place(ExifData *data, struct picture_metadata *metadata) {
    double latitude = degrees_of(data, EXIF_TAG_GPS_LATITUDE, EXIF_TAG_GPS_LATITUDE_REF, 'S', 90);
    double longitude = degrees_of(data, EXIF_TAG_GPS_LONGITUDE, EXIF_TAG_GPS_LONGITUDE_REF, 'W', 180);
    if (isnan(latitude) || isnan(longitude)) {
        return;
    }
    metadata->has_gps = true;
    metadata->latitude = latitude;
    metadata->longitude = longitude;
    double altitude = number_at(data, entry_of(data, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE), 0);
    bool is_below = number_at(data, entry_of(data, EXIF_IFD_GPS, EXIF_TAG_GPS_ALTITUDE_REF), 0) == 1;
    if (altitude >= 0 && altitude <= (is_below ? 12000 : 100000)) {
        metadata->has_altitude = true;
        metadata->altitude_m = is_below ? -altitude : altitude;
    }
}

static ExifData *parsed(const unsigned char *bytes, size_t length) {
    static const unsigned char mark[] = {'E', 'x', 'i', 'f', 0, 0};
    ExifData *data = exif_data_new();
    if (data == NULL) {
        return NULL;
    }
    /* The maker's notes are formats of their own, which nobody here reads. */
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_set_option(data, EXIF_DATA_OPTION_DONT_CHANGE_MAKER_NOTE);
    if (length >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0) {
        exif_data_load_data(data, bytes, (unsigned)(length < LARGEST_BLOCK ? length : LARGEST_BLOCK));
        return data;
    }
    _cleanup_(buf_free) struct buf block = {0};
    buf_append(&block, mark, sizeof mark);
    buf_append(&block, bytes, length < LARGEST_BLOCK - sizeof mark ? length : LARGEST_BLOCK - sizeof mark);
    exif_data_load_data(data, (const unsigned char *)block.data, (unsigned)block.length);
    return data;
}

void exif_read(const void *bytes, size_t length, bool keep_gps, struct picture_metadata *metadata) {
    _cleanup_(exif_data_freep) ExifData *data = parsed(bytes, length);
    if (data == NULL) {
        return;
    }
    double iso = 0;
    double orientation = 0;
    read_text(entry_of(data, EXIF_IFD_0, EXIF_TAG_MAKE), metadata->camera_make, PICTURE_TEXT_SIZE);
    read_text(entry_of(data, EXIF_IFD_0, EXIF_TAG_MODEL), metadata->camera_model, PICTURE_TEXT_SIZE);
    read_text(entry_of(data, EXIF_IFD_EXIF, TAG_LENS_MODEL), metadata->lens, PICTURE_TEXT_SIZE);
    read_date(data, metadata->taken_at);
    read_number(data, EXIF_IFD_EXIF, EXIF_TAG_EXPOSURE_TIME, 86400, &metadata->exposure_s);
    read_number(data, EXIF_IFD_EXIF, EXIF_TAG_FNUMBER, 1000, &metadata->aperture);
    read_number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_LENGTH, 100000, &metadata->focal_length_mm);
    read_number(data, EXIF_IFD_EXIF, EXIF_TAG_ISO_SPEED_RATINGS, 10000000, &iso);
    read_number(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION, 8, &orientation);
    metadata->iso = (int32_t)iso;
    metadata->orientation = (int32_t)orientation;
    if (keep_gps) {
        read_place(data, metadata);
    }
}
