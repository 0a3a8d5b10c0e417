#include "processor/steps.h"

/* Finding duplicates of ordinary files is no step: the statement that settles a job (FILE_SETTLE in sql.def) looks for a
 * SYNCED file of the same owner and hash, so that it is decided in the transaction that makes this one SYNCED. Assets share
 * one object, and claim its content before anything else. */
const struct step steps[STEP_COUNT] = {
    {"claim", "claim_us", "the hash of an asset", "whose content it is; duplicates end here", step_is_asset,
     step_claim},
    {"fetch", "fetch_us", "the object in the store",
     "size, SHA-256, etag, head; content if the cache takes it; pictures in the spool", NULL, step_fetch},
    {"verify", "verify_us", "size, SHA-256, head", "detected type", NULL, step_verify},
    {"picture", "picture_us", "a picture in the spool", "size, metadata, placeholder; variants in the store",
     step_picture_applies, step_picture},
    {"cache", "cache_us", "content", "`file_content:{id}` in Redis", step_cache_applies, step_cache},
    {"promote", "promote_us", "the staged object of an asset, or of a photo of a batch",
     "its object under `assets/`, or in its album", step_promote_applies, step_promote},
};

enum step_result step_failed(const struct error *err) {
    return error_disposition(err) == PERMANENT ? STEP_REJECT : STEP_RETRY;
}

void steps_dump(FILE *out) {
    fputs("# Steps\n\n| step | needs | makes | runs |\n| --- | --- | --- | --- |\n", out);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        fprintf(out, "| %s | %s | %s | %s |\n", steps[i].name, steps[i].needs, steps[i].makes,
                steps[i].applies == NULL ? "always" : "when it applies");
    }
}
