/* S3's XML: replies by expat as a flat sequence of elements, and escaped text for requests.
 *
 * Safe for hostile input: a document type (and with it any entity) is refused; depth and text are bounded.
 */
#ifndef SLUICE_COMMON_S3_XML_H
#define SLUICE_COMMON_S3_XML_H

#include "common/buf.h"
#include "common/error.h"

enum { S3_XML_MAX_DEPTH = 12, S3_XML_MAX_PATH = 256, S3_XML_MAX_TEXT = 16384, S3_XML_MAX_CODE = 64 };

/* Called at the end of each element with its path, such as "ListBucketResult/Contents/Key" (namespace prefixes are
 * gone), and the text directly inside of it, without space around it. False, with err filled, ends the parsing. */
typedef bool (*s3_xml_function)(void *context, const char *path, const char *text, struct error *err);

/* STORE_ERROR for text that is not well-formed or goes beyond the limits. */
bool s3_xml_parse(const char *bytes, size_t length, s3_xml_function function, void *context,
                  struct error *err) MUST_CHECK;

/* The <Code> of an <Error> document, "" when the text is none. Codes have letters, digits and dots only. */
void s3_xml_error_code(const char *bytes, size_t length, char ret_code[S3_XML_MAX_CODE]);

/* Appends <name>text</name>. Characters that XML cannot hold at all become '?'. */
void s3_xml_append(struct buf *out, const char *name, const char *text);

#endif
