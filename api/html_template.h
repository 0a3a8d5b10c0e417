/* Fills HTML templates with JSON values. Whatever comes from a value is escaped; there is no way around that. Pure.
 *
 *     {{name}}                a text or an integer; {{.}} is the item of an array of texts
 *     {{#name}} … {{/name}}   once for each item of an array; for anything else once, unless it is absent, null, false or ""
 *     {{^name}} … {{/name}}   when the above would give nothing
 *     {{>name}}               another template, filled with the same values
 *
 * Names are looked up in the innermost object first. Values belong into text and into attributes in quotes: what is escaped
 * for these does no good within a script, a style sheet, or an attribute that is one of either.
 */
#ifndef SLUICE_API_HTML_TEMPLATE_H
#define SLUICE_API_HTML_TEMPLATE_H

#include "common/json.h"

enum {
    HTML_TEMPLATE_NAME_SIZE = 40,
    HTML_TEMPLATE_DEPTH_MAX = 12, /* of sections and templates within each other */
    HTML_TEMPLATE_OUTPUT_MAX = 8 << 20,
};

/* A list of them ends with a NULL name. */
struct html_template {
    const char *name;
    const char *text; /* needs no NUL */
    size_t length;
};

/* Appends to *out; INTERNAL for a mistake in a template: one that names a value or a template that there is not, or whose tags
 * do not fit together. What was appended before it stays. */
bool html_template_fill(const struct html_template *templates, const char *name, const json_t *values, struct buf *out,
                        struct error *err) MUST_CHECK;

/* Whether the tags of a template fit together, also in sections that a filling would leave out, and the templates in it exist. */
bool html_template_check(const struct html_template *templates, const struct html_template *one,
                         struct error *err) MUST_CHECK;

/* As text or as an attribute in quotes; control characters, which HTML has no place for, become U+FFFD. */
void html_escape(struct buf *out, const char *text, size_t length);

#endif
