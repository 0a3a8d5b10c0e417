/* What the admin pages read and write: a line with a Cookie header, a line with the fields of a form, and a template, which is
 * filled with hostile values. */
#include "api/admin_page.h"
#include "api/cookie.h"
#include "api/html_template.h"
#include "tests/fuzz/fuzz.h"

static void check_cookie(const char *header) {
    size_t length = 0;
    const char *value = cookie_find(header, "id", &length);
    if (value != NULL) {
        require(value >= header && value + length <= header + strlen(header), "a value lies within the header");
        require(memchr(value, ';', length) == NULL, "a value ends before the next cookie");
    }
    _cleanup_(freep) char *twice = xasprintf("%s;id=a", header);
    const char *added = cookie_find(twice, "id", &length);
    require(value == NULL || added == NULL, "two of a name are none");
}

static void check_next(const char *path) {
    if (admin_page_is_next(path)) {
        require(strncmp(path, "/admin", 6) == 0 && strchr("/?", path[6]) != NULL, "next is an admin page");
        require(strpbrk(path, "\\\r\n\t @#:<>\"'") == NULL && strstr(path, "//") == NULL, "next leads nowhere else");
    }
}

static void check_fields(const char *body) {
    static const char *const names[] = {"id", "next", "title"};
    struct request request = {.query = ""};
    buf_append_text(&request.body, body);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        _cleanup_(freep) char *value = NULL;
        struct error err = {0};
        if (!request_field(&request, names[i], &value, &err)) {
            require(err.code == ERROR_VALIDATION_FAILED, "a broken field is the sender's fault");
        } else if (value != NULL) {
            require_utf8(value, "a field is UTF-8");
            check_next(value);
        }
    }
    request_free(&request);
}

static void check_escaping(const char *text, size_t length) {
    _cleanup_(buf_free) struct buf out = {0};
    html_escape(&out, text, length);
    require(strlen(buf_text(&out)) == out.length, "what is escaped has no NUL");
    require(strpbrk(buf_text(&out), "<>\"'") == NULL, "what is escaped begins no tag and ends no attribute");
    for (const char *at = buf_text(&out); (at = strchr(at, '&')) != NULL; at++) {
        require(strchr(at, ';') != NULL && strchr(at, ';') - at <= 5, "an ampersand begins an entity");
    }
}

static json_t *hostile_values(const char *text) {
    json_t *values = json_object();
    json_t *rows = json_array();
    json_set_text(values, "a", "<script>\"'&");
    json_set_text(values, "b", text);
    json_set_int(values, "n", -7);
    json_array_append_new(rows, json_string("<i>"));
    json_array_append_new(rows, json_pack("{s:s, s:[]}", "a", "<b>", "c"));
    json_set(values, "c", rows);
    return values;
}

/* A template without brackets of its own gives none, whatever the values are. */
static void check_template(char *text) {
    for (char *at = text; (at = strpbrk(at, "<>")) != NULL;) {
        *at = '.';
    }
    const struct html_template templates[] = {{"t", text, strlen(text)}, {"part", "[{{a}}]", 7}, {0}};
    _cleanup_(json_freep) json_t *values = hostile_values(text);
    _cleanup_(buf_free) struct buf out = {0};
    _cleanup_(buf_free) struct buf again = {0};
    struct error err = {0};
    bool is_sound = html_template_check(templates, &templates[0], &err);
    bool is_filled = html_template_fill(templates, "t", values, &out, &err);
    require(is_sound || strstr(text, "{{") != NULL, "a template without tags is sound");
    require(is_filled || err.code == ERROR_INTERNAL, "a mistake is one of the template");
    require(strpbrk(buf_text(&out), "<>") == NULL, "values are escaped");
    require(html_template_fill(templates, "t", values, &again, &err) == is_filled, "filling again does the same");
    require_same(buf_text(&again), buf_text(&out), "filling again gives the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    check_escaping((const char *)bytes, length);
    char *at = text;
    char *cookie = next_piece(&at, '\n');
    char *fields = next_piece(&at, '\n');
    check_cookie(cookie);
    if (fields != NULL) {
        check_fields(fields);
        check_next(fields);
    }
    if (at != NULL) {
        check_template(at);
    }
    return 0;
}
