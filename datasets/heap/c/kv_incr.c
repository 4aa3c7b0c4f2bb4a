#include <stddef.h>

#define ENTRIES 8

struct mutex {
    int held;
};

struct store {
    struct mutex lock;
    int count;
    int keys[ENTRIES];
    int values[ENTRIES];
};

static int find(const struct store *store, int key) {
    for (int i = 0; i < store->count; i++) {
        if (store->keys[i] == key) {
            return i;
        }
    }
    return -1;
}

int increment(struct store *store, int key) {
    int result = 0;
    store->lock.held++;
    int at = find(store, key);
    if (at < 0) {
        result = -1;
        store->lock.held--;
    } else {
        store->values[at]++;
    }
    store->lock.held--;
    return result;
}
