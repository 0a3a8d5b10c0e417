/* Where uploads lie in the bucket. */
#ifndef SLUICE_COMMON_UPLOAD_PREFIXES_H
#define SLUICE_COMMON_UPLOAD_PREFIXES_H

/* Prefixes of the keys that clients upload to: their events are subscribed, their objects have records. Objects that Sluice
 * itself writes lie elsewhere, so that they cause no events; and so do the
 * files that come through the API: `staging/` until they are processed, `assets/` after. Ends with NULL. */
extern const char *const upload_prefixes[];

#endif
