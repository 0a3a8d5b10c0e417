#include "decoder/input_map.h"

#include <sys/mman.h>

bool input_map_open(int input_fd, int64_t size, struct input_map *ret_map) {
    if (size <= 0) {
        return false;
    }
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, input_fd, 0);
    if (bytes == MAP_FAILED) {
        return false;
    }
    *ret_map = (struct input_map){bytes, (size_t)size};
    return true;
}

void input_map_close(struct input_map *map) {
    if (map->bytes != NULL) {
        munmap((void *)(uintptr_t)map->bytes, map->size);
        map->bytes = NULL;
    }
}
