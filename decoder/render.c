#include "decoder/render.h"

#include "decoder/planar.h"

const struct renderer renderers[] = {
    {"planar", planar_suits, planar_render},
    {"vips", vips_suits, vips_render},
    {NULL, NULL, NULL},
};

/* Insertion keeps equal ones in the table's order. */
void render_order(const struct variant_table *variants, size_t ret_order[VARIANTS_MAX]) {
    for (size_t i = 0; i < variants->count; i++) {
        size_t place = i;
        for (; place > 0 && variants->specs[ret_order[place - 1]].side_px < variants->specs[i].side_px; place--) {
            ret_order[place] = ret_order[place - 1];
        }
        ret_order[place] = i;
    }
}
