#include "common/config.h"

#include "common/encode.h"
#include "common/xalloc.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum setting_type { TEXT, SECRET, PATH, INT, BYTES, BOOL, CHOICE };
enum {
    API = CONFIG_API,
    PROCESSOR = CONFIG_PROCESSOR,
    CLI_DATABASE = CONFIG_CLI_DATABASE,
    CLI_REDIS = CONFIG_CLI_REDIS,
    CLI_STORE = CONFIG_CLI_STORE,
    CLI_API = CONFIG_CLI_API,
};

struct setting {
    const char *name;
    size_t offset; /* of the field in struct config */
    unsigned programs;
    enum setting_type type;
    const char *fallback;
    int64_t minimum, maximum;
    const char *help;
};

static const struct setting settings[] = {
#define SETTING(program, field, NAME, type, fallback, minimum, maximum, help)                                          \
    {"SLUICE_" #NAME, offsetof(struct config, field), program, type, fallback, minimum, maximum, help},
#include "common/config.def"
#undef SETTING
};

enum { SETTING_COUNT = sizeof settings / sizeof settings[0], FILE_VALUE_MAX = 8192 };

/* Names that the project's own tools read and that are no settings of a program. */
static const char *const other_names[] = {
    "SLUICE_DEV_DIR",
    "SLUICE_DEV_CACHE",
    "SLUICE_DEV_STORE",
    "SLUICE_MINIO_BIN",
    "SLUICE_VERSITYGW_BIN",
    "SLUICE_BUILD_PRESET",
    "SLUICE_SIGV4_SUITE",
    "SLUICE_METRICS_URL",
    "SLUICE_DEV_BUILT",
    "SLUICE_PID_API",
    "SLUICE_PID_POSTGRES",
    "SLUICE_PID_REDIS",
    "SLUICE_PID_PROCESSOR",
    "SLUICE_PID_MINIO",
    "SLUICE_PID_VERSITYGW",
    "SLUICE_CRASH_AT",
    NULL,
};

static bool is_text(enum setting_type type) {
    return type == TEXT || type == SECRET || type == PATH || type == CHOICE;
}

/* The field's address by its offset in the table; struct config is a plain struct of the types in the table. */
static void *field_of(struct config *config, const struct setting *setting) {
    return (char *)config + setting->offset;
}

static const char *type_name(const struct setting *setting) {
    static const char *const names[] = {"text", "secret", "path", "integer", "bytes", "true or false", "choice"};
    return names[setting->type];
}

/* The default as a value: for a choice the first of its words. The caller frees it. */
static char *fallback_of(const struct setting *setting) {
    size_t length = setting->type == CHOICE ? strcspn(setting->fallback, " ") : strlen(setting->fallback);
    return xstrndup(setting->fallback, length);
}

bool config_parse_bytes(const char *value, int64_t minimum, int64_t maximum, int64_t *ret_bytes) {
    static const struct {
        const char *suffix;
        int64_t factor;
    } units[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"", 1}};
    size_t digits = strspn(value, "0123456789");
    _cleanup_(freep) char *number_text = xstrndup(value, digits);
    int64_t number = 0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(value + digits, units[i].suffix) == 0) {
            if (!parse_int64(number_text, 0, INT64_MAX / units[i].factor, &number)) {
                return false;
            }
            *ret_bytes = number * units[i].factor;
            return *ret_bytes >= minimum && *ret_bytes <= maximum;
        }
    }
    return false;
}

static bool choice_has(const char *words, const char *value) {
    size_t length = strlen(value);
    for (const char *word = words; *word != '\0'; word += strspn(word, " ")) {
        size_t word_length = strcspn(word, " ");
        if (word_length == length && memcmp(word, value, length) == 0) {
            return true;
        }
        word += word_length;
    }
    return false;
}

static bool set_text(struct config *config, const struct setting *setting, const char *value, struct error *err) {
    if (setting->type == CHOICE && !choice_has(setting->fallback, value)) {
        return error_set(err, ERROR_CONFIG, "%s must be one of: %s", setting->name, setting->fallback);
    }
    int64_t length = (int64_t)strlen(value);
    if (setting->type != CHOICE && (length < setting->minimum || length > setting->maximum)) {
        return error_set(err, ERROR_CONFIG, "%s must have %lld to %lld characters", setting->name,
                         (long long)setting->minimum, (long long)setting->maximum);
    }
    if (setting->type == PATH && *value != '\0' && access(value, R_OK) != 0) {
        return error_set(err, ERROR_CONFIG, "%s: cannot read %s: %s", setting->name, value, strerror(errno));
    }
    char **field = field_of(config, setting);
    free(*field);
    *field = xstrdup(value);
    return true;
}

static bool set_value(struct config *config, const struct setting *setting, const char *value, struct error *err) {
    if (is_text(setting->type)) {
        return set_text(config, setting, value, err);
    }
    if (setting->type == BOOL) {
        bool is_true = strcmp(value, "true") == 0;
        if (!is_true && strcmp(value, "false") != 0) {
            return error_set(err, ERROR_CONFIG, "%s must be true or false", setting->name);
        }
        *(bool *)field_of(config, setting) = is_true;
        return true;
    }
    int64_t number = 0;
    bool parsed = setting->type == BYTES ? config_parse_bytes(value, setting->minimum, setting->maximum, &number)
                                         : parse_int64(value, setting->minimum, setting->maximum, &number);
    if (!parsed) {
        return error_set(err, ERROR_CONFIG, "%s must be %s from %lld to %lld", setting->name,
                         setting->type == BYTES ? "a number of bytes (KiB, MiB and GiB are understood)" : "an integer",
                         (long long)setting->minimum, (long long)setting->maximum);
    }
    *(int64_t *)field_of(config, setting) = number;
    return true;
}

static const struct setting *setting_named(const char *name, size_t length) {
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strlen(settings[i].name) == length && memcmp(settings[i].name, name, length) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

/* NAME_FILE belongs to a text setting NAME. */
static bool is_file_name(const char *name, size_t length) {
    static const char suffix[] = "_FILE";
    size_t suffix_length = sizeof suffix - 1;
    if (length <= suffix_length || memcmp(name + length - suffix_length, suffix, suffix_length) != 0) {
        return false;
    }
    const struct setting *setting = setting_named(name, length - suffix_length);
    return setting != NULL && is_text(setting->type);
}

static bool known_name(const char *name, size_t length) {
    for (const char *const *other = other_names; *other != NULL; other++) {
        if (strlen(*other) == length && memcmp(*other, name, length) == 0) {
            return true;
        }
    }
    return setting_named(name, length) != NULL || is_file_name(name, length);
}

/* A typing error in a name must not pass in silence. */
static bool check_names(char *const *pairs, struct error *err) {
    for (char *const *pair = pairs; pair != NULL && *pair != NULL; pair++) {
        size_t length = strcspn(*pair, "=");
        if (strncmp(*pair, "SLUICE_", 7) == 0 && !known_name(*pair, length)) {
            return error_set(err, ERROR_CONFIG, "unknown setting %.*s", (int)(length > 100 ? 100 : length), *pair);
        }
    }
    return true;
}

static const char *value_in(char *const *pairs, const char *name) {
    size_t length = strlen(name);
    for (char *const *pair = pairs; pair != NULL && *pair != NULL; pair++) {
        if (strncmp(*pair, name, length) == 0 && (*pair)[length] == '=') {
            return *pair + length + 1;
        }
    }
    return NULL;
}

static bool read_value_file(const char *name, const char *path, char **ret_value, struct error *err) {
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(err, ERROR_CONFIG, "%s: cannot open %s: %s", name, path, strerror(errno));
    }
    char value[FILE_VALUE_MAX];
    size_t length = fread(value, 1, sizeof value, file);
    if (ferror(file) != 0 || length == sizeof value || memchr(value, '\0', length) != NULL) {
        return error_set(err, ERROR_CONFIG, "%s: %s is not a file with a text of less than %d bytes", name, path,
                         FILE_VALUE_MAX);
    }
    while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r')) {
        length--;
    }
    *ret_value = xstrndup(value, length);
    return true;
}

/* NAME or, for a text, the content of the file that NAME_FILE names; NULL when neither is there. */
static bool value_from(char *const *pairs, const struct setting *setting, char **ret_value, struct error *err) {
    const char *value = value_in(pairs, setting->name);
    bool is_given = value != NULL && *value != '\0';
    if (is_given || !is_text(setting->type)) {
        *ret_value = xstrdup(value);
        return true;
    }
    _cleanup_(freep) char *file_name = xasprintf("%s_FILE", setting->name);
    const char *path = value_in(pairs, file_name);
    if (path != NULL && *path != '\0') {
        return read_value_file(file_name, path, ret_value, err);
    }
    *ret_value = xstrdup(value);
    return true;
}

static bool load_setting(struct config *config, const struct setting *setting, char *const *file_pairs,
                         struct error *err) {
    _cleanup_(freep) char *value = NULL;
    if (!value_from(environ, setting, &value, err) ||
        (value == NULL && !value_from(file_pairs, setting, &value, err))) {
        return false;
    }
    bool given = value != NULL && *value != '\0';
    if (!given && setting->fallback == NULL) {
        return error_set(err, ERROR_CONFIG, "%s is required: %s", setting->name, setting->help);
    }
    _cleanup_(freep) char *fallback = given ? NULL : fallback_of(setting);
    return set_value(config, setting, given ? value : fallback, err);
}

static void pairs_free(char ***pairs) {
    for (char **pair = *pairs; pair != NULL && *pair != NULL; pair++) {
        free(*pair);
    }
    free(*pairs);
}

static char *trimmed(char *text) {
    while (isspace((unsigned char)*text) != 0) {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]) != 0) {
        text[--length] = '\0';
    }
    return text;
}

/* Adds the file's lines to the list, which is NULL-terminated and empty. */
static bool read_pairs(const char *path, char ***pairs, struct error *err) {
    _cleanup_(fclosep) FILE *file = fopen(path, "re");
    if (file == NULL) {
        return error_set(err, ERROR_CONFIG, "cannot open %s: %s", path, strerror(errno));
    }
    _cleanup_(freep) char *line = NULL;
    size_t capacity = 0;
    size_t count = 0;
    for (size_t number = 1; getline(&line, &capacity, file) >= 0; number++) {
        char *pair = trimmed(line);
        if (*pair == '\0' || *pair == '#') {
            continue;
        }
        size_t length = strspn(pair, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"); /* what else is there may be a secret */
        if (pair[length] != '=' || !known_name(pair, length)) {
            return error_set(err, ERROR_CONFIG,
                             "%s, line %zu: %s%.*s is not the name of a setting, then = and its value", path, number,
                             length == 0 ? "this" : "", (int)(length > 100 ? 100 : length), pair);
        }
        *pairs = xrealloc(*pairs, (count + 2) * sizeof **pairs);
        (*pairs)[count++] = xstrdup(pair);
        (*pairs)[count] = NULL;
    }
    return true;
}

bool config_load(enum config_program program, const char *file, struct config **ret_config, struct error *err) {
    _cleanup_(pairs_free) char **file_pairs = xcalloc(1, sizeof *file_pairs);
    if ((file != NULL && !read_pairs(file, &file_pairs, err)) || !check_names(environ, err)) {
        return false;
    }
    _cleanup_(config_freep) struct config *config = xcalloc(1, sizeof *config);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if ((settings[i].programs & program) != 0) {
            if (!load_setting(config, &settings[i], file_pairs, err)) {
                return false;
            }
        } else if (is_text(settings[i].type)) {
            *(char **)field_of(config, &settings[i]) = xstrdup("");
        }
    }
    *ret_config = take_ptr(config);
    return true;
}

const char *config_cache_url(const struct config *config) {
    return *config->cache_redis_url == '\0' ? config->redis_url : config->cache_redis_url;
}

void config_free(struct config *config) {
    for (size_t i = 0; config != NULL && i < SETTING_COUNT; i++) {
        if (is_text(settings[i].type)) {
            free(*(char **)field_of(config, &settings[i]));
        }
    }
    free(config);
}

/* `default 900`, `required`, `default required; or none` … */
static void print_default(FILE *out, const struct setting *setting) {
    if (setting->fallback == NULL) {
        fputs("required", out);
    } else if (*setting->fallback == '\0') {
        fputs("not set", out);
    } else if (setting->type == CHOICE) {
        size_t first = strcspn(setting->fallback, " ");
        fprintf(out, "%.*s; or%s", (int)first, setting->fallback, setting->fallback + first);
    } else {
        fputs(setting->fallback, out);
    }
}

void config_help(FILE *out, enum config_program program) {
    fputs("Settings (environment, or NAME=VALUE lines of --config FILE; NAME_FILE names a file that holds a text):\n",
          out);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if ((settings[i].programs & program) != 0) {
            fprintf(out, "  %-28s %s (", settings[i].name, settings[i].help);
            print_default(out, &settings[i]);
            fputs(")\n", out);
        }
    }
}

void config_dump(FILE *out) {
    static const struct {
        unsigned programs;
        const char *name;
    } users[] = {{CONFIG_API, "api"}, {CONFIG_PROCESSOR, "processor"}, {CONFIG_CLI, "cli"}};
    fputs("# Settings\n\n| name | type | default | used by | meaning |\n| --- | --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        fprintf(out, "| `%s` | %s | ", settings[i].name, type_name(&settings[i]));
        print_default(out, &settings[i]);
        fputs(" |", out);
        for (unsigned k = 0; k < 3; k++) {
            bool used = (settings[i].programs & users[k].programs) != 0;
            fprintf(out, "%s%s", used ? " " : "", used ? users[k].name : "");
        }
        fprintf(out, " | %s |\n", settings[i].help);
    }
}
