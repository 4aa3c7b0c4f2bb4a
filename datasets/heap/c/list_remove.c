#include <stdbool.h>
#include <stddef.h>

struct node {
    int value;
    struct node *next;
};

static bool contains(const struct node *head, int value) {
    for (; head != NULL; head = head->next) {
        if (head->value == value) {
            return true;
        }
    }
    return false;
}

struct node *remove_all(struct node *head, int value) {
    while (head != NULL && head->value == value) {
        head = head->next;
    }
    for (struct node *at = head; at != NULL && at->next != NULL; at = at->next) {
        if (at->next->value == value) {
            at->next = at->next->next;
            if (at->next == NULL) {
                break;
            }
        }
    }
    return head;
}
