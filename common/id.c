#include "common/id.h"

#include "common/clock.h"
#include "common/crypto.h"
#include "common/encode.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { STOCK_IDS = 25 };

void id_make(int64_t epoch_ms, const unsigned char random[ID_RANDOM_SIZE], char ret_text[ID_TEXT_SIZE]) {
    unsigned char bytes[16];
    for (unsigned i = 0; i < 6; i++) {
        bytes[i] = (unsigned char)((uint64_t)epoch_ms >> (40 - 8 * i));
    }
    memcpy(bytes + 6, random, ID_RANDOM_SIZE);
    bytes[6] = (unsigned char)(0x70 | (bytes[6] & 0x0f));
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
    static const struct { size_t start, length; } groups[] = {{0, 4}, {4, 2}, {6, 2}, {8, 2}, {10, 6}};
    char *end = ret_text;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        encode_hex(bytes + groups[i].start, groups[i].length, end);
        end += 2 * groups[i].length;
        *end++ = '-';
    }
    end[-1] = '\0';
}

/* Random bytes ahead of their use: the generator takes about the same time for one id as for 25. */
struct stock {
    unsigned char bytes[STOCK_IDS * ID_RANDOM_SIZE];
    size_t left;      /* bytes */
    unsigned process; /* that filled it, as counted below */
};

static atomic_uint process; /* one more in each forked child, which must not use its parent's bytes again */

static void count_fork(void) {
    atomic_fetch_add(&process, 1);
}

static void watch_forks(void) {
    pthread_atfork(NULL, NULL, count_fork);
}

static const unsigned char *take_random(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static _Thread_local struct stock stock;
    pthread_once(&once, watch_forks);
    unsigned now = atomic_load(&process);
    if (stock.left == 0 || stock.process != now) {
        random_bytes(stock.bytes, sizeof stock.bytes);
        stock.left = sizeof stock.bytes;
        stock.process = now;
    }
    stock.left -= ID_RANDOM_SIZE;
    return stock.bytes + stock.left;
}

void id_new(char ret_text[ID_TEXT_SIZE]) {
    id_make(clock_now_ms(), take_random(), ret_text);
}

bool id_valid(const char *text) {
    for (size_t i = 0; i < ID_TEXT_SIZE - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : isxdigit((unsigned char)text[i]) == 0) {
            return false;
        }
    }
    return text[ID_TEXT_SIZE - 1] == '\0';
}
