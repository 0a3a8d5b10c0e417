#include "decoder/render.h"

#include "decoder/vips_picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
        const struct variant_table none = {.count = 0};
        const struct render_job job = {
            .header = {.type = (enum picture_type)type, .width = 1, .height = 1}, .input_fd = -1, .variants = &none};
        const struct renderer *renderer = renderers;
        while (renderer->name != NULL && !renderer->suits(&job)) {
            renderer++;
        }
        assert_non_null(renderer->name);
    }
}

int main(void) {
    struct error err = {0};
    if (!vips_picture_start("test_render", &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_comes_first),
        cmocka_unit_test(there_is_a_renderer_for_every_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
