/* Settings of services that nobody runs, and commands run with them. */
#ifndef SLUICE_TESTS_UNIT_CLI_NOTHING_THERE_H
#define SLUICE_TESTS_UNIT_CLI_NOTHING_THERE_H

#include "cli/commands.h"

#include <string.h>

static inline struct config nothing_there(void) {
    return (struct config){.database_url = (char *)"postgresql://sluice:secret-word@127.0.0.1:1/none",
                           .redis_url = (char *)"redis://:secret-word@127.0.0.1:1/0",
                           .cache_redis_url = (char *)"redis://:secret-word@127.0.0.1:1/1",
                           .events_list = (char *)"sluice:events",
                           .s3_endpoint = (char *)"http://127.0.0.1:1",
                           .s3_public_endpoint = (char *)"",
                           .s3_region = (char *)"us-east-1",
                           .s3_bucket = (char *)"uploads",
                           .s3_access_key = (char *)"access-key",
                           .s3_secret_key = (char *)"secret-word",
                           .s3_session_token = (char *)"",
                           .s3_path_style = true,
                           .s3_ca_file = (char *)"",
                           .s3_notify_arns = (char *)"",
                           .sqs_queue_url = (char *)"",
                           .sqs_region = (char *)"",
                           .sqs_access_key = (char *)"",
                           .sqs_secret_key = (char *)"",
                           .cors_origins = (char *)"",
                           .webhook_master_key = (char *)"secret-word",
                           .webhook_endpoints_max = 1};
}

/* Runs a whole line, such as {"dead", "list", NULL}; false is filled into err as main() would print it. */
static inline bool run_line(char *const *words, struct error *err) {
    int count = 0;
    int used = 0;
    while (words[count] != NULL) {
        count++;
    }
    struct config config = nothing_there();
    const struct command *command = command_find(count, words, &used);
    _cleanup_(options_free) struct options options = {0};
    if (command == NULL) {
        return error_set(err, ERROR_CONFIG, "no such command");
    }
    return command_parse(command, count - used, words + used, &options, err) && command->run(&config, &options, err);
}

#endif
