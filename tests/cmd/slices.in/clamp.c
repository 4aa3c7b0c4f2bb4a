#include <stdio.h>

int clamp(int x, int low, int high) {
    // PRE: low <= high
    int y = x;
    printf("%d\n", x);
    if (x < low) {
        y = low;
    } else if (x > high) {
        y = high;
    }
    // POST: low <= y && y <= high
    return y;
}
