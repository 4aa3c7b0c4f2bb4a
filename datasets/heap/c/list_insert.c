#include <stdbool.h>
#include <stdlib.h>

struct node {
    int value;
    struct node *next;
};

static bool is_ordered(const struct node *head) {
    for (; head != NULL && head->next != NULL; head = head->next) {
        if (head->value > head->next->value) {
            return false;
        }
    }
    return true;
}

struct node *insert(struct node *head, int value) {
    struct node *made = malloc(sizeof *made);
    if (made == NULL) {
        abort();
    }
    made->value = value;
    struct node *first = head;
    struct node **link = &first;
    while (*link != NULL && (*link)->value < value) {
        link = &(*link)->next;
    }
    made->next = *link;
    *link = made;
    return first;
}
