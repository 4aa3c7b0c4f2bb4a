/* A ring buffer of bytes: `put` must never let `used` grow past the capacity. */
#include <assert.h>
#include <stddef.h>

#define CAPACITY 8

struct queue {
    unsigned char bytes[CAPACITY];
    size_t head;
    size_t used;
    unsigned long dropped;
};

/* PRE: q->used <= CAPACITY */
int put(struct queue *q, unsigned char byte, int overwrite)
{
    size_t tail = (q->head + q->used) % CAPACITY;
    int stored = 1;
    if (q->used == CAPACITY) {
        if (overwrite) {
            q->head = (q->head + 1) % CAPACITY;
            q->dropped++;
        } else {
            stored = 0;
            q->dropped++;
        }
    }
    if (stored) {
        q->bytes[tail] = byte;
        q->used++;
    }
    assert(q->used <= CAPACITY); // POST
    return stored;
}
