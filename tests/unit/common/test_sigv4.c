#include "tests/unit/vectors.h"

#include "common/clock.h"
#include "common/encode.h"
#include "common/sigv4.h"
#include "common/sigv4_signer.h"

#include <dirent.h>
#include <string.h>

/* A case of AWS's suite; texts point into the files' content. */
struct suite_case {
    const char *folder;
    json_t *context;
    struct buf request_text;
    struct buf decoded[20]; /* names and values of the query */
    struct sigv4_pair query[10];
    struct sigv4_pair headers[20];
    struct sigv4_request request;
    char body_hash[SHA256_HEX_SIZE];
    char amz_date[CLOCK_AMZ_SIZE];
    int64_t time_ms;
    const char *token; /* NULL: none, or one that is not signed */
};

static struct buf case_file(const struct suite_case *test, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", test->folder, name);
    return read_file(path);
}

static void expect_file(const struct suite_case *test, const char *name, const char *text) {
    struct buf expected = case_file(test, name);
    if (strcmp(buf_text(&expected), text) != 0) {
        fail_msg("%s/%s\nexpected:\n%s\ngot:\n%s", test->folder, name, buf_text(&expected), text);
    }
    buf_free(&expected);
}

static void parse_query(struct suite_case *test, const char *pair) {
    while (*pair != '\0') {
        size_t i = test->request.query_count++;
        size_t length = strcspn(pair, "&");
        size_t name_length = strcspn(pair, "=&");
        size_t value = name_length < length ? name_length + 1 : length;
        assert_true(decode_uri(pair, name_length, false, &test->decoded[2 * i]));
        assert_true(decode_uri(pair + value, length - value, false, &test->decoded[2 * i + 1]));
        test->query[i] = (struct sigv4_pair){buf_text(&test->decoded[2 * i]), buf_text(&test->decoded[2 * i + 1])};
        pair += length + (pair[length] == '&' ? 1 : 0);
    }
}

/* "GET /path?query HTTP/1.1", with spaces and non-ASCII bytes as they are. */
static void parse_request_line(struct suite_case *test, char *line) {
    char *path = strchr(line, ' ') + 1;
    path[-1] = '\0';
    *strstr(path, " HTTP/1.1") = '\0';
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query = '\0';
        parse_query(test, query + 1);
    }
    test->request.method = line;
    test->request.path = path;
}

static void add_header(struct suite_case *test, const char *name, const char *value) {
    test->headers[test->request.header_count++] = (struct sigv4_pair){name, value};
}

/* Header lines up to the empty one; one that starts with a blank continues the value before it. Returns the body. */
static const char *parse_headers(struct suite_case *test, char *text) {
    while (*text != '\0' && *text != '\n') {
        char *colon = strchr(text, ':');
        *colon = '\0';
        add_header(test, text, colon + 1);
        text = colon + 1 + strcspn(colon + 1, "\n");
        while (text[0] == '\n' && text[1] == ' ') {
            text += 1 + strcspn(text + 1, "\n");
        }
        if (*text == '\n') {
            *text++ = '\0';
        }
    }
    return *text == '\n' ? text + 1 : text;
}

static void load_case(struct suite_case *test) {
    struct buf context_text = case_file(test, "context.json");
    struct error err = {0};
    assert_true(json_parse(context_text.data, context_text.length, 8, &test->context, &err));
    buf_free(&context_text);
    test->request_text = case_file(test, "request.txt");
    test->request = (struct sigv4_request){.query = test->query, .headers = test->headers};
    char *headers = strchr(test->request_text.data, '\n');
    *headers = '\0';
    parse_request_line(test, test->request_text.data);
    const char *body = parse_headers(test, headers + 1);
    sha256_hex_of(body, strlen(body), test->body_hash);
    test->request.payload_hash = test->body_hash;
    test->request.normalize_path = json_is_true(json_object_get(test->context, "normalize"));
    test->time_ms = clock_parse(json_text(test->context, "timestamp"));
    clock_format_amz(test->time_ms, test->amz_date);
    bool omits_token = json_is_true(json_object_get(test->context, "omit_session_token"));
    test->token = omits_token ? NULL : json_text(json_object_get(test->context, "credentials"), "token");
}

static void free_case(struct suite_case *test) {
    for (size_t i = 0; i < 20; i++) {
        buf_free(&test->decoded[i]);
    }
    buf_free(&test->request_text);
    json_decref(test->context);
}

static const char *context_text(const struct suite_case *test, const char *name) {
    return json_text(test->context, name);
}

static const char *credential_text(const struct suite_case *test, const char *name) {
    return json_text(json_object_get(test->context, "credentials"), name);
}

static void check_stages(struct suite_case *test, const char *form, const char *canonical, size_t canonical_length) {
    char name[64];
    unsigned char key[SHA256_SIZE];
    char signature[SHA256_HEX_SIZE];
    _cleanup_(buf_free) struct buf text = {0};
    const char *region = context_text(test, "region");
    const char *service = context_text(test, "service");
    sigv4_string_to_sign(test->amz_date, region, service, canonical, canonical_length, &text);
    sigv4_signing_key(credential_text(test, "secret_access_key"), test->amz_date, region, service, key);
    sigv4_signature(key, text.data, text.length, signature);
    snprintf(name, sizeof name, "%s-canonical-request.txt", form);
    expect_file(test, name, canonical);
    snprintf(name, sizeof name, "%s-string-to-sign.txt", form);
    expect_file(test, name, text.data);
    snprintf(name, sizeof name, "%s-signature.txt", form);
    expect_file(test, name, signature);
}

static struct sigv4_signer *make_signer(const struct suite_case *test) {
    const struct sigv4_credentials credentials = {
        .access_key = credential_text(test, "access_key_id"),
        .secret_key = credential_text(test, "secret_access_key"),
        .session_token = test->token,
    };
    return sigv4_signer_new(&credentials, context_text(test, "region"), context_text(test, "service"));
}

static void check_query_form(struct suite_case *test) {
    _cleanup_(buf_free) struct buf canonical = {0};
    _cleanup_(buf_free) struct buf query = {0};
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = make_signer(test);
    struct buf signature = case_file(test, "query-signature.txt");
    sigv4_presign(signer, &test->request, test->time_ms,
                  json_integer_value(json_object_get(test->context, "expiration_in_seconds")), &query);
    char *end = strstr(query.data, "&X-Amz-Signature=");
    assert_string_equal(strchr(end, '=') + 1, buf_text(&signature));
    sigv4_canonical_request_of(&test->request, query.data, (size_t)(end - query.data), &canonical);
    check_stages(test, "query", canonical.data, canonical.length);
    buf_free(&signature);
}

static void check_header_form(struct suite_case *test) {
    _cleanup_(buf_free) struct buf canonical = {0};
    _cleanup_(buf_free) struct buf authorization = {0};
    _cleanup_(sigv4_signer_freep) struct sigv4_signer *signer = make_signer(test);
    struct buf signed_request = case_file(test, "header-signed-request.txt");
    add_header(test, "X-Amz-Date", test->amz_date);
    if (test->token != NULL) {
        add_header(test, "X-Amz-Security-Token", test->token);
    }
    if (json_is_true(json_object_get(test->context, "sign_body"))) {
        add_header(test, "x-amz-content-sha256", test->body_hash);
    }
    sigv4_canonical_request(&test->request, &canonical);
    check_stages(test, "header", canonical.data, canonical.length);
    sigv4_authorization(signer, &test->request, test->time_ms, &authorization);
    assert_non_null(strstr(buf_text(&signed_request), authorization.data));
    buf_free(&signed_request);
}

static void test_suite_of_aws(void **state) {
    (void)state;
    const char *suite = getenv("SLUICE_SIGV4_SUITE");
    if (suite == NULL) {
        print_message("SLUICE_SIGV4_SUITE is not set: AWS's suite is not there to be run\n");
        skip();
    }
    DIR *folder = opendir(suite);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char path[512];
        snprintf(path, sizeof path, "%s/%s", suite, entry->d_name);
        struct suite_case test = {.folder = path};
        load_case(&test);
        check_query_form(&test);
        check_header_form(&test);
        free_case(&test);
        count++;
    }
    closedir(folder);
    assert_int_equal(count, 38);
}

static void expect_path(const char *path, bool normalize, const char *expected) {
    _cleanup_(buf_free) struct buf out = {0};
    sigv4_path(path, normalize, &out);
    assert_string_equal(buf_text(&out), expected);
}

static void test_paths(void **state) {
    (void)state;
    expect_path("", false, "/");
    expect_path("/a b/c+d/%41/~", false, "/a%20b/c%2Bd/%2541/~");
    expect_path("//a/../b//", false, "//a/../b//");
    expect_path("", true, "/");
    expect_path("/../..", true, "/");
    expect_path("/a/./b/../c", true, "/a/c");
    expect_path("//a//b/.", true, "/a/b/");
    expect_path("/a/..b/...", true, "/a/..b/...");
}

static void test_query_sorts_by_encoded_name_then_value(void **state) {
    (void)state;
    const struct sigv4_pair query[] = {{"b", "2"}, {"a-b", "x"}, {"a", "z"}, {"a", ""},
                                       {"ü", "1"}, {"B", "0"},   {"a", "A"}};
    _cleanup_(buf_free) struct buf out = {0};
    sigv4_query(query, sizeof query / sizeof query[0], &out);
    assert_string_equal(buf_text(&out), "%C3%BC=1&B=0&a=&a=A&a=z&a-b=x&b=2");
}

static void test_headers_are_trimmed_joined_and_sorted(void **state) {
    (void)state;
    const struct sigv4_pair headers[] = {
        {"X-b", " 1 \t 2 "}, {"host", "h"}, {"x-B", ""}, {"x-a", "\r\n"}, {"X-B", "3"}};
    const struct sigv4_request request = {
        .method = "GET", .path = "/", .headers = headers, .header_count = 5, .payload_hash = SIGV4_UNSIGNED_PAYLOAD};
    _cleanup_(buf_free) struct buf out = {0};
    sigv4_canonical_request(&request, &out);
    assert_string_equal(buf_text(&out), "GET\n/\n\nhost:h\nx-a:\nx-b:1 2,,3\n\nhost;x-a;x-b\nUNSIGNED-PAYLOAD");
}

static void test_more_headers_and_parameters_than_usual(void **state) {
    (void)state;
    enum { COUNT = 300 };
    struct sigv4_pair pairs[COUNT];
    char names[COUNT][8];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "n%03zu", COUNT - i);
        pairs[i] = (struct sigv4_pair){names[i], "v"};
    }
    _cleanup_(buf_free) struct buf query = {0};
    _cleanup_(buf_free) struct buf signed_headers = {0};
    sigv4_query(pairs, COUNT, &query);
    sigv4_signed_headers(pairs, COUNT, &signed_headers);
    assert_int_equal(query.length, COUNT * 7 - 1);
    assert_int_equal(signed_headers.length, COUNT * 5 - 1);
    assert_memory_equal(query.data, "n001=v&n002=v&", 14);
    assert_memory_equal(signed_headers.data, "n001;n002;", 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suite_of_aws),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_query_sorts_by_encoded_name_then_value),
        cmocka_unit_test(test_headers_are_trimmed_joined_and_sorted),
        cmocka_unit_test(test_more_headers_and_parameters_than_usual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
