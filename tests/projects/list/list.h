struct list { int n; int items[8]; };
void push(struct list *l, int v);
int last(struct list *l);
