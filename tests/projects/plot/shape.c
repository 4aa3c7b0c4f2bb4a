#include <string.h>
#include "shape.h"

int calls = 0;
static int total;

static int checked(int v) {
    calls++;
    if (v > MAX_SIDE)
        return -1;
    return v;
}

/* Area, or a negative number. */
int area(const shape *s) {
    int w = checked(s->width);
    int h = checked(s->height);
    total += w;
    if (strlen(s->name) > 80)
        return -2;
    return w * h;
}
