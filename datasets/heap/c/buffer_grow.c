#include <stddef.h>

struct buffer {
    int length;
    int capacity;
};

static int grown(int capacity) {
    return capacity < 8 ? 8 : 2 * capacity;
}

void append_bytes(struct buffer *buffer, int more) {
    int wanted = buffer->length + more;
    while (buffer->capacity < wanted) {
        buffer->capacity = grown(buffer->capacity);
    }
    buffer->length = wanted;
}
