/* What a worker needs for pictures, as the settings describe it: the decoder and the spool. */
#ifndef SLUICE_PROCESSOR_PICTURE_TOOLS_H
#define SLUICE_PROCESSOR_PICTURE_TOOLS_H

#include "common/config.h"
#include "processor/steps.h"

/* ERROR_CONFIG when SLUICE_VARIANTS is malformed or there is no sluice-decoder. Starts nothing. */
bool picture_tools_check(const struct config *config, struct error *err) MUST_CHECK;

/* Fills the tools' part for pictures; freed by picture_tools_close. */
bool picture_tools_open(const struct config *config, struct step_tools *tools, struct error *err) MUST_CHECK;
void picture_tools_close(struct step_tools *tools);

#endif
