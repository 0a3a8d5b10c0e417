/* Grouped commits. The first draft that finds no open group opens one and leads it; others join until the group's turn
 * comes: at once while no group is in the database, so that a lone draft waits for nobody. The leader then inserts all of
 * the group, starts the next one, and wakes its own members. */

#include "common/file_store.h"
#include "common/metrics.h"
#include "common/xalloc.h"

#include <pthread.h>
#include <string.h>

enum {
    GROUP_MAX = 64,   /* drafts a statement */
    EAGER_COUNT = 12, /* so many start while another group is in the database; fewer wait for it and become more */
    RUNNING_MAX = 2,  /* so that one is written to the disk while the other one is worked out */
    POOL_TIMEOUT_MS = 5000, /* for a connection */
};

/* A draft and what became of it; on its thread's stack until it has been told. */
struct member {
    const struct file_draft *draft;
    bool inserted;
    struct error error;
};

/* Drafts of one statement. Its members wait for the same condition, so that one system call wakes them all. */
struct group {
    struct member *members[GROUP_MAX]; /* the leader's first; no more are added once it has its turn */
    size_t count;
    struct group *next;   /* in the queue */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t turn_came, ended;
    bool has_turn, has_ended;
    size_t readers; /* members that have not seen the end; the last one frees the group */
};

struct file_inserter {
    struct db_pool *pool;
    pthread_mutex_t lock; /* of all below, and of the queued groups' members */
    struct group *first;  /* groups that wait for a turn, oldest first; the last one is open */
    struct group *last;
    int running; /* groups in the database */
};

struct file_inserter *file_inserter_new(struct db_pool *pool) {
    struct file_inserter *inserter = xcalloc(1, sizeof *inserter);
    inserter->pool = pool;
    pthread_mutex_init(&inserter->lock, NULL);
    return inserter;
}

void file_inserter_free(struct file_inserter *inserter) {
    if (inserter != NULL) {
        pthread_mutex_destroy(&inserter->lock);
        free(inserter);
    }
}

static struct group *group_new(void) {
    struct group *group = xmalloc(sizeof *group);
    group->count = 0;
    group->next = NULL;
    group->has_turn = group->has_ended = false;
    pthread_mutex_init(&group->lock, NULL);
    pthread_cond_init(&group->turn_came, NULL);
    pthread_cond_init(&group->ended, NULL);
    return group;
}

static void group_free(struct group *group) {
    pthread_cond_destroy(&group->turn_came);
    pthread_cond_destroy(&group->ended);
    pthread_mutex_destroy(&group->lock);
    free(group);
}

/* The last of the members frees it. */
static void group_leave(struct group *group) {
    pthread_mutex_lock(&group->lock);
    bool last = --group->readers == 0;
    pthread_mutex_unlock(&group->lock);
    if (last) {
        group_free(group);
    }
}

static void group_wait_end(struct group *group) {
    pthread_mutex_lock(&group->lock);
    while (!group->has_ended) {
        pthread_cond_wait(&group->ended, &group->lock);
    }
    bool last = --group->readers == 0;
    pthread_mutex_unlock(&group->lock);
    if (last) {
        group_free(group);
    }
}

static void group_wait_turn(struct group *group) {
    pthread_mutex_lock(&group->lock);
    while (!group->has_turn) {
        pthread_cond_wait(&group->turn_came, &group->lock);
    }
    pthread_mutex_unlock(&group->lock);
}

static void group_give_turn(struct group *group) {
    if (group == NULL) {
        return;
    }
    pthread_mutex_lock(&group->lock);
    group->has_turn = true;
    pthread_cond_signal(&group->turn_came);
    pthread_mutex_unlock(&group->lock);
}

static void group_end(struct group *group) {
    pthread_mutex_lock(&group->lock);
    group->has_ended = true;
    pthread_mutex_unlock(&group->lock);
    pthread_cond_broadcast(&group->ended); /* the leader has not left: the group is still there */
}

/* Takes the oldest group off the queue if it may start now; nobody joins it any more. The lock is held. */
static struct group *start_next(struct file_inserter *inserter) {
    struct group *next = inserter->first;
    if (next == NULL || inserter->running == RUNNING_MAX || (inserter->running > 0 && next->count < EAGER_COUNT)) {
        return NULL;
    }
    inserter->first = next->next;
    if (inserter->first == NULL) {
        inserter->last = NULL;
    }
    inserter->running++;
    return next;
}

/* The open group, a new one if there is none. The lock is held. */
static struct group *open_group(struct file_inserter *inserter) {
    struct group *group = inserter->last;
    if (group == NULL || group->count == GROUP_MAX) {
        group = group_new();
        *(inserter->last == NULL ? &inserter->first : &inserter->last->next) = group;
        inserter->last = group;
    }
    return group;
}

/* The group that the member is in now; it leads it if it is the first one. */
static struct group *join(struct file_inserter *inserter, struct member *self) {
    pthread_mutex_lock(&inserter->lock);
    struct group *group = open_group(inserter);
    group->members[group->count++] = self;
    struct group *next = start_next(inserter);
    pthread_mutex_unlock(&inserter->lock);
    group_give_turn(next);
    return group;
}

static void start_another(struct file_inserter *inserter) {
    pthread_mutex_lock(&inserter->lock);
    inserter->running--;
    struct group *next = start_next(inserter);
    pthread_mutex_unlock(&inserter->lock);
    group_give_turn(next);
}

static bool insert_all(struct db *db, const struct group *group, struct error *err) {
    const struct file_draft *drafts[GROUP_MAX];
    for (size_t i = 0; i < group->count; i++) {
        drafts[i] = group->members[i]->draft;
    }
    metrics_increment(METRIC_PRESIGN_COMMITS, 0);
    return file_store_insert(db, drafts, group->count, err);
}

/* One draft must not spoil the others, and one that is there already (the connection broke after its commit) is no
 * failure: what the database refuses is tried draft by draft. */
static void insert_each(struct db *db, const struct group *group) {
    for (size_t i = 0; i < group->count; i++) {
        struct member *member = group->members[i];
        metrics_increment(METRIC_PRESIGN_COMMITS, 0);
        member->inserted = file_store_insert_missing(db, member->draft, &member->error);
    }
}

static void insert_group(struct db_pool *pool, const struct group *group) {
    struct error error = {0};
    struct db *db = NULL;
    bool inserted = db_pool_take(pool, POOL_TIMEOUT_MS, &db, &error) && insert_all(db, group, &error);
    if (!inserted && error.code == ERROR_DATABASE_ERROR) {
        insert_each(db, group);
    } else {
        for (size_t i = 0; i < group->count; i++) {
            group->members[i]->inserted = inserted;
            group->members[i]->error = error;
        }
    }
    if (db != NULL) {
        db_pool_give(pool, db);
    }
}

/* Inserts the group; the next one starts before the members of this one are told. */
static void lead(struct file_inserter *inserter, struct group *group) {
    group_wait_turn(group);
    group->readers = group->count; /* closed: nobody else looks at it before its end */
    insert_group(inserter->pool, group);
    start_another(inserter);
    group_end(group);
    group_leave(group);
}

bool file_inserter_insert(struct file_inserter *inserter, const struct file_draft *draft, struct error *err) {
    struct member self = {.draft = draft};
    struct group *group = join(inserter, &self);
    if (group->members[0] == &self) {
        lead(inserter, group);
    } else {
        group_wait_end(group);
    }
    if (!self.inserted) {
        *err = self.error;
    }
    return self.inserted;
}
