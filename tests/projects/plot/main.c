#include <stdio.h>
#include "shape.h"

int fits(int width, int height, int room) {
    // PRE: width >= 0 && height >= 0 && room >= 0
    shape s;
    s.width = width;
    s.height = height;
    s.name = "plot";
    printf("%d\n", room);
    int a = area(&s);
    if (a > room)
        return 0;
    // POST: a >= 0
    return 1;
}
