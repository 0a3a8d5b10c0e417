/* The table of the CLI's commands, and how a command line finds its row. */
#ifndef SLUICE_CLI_COMMANDS_H
#define SLUICE_CLI_COMMANDS_H

#include "cli/options.h"
#include "common/config.h"

#define PROGRAM_NAME "sluice"

struct command {
    const char *name;                  /* one or two words; NULL ends the table */
    const char *arguments;             /* as --help shows them */
    const char *help;                  /* one line */
    enum config_program settings;      /* the groups of settings that are loaded for it */
    const struct option_spec *options; /* besides command_common_options */
    size_t min_arguments, max_arguments;
    /* Prints its results on stdout; a failure is one line, which main() prints. */
    bool (*run)(const struct config *config, const struct options *options, struct error *err);
};

enum { COMMAND_WAIT_MAX_S = 3600 }; /* of --wait SECONDS */

extern const struct command commands[];
extern const struct option_spec command_common_options[];

/* The command that argv begins with, and how many words its name took; NULL when there is none. */
const struct command *command_find(int argc, char *const *argv, int *ret_words);

/* Reads the rest of a command's line; ERROR_CONFIG also for too few or too many arguments. With --help the rest may be
 * incomplete. */
bool command_parse(const struct command *command, int argc, char *const *argv, struct options *ret_options,
                   struct error *err) MUST_CHECK;

/* Whether commands of two words begin with this one. */
bool command_is_group(const char *word);

/* The program's --help; with a prefix (such as "key") only the commands whose name starts with that word. */
void command_help_all(FILE *out, const char *prefix);
void command_help(FILE *out, const struct command *command);

/* One file each: command_migrate.c … */
bool command_migrate(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_setup(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_key_create(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_key_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_key_revoke(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_owner_set(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_owner_show(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_owner_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_owner_recount(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_token_create(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_token_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_token_revoke(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_upload(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_get(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_stats(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_doctor(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_failed_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_requeue(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_sweep(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_dead_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_dead_replay(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_tags_rebuild(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_tags_status(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_add(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_list(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_remove(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_enable(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_disable(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_rotate(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_test(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_webhook_deliveries(const struct config *config, const struct options *options,
                                struct error *err) MUST_CHECK;
bool command_webhook_replay(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;
bool command_events_send(const struct config *config, const struct options *options, struct error *err) MUST_CHECK;

#endif
