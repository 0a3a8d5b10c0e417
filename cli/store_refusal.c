#include "cli/store_refusal.h"

#include <string.h>

static const struct store_refusal refusals[] = {
    {"SignatureDoesNotMatch", "the secret key is not the one of this access key",
     "set SLUICE_S3_SECRET_KEY to the secret of SLUICE_S3_ACCESS_KEY; if it is, see that no proxy before the store "
     "changes Host or path"},
    {"InvalidAccessKeyId", "the store does not know this access key",
     "set SLUICE_S3_ACCESS_KEY to a key of this store, and SLUICE_S3_ENDPOINT to the store of this key"},
    {"XAdminUserNotFound", "the store does not know this access key", /* versitygw, with 404 */
     "set SLUICE_S3_ACCESS_KEY to a key of this store, and SLUICE_S3_ENDPOINT to the store of this key"},
    {"RequestTimeTooSkewed", "the clocks of this host and of the store are too far apart",
     "set the clocks right (NTP)"},
    {"RequestExpired", "the clocks of this host and of the store are too far apart", "set the clocks right (NTP)"},
    {"ExpiredToken", "the temporary credentials are over", "renew SLUICE_S3_SESSION_TOKEN and its keys"},
    {"InvalidToken", "the session token is not one of this key",
     "correct or unset SLUICE_S3_SESSION_TOKEN; only temporary credentials have one"},
    {"AccessDenied", "the credentials are known, but may not list this bucket",
     "allow them s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject on its objects"},
    {"AuthorizationHeaderMalformed", "the store wants another region in signatures",
     "set SLUICE_S3_REGION to the region of the bucket"},
    {"PermanentRedirect", "the bucket is in another region",
     "set SLUICE_S3_REGION and SLUICE_S3_ENDPOINT to the region of the bucket"},
};

const struct store_refusal *store_refusal_find(const char *code) {
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (strcmp(refusals[i].code, code) == 0) {
            return &refusals[i];
        }
    }
    return NULL;
}
