#include <stddef.h>

struct node {
    int value;
    struct node *next;
};

struct node *reverse(struct node *head) {
    struct node *done = NULL;
    struct node *rest = head;
    while (rest != NULL) {
        struct node *next = rest->next;
        rest->next = done;
        done = rest;
        rest = next;
    }
    return done;
}
