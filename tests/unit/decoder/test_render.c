#include "decoder/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_largest_comes_first(void **state) {
    (void)state;
    const struct variant_table table = {
        .specs = {{.side_px = 240}, {.side_px = 960}, {.side_px = 960}, {.side_px = 2048}, {.side_px = 10}},
        .count = 5,
    };
    static const size_t expected[] = {3, 1, 2, 0, 4};
    size_t order[VARIANTS_MAX];
    render_order(&table, order);
    for (size_t i = 0; i < table.count; i++) {
        assert_int_equal(order[i], expected[i]);
    }
}

static void there_is_a_renderer_for_every_type(void **state) {
    (void)state;
    for (int type = PICTURE_TYPE_JPEG; type < PICTURE_TYPE_COUNT; type++) {
        const struct render_job job = {.header = {.type = (enum picture_type)type}, .input_fd = -1};
        const struct renderer *renderer = renderers;
        while (renderer->name != NULL && !renderer->suits(&job)) {
            renderer++;
        }
        assert_non_null(renderer->name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_comes_first),
        cmocka_unit_test(there_is_a_renderer_for_every_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
