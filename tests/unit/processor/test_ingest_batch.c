#include "processor/ingest_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define EVENT(name, bucket, key)                                                                                       \
    "{\"Records\":[{\"eventName\":\"" name "\",\"s3\":{\"bucket\":{\"name\":\"" bucket                                 \
    "\"},\"object\":{\"key\":\"" key "\",\"size\":5,\"eTag\":\"e\",\"sequencer\":\"A1\"}}}]}"

enum { ELEMENTS_MAX = 8 };

/* Sorts these texts; the elements stay the caller's. */
static void sort(struct ingest_batch *batch, struct redis_elements *elements, const char *const *texts) {
    static struct buf items[ELEMENTS_MAX];
    *elements = (struct redis_elements){.items = items};
    for (; *texts != NULL; texts++) {
        items[elements->count++] =
            (struct buf){.data = (char *)(uintptr_t)*texts, .length = strlen(*texts)}; /* only read */
    }
    ingest_batch_sort(batch, elements, "uploads");
}

static void every_kind_goes_its_way(void **state) {
    (void)state;
    static const char *const texts[] = {
        EVENT("ObjectCreated:Put", "uploads", "files/1"),
        "",
        EVENT("ObjectRemoved:Delete", "uploads", "files/2"),
        EVENT("ObjectCreated:PutTagging", "uploads", "files/3"),
        EVENT("ObjectCreated:Put", "elsewhere", "files/4"),
        EVENT("ObjectRemoved:Delete", "elsewhere", "files/5"),
        "no event",
        NULL,
    };
    struct redis_elements elements;
    _cleanup_(ingest_batch_free) struct ingest_batch batch = {0};
    sort(&batch, &elements, texts);
    assert_int_equal(batch.arrival_count, 1);
    assert_string_equal(batch.arrivals[0].object_key, "files/1");
    assert_string_equal(batch.arrivals[0].bucket, "uploads");
    assert_string_equal(batch.arrivals[0].etag, "e");
    assert_null(batch.arrivals[0].version_id);
    assert_int_equal(batch.arrivals[0].size, 5);
    assert_int_equal(batch.removed_count, 1);
    assert_string_equal(batch.removed_keys[0], "files/2");
    assert_int_equal(batch.removed_elements[0], 2);
    assert_int_equal(batch.ignored, 2);
    assert_int_equal(batch.dead_count, 3);
    assert_int_equal(batch.dead[0].element, 4);
    assert_string_equal(batch.dead[0].reason, "of another bucket: elsewhere");
    assert_int_equal(batch.dead[2].element, 6);
}

/* Good records count although a bad one stands beside them, and the element is kept for the bad one, once. */
static void one_element_may_be_good_and_bad(void **state) {
    (void)state;
#define RECORD(bucket, key)                                                                                            \
    "{\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"" bucket "\"},\"object\":{\"key\":\"" key     \
    "\",\"size\":1}}}"
    static const char *const texts[] = {
        "{\"Records\":[" RECORD("uploads", "files/1") "," RECORD("uploads", "files/%zz") "," RECORD(
            "elsewhere", "x") "," RECORD("uploads", "files/2") "]}",
        NULL};
    struct redis_elements elements;
    _cleanup_(ingest_batch_free) struct ingest_batch batch = {0};
    sort(&batch, &elements, texts);
    assert_int_equal(batch.arrival_count, 2);
    assert_string_equal(batch.arrivals[1].object_key, "files/2");
    assert_int_equal(batch.arrival_elements[1], 0);
    assert_int_equal(batch.dead_count, 1);
}

static void a_reason_is_always_text_of_the_database(void **state) {
    (void)state;
    static const char *const texts[] = {"", NULL};
    struct redis_elements elements;
    _cleanup_(ingest_batch_free) struct ingest_batch batch = {0};
    sort(&batch, &elements, texts);
    ingest_batch_bury(&batch, 0, "cut \xe2\x82");
    ingest_batch_bury(&batch, 0, "a second reason");
    assert_int_equal(batch.dead_count, 1);
    assert_string_equal(batch.dead[0].reason, "cut ??");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_goes_its_way),
        cmocka_unit_test(one_element_may_be_good_and_bad),
        cmocka_unit_test(a_reason_is_always_text_of_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
