#include <stdbool.h>
#include <stddef.h>

/* Buffers come from a pool, which counts those that are out. */
struct pool {
    int live;
    int limit;
};

static bool take(struct pool *pool) {
    if (pool->live >= pool->limit) {
        return false;
    }
    pool->live++;
    return true;
}

static void give_back(struct pool *pool) {
    pool->live--;
}

/* The length of the value in "key=value", or a negative number. */
int parse_request(struct pool *pool, const char *line) {
    if (!take(pool)) {
        return -1;
    }
    if (!take(pool)) {
        return -2;
    }
    int length = -3;
    for (int i = 0; line[i] != '\0'; i++) {
        if (length >= 0) {
            length++;
        } else if (line[i] == '=') {
            length = 0;
        }
    }
    give_back(pool);
    give_back(pool);
    return length;
}
