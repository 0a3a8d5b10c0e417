#include "processor/dependency.h"

#include "common/log.h"

void dependency_works(struct dependency *dependency) {
    if (dependency->is_down) {
        dependency->is_down = false;
        log_info("dependency_up", log_text("dependency", dependency->name));
    }
}

void dependency_failed(struct dependency *dependency, const struct error *err) {
    if (!dependency->is_down) {
        dependency->is_down = true;
        log_warn("dependency_down", log_text("dependency", dependency->name), log_code(err), log_message(err));
    }
}
