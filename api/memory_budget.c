#include "api/memory_budget.h"

#include "common/xalloc.h"

#include <stdatomic.h>

struct memory_budget {
    int64_t bytes;
    _Atomic int64_t taken;
};

struct memory_budget *memory_budget_new(int64_t bytes) {
    struct memory_budget *budget = xcalloc(1, sizeof *budget);
    budget->bytes = bytes;
    return budget;
}

void memory_budget_free(struct memory_budget *budget) {
    free(budget);
}

bool memory_budget_take(struct memory_budget *budget, int64_t bytes, struct error *err) {
    if (bytes > budget->bytes) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the upload would need more memory than there is for all of them");
    }
    int64_t taken = atomic_load(&budget->taken);
    do {
        if (bytes > budget->bytes - taken) {
            return error_set(err, ERROR_OVERLOADED, "the memory for uploads is in use");
        }
    } while (!atomic_compare_exchange_weak(&budget->taken, &taken, taken + bytes));
    return true;
}

void memory_budget_give(struct memory_budget *budget, int64_t bytes) {
    atomic_fetch_sub(&budget->taken, bytes);
}

int64_t memory_budget_taken(const struct memory_budget *budget) {
    return atomic_load(&budget->taken);
}
