#include <stdbool.h>
#include <stddef.h>

struct node {
    int value;
    struct node *next;
};

struct queue {
    struct node *head;
    struct node *tail;
};

static void put(struct queue *queue, struct node *node) {
    node->next = NULL;
    if (queue->head == NULL) {
        queue->head = node;
    } else {
        queue->tail->next = node;
    }
    queue->tail = node;
}

static void take(struct queue *queue) {
    if (queue->head != NULL) {
        queue->head = queue->head->next;
    }
}

/* A positive step puts a node in, any other takes one off. */
bool ends_agree(const int *steps, int n) {
    struct node nodes[16];
    struct queue queue = {NULL, NULL};
    for (int i = 0; i < n; i++) {
        if (steps[i] > 0) {
            nodes[i].value = steps[i];
            put(&queue, &nodes[i]);
        } else {
            take(&queue);
        }
    }
    return (queue.head == NULL) == (queue.tail == NULL);
}
