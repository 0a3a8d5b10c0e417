#include "common/s3_writer.h"

#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

enum { PART_STEP = 1 << 20, FIRST_CAPACITY = 64 << 10 };

enum part_state { PART_FREE, PART_FILLING, PART_READY, PART_SENDING };

/* A place for a part; the bytes stay for the next one. */
struct part_place {
    enum part_state state;
    char *bytes;
    size_t capacity, length;
    int number;
};

struct sender {
    struct s3_writer *writer;
    struct s3_client *client;
    pthread_t thread;
};

struct s3_writer {
    struct s3_client *clients[S3_WRITER_FLIGHT_MAX]; /* the first one also for what is no part: no sender runs then */
    size_t client_count;
    char *key, *content_type;
    int64_t max_bytes, total;
    size_t part_bytes;
    char *upload_id;            /* NULL: no part was sent */
    bool may_exist;             /* the request that makes the object was sent */
    bool finished;              /* and succeeded */
    struct part_place *filling; /* belongs to the caller's thread */
    struct sender senders[S3_WRITER_FLIGHT_MAX];
    size_t sender_count;

    pthread_mutex_t lock;   /* of all below */
    pthread_cond_t changed; /* a place, `stopping` or `error` */
    struct part_place places[S3_WRITER_FLIGHT_MAX + 1];
    struct s3_part *parts; /* by number, once they are sent */
    size_t part_count;     /* that were handed out */
    bool stopping;
    struct error error; /* of the first part that failed */
};

int64_t s3_writer_part_bytes(int64_t max_bytes) {
    int64_t least = max_bytes / S3_PARTS_MAX + 1;
    int64_t rounded = (least + PART_STEP - 1) / PART_STEP * PART_STEP;
    return rounded > S3_PART_MIN_BYTES ? rounded : S3_PART_MIN_BYTES;
}

int64_t s3_writer_memory(int64_t max_bytes, size_t client_count) {
    int64_t part_bytes = s3_writer_part_bytes(max_bytes);
    return max_bytes <= part_bytes ? max_bytes : part_bytes * (int64_t)(client_count + 1);
}

struct s3_writer *s3_writer_new(const struct s3_writer_options *options) {
    struct s3_writer *writer = xcalloc(1, sizeof *writer);
    memcpy(writer->clients, options->clients, options->client_count * sizeof *options->clients);
    writer->client_count = options->client_count;
    writer->key = xstrdup(options->key);
    writer->content_type = xstrdup(options->content_type);
    writer->max_bytes = options->max_bytes;
    writer->part_bytes = (size_t)s3_writer_part_bytes(options->max_bytes);
    writer->filling = &writer->places[0];
    writer->filling->state = PART_FILLING;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
    return writer;
}

static void stop_senders(struct s3_writer *writer) {
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    for (size_t i = 0; i < writer->sender_count; i++) {
        pthread_join(writer->senders[i].thread, NULL);
    }
    writer->sender_count = 0;
}

/* The object too is removed when it may have come to be although its request failed. */
static void drop(struct s3_writer *writer) {
    struct error ignored = {0};
    if (writer->upload_id != NULL) {
        (void)!s3_multipart_abort(writer->clients[0], writer->key, writer->upload_id, &ignored);
    }
    if (writer->may_exist) {
        (void)!s3_client_delete(writer->clients[0], writer->key, &ignored);
    }
}

void s3_writer_free(struct s3_writer *writer) {
    if (writer == NULL) {
        return;
    }
    stop_senders(writer);
    if (!writer->finished) {
        drop(writer);
    }
    for (size_t i = 0; i < sizeof writer->places / sizeof writer->places[0]; i++) {
        free(writer->places[i].bytes);
    }
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->changed);
    free(writer->parts);
    free(writer->upload_id);
    free(writer->key);
    free(writer->content_type);
    free(writer);
}

/* The oldest part that waits; NULL when there is none. The lock is held. */
static struct part_place *next_ready(struct s3_writer *writer) {
    struct part_place *oldest = NULL;
    for (size_t i = 0; i <= writer->client_count; i++) {
        struct part_place *place = &writer->places[i];
        if (place->state == PART_READY && (oldest == NULL || place->number < oldest->number)) {
            oldest = place;
        }
    }
    return oldest;
}

/* Takes the lock and gives it back for the time of the sending. */
static void send_part(struct s3_writer *writer, struct s3_client *client, struct part_place *place) {
    struct s3_part part = {0};
    struct error error = {0};
    const struct s3_body body = {.bytes = place->bytes, .length = (int64_t)place->length};
    place->state = PART_SENDING;
    pthread_mutex_unlock(&writer->lock);
    bool sent = s3_multipart_upload_part(client, writer->key, writer->upload_id, place->number, &body, &part, &error);
    pthread_mutex_lock(&writer->lock);
    place->state = PART_FREE;
    if (sent) {
        writer->parts[part.number - 1] = part;
    } else if (writer->error.code == ERROR_NONE) {
        writer->error = error;
    }
    pthread_cond_broadcast(&writer->changed);
}

/* Ends at once after a failure, or when told to: parts that still wait are not wanted then. */
static void *run_sender(void *context) {
    const struct sender *sender = context;
    struct s3_writer *writer = sender->writer;
    pthread_mutex_lock(&writer->lock);
    while (!writer->stopping && writer->error.code == ERROR_NONE) {
        struct part_place *place = next_ready(writer);
        if (place != NULL) {
            send_part(writer, sender->client, place);
        } else {
            pthread_cond_wait(&writer->changed, &writer->lock);
        }
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* Fewer threads than clients, for want of resources, do as long as there is one. */
static bool start_upload(struct s3_writer *writer, struct error *err) {
    if (!s3_multipart_create(writer->clients[0], writer->key, writer->content_type, &writer->upload_id, err)) {
        return false;
    }
    for (size_t i = 0; i < writer->client_count; i++) {
        struct sender *sender = &writer->senders[i];
        *sender = (struct sender){.writer = writer, .client = writer->clients[i]};
        if (pthread_create(&sender->thread, NULL, run_sender, sender) != 0) {
            break;
        }
        writer->sender_count++;
    }
    return writer->sender_count > 0 || error_set(err, ERROR_OVERLOADED, "no thread is left to send parts");
}

static bool failed(const struct s3_writer *writer, struct error *err) {
    if (writer->error.code != ERROR_NONE) {
        *err = writer->error;
        return true;
    }
    return false;
}

static bool hand_out(struct s3_writer *writer, struct error *err) {
    if (writer->upload_id == NULL && !start_upload(writer, err)) {
        return false;
    }
    if (writer->part_count == S3_PARTS_MAX) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the object has more parts than a store takes");
    }
    pthread_mutex_lock(&writer->lock);
    if ((writer->part_count & (writer->part_count - 1)) == 0) { /* 0, 1, 2, 4, … are full */
        size_t capacity = writer->part_count == 0 ? 1 : 2 * writer->part_count;
        writer->parts = xrealloc(writer->parts, capacity * sizeof *writer->parts);
    }
    writer->filling->number = (int)++writer->part_count;
    writer->filling->state = PART_READY;
    writer->filling = NULL;
    pthread_cond_broadcast(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    return true;
}

/* A place to go on with, once there is one. */
static bool take_place(struct s3_writer *writer, struct error *err) {
    pthread_mutex_lock(&writer->lock);
    while (!failed(writer, err) && writer->filling == NULL) {
        for (size_t i = 0; i <= writer->client_count && writer->filling == NULL; i++) {
            if (writer->places[i].state == PART_FREE) {
                writer->filling = &writer->places[i];
                writer->filling->state = PART_FILLING;
                writer->filling->length = 0;
            }
        }
        if (writer->filling == NULL) {
            pthread_cond_wait(&writer->changed, &writer->lock);
        }
    }
    pthread_mutex_unlock(&writer->lock);
    return writer->filling != NULL;
}

/* The first place grows with what comes, later ones are made for a whole part. */
static void grow(const struct s3_writer *writer, struct part_place *place, size_t length) {
    size_t most = writer->max_bytes < (int64_t)writer->part_bytes ? (size_t)writer->max_bytes : writer->part_bytes;
    size_t wanted = place->length + length;
    size_t capacity = place->capacity == 0 ? FIRST_CAPACITY : place->capacity;
    while (capacity < wanted) {
        capacity *= 2;
    }
    capacity = capacity > most || writer->upload_id != NULL ? most : capacity;
    if (capacity > place->capacity) {
        place->bytes = xrealloc(place->bytes, capacity);
        place->capacity = capacity;
    }
}

bool s3_writer_write(struct s3_writer *writer, const void *bytes, size_t length, struct error *err) {
    const char *at = bytes;
    if ((int64_t)length > writer->max_bytes - writer->total) {
        return error_set(err, ERROR_FILE_TOO_LARGE, "the object has more than %lld bytes",
                         (long long)writer->max_bytes);
    }
    writer->total += (int64_t)length;
    while (length > 0) {
        if (writer->filling->length == writer->part_bytes && (!hand_out(writer, err) || !take_place(writer, err))) {
            return false;
        }
        struct part_place *place = writer->filling;
        size_t room = writer->part_bytes - place->length;
        size_t piece = length < room ? length : room;
        grow(writer, place, piece);
        memcpy(place->bytes + place->length, at, piece);
        place->length += piece;
        at += piece;
        length -= piece;
    }
    return true;
}

static bool put_whole(struct s3_writer *writer, const unsigned char *sha256, struct s3_object *ret_object,
                      struct error *err) {
    const struct s3_put put = {
        .key = writer->key,
        .content_type = writer->content_type,
        .body = {.bytes = writer->total > 0 ? writer->filling->bytes : "", .length = writer->total, .sha256 = sha256},
    };
    writer->may_exist = true;
    return s3_client_put(writer->clients[0], &put, ret_object, err);
}

static bool wait_for_parts(struct s3_writer *writer, struct error *err) {
    bool under_way = true;
    pthread_mutex_lock(&writer->lock);
    while (under_way && !failed(writer, err)) {
        under_way = false;
        for (size_t i = 0; i <= writer->client_count; i++) {
            under_way |= writer->places[i].state != PART_FREE;
        }
        if (under_way) {
            pthread_cond_wait(&writer->changed, &writer->lock);
        }
    }
    pthread_mutex_unlock(&writer->lock);
    return !under_way;
}

/* A completion whose answer was lost may have happened: the key is nobody else's. */
static bool complete(struct s3_writer *writer, struct s3_object *ret_object, struct error *err) {
    struct s3_client *client = writer->clients[0];
    writer->may_exist = true;
    if (s3_multipart_complete(client, writer->key, writer->upload_id, writer->parts, writer->part_count, false,
                              ret_object, err)) {
        return true;
    }
    struct error ignored = {0};
    struct s3_object object = {0};
    if (!s3_client_head(client, writer->key, &object, &ignored) || object.size != writer->total) {
        return false;
    }
    *ret_object = object;
    return true;
}

bool s3_writer_finish(struct s3_writer *writer, const unsigned char *sha256, struct s3_object *ret_object,
                      struct error *err) {
    struct s3_object object = {0};
    if (writer->upload_id == NULL) {
        writer->finished = put_whole(writer, sha256, &object, err);
    } else if (hand_out(writer, err) && wait_for_parts(writer, err)) {
        stop_senders(writer);
        writer->finished = complete(writer, &object, err);
    }
    if (writer->finished && ret_object != NULL) {
        *ret_object = object;
        ret_object->size = writer->total;
    }
    return writer->finished;
}
