/* What the name of a store's event means. Pure.
 *
 * Source: the event types of AWS (AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations and ev-events),
 * MinIO's, Ceph's and versitygw's. */
#ifndef SLUICE_COMMON_S3_EVENT_NAME_H
#define SLUICE_COMMON_S3_EVENT_NAME_H

#include "common/s3_event.h"

/* The name without "s3:", or EventBridge's detail-type. False for a name that nobody is known to send: it may be news of an
 * object, so that it must not be passed over. */
bool s3_event_name_kind(const char *name, enum s3_event_kind *ret_kind);

#endif
