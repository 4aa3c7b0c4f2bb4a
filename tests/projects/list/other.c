#include "list.h"

int newest(int a) {
    struct list l;
    l.n = a;
    int r = last(&l);
    // POST: r >= 0
    return r;
}
