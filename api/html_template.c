#include "api/html_template.h"

#include <string.h>

/* A tag and the text before it. */
struct tag {
    char kind; /* one of # ^ / > or ' ' for a value; 0: there is no further tag */
    char name[HTML_TEMPLATE_NAME_SIZE];
    const char *begin, *end; /* with its braces */
};

struct filling {
    const struct html_template *templates;
    const char *name; /* of the template at hand */
    struct buf *out;
    const json_t *scopes[HTML_TEMPLATE_DEPTH_MAX]; /* the innermost last */
    size_t scope_count;
    size_t depth;
    struct error *err;
};

static void append_escaped(struct buf *out, unsigned char character) {
    switch (character) {
    case '&':
        buf_append_text(out, "&amp;");
        break;
    case '<':
        buf_append_text(out, "&lt;");
        break;
    case '>':
        buf_append_text(out, "&gt;");
        break;
    case '"':
        buf_append_text(out, "&quot;");
        break;
    case '\'':
        buf_append_text(out, "&#39;");
        break;
    default:
        buf_append_text(out, "\xEF\xBF\xBD");
    }
}

static bool is_plain(unsigned char character) {
    return strchr("&<>\"'", character) == NULL && character != 0x7f &&
           (character >= 0x20 || character == '\n' || character == '\t');
}

void html_escape(struct buf *out, const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t plain = 0;
        while (i + plain < length && text[i + plain] != '\0' && is_plain((unsigned char)text[i + plain])) {
            plain++;
        }
        buf_append(out, text + i, plain);
        i += plain;
        if (i < length) {
            append_escaped(out, (unsigned char)text[i++]);
        }
    }
}

static bool mistake(const struct filling *filling, const char *what, const char *name) {
    return error_set(filling->err, ERROR_INTERNAL, "template %s: %s %s", filling->name, what, name);
}

static const char *find(const char *text, const char *end, const char *what) {
    return memmem(text, (size_t)(end - text), what, strlen(what));
}

/* The next tag from `text` on. */
static bool next_tag(const struct filling *filling, const char *text, const char *end, struct tag *ret_tag) {
    *ret_tag = (struct tag){.begin = end, .end = end};
    const char *begin = find(text, end, "{{");
    if (begin == NULL) {
        return true;
    }
    const char *close = find(begin, end, "}}");
    if (close == NULL) {
        return mistake(filling, "a tag has no end", "");
    }
    const char *name = begin + 2;
    bool has_kind = name < close && strchr("#^/>", *name) != NULL;
    ret_tag->kind = has_kind ? *name++ : ' ';
    size_t length = (size_t)(close - name);
    if (length == 0 || length >= sizeof ret_tag->name) {
        return mistake(filling, "a tag has no name of a sensible length", "");
    }
    memcpy(ret_tag->name, name, length);
    if (strspn(ret_tag->name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != length) {
        return mistake(filling, "a tag has an odd name", "");
    }
    ret_tag->begin = begin;
    ret_tag->end = close + 2;
    return true;
}

/* The tag that ends the section which `open` begins. */
static bool find_end(const struct filling *filling, const struct tag *open, const char *end, struct tag *ret_close) {
    size_t inside = 0;
    for (const char *at = open->end;; at = ret_close->end) {
        if (!next_tag(filling, at, end, ret_close)) {
            return false;
        }
        if (ret_close->kind == 0) {
            return mistake(filling, "a section has no end:", open->name);
        }
        if (ret_close->kind == '/' && inside == 0) {
            return strcmp(ret_close->name, open->name) == 0 ||
                   mistake(filling, "a section is ended by another one:", open->name);
        }
        inside += ret_close->kind == '#' || ret_close->kind == '^' ? 1 : 0;
        inside -= ret_close->kind == '/' ? 1 : 0;
    }
}

static const json_t *look_up(const struct filling *filling, const char *name) {
    if (strcmp(name, ".") == 0) {
        return filling->scopes[filling->scope_count - 1];
    }
    for (size_t i = filling->scope_count; i > 0; i--) {
        const json_t *value = json_object_get(filling->scopes[i - 1], name);
        if (value != NULL) {
            return value;
        }
    }
    return NULL;
}

static bool fill_value(struct filling *filling, const char *name) {
    const json_t *value = look_up(filling, name);
    if (json_is_integer(value)) {
        buf_append_int(filling->out, json_integer_value(value));
        return true;
    }
    if (json_is_string(value)) {
        html_escape(filling->out, json_string_value(value), json_string_length(value));
        return true;
    }
    return json_is_null(value) || mistake(filling, "there is no text or integer of the name", name);
}

static bool fill_range(struct filling *filling, const char *text, const char *end);

static bool fill_inside(struct filling *filling, const json_t *scope, const char *text, const char *end) {
    filling->scopes[filling->scope_count++] = scope;
    bool filled = fill_range(filling, text, end);
    filling->scope_count--;
    return filled;
}

static bool is_something(const json_t *value) {
    return value != NULL && !json_is_null(value) && !json_is_false(value) &&
           !(json_is_string(value) && json_string_length(value) == 0) &&
           !(json_is_array(value) && json_array_size(value) == 0);
}

static bool fill_section(struct filling *filling, const struct tag *open, const struct tag *close) {
    const json_t *value = look_up(filling, open->name);
    if (is_something(value) == (open->kind == '^')) {
        return true;
    }
    if (!json_is_array(value) || open->kind == '^') {
        const json_t *innermost = filling->scopes[filling->scope_count - 1];
        bool is_scope = json_is_object(value) && open->kind == '#';
        return fill_inside(filling, is_scope ? value : innermost, open->end, close->begin);
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!fill_inside(filling, json_array_get(value, i), open->end, close->begin)) {
            return false;
        }
    }
    return true;
}

static const struct html_template *find_template(const struct html_template *templates, const char *name) {
    while (templates->name != NULL && strcmp(templates->name, name) != 0) {
        templates++;
    }
    return templates->name == NULL ? NULL : templates;
}

static bool fill_template(struct filling *filling, const char *name) {
    const struct html_template *one = find_template(filling->templates, name);
    if (one == NULL) {
        return mistake(filling, "there is no template", name);
    }
    const char *outer = filling->name;
    filling->name = one->name;
    bool filled = fill_range(filling, one->text, one->text + one->length);
    filling->name = outer;
    return filled;
}

/* A tag that is no section. */
static bool fill_tag(struct filling *filling, const struct tag *tag) {
    if (tag->kind == '/') {
        return mistake(filling, "a section ends that has not begun:", tag->name);
    }
    return tag->kind == '>' ? fill_template(filling, tag->name) : fill_value(filling, tag->name);
}

static bool fill_tags(struct filling *filling, const char *text, const char *end) {
    struct tag tag;
    struct tag close;
    for (const char *at = text; next_tag(filling, at, end, &tag);) {
        buf_append(filling->out, at, (size_t)(tag.begin - at));
        if (filling->out->length > HTML_TEMPLATE_OUTPUT_MAX) {
            return mistake(filling, "there is too much of it", "");
        }
        if (tag.kind == 0) {
            return true;
        }
        at = tag.end;
        if (tag.kind == '#' || tag.kind == '^') {
            if (!find_end(filling, &tag, end, &close) || !fill_section(filling, &tag, &close)) {
                return false;
            }
            at = close.end;
        } else if (!fill_tag(filling, &tag)) {
            return false;
        }
    }
    return false;
}

static bool fill_range(struct filling *filling, const char *text, const char *end) {
    if (filling->depth + 1 >= HTML_TEMPLATE_DEPTH_MAX) {
        return mistake(filling, "it is nested too deeply", "");
    }
    filling->depth++;
    bool filled = fill_tags(filling, text, end);
    filling->depth--;
    return filled;
}

bool html_template_fill(const struct html_template *templates, const char *name, const json_t *values, struct buf *out,
                        struct error *err) {
    struct filling filling = {
        .templates = templates, .name = name, .out = out, .scopes = {values}, .scope_count = 1, .err = err};
    return fill_template(&filling, name);
}

/* What a checker knows: sections that have begun and not ended. */
struct check {
    struct tag open[HTML_TEMPLATE_DEPTH_MAX];
    size_t count;
};

static bool check_tag(const struct filling *filling, struct check *check, const struct tag *tag) {
    if (tag->kind == '>' && find_template(filling->templates, tag->name) == NULL) {
        return mistake(filling, "there is no template", tag->name);
    }
    if (tag->kind == '/' && (check->count == 0 || strcmp(check->open[--check->count].name, tag->name) != 0)) {
        return mistake(filling, "a section ends that has not begun, or before one within it:", tag->name);
    }
    if (tag->kind == '#' || tag->kind == '^') {
        if (check->count == HTML_TEMPLATE_DEPTH_MAX) {
            return mistake(filling, "it is nested too deeply", "");
        }
        check->open[check->count++] = *tag;
    }
    return true;
}

bool html_template_check(const struct html_template *templates, const struct html_template *one, struct error *err) {
    const struct filling filling = {.templates = templates, .name = one->name, .err = err};
    struct check check = {.count = 0};
    struct tag tag = {.kind = ' '};
    for (const char *at = one->text; tag.kind != 0; at = tag.end) {
        if (!next_tag(&filling, at, one->text + one->length, &tag) || !check_tag(&filling, &check, &tag)) {
            return false;
        }
    }
    return check.count == 0 || mistake(&filling, "a section has no end:", check.open[check.count - 1].name);
}
