#include <stdbool.h>
#include <stddef.h>

#define SIZE 16

struct ring {
    int start;
    int count;
    int items[SIZE];
};

/* The oldest item makes room where the ring is full. */
bool push(struct ring *ring, int item) {
    bool dropped = false;
    if (ring->count == SIZE) {
        ring->start = (ring->start + 1) % SIZE;
        ring->count--;
        dropped = true;
    }
    ring->items[(ring->start + ring->count) % SIZE] = item;
    ring->count++;
    return dropped;
}
