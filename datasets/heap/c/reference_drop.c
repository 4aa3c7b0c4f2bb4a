#include <stdbool.h>
#include <stddef.h>

struct shared {
    int references;
    bool freed;
};

static void release(struct shared *shared) {
    shared->references--;
    if (shared->references == 0) {
        shared->freed = true;
    }
}

static void stop_timer(struct shared *shared, bool idle) {
    if (idle) {
        release(shared);
    }
}

void close_connection(struct shared *shared, bool idle, bool error) {
    stop_timer(shared, idle);
    if (error && !idle) {
        shared->freed = false;
    }
    release(shared);
}
