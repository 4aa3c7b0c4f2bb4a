#include "shape.h"

static int twice(int x) {
    return 2 * x;
}

int main(void) {
    struct shape s = {1, 2};
    return twice(area(&s));
}
