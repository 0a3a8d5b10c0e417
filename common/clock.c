#include "common/clock.h"

#include <string.h>
#include <time.h>

int64_t clock_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void) {
    return clock_monotonic_us() / 1000;
}

/* A moment in UTC. */
struct civil {
    int year, month, day, weekday; /* month from 1, Sunday is 0 */
    int hour, minute, second, millisecond;
};

/* Not by gmtime_r, which takes a lock that all threads share. The calendar starts in March, so that a leap day comes last:
 * 400 years have 146,097 days, and five months from March on always 153. */
static struct civil civil_of(int64_t epoch_ms) {
    enum { DAY_MS = 86400000, DAYS_TO_1970 = 719468, DAYS_OF_400_YEARS = 146097 };
    int64_t days = epoch_ms / DAY_MS - (epoch_ms % DAY_MS < 0 ? 1 : 0);
    int64_t ms = epoch_ms - days * DAY_MS;
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = (shifted >= 0 ? shifted : shifted - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
    int64_t day_of_era = shifted - era * DAYS_OF_400_YEARS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* March is 0 */
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month >= 10 ? 1 : 0)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .weekday = (int)(((days + 4) % 7 + 7) % 7),
        .hour = (int)(ms / 3600000),
        .minute = (int)(ms / 60000 % 60),
        .second = (int)(ms / 1000 % 60),
        .millisecond = (int)(ms % 1000),
    };
}

/* The number with leading zeros; returns the place behind it. */
static char *put_digits(char *end, int number, int length) {
    for (int i = length - 1; i >= 0; i--) {
        end[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return end + length;
}

static char *put_char(char *end, char c) {
    *end = c;
    return end + 1;
}

/* Hour, minute and second. */
static char *put_time(char *end, const struct civil *at, bool colons) {
    end = put_digits(end, at->hour, 2);
    end = colons ? put_char(end, ':') : end;
    end = put_digits(end, at->minute, 2);
    end = colons ? put_char(end, ':') : end;
    return put_digits(end, at->second, 2);
}

void clock_format_rfc3339(int64_t epoch_ms, char ret_text[CLOCK_TEXT_SIZE]) {
    struct civil at = civil_of(epoch_ms);
    char *end = put_char(put_digits(ret_text, at.year, 4), '-');
    end = put_char(put_digits(end, at.month, 2), '-');
    end = put_char(put_digits(end, at.day, 2), 'T');
    end = put_char(put_time(end, &at, true), '.');
    memcpy(put_digits(end, at.millisecond, 3), "Z", sizeof "Z");
}

void clock_format_amz(int64_t epoch_ms, char ret_text[CLOCK_AMZ_SIZE]) {
    struct civil at = civil_of(epoch_ms);
    char *end = put_digits(put_digits(put_digits(ret_text, at.year, 4), at.month, 2), at.day, 2);
    memcpy(put_time(put_char(end, 'T'), &at, false), "Z", sizeof "Z");
}

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void clock_format_http(int64_t epoch_ms, char ret_text[CLOCK_HTTP_SIZE]) {
    static const char days[] = "Sun, Mon, Tue, Wed, Thu, Fri, Sat, ";
    struct civil at = civil_of(epoch_ms);
    memcpy(ret_text, days + 5 * (size_t)at.weekday, 5);
    char *end = put_char(put_digits(ret_text + 5, at.day, 2), ' ');
    memcpy(end, month_names + 3 * ((size_t)at.month - 1), 3);
    end = put_char(put_digits(put_char(end + 3, ' '), at.year, 4), ' ');
    memcpy(put_time(end, &at, true), " GMT", sizeof " GMT");
}

/* The number of `length` digits at the start of the text, -1 when there are fewer. */
static int digits(const char *text, size_t length) {
    int number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

/* Milliseconds since 1970 of the parts, month from 1; 0 when one of them is out of its range. */
static int64_t epoch_ms_of(int year, int month, int day, const char *time) {
    int hour = digits(time, 2);
    int minute = hour < 0 || time[2] != ':' ? -1 : digits(time + 3, 2);
    int second = minute < 0 || time[5] != ':' ? -1 : digits(time + 6, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second < 0 ||
        second > 60) {
        return 0;
    }
    struct tm utc = {.tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day,
                     .tm_hour = hour,
                     .tm_min = minute,
                     .tm_sec = second};
    return (int64_t)timegm(&utc) * 1000;
}

/* Not by strptime, whose names of months depend on the locale. */
static int month_of(const char *name) {
    for (int i = 0; i < 12; i++) {
        if (strncmp(name, month_names + 3 * (size_t)i, 3) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static int64_t parse_http_date(const char *text) {
    return epoch_ms_of(digits(text + 12, 4), month_of(text + 8), digits(text + 5, 2), text + 17);
}

/* Minutes that a time with this offset is ahead of UTC: "+02:00"; 0 for anything else. */
static int offset_minutes(const char *text) {
    int hours = *text == '+' || *text == '-' ? digits(text + 1, 2) : -1;
    int minutes = hours < 0 || text[3] != ':' ? -1 : digits(text + 4, 2);
    if (hours > 23 || minutes < 0 || minutes > 59) {
        return 0;
    }
    return *text == '-' ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

static int64_t parse_rfc3339(const char *text) {
    int64_t epoch_ms = epoch_ms_of(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2), text + 11);
    int fraction = text[19] == '.' ? digits(text + 20, 3) : 0;
    const char *offset = text[19] == '.' ? text + 20 + strspn(text + 20, "0123456789") : text + 19;
    if (epoch_ms <= 0) {
        return 0;
    }
    return epoch_ms + (fraction > 0 ? fraction : 0) - (int64_t)offset_minutes(offset) * 60000;
}

int64_t clock_parse(const char *text) {
    size_t length = strlen(text);
    if (length >= 19 && text[4] == '-' && text[7] == '-' && text[10] == 'T') {
        return parse_rfc3339(text);
    }
    return length == 29 && text[3] == ',' ? parse_http_date(text) : 0;
}

void clock_sleep_ms(int64_t duration_ms) {
    if (duration_ms > 0) {
        struct timespec wait = {.tv_sec = duration_ms / 1000, .tv_nsec = duration_ms % 1000 * 1000000};
        nanosleep(&wait, NULL);
    }
}
