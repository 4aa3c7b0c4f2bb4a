extern void *malloc(unsigned long);
extern void free(void *);

struct node {
    struct node *next;
};

int main(void) {
    struct node *first = malloc(sizeof(struct node));
    if (first == 0) {
        return 1;
    }
    first->next = malloc(sizeof(struct node));
    free(first);
    return 0;
}
