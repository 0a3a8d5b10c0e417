#include "common/s3_xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

struct parse {
    XML_Parser parser;
    s3_xml_function function;
    void *context;
    struct error *err;
    bool failed; /* err is filled */
    char path[S3_XML_MAX_PATH];
    size_t depth;
    struct buf text;                     /* of all open elements, one after the other */
    size_t text_start[S3_XML_MAX_DEPTH]; /* where each element's text starts */
};

static void parser_freep(XML_Parser *parser) {
    XML_ParserFree(*parser);
}

static void fail(struct parse *parse, const char *reason) {
    if (!parse->failed) {
        error_set(parse->err, ERROR_STORE_ERROR, "the store's XML %s", reason);
        parse->failed = true;
    }
    XML_StopParser(parse->parser, XML_FALSE);
}

static const char *local_name(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void on_start(void *user, const char *name, const char **attributes) {
    (void)attributes;
    struct parse *parse = user;
    size_t length = strlen(parse->path);
    const char *local = local_name(name);
    if (*local == '\0') { /* XML allows it, its namespaces do not: a path would lack a step */
        fail(parse, "has an element without a name");
        return;
    }
    if (parse->depth == S3_XML_MAX_DEPTH || length + strlen(local) + 2 > sizeof parse->path) {
        fail(parse, "is nested too deep");
        return;
    }
    snprintf(parse->path + length, sizeof parse->path - length, "%s%s", length > 0 ? "/" : "", local);
    if (parse->depth > 0) {
        parse->text.length = parse->text_start[parse->depth - 1]; /* the parent has children: its text says nothing */
    }
    parse->text_start[parse->depth++] = parse->text.length;
}

static void on_text(void *user, const char *bytes, int length) {
    struct parse *parse = user;
    if (parse->text.length + (size_t)length > S3_XML_MAX_TEXT) {
        fail(parse, "has a text that is too long");
        return;
    }
    buf_append(&parse->text, bytes, (size_t)length);
}

/* The element's text from the buffer, space around it removed. */
static const char *trim(struct buf *text, size_t start) {
    static const char space[] = " \t\r\n";
    buf_append_char(text, '\0');
    char *first = text->data + start + strspn(text->data + start, space);
    size_t length = strlen(first);
    while (length > 0 && strchr(space, first[length - 1]) != NULL) {
        length--;
    }
    first[length] = '\0';
    return first;
}

static void on_end(void *user, const char *name) {
    (void)name;
    struct parse *parse = user;
    if (parse->failed) {
        return;
    }
    size_t start = parse->text_start[--parse->depth];
    if (!parse->function(parse->context, parse->path, trim(&parse->text, start), parse->err)) {
        parse->failed = true;
        XML_StopParser(parse->parser, XML_FALSE);
    }
    parse->text.length = start;
    char *slash = strrchr(parse->path, '/');
    *(slash != NULL ? slash : parse->path) = '\0';
}

/* S3 never sends one; entities, inner and outer, are declared nowhere else. */
static void on_doctype(void *user, const char *name, const char *system, const char *public, int has_internal) {
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal;
    fail(user, "has a document type");
}

bool s3_xml_parse(const char *bytes, size_t length, s3_xml_function function, void *context, struct error *err) {
    _cleanup_(parser_freep) XML_Parser parser = XML_ParserCreate(NULL);
    for (; length > 0 && strchr(" \r\n", *bytes) != NULL; length--) {
        bytes++; /* stores send blanks to keep a connection alive while they work */
    }
    if (parser == NULL || length > INT_MAX) {
        return error_set(err, ERROR_STORE_ERROR, "the store's XML is too large");
    }
    struct parse parse = {.parser = parser, .function = function, .context = context, .err = err};
    XML_SetUserData(parser, &parse);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    enum XML_Status status = XML_Parse(parser, bytes, (int)length, XML_TRUE);
    buf_free(&parse.text);
    if (parse.failed) {
        return false;
    }
    return status == XML_STATUS_OK || error_set(err, ERROR_STORE_ERROR, "the store's XML is not well-formed: %s",
                                                XML_ErrorString(XML_GetErrorCode(parser)));
}

static bool take_code(void *context, const char *path, const char *text, struct error *err) {
    (void)err;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
    size_t length = strlen(text);
    if (strcmp(path, "Error/Code") == 0 && length < S3_XML_MAX_CODE && strspn(text, allowed) == length) {
        memcpy(context, text, length + 1);
    }
    return true;
}

void s3_xml_error_code(const char *bytes, size_t length, char ret_code[S3_XML_MAX_CODE]) {
    ret_code[0] = '\0';
    if (!s3_xml_parse(bytes, length, take_code, ret_code, NULL)) {
        ret_code[0] = '\0';
    }
}

static void append_escaped(struct buf *out, unsigned char c) {
    if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\t' || c == '\n' || c == '\r') {
        buf_printf(out, "&#%u;", c);
    } else {
        buf_append_char(out, c < 0x20 ? '?' : (char)c);
    }
}

void s3_xml_append(struct buf *out, const char *name, const char *text) {
    buf_append_char(out, '<');
    buf_append_text(out, name);
    buf_append_char(out, '>');
    for (; *text != '\0'; text++) {
        append_escaped(out, (unsigned char)*text);
    }
    buf_append_text(out, "</");
    buf_append_text(out, name);
    buf_append_char(out, '>');
}
