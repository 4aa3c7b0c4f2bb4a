#include <stddef.h>

struct node {
    int value;
    struct node *next;
};

struct node *append(struct node *head, struct node *node) {
    struct node *at = head;
    while (at != NULL) {
        if (at->next == NULL) {
            at->next = node;
            break;
        }
        at = at->next;
    }
    node->next = NULL;
    return head;
}
