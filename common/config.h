/* Settings: config.def → struct, environment, --config file, --help and docs. */
#ifndef SLUICE_COMMON_CONFIG_H
#define SLUICE_COMMON_CONFIG_H

#include "common/error.h"

#include <stdint.h>

/* Who uses a setting; a mask of these also selects what is read, required and shown. The CLI's settings come in groups,
 * by what a command reaches, so that each command needs its own only. */
enum config_program {
    CONFIG_API = 1,
    CONFIG_PROCESSOR = 2,
    CONFIG_CLI_DATABASE = 4,
    CONFIG_CLI_REDIS = 8,
    CONFIG_CLI_STORE = 16,
    CONFIG_CLI_API = 32,
    CONFIG_CLI = 4 | 8 | 16 | 32,
};

#define CONFIG_FIELD_TEXT char *
#define CONFIG_FIELD_SECRET char *
#define CONFIG_FIELD_PATH char *
#define CONFIG_FIELD_INT int64_t
#define CONFIG_FIELD_BYTES int64_t
#define CONFIG_FIELD_BOOL bool
#define CONFIG_FIELD_CHOICE char *

/* One field a setting; texts are never NULL, "" when not set. */
struct config {
#define SETTING(program, field, NAME, type, fallback, minimum, maximum, help) CONFIG_FIELD_##type field;
#include "common/config.def"
#undef SETTING
};

/* Reads the settings of one program (for a command of the CLI: of its groups): environment first, then the file (NULL: none), then the default. Fails with
 * ERROR_CONFIG and a line that names the setting: missing, malformed, or an unknown SLUICE_ name in the file. A file
 * has NAME=VALUE lines; empty lines and lines that start with # are skipped. */
bool config_load(enum config_program program, const char *file, struct config **ret_config,
                 struct error *err) MUST_CHECK;

void config_free(struct config *config);
DEFINE_CLEANUP(struct config *, config)

/* The Redis of the content cache: its own, or that of the event list. Needs both settings. */
const char *config_cache_url(const struct config *config);

/* A number of bytes, also with the suffix KiB, MiB or GiB; false when it is none, or not within the limits. Pure. */
bool config_parse_bytes(const char *value, int64_t minimum, int64_t maximum, int64_t *ret_bytes) MUST_CHECK;

/* The settings of a program for --help. */
void config_help(FILE *out, enum config_program program);

/* The whole table as Markdown, for --dump config. */
void config_dump(FILE *out);

#endif
