#include "processor/picture_tools.h"

static bool read_options(const struct config *config, struct decoder_options *ret_options, struct error *err) {
    *ret_options = (struct decoder_options){
        .program = config->decoder_program,
        .max_pixels = config->max_pixels,
        .max_frames = config->max_frames,
        .memory_bytes = config->decoder_memory_bytes,
        .timeout_ms = config->decoder_timeout_ms,
        .webp_effort = (int)config->webp_effort,
        .keep_gps = config->keep_gps,
    };
    return variants_parse(config->variants, &ret_options->variants, err) || error_prefix(err, "SLUICE_VARIANTS");
}

bool picture_tools_check(const struct config *config, struct error *err) {
    struct decoder_options options;
    return read_options(config, &options, err) && decoder_check(&options, err);
}

bool picture_tools_open(const struct config *config, struct step_tools *tools, struct error *err) {
    struct decoder_options options;
    if (!read_options(config, &options, err)) {
        return false;
    }
    tools->decoder = decoder_new(&options);
    tools->spool = spool_new(config->spool_dir, config->spool_memory_bytes);
    tools->decoder_attempts = config->decoder_attempts;
    tools->media_max_bytes = config->media_max_bytes;
    return true;
}

void picture_tools_close(struct step_tools *tools) {
    decoder_free(tools->decoder);
    spool_free(tools->spool);
    tools->decoder = NULL;
    tools->spool = NULL;
}
