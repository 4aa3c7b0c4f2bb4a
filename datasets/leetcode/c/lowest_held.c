struct stack {
    int items[32];
    int lowest[32];
    int depth;
};

static void push(struct stack *s, int x) {
    int before = s->depth > 0 ? s->lowest[s->depth - 1] : x;
    s->items[s->depth] = x;
    s->lowest[s->depth] = x < before ? x : before;
    s->depth++;
}

/* Pushes numbers; 0 takes the last one off. */
int lowest_held(const int *steps, int n) {
    struct stack s = {.depth = 0};
    for (int i = 0; i < n; i++) {
        if (steps[i] != 0) {
            push(&s, steps[i]);
        } else if (s.depth > 0) {
            s.depth--;
        }
    }
    return s.depth > 0 ? s.lowest[s.depth - 1] : 0;
}
