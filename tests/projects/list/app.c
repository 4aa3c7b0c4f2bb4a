#include "list.h"

void fill(int count) {
    // PRE: count > 0
    struct list l;
    l.n = 0;
    for (int i = 0; i < count; i++)
        push(&l, i - 2);
}
