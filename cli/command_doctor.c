#include "cli/commands.h"
#include "cli/doctor.h"
#include "common/json.h"

#include <signal.h>

enum { HARD_LIMIT_S = 2 * DOCTOR_TOTAL_MS / 1000 };

static void print_text(const char *name, const struct doctor_finding *finding) {
    printf("%-18s %-8s %s\n", name, doctor_result_name(finding->result), finding->found);
    if (*finding->remedy != '\0') {
        printf("%-18s %-8s remedy: %s\n", "", "", finding->remedy);
    }
    fflush(stdout);
}

static void add_json(json_t *checks, const char *name, const struct doctor_finding *finding) {
    static const char *const results[] = {"ok", "skipped", "warn", "fail"};
    json_t *check = json_object();
    json_set_text(check, "name", name);
    json_set_text(check, "result", results[finding->result]);
    json_set_text(check, "found", finding->found);
    json_set_text(check, "remedy", *finding->remedy != '\0' ? finding->remedy : NULL);
    json_array_append_new(checks, check);
}

static void print_json(json_t *checks, bool ok) {
    _cleanup_(json_freep) json_t *report = json_object();
    json_set_bool(report, "ok", ok);
    json_set(report, "checks", json_incref(checks));
    _cleanup_(freep) char *text = json_to_text(report);
    puts(text);
}

/* Whatever has no timeout of its own, such as the resolver of names. */
static void give_up(int signal_number) {
    static const char text[] = PROGRAM_NAME ": doctor gave up: a check did not end\n";
    (void)signal_number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_FAILURE);
}

bool command_doctor(const struct config *config, const struct options *options, struct error *err) {
    bool as_json = options_has(options, "json");
    _cleanup_(json_freep) json_t *checks = json_array();
    _cleanup_(doctor_close) struct doctor doctor;
    size_t failed = 0;
    (void)signal(SIGALRM, give_up);
    alarm(HARD_LIMIT_S);
    doctor_open(&doctor, config);
    for (const struct doctor_check *check = doctor_checks; check->name != NULL; check++) {
        struct doctor_finding finding;
        doctor_run(&doctor, check, &finding);
        failed += finding.result == DOCTOR_FAIL ? 1 : 0;
        if (as_json) {
            add_json(checks, check->name, &finding);
        } else {
            print_text(check->name, &finding);
        }
    }
    alarm(0);
    if (as_json) {
        print_json(checks, failed == 0);
    }
    return failed == 0 || error_set(err, ERROR_CONFLICT, "%zu check%s failed", failed, failed == 1 ? "" : "s");
}
