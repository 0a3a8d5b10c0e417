#include "processor/spool.h"

#include "common/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

struct spool {
    const char *directory;
    int64_t memory_bytes;
    int64_t size;
    int descriptor; /* -1: empty */
    bool is_file;
};

struct spool *spool_new(const char *directory, int64_t memory_bytes) {
    struct spool *spool = xcalloc(1, sizeof *spool);
    *spool = (struct spool){.directory = directory, .memory_bytes = memory_bytes, .descriptor = -1};
    return spool;
}

void spool_free(struct spool *spool) {
    if (spool != NULL) {
        spool_clear(spool);
        free(spool);
    }
}

void spool_clear(struct spool *spool) {
    if (spool->descriptor >= 0) {
        close(spool->descriptor);
    }
    spool->descriptor = -1;
    spool->size = 0;
    spool->is_file = false;
}

int spool_descriptor(const struct spool *spool) {
    return spool->descriptor;
}

int64_t spool_size(const struct spool *spool) {
    return spool->size;
}

static bool unavailable(const struct spool *spool, bool is_file, struct error *err) {
    return error_set(err, ERROR_SPOOL_UNAVAILABLE, "cannot put the picture aside in %.120s: %s",
                     is_file ? spool->directory : "memory", strerror(errno));
}

/* Not every file system knows files without a name (O_TMPFILE); there one gets a name for a moment. */
static int open_file(const char *directory) {
    int descriptor = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) {
        return descriptor;
    }
    _cleanup_(freep) char *path = xasprintf("%s/sluice-spool-XXXXXX", directory);
    descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0) {
        unlink(path);
    }
    return descriptor;
}

static bool write_all(int descriptor, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static bool copy_all(int from, int to, int64_t size) {
    off_t offset = 0;
    while (offset < size) {
        ssize_t copied = sendfile(to, from, &offset, (size_t)(size - offset));
        if (copied < 0 && errno != EINTR) {
            return false;
        }
        if (copied == 0) {
            errno = EIO;
            return false;
        }
    }
    return true;
}

/* From memory, or from nothing, to a file. */
static bool move_to_file(struct spool *spool, struct error *err) {
    int descriptor = open_file(spool->directory);
    if (descriptor < 0) {
        return unavailable(spool, true, err);
    }
    if (spool->descriptor >= 0 && !copy_all(spool->descriptor, descriptor, spool->size)) {
        unavailable(spool, true, err);
        close(descriptor);
        return false;
    }
    if (spool->descriptor >= 0) {
        close(spool->descriptor);
    }
    spool->descriptor = descriptor;
    spool->is_file = true;
    return true;
}

static bool make_room(struct spool *spool, size_t length, struct error *err) {
    if (!spool->is_file && spool->size + (int64_t)length > spool->memory_bytes) {
        return move_to_file(spool, err);
    }
    if (spool->descriptor < 0) {
        spool->descriptor = memfd_create("sluice-picture", MFD_CLOEXEC);
        return spool->descriptor >= 0 || unavailable(spool, false, err);
    }
    return true;
}

bool spool_write(struct spool *spool, const void *bytes, size_t length, struct error *err) {
    if (!make_room(spool, length, err)) {
        return false;
    }
    if (!write_all(spool->descriptor, bytes, length)) {
        return unavailable(spool, spool->is_file, err);
    }
    spool->size += (int64_t)length;
    return true;
}
