#include <stdbool.h>

static bool inside(int x, int low, int high) {
    return low <= x && x < high;
}

bool overlap(int a, int b, int c, int d) {
    return inside(c, a, b) || inside(d - 1, a, b);
}
