/* What an administrator writes: the lines of a configuration file, Redis URLs, addresses to listen on, endpoints. */
#include "common/config.h"
#include "common/listen.h"
#include "common/redis_url.h"
#include "common/s3_endpoint.h"
#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>

/* From libFuzzer's interface; the environment would hide what the file says. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    return clearenv();
}

static void check_text(const char *value, int64_t maximum) {
    require(value != NULL && (int64_t)strlen(value) <= maximum, "a text is there and within its limit");
}

static void check_number(int64_t value, int64_t minimum, int64_t maximum, unsigned used) {
    require(used == 0 || (value >= minimum && value <= maximum), "a number is within its limits");
}

#define CHECK_TEXT(field, minimum, maximum, used) check_text(config->field, maximum)
#define CHECK_SECRET(field, minimum, maximum, used) check_text(config->field, maximum)
#define CHECK_PATH(field, minimum, maximum, used) check_text(config->field, maximum)
#define CHECK_CHOICE(field, minimum, maximum, used) check_text(config->field, 100)
#define CHECK_INT(field, minimum, maximum, used) check_number(config->field, minimum, maximum, used)
#define CHECK_BYTES(field, minimum, maximum, used) check_number(config->field, minimum, maximum, used)
#define CHECK_BOOL(field, minimum, maximum, used) require(config->field || !config->field, "a truth value is one")

enum {
    API = CONFIG_API,
    PROCESSOR = CONFIG_PROCESSOR,
    CLI_DATABASE = CONFIG_CLI_DATABASE,
    CLI_REDIS = CONFIG_CLI_REDIS,
    CLI_STORE = CONFIG_CLI_STORE,
    CLI_API = CONFIG_CLI_API,
};

static void check_config(const struct config *config, unsigned program) {
#define SETTING(programs, field, NAME, type, fallback, minimum, maximum, help)                                         \
    CHECK_##type(field, minimum, maximum, (unsigned)(programs)&program);
#include "common/config.def"
#undef SETTING
}

/* NAME_FILE would read files of this machine. */
static void check_config_file(const char *text) {
    static const enum config_program programs[] = {CONFIG_API, CONFIG_PROCESSOR, CONFIG_CLI};
    static const char required[] =
        "SLUICE_DATABASE_URL=postgresql:///x\nSLUICE_REDIS_URL=redis://h\nSLUICE_S3_ENDPOINT=http://h\n"
        "SLUICE_S3_BUCKET=files\nSLUICE_S3_ACCESS_KEY=a\nSLUICE_S3_SECRET_KEY=s\n";
    char path[64];
    _cleanup_(closep) int memory = memfd_create("config", MFD_CLOEXEC);
    if (memory < 0 || strstr(text, "_FILE") != NULL) {
        return;
    }
    /* The first line that names a setting counts, so the input goes before the settings that must be there. */
    dprintf(memory, "%s\n%s", text, required);
    snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct error err = {0};
        _cleanup_(config_freep) struct config *config = NULL;
        if (config_load(programs[i], path, &config, &err)) {
            check_config(config, programs[i]);
        } else {
            require(err.code == ERROR_CONFIG && err.message[0] != '\0', "a refusal says why");
        }
    }
}

static void check_redis_url(const char *text) {
    struct error err = {0};
    struct redis_url url = {0};
    if (!redis_url_parse(text, &url, &err)) {
        const char *password = strchr(text, '@');
        require(err.code == ERROR_CONFIG, "a refusal is one of the settings");
        require(password == NULL || strlen(text) < 8 || strstr(err.message, text) == NULL, "a refusal repeats no URL");
        return;
    }
    require(*url.host != '\0' && url.port >= 1 && url.port <= 65535 && url.database >= 0, "a URL has host and port");
    _cleanup_(freep) char *again_text =
        xasprintf(strchr(url.host, ':') != NULL ? "redis://[%s]:%d/%lld" : "redis://%s:%d/%lld", url.host, url.port,
                  (long long)url.database);
    struct redis_url again = {0};
    require(redis_url_parse(again_text, &again, &err), "a URL of its parts is one");
    require_same(again.host, url.host, "a URL of its parts has the same host");
    require(again.port == url.port && again.database == url.database, "a URL of its parts has the same numbers");
    redis_url_free(&again);
    redis_url_free(&url);
}

static void check_listen(const char *text) {
    struct error err = {0};
    struct listen_address address = {0};
    struct listen_address again = {0};
    if (listen_parse(text, &address, &err)) {
        require(address.port >= 0 && address.port <= 65535, "a port is one");
        require(listen_parse(address.text, &again, &err), "a normal address is an address");
        require_same(again.text, address.text, "a normal address stays as it is");
        require(again.is_loopback == address.is_loopback, "loopback stays loopback");
    }
}

static void check_endpoint(const char *text) {
    for (int path_style = 0; path_style < 2; path_style++) {
        struct error err = {0};
        struct s3_endpoint endpoint = {0};
        if (!s3_endpoint_parse(text, "files", path_style == 1, &endpoint, &err)) {
            continue;
        }
        require(strncmp(endpoint.scheme, "http", 4) == 0 && *endpoint.host != '\0', "an endpoint has scheme and host");
        require(strcspn(endpoint.host, "/@?# \r\n%\\") == strlen(endpoint.host), "a host is a host only");
        require(strcspn(endpoint.path, "?# \r\n%\\") == strlen(endpoint.path), "a path needs no escapes");
        require(strstr(endpoint.path, "//") == NULL, "a path has no empty segment");
        s3_endpoint_free(&endpoint);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    _cleanup_(freep) char *text = text_of(bytes, length);
    check_config_file(text);
    char *rest = text;
    while (rest != NULL) {
        char *line = next_piece(&rest, '\n');
        const char *value = strchr(line, '=');
        value = value != NULL ? value + 1 : line;
        check_redis_url(value);
        check_listen(value);
        check_endpoint(value);
    }
    return 0;
}
