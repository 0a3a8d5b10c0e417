#include "common/s3_event_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void names_have_their_meaning(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum s3_event_kind kind;
    } names[] = {
        {"ObjectCreated:Put", S3_EVENT_CREATED},
        {"ObjectCreated:CompleteMultipartUpload", S3_EVENT_CREATED},
        {"ObjectCreated:Foo", S3_EVENT_CREATED},
        {"ObjectCreated:PutTagging", S3_EVENT_IGNORED},
        {"ObjectRemoved:Delete", S3_EVENT_REMOVED},
        {"ObjectRemoved:DeleteAllVersions", S3_EVENT_REMOVED},
        {"ObjectRemoved:NoOP", S3_EVENT_IGNORED},
        {"LifecycleExpiration:Delete", S3_EVENT_REMOVED},
        {"ObjectLifecycle:Expiration:Current", S3_EVENT_REMOVED},
        {"ObjectLifecycle:Transition:Current", S3_EVENT_IGNORED},
        {"ObjectAccessed:Head", S3_EVENT_IGNORED},
        {"Object Created", S3_EVENT_CREATED},
        {"Object Deleted", S3_EVENT_REMOVED},
        {"Object Tags Added", S3_EVENT_IGNORED},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum s3_event_kind kind = S3_EVENT_IGNORED;
        assert_true(s3_event_name_kind(names[i].name, &kind));
        assert_int_equal(kind, names[i].kind);
    }
}

static void other_names_are_unknown(void **state) {
    (void)state;
    static const char *const names[] = {
        "", "Nonsense", "ObjectCreated", "objectcreated:Put", "Object Created ", "ObjectMoved:Put", "x", "Scanner"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum s3_event_kind kind = S3_EVENT_IGNORED;
        assert_false(s3_event_name_kind(names[i], &kind));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_their_meaning),
        cmocka_unit_test(other_names_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
