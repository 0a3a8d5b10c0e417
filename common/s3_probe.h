/* One signed question to the store whose answer is kept whole, whatever it is: for finding out what is wrong. */
#ifndef SLUICE_COMMON_S3_PROBE_H
#define SLUICE_COMMON_S3_PROBE_H

#include "common/s3_client.h"

enum { S3_PROBE_CODE_SIZE = 64 };

struct s3_probe {
    int status;
    char code[S3_PROBE_CODE_SIZE]; /* S3's <Code>, such as "SignatureDoesNotMatch"; "": none */
    int64_t date_ms;               /* the store's clock by its Date header, in whole seconds; 0: not said */
};

/* Lists at most one key: a GET, since the answer to a HEAD has no code. False only when no answer came. */
bool s3_probe_bucket(struct s3_client *client, struct s3_probe *ret_probe, struct error *err) MUST_CHECK;

#endif
