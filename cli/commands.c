#include "cli/commands.h"

#include <string.h>

const struct option_spec command_common_options[] = {
    {"config", 0, "FILE", false, "read settings from FILE (NAME=VALUE lines); the environment wins"},
    {"help", 'h', NULL, false, "print this"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec no_options[] = {{NULL, 0, NULL, false, NULL}};

static const struct option_spec wait_options[] = {
    {"wait", 0, "SECONDS", false, "how long to wait for what does not answer yet; 0 unless told otherwise"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec json_options[] = {
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec key_create_options[] = {
    {"owner", 0, "OWNER", true, "whom the key acts for; made if there is no such owner yet"},
    {"scopes", 0, "LIST", true, "comma-separated: upload, read, admin"},
    {"name", 0, "NAME", false, "a note of what the key is for"},
    {"rate-limit", 0, "N", false,
     "requests a minute, 0 is any number; SLUICE_RATE_LIMIT of the API unless told otherwise"},
    {"max-bytes", 0, "BYTES", false, "largest file that it may upload, also as 10MiB; else that of its kind"},
    {"types", 0, "LIST", false,
     "media types that it may upload, such as image/*,application/pdf; else those of the kind"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec owner_set_options[] = {
    {"max-bytes", 0, "BYTES", false,
     "what the owner's files may take together, also as 10GiB; 0: any number; or `default`"},
    {"max-pending", 0, "N", false, "signed uploads that may wait at once; 0: any number; or `default`"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec owner_recount_options[] = {
    {"all", 0, NULL, false, "every owner that is counted"},
    {"json", 0, NULL, false, "print each owner as a line of JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec token_create_options[] = {
    {"owner", 0, "OWNER", true, "whose files the uploads become; made if there is no such owner yet"},
    {"expires-in", 0, "SECONDS", false, "how long it is good, at most 7 days; 3600 unless told otherwise"},
    {"max-uploads", 0, "N", false, "how many uploads may be started with it; any number unless told otherwise"},
    {"max-bytes", 0, "N", false, "largest file; SLUICE_MAX_UPLOAD_BYTES unless told otherwise"},
    {"content-types", 0, "LIST", false,
     "comma-separated types such as image/png or image/*; any unless told otherwise"},
    {"name", 0, "NAME", false, "a note of what the token is for"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec token_list_options[] = {
    {"owner", 0, "OWNER", false, "only tokens of this owner"},
    {"json", 0, NULL, false, "print each token as a line of JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec upload_options[] = {
    {"external-id", 0, "ID", false, "your own id, kept with each file"},
    {"content-type", 0, "TYPE", false, "instead of the one that the name suggests"},
    {"album", 0, "ID", false, "upload pictures into this album"},
    {"asset", 0, NULL, false, "through the server, which keeps each content once (POST /api/v1/assets)"},
    {"method", 0, "METHOD", false, "put, post or multipart; else put, and multipart from 64 MiB on"},
    {"sha256", 0, NULL, false, "declare the hash: it is checked, and a known file is not sent again (an asset is)"},
    {"wait", 0, NULL, false, "wait until each file is processed; this is the default"},
    {"no-wait", 0, NULL, false, "return once everything is uploaded and confirmed"},
    {"timeout", 0, "SECONDS", false, "longest wait for the processing; 3600 unless told otherwise"},
    {"jobs", 'j', "N", false, "files sent at the same time; 4 unless told otherwise"},
    {"json", 0, NULL, false, "print each record as a line of JSON"},
    {"quiet", 'q', NULL, false, "no progress on stderr"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec get_options[] = {
    {"content", 0, NULL, false, "the bytes instead of the record"},
    {"output", 'o', "FILE", false, "where --content goes; else, and for -, to stdout"},
    {"json", 0, NULL, false, "print the record as JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec failed_list_options[] = {
    {"owner", 0, "OWNER", false, "only files of this owner"},
    {"code", 0, "CODE", false, "only files that failed with this code, such as HASH_MISMATCH"},
    {"limit", 'n', "N", false, "at most so many, newest first; 100 unless told otherwise"},
    {"json", 0, NULL, false, "print each file as a line of JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec requeue_options[] = {
    {"all", 0, NULL, false, "every FAILED file"},
    {"code", 0, "CODE", false, "with --all: only those that failed with this code"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec sweep_options[] = {
    {"dry-run", 0, NULL, false, "only print what would be done"},
    {"orphan-age", 0, "SECONDS", false,
     "how old objects without a record must be; SLUICE_ORPHAN_AGE_S unless told otherwise"},
    {"force", 0, NULL, false, "remove objects without a record even if they are most of the bucket"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec dead_list_options[] = {
    {"limit", 'n', "N", false, "at most so many, newest first; 100 unless told otherwise"},
    {"json", 0, NULL, false, "print each event as a line of JSON, with its bytes"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec dead_replay_options[] = {
    {"all", 0, NULL, false, "every dead event"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec tags_rebuild_options[] = {
    {"all", 0, NULL, false, "every picture, also those that have a vector of this model; labels are asked for anew"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec tags_status_options[] = {
    {"limit", 'n', "N", false, "at most so many troubles, newest first; 20 unless told otherwise"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec webhook_add_options[] = {
    {"owner", 0, "OWNER", true, "whose files it is told of"},
    {"events", 0, "LIST", false, "comma-separated: file.uploaded, file.synced, file.failed, file.deleted; else all"},
    {"description", 0, "TEXT", false, "a note of what the endpoint is for"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec webhook_list_options[] = {
    {"owner", 0, "OWNER", false, "only endpoints of this owner"},
    {"limit", 'n', "N", false, "at most so many, newest first; 100 unless told otherwise"},
    {"json", 0, NULL, false, "print each endpoint as a line of JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec webhook_deliveries_options[] = {
    {"endpoint", 0, "ID", false, "only what went, or is to go, to this endpoint"},
    {"status", 0, "STATUS", false, "only pending, delivered or failed ones"},
    {"limit", 'n', "N", false, "at most so many, newest first; 100 unless told otherwise"},
    {"json", 0, NULL, false, "print each delivery as a line of JSON"},
    {NULL, 0, NULL, false, NULL},
};

static const struct option_spec webhook_replay_options[] = {
    {"endpoint", 0, "ID", false, "with --since: every event of this endpoint's owner that it subscribed"},
    {"since", 0, "TIME", false, "such as 2026-11-20T12:34:56Z; as far back as SLUICE_OUTBOX_TTL_S"},
    {NULL, 0, NULL, false, NULL},
};

enum { FILES_MAX = 100000 };

const struct command commands[] = {
    {"migrate", "", "bring the database to this version's schema", CONFIG_CLI_DATABASE, wait_options, 0, 0,
     command_migrate},
    {"setup", "", "make the bucket and subscribe its notifications; may be repeated", CONFIG_CLI_STORE, wait_options, 0,
     0, command_setup},
    {"key create", "", "make an API key and print it, once", CONFIG_CLI_DATABASE, key_create_options, 0, 0,
     command_key_create},
    {"key list", "", "list the API keys (never the keys themselves)", CONFIG_CLI_DATABASE, json_options, 0, 0,
     command_key_list},
    {"key revoke", "ID", "make a key useless from now on", CONFIG_CLI_DATABASE, no_options, 1, 1, command_key_revoke},
    {"owner set", "OWNER", "set the quota of an owner, instead of SLUICE_QUOTA_BYTES and SLUICE_QUOTA_PENDING",
     CONFIG_CLI_DATABASE, owner_set_options, 1, 1, command_owner_set},
    {"owner show", "OWNER", "print an owner's quota and usage", CONFIG_CLI_DATABASE, json_options, 1, 1,
     command_owner_show},
    {"owner list", "", "list the owners, their quotas and their usage", CONFIG_CLI_DATABASE, json_options, 0, 0,
     command_owner_list},
    {"owner recount", "OWNER…|--all", "count anew what owners use, from their files", CONFIG_CLI_DATABASE,
     owner_recount_options, 0, FILES_MAX, command_owner_recount},
    {"token create", "", "make a token for clients that can send no key, and print it, once", CONFIG_CLI_DATABASE,
     token_create_options, 0, 0, command_token_create},
    {"token list", "", "list the tokens (never the tokens themselves) and their use", CONFIG_CLI_DATABASE,
     token_list_options, 0, 0, command_token_list},
    {"token revoke", "ID", "make a token useless from now on", CONFIG_CLI_DATABASE, no_options, 1, 1,
     command_token_revoke},
    {"upload", "FILE…", "upload files through the API and wait until they are processed", CONFIG_CLI_API,
     upload_options, 1, FILES_MAX, command_upload},
    {"get", "ID", "print a file's record, or fetch its content", CONFIG_CLI_API, get_options, 1, 1, command_get},
    {"stats", "", "count files, work and events", CONFIG_CLI_DATABASE | CONFIG_CLI_REDIS, json_options, 0, 0,
     command_stats},
    {"doctor", "", "look for what is wrong with a set-up, and tell what to do about it",
     CONFIG_CLI_DATABASE | CONFIG_CLI_REDIS | CONFIG_CLI_STORE, json_options, 0, 0, command_doctor},
    {"failed list", "", "list the files that ended FAILED, and why", CONFIG_CLI_DATABASE, failed_list_options, 0, 0,
     command_failed_list},
    {"requeue", "ID…|--all", "process FAILED files again", CONFIG_CLI_DATABASE | CONFIG_CLI_REDIS, requeue_options, 0,
     FILES_MAX, command_requeue},
    {"sweep", "", "look up every PENDING file in the store, and remove what nobody needs",
     CONFIG_CLI_DATABASE | CONFIG_CLI_REDIS | CONFIG_CLI_STORE, sweep_options, 0, 0, command_sweep},
    {"dead list", "", "list the events that were not understood or fit no record", CONFIG_CLI_DATABASE,
     dead_list_options, 0, 0, command_dead_list},
    {"dead replay", "ID…|--all", "put dead events on the list again", CONFIG_CLI_DATABASE | CONFIG_CLI_REDIS,
     dead_replay_options, 0, FILES_MAX, command_dead_replay},
    {"tags rebuild", "", "queue the pictures that have no vector of SLUICE_ML_MODEL for tagging", CONFIG_CLI_DATABASE,
     tags_rebuild_options, 0, 0, command_tags_rebuild},
    {"tags status", "", "count what is to be tagged, and tell what went wrong", CONFIG_CLI_DATABASE,
     tags_status_options, 0, 0, command_tags_status},
    {"webhook add", "URL", "make a webhook endpoint and print its secret, once", CONFIG_CLI_DATABASE,
     webhook_add_options, 1, 1, command_webhook_add},
    {"webhook list", "", "list webhook endpoints, and which of them fail or are disabled", CONFIG_CLI_DATABASE,
     webhook_list_options, 0, 0, command_webhook_list},
    {"webhook remove", "ID", "remove an endpoint with its log", CONFIG_CLI_DATABASE, no_options, 1, 1,
     command_webhook_remove},
    {"webhook rotate", "ID", "make a new secret; the old one signs as well for SLUICE_WEBHOOK_ROTATION_S",
     CONFIG_CLI_DATABASE, json_options, 1, 1, command_webhook_rotate},
    {"webhook enable", "ID", "send to an endpoint again", CONFIG_CLI_DATABASE, no_options, 1, 1,
     command_webhook_enable},
    {"webhook disable", "ID", "send nothing to an endpoint any more", CONFIG_CLI_DATABASE, no_options, 1, 1,
     command_webhook_disable},
    {"webhook test", "ID", "send an example", CONFIG_CLI_DATABASE, no_options, 1, 1, command_webhook_test},
    {"webhook deliveries", "", "list what was sent, or is to be, and what came of it", CONFIG_CLI_DATABASE,
     webhook_deliveries_options, 0, 0, command_webhook_deliveries},
    {"webhook replay", "[ID…]", "send deliveries, or all events since a time, again", CONFIG_CLI_DATABASE,
     webhook_replay_options, 0, FILES_MAX, command_webhook_replay},
    {"events send", "FILE|-", "put a store's notifications, one or one a line, on the event list", CONFIG_CLI_REDIS,
     no_options, 1, 1, command_events_send},
    {NULL, NULL, NULL, 0, NULL, 0, 0, NULL},
};

/* How many words of argv are the command's name, 0 when it is another one. */
static int words_of(const struct command *command, int argc, char *const *argv) {
    const char *rest = command->name;
    for (int words = 0; words < argc; words++) {
        size_t length = strcspn(rest, " ");
        if (strlen(argv[words]) != length || memcmp(argv[words], rest, length) != 0) {
            return 0;
        }
        if (rest[length] == '\0') {
            return words + 1;
        }
        rest += length + 1;
    }
    return 0;
}

const struct command *command_find(int argc, char *const *argv, int *ret_words) {
    for (const struct command *command = commands; command->name != NULL; command++) {
        int words = words_of(command, argc, argv);
        if (words > 0) {
            *ret_words = words;
            return command;
        }
    }
    return NULL;
}

bool command_parse(const struct command *command, int argc, char *const *argv, struct options *ret_options,
                   struct error *err) {
    _cleanup_(options_free) struct options options = {0};
    if (!options_parse(command->options, command_common_options, argc, argv, &options, err)) {
        return false;
    }
    if (!options_has(&options, "help")) {
        if (options.argument_count < command->min_arguments) {
            return error_set(err, ERROR_CONFIG, "%s needs %s", command->name, command->arguments);
        }
        if (options.argument_count > command->max_arguments) {
            return error_set(err, ERROR_CONFIG, "%s: unexpected argument %.60s", command->name,
                             options.arguments[command->max_arguments]);
        }
        if (!options_complete(command->options, &options, err)) {
            return false;
        }
    }
    *ret_options = options;
    options.arguments = NULL;
    return true;
}

static void print_options(FILE *out, const struct option_spec *specs) {
    for (; specs->name != NULL; specs++) {
        char letter[] = {'-', specs->letter, ',', ' ', '\0'};
        int width = fprintf(out, "  %s--%s%s%s", specs->letter != '\0' ? letter : "", specs->name,
                            specs->value != NULL ? " " : "", specs->value != NULL ? specs->value : "");
        fprintf(out, "%*s%s%s\n", width < 26 ? 26 - width : 1, "", specs->help, specs->required ? " (required)" : "");
    }
}

static bool has_first_word(const struct command *command, const char *word) {
    size_t length = strlen(word);
    return strncmp(command->name, word, length) == 0 && command->name[length] == ' ';
}

bool command_is_group(const char *word) {
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (has_first_word(command, word)) {
            return true;
        }
    }
    return false;
}

/* Characters, not bytes: "…" has three of these. */
static int columns_of(const char *text) {
    int columns = 0;
    for (; *text != '\0'; text++) {
        columns += ((unsigned char)*text & 0xc0) != 0x80 ? 1 : 0;
    }
    return columns;
}

void command_help_all(FILE *out, const char *prefix) {
    if (prefix == NULL) {
        fputs("Sluice: direct uploads to S3, and what becomes of them. This program sets up, looks after and uses "
              "it.\n\n",
              out);
    }
    fprintf(out, "Usage: %s [--config FILE] COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", PROGRAM_NAME);
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (prefix == NULL || has_first_word(command, prefix)) {
            int width = columns_of(command->name) + columns_of(command->arguments);
            fprintf(out, "  %s %s%*s%s\n", command->name, command->arguments, width < 22 ? 23 - width : 1, "",
                    command->help);
        }
    }
    fprintf(out, "\n%s COMMAND --help tells a command's options; --version tells the version.\n", PROGRAM_NAME);
    if (prefix == NULL) {
        fputs("Exit status: 0 done, 1 failed, 2 wrong usage or settings.\n\n", out);
        config_help(out, CONFIG_CLI);
    }
}

void command_help(FILE *out, const struct command *command) {
    fprintf(out, "Usage: %s %s [OPTION…] %s\n\n%s\n\nOptions:\n", PROGRAM_NAME, command->name, command->arguments,
            command->help);
    print_options(out, command->options);
    print_options(out, command_common_options);
    fputc('\n', out);
    config_help(out, command->settings);
}
